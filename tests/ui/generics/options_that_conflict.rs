use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(hash, dict, no_wrapper)]
struct Tree<T> {
    #[ffi(kw_only, init = false)]
    value: T,
    #[ffi(skip, kw_only)]
    height: T,
}

#[derive(Debug, FfiObject)]
#[ffi(repr, fast, name = "Leaf")]
struct Leaf<T> {
    #[ffi(repr = false)]
    value: T,
}

fn main() {}
