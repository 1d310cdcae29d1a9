use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Shape<T> {
    Circle(T),
}

fn main() {}
