use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(default)]
    x: f64,
    y: f64,
}

fn main() {}
