use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(str)]
struct Version {
    major: u32,
}

fn main() {}
