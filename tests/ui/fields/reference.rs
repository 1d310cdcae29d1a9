use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Text {
    text: &'static str,
}

fn main() {}
