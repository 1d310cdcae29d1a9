use ffi_object::FfiEnum;

#[derive(FfiEnum)]
enum Colour {
    #[ffi(skip)]
    Secret,
}

fn main() {}
