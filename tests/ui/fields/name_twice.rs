use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
    #[ffi(name = "x")]
    y: f64,
}

fn main() {}
