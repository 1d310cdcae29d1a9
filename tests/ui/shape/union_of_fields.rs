use ffi_object::FfiObject;

#[derive(FfiObject)]
union Bits {
    int: u32,
    float: f32,
}

fn main() {}
