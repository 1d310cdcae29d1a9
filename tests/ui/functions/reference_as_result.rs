use ffi_object::{FfiObject, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn same(point: &Point) -> &Point {
    point
}

fn main() {}
