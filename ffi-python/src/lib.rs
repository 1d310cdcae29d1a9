//! Python classes for the types of [`ffi_object`], whose objects have **one Python identity and one lifetime**.
//!
//! [`module!`] makes an extension module of all types and functions that `#[derive(FfiObject)]`, `#[ffi_methods]` and
//! `#[ffi_function]` have registered in the program. Field access hands out the one canonical wrapper of an object;
//! what Python attaches to it lives as long as the object.

mod any;
mod appearance;
mod arrange;
mod buffer;
mod by_value;
mod call;
mod class;
mod containers;
mod convert;
mod define;
mod detach;
mod dict;
mod enumeration;
mod error;
mod exception_class;
mod exit;
mod field;
mod frontend;
mod gc;
mod instance;
mod iterator;
mod module;
mod named;
mod object;
mod pending;
mod pickle;
mod platform;
mod queue;
mod reflection;
mod rust_function;
mod signature;
mod slots;
mod standard;
mod tools;
mod wrap;

pub use detach::{check_signals, detach};
pub use error::{from_exception, to_exception};
pub use module::add_to;
pub use wrap::{extract, wrap, wrap_fresh};

/// What [`module!`] uses. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use pyo3::ffi::PyObject;

    pub use crate::module::{initialize, Definition};
}

/// The Rust code of the README and the guide compiles and runs.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/src/tutorial.md")]
    mod tutorial {}
    #[doc = include_str!("../../docs/src/errors.md")]
    mod errors {}
    #[doc = include_str!("../../docs/src/calls.md")]
    mod calls {}
    #[doc = include_str!("../../docs/src/containers.md")]
    mod containers {}
    #[doc = include_str!("../../docs/src/long_work.md")]
    mod long_work {}
    #[doc = include_str!("../../docs/src/reflection.md")]
    mod reflection {}
    #[doc = include_str!("../../docs/src/walking.md")]
    mod walking {}
    #[doc = include_str!("../../docs/src/pyo3.md")]
    mod pyo3 {}
}
