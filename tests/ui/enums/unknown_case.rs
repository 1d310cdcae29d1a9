use ffi_object::FfiEnum;

#[derive(FfiEnum)]
#[ffi(rename_all = "PascalCase", ints)]
enum Colour {
    #[ffi(default)]
    Red,
}

fn main() {}
