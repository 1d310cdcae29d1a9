use ffi_object::ffi_function;

#[ffi_function]
struct Point;

fn main() {}
