use ffi_object::FfiObject;

#[derive(FfiObject, PartialEq, PartialOrd)]
#[ffi(ord)]
struct Version {
    major: u32,
}

fn main() {}
