use ffi_object::FfiObject;

#[derive(FfiObject, PartialEq)]
#[ffi(eq, ord)]
struct Version {
    major: u32,
}

fn main() {}
