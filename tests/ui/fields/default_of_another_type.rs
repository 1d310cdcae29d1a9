use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(default = "zero")]
    x: f64,
}

fn main() {}
