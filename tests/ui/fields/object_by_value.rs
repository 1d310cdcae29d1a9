use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[derive(FfiObject)]
struct Line {
    #[ffi(default = Point { x: 0.0 })]
    start: Point,
}

fn main() {}
