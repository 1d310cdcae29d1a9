use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn __iter__(&self) -> ffi_object::Iter<f64> {
        let x = std::rc::Rc::new(self.x);
        ffi_object::Iter::new((0..2).map(move |_| *x))
    }
}

fn main() {}
