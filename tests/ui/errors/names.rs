use ffi_object::FfiError;

#[derive(Debug, FfiError)]
enum Failure {
    None,
    Twice { a: i64, #[ffi(name = "a")] b: i64 },
    #[ffi(name = "Twice")]
    Again { args: i64 },
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for Failure {}

fn main() {}
