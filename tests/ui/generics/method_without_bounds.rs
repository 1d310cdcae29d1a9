use ffi_object::{ffi_methods, register, FfiObject};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");

#[ffi_methods]
impl<T: Clone> Tree<T> {
    fn value(&self) -> T {
        self.value.clone()
    }

    fn holds(&self, _value: T) -> bool {
        true
    }
}

fn main() {}
