use std::sync::Mutex;

use ffi_object::{FfiObject, ffi_function};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

static KEPT: Mutex<Option<&Point>> = Mutex::new(None);

#[ffi_function]
fn keep(point: &Point) {
    *KEPT.lock().unwrap() = Some(point);
}

fn main() {}
