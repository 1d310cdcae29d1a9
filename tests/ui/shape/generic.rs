use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

fn main() {}
