use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    fn f(&self, #[ffi(kw_only)] _a: i64, #[ffi(args)] _b: Vec<i64>) {}
}

fn main() {}
