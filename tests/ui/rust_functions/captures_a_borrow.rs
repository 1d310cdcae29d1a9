use ffi_object::function;

fn main() {
    let text = String::from("a");
    let _ = function!("len", || text.len());
}
