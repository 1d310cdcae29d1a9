use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn __iter__(&self) -> ffi_object::Iter<f64> {
        ffi_object::Iter::new([0, 1].iter().map(|i| self.x + f64::from(*i)))
    }
}

fn main() {}
