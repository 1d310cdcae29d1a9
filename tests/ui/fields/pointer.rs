use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Handle {
    #[ffi(skip)]
    raw: *const u8,
}

fn main() {}
