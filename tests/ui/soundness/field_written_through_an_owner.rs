use ffi_object::{FfiObject, Obj};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

fn set(point: &Obj<Point>) {
    point.x = 1.0;
}

fn main() {}
