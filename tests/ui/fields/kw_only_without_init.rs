use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(kw_only, init = false, default)]
    x: f64,
}

fn main() {}
