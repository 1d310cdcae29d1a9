use ffi_object::{FfiObject, Obj};

#[derive(FfiObject)]
struct Name {
    text: String,
}

fn take(name: Obj<Name>) -> String {
    name.text
}

fn main() {}
