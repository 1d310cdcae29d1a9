//! A Python whose process has a sanitizer's runtime: what `cargo xtask sanitize` runs the Python tests with.
//!
//! The extensions are instrumented and call into the runtime, which has to be in the program from the start. A Python
//! that is found on a machine has none, so this takes its place: the same interpreter, in its shared library.
#![no_main]

use std::ffi::{c_char, c_int};

extern "C" {
    fn Py_BytesMain(count: c_int, arguments: *mut *mut c_char) -> c_int;
}

/// What the C runtime calls.
#[no_mangle]
extern "C" fn main(count: c_int, arguments: *mut *mut c_char) -> c_int {
    // SAFETY: these are the program's own arguments, and nothing has touched the interpreter yet.
    unsafe { Py_BytesMain(count, arguments) }
}
