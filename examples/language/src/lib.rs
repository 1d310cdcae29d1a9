//! The examples of the guide's pages on the language of the macros, `docs/src/language.md` and those below it, and of some
//! others. They stand there alone: the build script makes a module of each section. `test_language.py` runs what the pages
//! say of them, `test_docs.py` of the tests' the code of all pages.
#![forbid(unsafe_code)]

mod language {
    include!(concat!(env!("OUT_DIR"), "/language.rs"));
}

mod types {
    include!(concat!(env!("OUT_DIR"), "/language_types.rs"));
}

mod moving {
    include!(concat!(env!("OUT_DIR"), "/moving.rs"));
}

mod values {
    include!(concat!(env!("OUT_DIR"), "/values.rs"));
}

mod methods {
    include!(concat!(env!("OUT_DIR"), "/language_methods.rs"));
}

ffi_python::module!(language);
