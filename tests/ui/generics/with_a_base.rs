use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Named {
    name: String,
}

#[derive(FfiObject)]
#[repr(C)]
struct Tree<T> {
    #[ffi(base)]
    named: Named,
    value: T,
}

fn main() {}
