use std::thread::Thread;

use ffi_object::function;

fn main() {
    let _ = function!("name", |thread: Thread| thread.name().is_some());
}
