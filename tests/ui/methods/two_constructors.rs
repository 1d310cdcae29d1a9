use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(new)]
    fn new(x: f64) -> Self {
        Self { x }
    }
    #[ffi(new)]
    fn origin() -> Self {
        Self { x: 0.0 }
    }
}

fn main() {}
