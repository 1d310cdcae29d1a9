use ffi_object::FfiError;

#[derive(FfiError)]
union Bits {
    a: i64,
    b: f64,
}

#[derive(Debug, FfiError)]
struct Failure<T> {
    value: T,
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::fmt::Display for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for Bits {}

fn main() {}
