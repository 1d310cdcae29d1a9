use ffi_object::FfiError;

#[derive(Debug, FfiError)]
enum Failure {
    #[ffi(base = Failure)]
    Again,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for Failure {}

fn main() {}
