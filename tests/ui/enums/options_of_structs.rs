use ffi_object::FfiObject;

#[derive(FfiObject, PartialEq)]
#[ffi(eq, no_init)]
enum Shape {
    #[ffi(skip)]
    Circle { radius: f64 },
    #[ffi(final)]
    Square(#[ffi(pos_only)] f64),
}

fn main() {}
