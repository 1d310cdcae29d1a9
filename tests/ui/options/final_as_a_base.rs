use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(final)]
struct Shape {
    name: String,
}

#[derive(FfiObject)]
#[repr(C)]
struct Circle {
    #[ffi(base)]
    shape: Shape,
}

fn main() {}
