use ffi_object::{register, FfiObject};

#[derive(FfiObject)]
struct Tree<T> {
    value: T,
}

register!(Tree<std::time::Instant> as "Tree");

fn main() {}
