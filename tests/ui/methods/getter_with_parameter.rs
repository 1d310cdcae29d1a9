use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(getter)]
    fn scaled(&self, by: f64) -> f64 {
        self.x * by
    }
}

fn main() {}
