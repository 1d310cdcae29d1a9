use ffi_object::{FfiObject, Obj, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn set(point: &Obj<Point>) {
    if let Some(point) = point.get_mut() {
        point.x = 1.0;
    }
}

fn main() {}
