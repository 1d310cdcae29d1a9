use ffi_object::{FfiObject, Obj, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn keep(point: &Point) {
    std::thread::scope(|scope| {
        scope.spawn(|| -> Obj<Point> { point.to_owned() });
    });
}

fn main() {}
