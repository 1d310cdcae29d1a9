use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Pixel {
    colour: u32,
    #[ffi(base)]
    point: Point,
}

fn main() {}
