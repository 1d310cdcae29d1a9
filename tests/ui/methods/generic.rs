use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn scaled<T: Into<f64>>(&self, by: T) -> f64 {
        self.x * by.into()
    }
}

fn main() {}
