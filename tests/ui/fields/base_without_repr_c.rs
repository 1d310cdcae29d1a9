use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[derive(FfiObject)]
struct Pixel {
    #[ffi(base)]
    point: Point,
    colour: u32,
}

fn main() {}
