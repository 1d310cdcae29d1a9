//! How values are made from arguments: field by field, as the descriptors say, or by a function.
//!
//! A struct's value is put together where it will live, from its fields: those of its bases, its own, and those that only
//! Rust sees. So nothing is compiled for it that another struct does not use, too. What fields alone do not make (the
//! variants of an enum, a value that a function marked `#[ffi(new)]` gives back) is made by a function and moved there.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::args::Arguments;
use crate::error::{Error, IntoError};
use crate::header::RawObject;
use crate::info::{FieldInfo, ParamKind, Signature, TypeInfo};
use crate::params::{place_params, sort_params};
use crate::state::State;

/// A function without its type, as a constant can hold it.
pub(crate) type ErasedFn = unsafe fn();

/// A field that only Rust sees.
pub struct HiddenField {
    offset: usize,
    value: ErasedFn,
    write: unsafe fn(NonNull<()>, ErasedFn),
    drop: unsafe fn(NonNull<()>),
}

impl HiddenField {
    /// Describes a field of type `F` that begins as what `value` gives.
    #[must_use]
    pub const fn new<F>(offset: usize, value: fn() -> F) -> Self {
        /// # Safety
        ///
        /// `place` is valid for writing an `F`, and `value` is a function that gives one.
        unsafe fn write<F>(place: NonNull<()>, value: ErasedFn) {
            // SAFETY: by the caller.
            let value = unsafe { std::mem::transmute::<ErasedFn, fn() -> F>(value) };
            // SAFETY: by the caller.
            unsafe { place.cast::<F>().write(value()) };
        }
        // SAFETY: a pointer to a function; `write` makes it what it was before calling it.
        let value = unsafe { std::mem::transmute::<fn() -> F, ErasedFn>(value) };
        Self { offset, value, write: write::<F>, drop: drop_at::<F> }
    }
}

impl fmt::Debug for HiddenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HiddenField").field("offset", &self.offset).finish_non_exhaustive()
    }
}

/// Drops a value where it is.
///
/// # Safety
///
/// There is an `F` at `place`, which is not used afterwards.
pub(crate) unsafe fn drop_at<F>(place: NonNull<()>) {
    // SAFETY: by the caller.
    unsafe { place.cast::<F>().drop_in_place() };
}

/// How a value of some type is made from arguments.
#[derive(Clone, Copy)]
pub struct Builder(How);

#[derive(Clone, Copy)]
enum How {
    Function(unsafe fn(NonNull<()>, &Arguments<'_>) -> Result<(), Error>),
    Fields { hidden: &'static [HiddenField], by_anyone: bool },
}

impl Builder {
    /// By a function, as `B` says.
    #[must_use]
    pub const fn of<T, B: Build<T>>() -> Self {
        unsafe fn build<T, B: Build<T>>(place: NonNull<()>, args: &Arguments<'_>) -> Result<(), Error> {
            let value = B::build(args)?;
            // SAFETY: by the caller, `place` is valid for writing a `T`.
            unsafe { place.cast::<T>().write(value) };
            Ok(())
        }
        Self(How::Function(build::<T, B>))
    }

    /// From the fields. If not `by_anyone`, only those of types that extend this one.
    ///
    /// # Safety
    ///
    /// The type that has this builder consists of its base, of the fields that it lists, and of these, which have their
    /// types and are at their offsets.
    #[must_use]
    pub const unsafe fn from_fields(hidden: &'static [HiddenField], by_anyone: bool) -> Self {
        Self(How::Fields { hidden, by_anyone })
    }

    /// The fields that only Rust sees, if fields make the value.
    fn hidden(self) -> Option<&'static [HiddenField]> {
        match self.0 {
            How::Fields { hidden, .. } => Some(hidden),
            How::Function(_) => None,
        }
    }

    /// Whether fields make the value, so that more fields can make one that extends it.
    pub(crate) const fn is_from_fields(&self) -> bool {
        matches!(self.0, How::Fields { .. })
    }

    /// Whether a frontend may use it.
    pub(crate) const fn is_for_anyone(&self) -> bool {
        matches!(self.0, How::Function(_) | How::Fields { by_anyone: true, .. })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Builder")
    }
}

/// How a type is made from arguments.
pub struct Constructor {
    /// Its parameters. The name is that of the class.
    pub signature: Signature,
    /// Its documentation, if it has one of its own.
    pub doc: &'static str,
    make: Make,
}

enum Make {
    Function(unsafe fn(NonNull<()>, &Arguments<'_>) -> Result<(), Error>),
    Parts(Box<[Part]>),
    Whole(MakeWhole),
}

/// Makes an object of a type with a tail, in a state that it is given: how large it is, depends on the arguments.
pub(crate) type MakeWhole = fn(&Arguments<'_>, State) -> Result<RawObject, Error>;

/// A part of a value.
enum Part {
    /// A field, and its place among the parameters.
    Field(&'static FieldInfo, usize),
    Hidden(&'static HiddenField),
}

impl fmt::Debug for Constructor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constructor").field("signature", &self.signature).finish_non_exhaustive()
    }
}

/// Names a function that builds a `T`, so that it can be a constant's argument.
pub trait Build<T> {
    /// Builds the value.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit.
    fn build(args: &Arguments<'_>) -> Result<T, Error>;
}

/// What a function marked `#[ffi(new)]` may give back: the value, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a constructor",
    label = "not `{T}`",
    note = "a function marked `#[ffi(new)]` gives back `Self`, or `Result<Self, E>` where `E: Into<ffi_object::Error>`"
)]
pub trait NewResult<T> {
    /// The value.
    ///
    /// # Errors
    ///
    /// The function's own error.
    fn into_new(self) -> Result<T, Error>;
}

impl<T> NewResult<T> for T {
    fn into_new(self) -> Result<T, Error> {
        Ok(self)
    }
}

impl<T, E: IntoError> NewResult<T> for Result<T, E> {
    fn into_new(self) -> Result<T, Error> {
        self.map_err(IntoError::into_error)
    }
}

impl TypeInfo {
    /// How a frontend makes one from its fields. `None`: only Rust can.
    ///
    /// It is put together at the first call, since the fields say it all.
    #[must_use]
    pub fn constructor(&'static self) -> Option<&'static Constructor> {
        let builder = self.builder.filter(Builder::is_for_anyone)?;
        // A base that fields do not make, such as a container, cannot be part of what they make.
        if builder.hidden().is_some() && self.bases().any(|base| base.builder.and_then(|b| b.hidden()).is_none()) {
            return None;
        }
        Some(self.cell.constructor(|| {
            let fields: Vec<_> = self.all_fields().map(|(_, field)| field.as_param()).collect();
            let signature = Signature::new(self.name, sort_params(&fields).leak());
            let make = match builder.0 {
                How::Function(function) => Make::Function(function),
                How::Fields { .. } => Make::Parts(self.parts().into()),
            };
            Constructor { signature, doc: "", make }
        }))
    }

    /// The types that this one extends, without the root, which has nothing.
    fn bases(&self) -> impl Iterator<Item = &'static TypeInfo> {
        self.parents.iter().skip(1).copied()
    }

    /// What a value consists of: all of the first base, then of the next, then its own.
    fn parts(&'static self) -> Vec<Part> {
        let kinds: Vec<ParamKind> = self.all_fields().map(|(_, field)| field.param).collect();
        let mut places = place_params(&kinds).into_iter();
        let mut parts = Vec::new();
        for info in self.bases().chain([self]) {
            parts.extend(info.fields.iter().zip(&mut places).map(|(field, place)| Part::Field(field, place)));
            parts.extend(info.builder.and_then(|b| b.hidden()).into_iter().flatten().map(Part::Hidden));
        }
        parts
    }
}

impl Constructor {
    /// Describes the constructor of `T`, which `B` carries out.
    #[must_use]
    pub const fn new<T, B: Build<T>>(signature: Signature, doc: &'static str) -> Self {
        let How::Function(function) = Builder::of::<T, B>().0 else { panic!("a function") };
        Self { signature, doc, make: Make::Function(function) }
    }

    /// Describes the constructor of a type with a tail.
    pub(crate) const fn of_whole(signature: Signature, make: MakeWhole) -> Self {
        Self { signature, doc: "", make: Make::Whole(make) }
    }

    /// What makes the object, if it is made with its memory. Otherwise [`build`](Self::build) makes a value.
    pub(crate) fn whole(&self) -> Option<MakeWhole> {
        match self.make {
            Make::Whole(make) => Some(make),
            _ => None,
        }
    }

    /// Builds a value from arguments.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit; there is no value then.
    ///
    /// # Safety
    ///
    /// `place` is valid for writing a value of the type that lists this constructor.
    pub(crate) unsafe fn build(&self, place: NonNull<()>, args: &Arguments<'_>) -> Result<(), Error> {
        match &self.make {
            // SAFETY: by the caller.
            Make::Function(function) => unsafe { function(place, args) },
            // SAFETY: by the caller.
            Make::Parts(parts) => unsafe { build_parts(parts, place, args) },
            Make::Whole(_) => {
                Err(Error::type_error(format!("'{}' cannot be part of another object", self.signature.name)))
            }
        }
    }
}

/// Builds a value from its parts.
///
/// # Errors
///
/// Arguments that do not fit; the parts that were there are dropped.
///
/// # Safety
///
/// `place` is valid for writing a value that consists of these.
unsafe fn build_parts(parts: &[Part], place: NonNull<()>, args: &Arguments<'_>) -> Result<(), Error> {
    let mut begun = Begun { parts, place, count: 0 };
    for part in parts {
        // SAFETY: by the caller, and each is written once.
        unsafe { part.write(place, args) }?;
        begun.count += 1;
    }
    let _complete = ManuallyDrop::new(begun);
    Ok(())
}

/// A value of which the first parts are there. Drops them, should the next one fail or panic.
struct Begun<'a> {
    parts: &'a [Part],
    place: NonNull<()>,
    count: usize,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        for part in &self.parts[..self.count] {
            // SAFETY: the part was written, and the value, which is not whole, is never used.
            unsafe { part.drop(self.place) };
        }
    }
}

impl Part {
    /// Writes the part.
    ///
    /// # Errors
    ///
    /// An argument that does not fit; nothing was written then.
    ///
    /// # Safety
    ///
    /// `value` is the place for a value that has this part, which is not written yet.
    #[inline]
    unsafe fn write(&self, value: NonNull<()>, args: &Arguments<'_>) -> Result<(), Error> {
        match self {
            // SAFETY: by the caller.
            Self::Field(field, place) => unsafe { field.init(value, args, *place) },
            Self::Hidden(hidden) => {
                // SAFETY: by the caller, the part is there.
                let place = unsafe { value.byte_add(hidden.offset) };
                // SAFETY: the field's own functions and place.
                unsafe { (hidden.write)(place, hidden.value) };
                Ok(())
            }
        }
    }

    /// Drops the part.
    ///
    /// # Safety
    ///
    /// As for [`write`](Self::write), but that it is written, and not used afterwards.
    unsafe fn drop(&self, value: NonNull<()>) {
        match self {
            // SAFETY: by the caller.
            Self::Field(field, _) => unsafe { field.drop_in(value) },
            Self::Hidden(hidden) => {
                // SAFETY: by the caller, the part is there.
                let place = unsafe { value.byte_add(hidden.offset) };
                // SAFETY: the field's own function and place.
                unsafe { (hidden.drop)(place) };
            }
        }
    }
}
