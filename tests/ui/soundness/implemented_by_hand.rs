use ffi_object::{FfiObject, Object};

struct Point {
    x: f64,
}

impl FfiObject for Point {
    type Base = Object;
    const TYPE: &'static ffi_object::info::TypeInfo = Object::TYPE;
    const LINEAGE: &'static [&'static ffi_object::info::TypeInfo] = Object::LINEAGE;
}

fn main() {}
