use ffi_object::ffi_function;

#[ffi_function]
fn show<T: ToString>(value: T) -> String {
    value.to_string()
}

fn main() {}
