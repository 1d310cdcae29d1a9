use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    async fn later(&self) -> f64 {
        self.x
    }
}

fn main() {}
