//! Types and functions that the Python tests use: one module for each theme.
#![forbid(unsafe_code)]

mod fields;
mod graph;
mod methods;
mod soak;
mod threads;

ffi_python::module!(ffi_test);
