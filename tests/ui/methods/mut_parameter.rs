use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn copy_into(&self, other: &mut Point) {
        other.x = self.x;
    }
}

fn main() {}
