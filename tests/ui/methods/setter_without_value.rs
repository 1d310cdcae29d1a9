use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(setter)]
    fn set_y(&self) {}
}

fn main() {}
