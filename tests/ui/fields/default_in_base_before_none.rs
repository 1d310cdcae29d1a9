use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    #[ffi(default)]
    x: f64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Pixel {
    #[ffi(base)]
    point: Point,
    colour: u32,
}

fn main() {}
