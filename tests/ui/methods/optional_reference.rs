use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn near(&self, other: Option<&Point>, name: Option<&str>) -> bool {
        other.is_some() && name.is_some()
    }
}

fn main() {}
