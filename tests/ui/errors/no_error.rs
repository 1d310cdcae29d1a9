use ffi_object::FfiError;

#[derive(Debug, FfiError)]
struct Failure;

fn main() {}
