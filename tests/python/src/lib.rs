//! Types and functions that the Python tests use: one module for each theme.
#![forbid(unsafe_code)]

mod any;
mod arrays;
mod bad_calls;
mod callbacks;
mod calls;
mod defined;
mod enums;
mod fields;
mod generics;
mod graph;
mod kinds;
mod methods;
mod moving;
mod names;
mod options;
mod options_elsewhere;
mod panics;
mod protocols;
mod reflection;
mod registered;
mod sets;
mod signatures;
mod soak;
mod sums;
mod threads;
mod values;

ffi_python::module!(ffi_test);
