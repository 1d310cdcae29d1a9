use ffi_object::{register, FfiObject, Function};

#[derive(FfiObject)]
struct Tree<T> {
    #[ffi(kw_only, default)]
    value: T,
}

register!(Tree<i64> as "Tree");
register!(Tree<Function> as "TreeOfFunctions");

fn main() {}
