//! What an option and a method both define. In a program of its own, whose registry does not freeze.

use ffi_object::{FfiObject, ffi_methods, registry};

#[derive(FfiObject, PartialEq)]
#[ffi(eq)]
struct Version {
    major: u32,
}

#[ffi_methods]
impl Version {
    fn __eq__(&self, other: &Self) -> bool {
        self == other
    }
}

#[test]
fn a_special_method_of_an_option_cannot_be_written_too() {
    let error = registry().unwrap_err().to_string();
    assert!(error.starts_with("attribute '__eq__' of 'Version' is defined twice, at "), "{error}");
    assert!(Version { major: 1 } == Version { major: 1 });
}
