use ffi_object::FfiError;

struct Inner;

#[derive(FfiError)]
enum Failure {
    Bad { inner: Inner },
    Good(Inner),
    Hidden {
        #[ffi(skip)]
        inner: Inner,
    },
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for Failure {}

fn main() {}
