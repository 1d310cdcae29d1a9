use ffi_object::{FfiObject, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn x(point: Point) -> f64 {
    point.x
}

fn main() {}
