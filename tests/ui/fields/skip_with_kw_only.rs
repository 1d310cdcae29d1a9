use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(skip, kw_only)]
    x: f64,
    #[ffi(skip, init = false)]
    y: f64,
    #[ffi(skip, repr = false)]
    z: f64,
}

fn main() {}
