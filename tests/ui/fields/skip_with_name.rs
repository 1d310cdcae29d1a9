use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(skip, name = "x")]
    x: f64,
}

fn main() {}
