use ffi_object::ffi_function;

#[ffi_function]
#[ffi(name = "plus")]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {}
