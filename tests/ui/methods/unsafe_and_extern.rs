use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    unsafe fn unchecked(&self) -> f64 {
        self.x
    }
    extern "C" fn raw(&self) -> f64 {
        self.x
    }
}

fn main() {}
