use ffi_object::FfiObject;

struct Plain;

#[derive(FfiObject)]
struct Point {
    x: f64,
    plain: Plain,
}

fn main() {}
