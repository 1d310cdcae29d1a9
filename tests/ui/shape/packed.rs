use ffi_object::FfiObject;

#[derive(FfiObject)]
#[repr(C, packed)]
struct Packed {
    small: u8,
    large: f64,
}

fn main() {}
