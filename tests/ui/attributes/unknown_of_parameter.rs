use ffi_object::ffi_function;

#[ffi_function]
fn add(a: i64, #[ffi(optional)] b: i64) -> i64 {
    a + b
}

fn main() {}
