use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn f(&self, _a: i64, #[ffi(pos_only)] _b: i64) {}
}

fn main() {}
