use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(name = horizontal)]
    x: f64,
}

fn main() {}
