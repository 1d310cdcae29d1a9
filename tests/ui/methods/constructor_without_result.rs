use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(new, name = "make")]
    fn new(&self) {}
}

fn main() {}
