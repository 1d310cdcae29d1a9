use ffi_object::ffi_function;

#[ffi_function]
fn length(&self) -> f64 {
    0.0
}

fn main() {}
