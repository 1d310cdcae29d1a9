use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods(name = "Point")]
impl Point {
    fn length(&self) -> f64 {
        self.x
    }
}

fn main() {}
