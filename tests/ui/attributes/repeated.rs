use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(name = "a")]
    #[ffi(name = "b")]
    x: f64,
}

fn main() {}
