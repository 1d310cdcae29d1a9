use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(dict, no_wrapper)]
struct Pixel {
    x: i64,
}

fn main() {}
