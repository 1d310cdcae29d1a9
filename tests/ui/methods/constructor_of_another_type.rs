use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(new)]
    fn new(x: f64) -> f64 {
        x
    }
}

fn main() {}
