use ffi_object::{FfiObject, Obj, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn keep(&self) -> Obj<Self> {
        self.clone()
    }
}

fn main() {}
