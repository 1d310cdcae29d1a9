use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(name = "the x")]
    x: f64,
}

fn main() {}
