use ffi_object::{FfiObject, Obj, WeakObj, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn keep(&self) -> WeakObj<Self> {
        Obj::downgrade(self)
    }
}

fn main() {}
