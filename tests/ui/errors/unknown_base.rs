use ffi_object::FfiError;

#[derive(Debug, FfiError)]
#[ffi(base = "ValeuError")]
struct Failure;

#[derive(Debug, FfiError)]
#[ffi(base = 3)]
struct Number;

#[derive(Debug, FfiError)]
#[ffi(base)]
struct Nothing;

macro_rules! errors {
    ($($ty:ident)*) => {
        $(
            impl std::fmt::Display for $ty {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("no")
                }
            }
            impl std::error::Error for $ty {}
        )*
    };
}
errors!(Failure Number Nothing);

fn main() {}
