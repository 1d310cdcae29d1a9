use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(module = "shapes.import")]
struct Point {
    x: f64,
}

fn main() {}
