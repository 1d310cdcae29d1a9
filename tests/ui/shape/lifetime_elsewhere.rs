use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Text<'a> {
    text: std::borrow::Cow<'a, str>,
}

fn main() {}
