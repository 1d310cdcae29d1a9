use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Import {
    from: String,
    r#type: String,
}

fn main() {}
