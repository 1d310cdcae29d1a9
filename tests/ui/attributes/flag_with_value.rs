use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(skip = true)]
    x: f64,
}

fn main() {}
