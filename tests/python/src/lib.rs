//! Types and functions that the Python tests use: one module for each theme.
#![forbid(unsafe_code)]

mod callbacks;
mod fields;
mod graph;
mod methods;
mod options;
mod panics;
mod protocols;
mod signatures;
mod soak;
mod threads;

ffi_python::module!(ffi_test);
