use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(rename = "X")]
    x: f64,
}

fn main() {}
