use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn shift(&self, (dx, dy): (f64, f64), _: f64) -> f64 {
        self.x + dx + dy
    }
}

fn main() {}
