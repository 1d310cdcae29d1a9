use ffi_object::{register, value, FfiObject};

#[derive(Clone)]
struct Meters(f64);
value!(Meters(f64));

#[derive(FfiObject, PartialEq)]
#[ffi(eq)]
struct Tree<T> {
    value: T,
}

register!(Tree<i64> as "Tree");
register!(Tree<Meters> as "TreeOfMeters");

fn main() {}
