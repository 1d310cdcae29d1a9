use ffi_object::FfiObject;

use std::rc::Rc;

#[derive(FfiObject)]
struct Counter {
    name: Rc<str>,
}

fn main() {}
