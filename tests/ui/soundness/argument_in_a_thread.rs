use ffi_object::{FfiObject, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_function]
fn keep(point: &Point) {
    std::thread::spawn(move || point.x);
}

fn main() {}
