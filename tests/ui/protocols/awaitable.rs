use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn __await__(&self) -> f64 {
        self.x
    }
}

fn main() {}
