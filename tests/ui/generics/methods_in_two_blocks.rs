use ffi_object::{ffi_methods, register, FfiObject, Return, Value};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");

#[ffi_methods]
impl<T: Value> Tree<T> {
    fn height(&self) -> usize {
        1
    }
}

#[ffi_methods]
impl<T: Value + Return + Clone> Tree<T> {
    fn value(&self) -> T {
        self.value.clone()
    }
}

fn main() {}
