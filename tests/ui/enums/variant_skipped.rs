use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Shape {
    Circle(f64),
    #[ffi(skip)]
    Secret(f64),
}

fn main() {}
