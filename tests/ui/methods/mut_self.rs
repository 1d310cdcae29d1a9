use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn reset(&mut self) {
        self.x = 0.0;
    }
}

fn main() {}
