use ffi_object::{ffi_function, ffi_methods, FfiObject};

struct Failure;

#[ffi_function]
fn fail() -> Result<i64, Failure> {
    Err(Failure)
}

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(new)]
    fn new(x: f64) -> Result<Self, Failure> {
        Ok(Self { x })
    }
}

fn main() {}
