use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(default)]
    x: f64,
    #[ffi(kw_only)]
    y: f64,
    z: f64,
}

fn main() {}
