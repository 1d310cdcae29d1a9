#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

//! A crate that is strict with itself.

use ::ffi_object::FfiError;

/// A constant that a macro might take for a variable.
#[allow(non_upper_case_globals, dead_code, reason = "that is what is tested")]
pub const field_0: ::core::primitive::i64 = 0;

/// What goes wrong.
#[derive(::core::fmt::Debug, FfiError)]
pub enum Failure {
    /// Once.
    Once {
        /// How often.
        times: ::core::primitive::i64,
    },
}

/// What goes wrong worse.
#[derive(::core::fmt::Debug, FfiError)]
#[ffi(base = Failure)]
pub struct Worse;

impl ::core::fmt::Display for Failure {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("no")
    }
}

impl ::core::fmt::Display for Worse {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("no")
    }
}

impl ::std::error::Error for Failure {}
impl ::std::error::Error for Worse {}

fn main() {}
