use ffi_object::FfiObject;

struct Point {
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
