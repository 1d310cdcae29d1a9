use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn __init__(&self, _x: f64) {}
}

fn main() {}
