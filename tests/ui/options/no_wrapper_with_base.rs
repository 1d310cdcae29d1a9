use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Shape {
    name: String,
}

#[derive(FfiObject)]
#[ffi(no_wrapper)]
#[repr(C)]
struct Circle {
    #[ffi(base)]
    shape: Shape,
}

fn main() {}
