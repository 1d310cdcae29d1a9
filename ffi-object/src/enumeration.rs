//! Enums without data: what a frontend shows as an enumeration of its own, with one member for each variant.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::info::Source;
use crate::value::Value;

/// What the runtime knows of an enum.
#[derive(Debug)]
pub struct EnumInfo {
    /// Unique in the program: the Rust path.
    pub key: &'static str,
    /// The name of the class.
    pub name: &'static str,
    /// The module of the class, if it is not the one that the frontend builds.
    pub module: Option<&'static str>,
    /// The documentation.
    pub doc: &'static str,
    /// Where the enum is defined.
    pub source: Source,
    /// Whether its members are numbers too.
    pub int: bool,
    /// The variants that the frontend sees, in order.
    pub members: &'static [Member],
    /// The word that changes.
    pub cell: EnumCell,
}

/// A variant that the frontend sees.
#[derive(Debug)]
pub struct Member {
    /// Its name in the frontend.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its discriminant.
    pub value: i128,
}

/// What a frontend keeps for an enum.
#[derive(Debug)]
pub struct EnumCell(AtomicPtr<()>);

impl EnumCell {
    /// The word of an enum that no frontend has seen yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it has to be const, for statics")]
    pub const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// What the frontend keeps for this enum, or null.
    #[inline]
    pub fn class(&self) -> *mut () {
        // Pairs with the store in `set_class`.
        self.0.load(Ordering::Acquire)
    }

    /// Sets what [`class`](Self::class) returns.
    pub fn set_class(&self, class: *mut ()) {
        self.0.store(class, Ordering::Release);
    }
}

/// An enum without data whose variants are the members of an enumeration in the frontend's language.
///
/// Written by [`#[derive(FfiEnum)]`](macro@crate::FfiEnum).
pub trait FfiEnum: Value {
    /// Its descriptor.
    const INFO: &'static EnumInfo;

    /// The place of this variant among the members. `None`: the frontend does not see it.
    fn index(&self) -> Option<usize>;
    /// The variant at a place.
    fn from_index(index: usize) -> Option<Self>;
}

/// Makes the member that stands for a variant.
///
/// # Errors
///
/// A variant that the frontend does not see.
pub fn encode_member<'py, E: FfiEnum>(variant: &E, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
    match variant.index() {
        Some(index) => out.member(E::INFO, index),
        None => Err(Error::value(format!("the value is a variant of {} that only Rust sees", E::INFO.name))),
    }
}

/// Reads the variant that a member stands for.
///
/// # Errors
///
/// What is no member of this enum.
pub fn decode_member<E: FfiEnum>(from: Decoder<'_>) -> Result<E, Error> {
    let index = from.member(E::INFO).map_err(|mismatch| from.error(mismatch, E::INFO.name))?;
    E::from_index(index).ok_or_else(|| Error::value(format!("{} has no member {index}", E::INFO.name)))
}
