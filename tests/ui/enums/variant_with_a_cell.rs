use std::cell::Cell;

use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Shape {
    Circle(Cell<f64>),
    Group { class: i64, members: &'static [i64] },
}

fn main() {}
