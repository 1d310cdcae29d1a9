use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(init, default)]
    x: f64,
    #[ffi(init = true, default)]
    y: f64,
    #[ffi(repr)]
    z: f64,
}

fn main() {}
