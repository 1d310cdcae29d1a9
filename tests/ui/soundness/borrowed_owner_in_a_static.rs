use std::sync::Mutex;

use ffi_object::{FfiObject, Obj, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

static KEPT: Mutex<Option<&Obj<Point>>> = Mutex::new(None);

#[ffi_methods]
impl Point {
    fn keep(self: &Obj<Self>) {
        *KEPT.lock().unwrap() = Some(self);
    }
}

fn main() {}
