use ffi_object::function;

fn main() {
    let _ = function!(|x: i64| x * 2);
}
