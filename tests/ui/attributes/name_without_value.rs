use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(name)]
    x: f64,
}

fn main() {}
