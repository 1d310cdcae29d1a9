use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Clone for Point {
    fn clone(&self) -> Self {
        Self { x: self.x }
    }
}

fn main() {}
