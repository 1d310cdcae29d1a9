use ffi_object::{FfiObject, Obj, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn keep(point: &Point) -> Obj<Point> {
    Obj::new(*point)
}

fn main() {}
