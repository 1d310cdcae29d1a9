use ffi_object::function;

fn main() {
    let _ = function!("current", || std::thread::current());
}
