use ffi_object::FfiEnum;

#[derive(FfiEnum)]
enum Colour<const N: usize> {
    Red,
}

fn main() {}
