use ffi_object::{register, FfiObject};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree<i64>");

fn main() {}
