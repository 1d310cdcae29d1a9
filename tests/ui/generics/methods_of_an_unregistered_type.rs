use ffi_object::{ffi_methods, register, FfiObject};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");

#[ffi_methods]
impl Tree<f64> {
    fn height(&self) -> usize {
        1
    }
}

fn main() {}
