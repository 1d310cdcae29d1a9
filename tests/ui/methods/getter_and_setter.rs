use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(getter, setter)]
    fn y(&self) -> f64 {
        self.x
    }
}

fn main() {}
