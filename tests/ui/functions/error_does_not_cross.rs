use ffi_object::ffi_function;

struct Failure;

#[ffi_function]
fn fail() -> Result<i64, Failure> {
    Err(Failure)
}

fn main() {}
