use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(getter)]
    fn zero() -> f64 {
        0.0
    }
}

fn main() {}
