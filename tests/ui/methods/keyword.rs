use ffi_object::{FfiObject, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn import(&self, from: f64) -> f64 {
        from
    }
    fn class(&self) {}
}

fn main() {}
