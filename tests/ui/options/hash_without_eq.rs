use ffi_object::FfiObject;

#[derive(FfiObject, PartialEq, Hash)]
#[ffi(hash)]
struct Version {
    major: u32,
}

fn main() {}
