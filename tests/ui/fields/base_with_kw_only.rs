use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Shape {
    name: String,
}

#[derive(FfiObject)]
#[repr(C)]
struct Circle {
    #[ffi(base, kw_only)]
    shape: Shape,
}

fn main() {}
