use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(deleter)]
    fn delete_y(&self, _y: f64) {}
}

fn main() {}
