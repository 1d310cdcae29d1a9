use ffi_object::function;

fn main() {
    let mut count = 0_i64;
    let _ = function!("next", move || {
        count += 1;
        count
    });
}
