use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    __dict__: f64,
}

fn main() {}
