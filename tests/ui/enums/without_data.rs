use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Colour {
    Red,
    Green,
}

fn main() {}
