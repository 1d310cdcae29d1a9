use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(init = false)]
    x: f64,
}

fn main() {}
