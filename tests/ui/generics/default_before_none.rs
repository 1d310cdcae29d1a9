use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Tree<T> {
    #[ffi(default = 0)]
    height: i64,
    value: T,
    #[ffi(init = false)]
    other: T,
}

fn main() {}
