use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn own(self: ffi_object::Obj<Self>) -> f64 {
        self.x
    }
}

fn main() {}
