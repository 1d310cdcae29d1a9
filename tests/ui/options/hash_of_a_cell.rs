use ffi_object::{FfiObject, Mut};

#[derive(FfiObject, PartialEq, Hash)]
#[ffi(eq, hash)]
struct Version {
    major: Mut<u32>,
}

fn main() {}
