#![forbid(unsafe_code)]
use ffi_object::{FfiObject, Obj, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn keep(point: &Obj<Point>) -> Obj<Point> {
    Obj::from_raw(point.as_raw())
}

fn main() {}
