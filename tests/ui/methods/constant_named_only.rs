use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(name = "LIMIT")]
    const MAX: i64 = 1;
}

fn main() {}
