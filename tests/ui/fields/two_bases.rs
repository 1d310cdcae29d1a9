use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Line {
    #[ffi(base)]
    start: Point,
    #[ffi(base)]
    end: Point,
}

fn main() {}
