use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Text<'a> {
    text: &'a str,
}

fn main() {}
