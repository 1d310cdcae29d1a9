use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(default)]
    x: [u8; 40],
}

fn main() {}
