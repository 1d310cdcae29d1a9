use ffi_object::{register, FfiObject};

#[derive(FfiObject)]
#[ffi(str)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");

fn main() {}
