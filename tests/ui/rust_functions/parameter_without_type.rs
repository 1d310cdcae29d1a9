use ffi_object::function;

fn main() {
    let _ = function!("twice", |x| x * 2);
}
