//! What may be the error of a result.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use ffi_object::{Error, FfiError, ffi_function};

/// Without fields or variants.
#[derive(Debug, FfiError)]
enum Never {}

/// Raw names, names in tuples, and `Self` nowhere.
#[derive(Debug, FfiError)]
#[ffi(name = "Bad", base = "ArithmeticError")]
enum Failure {
    Tuple(#[ffi(name = "code")] i64, #[allow(dead_code)] std::time::Instant),
    Named { r#type: String },
    Unit,
}

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
errors!(Never Failure);

#[ffi_function]
fn own() -> Result<(), Failure> {
    Err(Failure::Tuple(1, std::time::Instant::now()))
}

#[ffi_function]
fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err(Failure::Named { r#type: "t".into() })?
}

#[ffi_function]
fn text() -> Result<(), &'static str> {
    Err("no")
}

#[ffi_function]
fn converted() -> Result<(), Error> {
    Err(Failure::Unit)?
}

fn main() {
    assert_eq!(Failure::TYPE.class.name, "Bad");
    let names: Vec<_> = Failure::TYPE.variants.iter().map(|v| (v.name, v.fields)).collect();
    assert_eq!(names, [("Tuple", &["code"][..]), ("Named", &["type"]), ("Unit", &[])]);
    assert!(Never::TYPE.variants.is_empty());
    assert!(own().is_err() && text().is_err());
    let error: Error = boxed().unwrap_err().into();
    assert!(error.downcast_ref::<Failure>().is_some());
    assert!(matches!(converted().unwrap_err().downcast_ref(), Some(Failure::Unit)));
}
