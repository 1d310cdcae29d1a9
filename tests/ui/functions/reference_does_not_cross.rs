use ffi_object::ffi_function;

struct Plain;

#[ffi_function]
fn show(_plain: &Plain) {}

fn main() {}
