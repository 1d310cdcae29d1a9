#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

//! A crate that is strict with itself.

use ::ffi_object::{FfiObject, Mut, Obj, ffi_function, ffi_methods};

/// A point.
#[derive(FfiObject)]
pub struct Point {
    /// Horizontal.
    pub x: Mut<f64>,
}

#[ffi_methods]
impl Point {
    /// Itself.
    pub fn me(self: &Obj<Self>) -> Obj<Self> {
        ::core::clone::Clone::clone(self)
    }
}

/// Reads it.
#[ffi_function]
pub fn x(of: &Point) -> f64 {
    of.x.get()
}

fn main() {}
