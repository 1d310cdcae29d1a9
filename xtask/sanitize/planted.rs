//! Mistakes on purpose, one for each sanitizer: `cargo xtask sanitize` makes sure that it finds them.

use std::thread;

/// Written by two threads, and nothing orders them.
static mut SHARED: u64 = 0;

fn write() {
    // SAFETY: none; this is the mistake.
    unsafe { (&raw mut SHARED).write_volatile(1) };
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("race") => {
            let other = thread::spawn(write);
            write();
            other.join().expect("writing does not panic");
        }
        Some("use-after-free") => {
            let pointer = Box::into_raw(Box::new(1_u64));
            // SAFETY: the box was made a line above.
            drop(unsafe { Box::from_raw(pointer) });
            // SAFETY: none; this is the mistake.
            println!("{}", unsafe { pointer.read_volatile() });
        }
        _ => println!("race or use-after-free?"),
    }
}
