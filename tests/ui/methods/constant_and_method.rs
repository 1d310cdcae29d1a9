use ffi_object::{ffi_methods, FfiObject};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[ffi_methods]
impl Point {
    #[ffi(const, name = "limit")]
    const LIMIT: i64 = 1;

    fn limit(&self) {}
}

fn main() {}
