use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn scaled(&self, by: impl Into<f64>) -> f64 {
        self.x * by.into()
    }
    fn all(&self) -> impl Iterator<Item = f64> {
        std::iter::once(self.x)
    }
}

fn main() {}
