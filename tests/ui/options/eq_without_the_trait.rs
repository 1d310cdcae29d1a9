use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(eq)]
struct Version {
    major: u32,
}

fn main() {}
