use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(repr)]
struct Version {
    major: u32,
}

fn main() {}
