use ffi_object::{FfiObject, Obj};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

#[derive(FfiObject)]
struct Forest {
    first: Obj<Tree<i64>>,
}

fn main() {}
