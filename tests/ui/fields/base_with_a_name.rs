use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Point {
    x: f64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Pixel {
    #[ffi(base, name = "origin")]
    point: Point,
    colour: u32,
}

fn main() {}
