use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(nmae = "Dot")]
struct Point {
    x: f64,
}

fn main() {}
