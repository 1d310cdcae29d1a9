use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(no_wrapper)]
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
