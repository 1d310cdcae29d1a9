use ffi_object::ffi_function;

#[ffi_function]
fn lambda() {}

#[ffi_function(name = "3d")]
fn three() {}

fn main() {}
