use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(classmethod)]
    fn make(_class: &Point) {}
}

fn main() {}
