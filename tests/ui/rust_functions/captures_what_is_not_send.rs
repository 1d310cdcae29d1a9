use std::rc::Rc;

use ffi_object::function;

fn main() {
    let n = Rc::new(1);
    let _ = function!("add", move |x: i64| x + *n);
}
