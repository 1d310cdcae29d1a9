use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn y(&self, #[ffi(default)] a: f64, b: f64) -> f64 {
        a + b
    }
}

fn main() {}
