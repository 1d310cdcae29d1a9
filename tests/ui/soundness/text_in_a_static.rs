use std::sync::Mutex;

use ffi_object::ffi_function;

static KEPT: Mutex<Option<&str>> = Mutex::new(None);

#[ffi_function]
fn keep(text: &str) {
    *KEPT.lock().unwrap() = Some(text);
}

fn main() {}
