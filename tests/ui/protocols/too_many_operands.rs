use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn __iadd__(&self, _other: f64, _more: f64) {}
}

fn main() {}
