use ffi_object::FfiEnum;

#[derive(FfiEnum)]
struct Colour {
    red: u8,
}

fn main() {}
