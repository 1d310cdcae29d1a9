use ffi_object::{ffi_methods, register, FfiObject, Obj};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");

#[ffi_methods]
impl<T> Tree<T> {
    fn itself(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }
}

fn main() {}
