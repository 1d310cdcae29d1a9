use ffi_object::{FfiObject, ffi_methods};

struct Plain;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn plain(&self) -> Plain {
        Plain
    }
}

fn main() {}
