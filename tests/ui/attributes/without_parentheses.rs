use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi = "skip"]
    x: f64,
}

fn main() {}
