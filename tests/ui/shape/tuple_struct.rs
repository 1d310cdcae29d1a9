use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point(f64, f64);

fn main() {}
