use ffi_object::ffi_methods;

struct Plain {
    x: f64,
}

#[ffi_methods]
impl Plain {
    #[ffi(new)]
    fn new(x: f64) -> Self {
        Self { x }
    }
    fn x(&self) -> f64 {
        self.x
    }
    #[ffi(getter)]
    fn y(&self) -> f64 {
        self.x
    }
    fn zero() -> f64 {
        0.0
    }
}

fn main() {}
