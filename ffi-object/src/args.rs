//! The arguments of a call, after the frontend has put them in the order of the parameters.

use std::cell::Cell;

use crate::error::Error;
use crate::field::Field;
use crate::frontend::{Decoder, FrontendRef, RawHandle};
use crate::info::Signature;
use crate::value::{RefArg, Value};

/// The arguments of a call, one slot for each parameter.
pub struct Arguments<'py> {
    signature: &'py Signature,
    slots: &'py [Option<RawHandle>],
    frontend: FrontendRef,
    restoring: bool,
    misfit: Cell<bool>,
}

impl std::fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arguments").field("signature", &self.signature).finish_non_exhaustive()
    }
}

impl<'py> Arguments<'py> {
    /// The arguments of a call. Slots that are empty belong to parameters with a default.
    ///
    /// # Safety
    ///
    /// The values are kept alive, and the thread is attached, during `'py`.
    #[must_use]
    pub unsafe fn new(frontend: FrontendRef, signature: &'py Signature, slots: &'py [Option<RawHandle>]) -> Self {
        Self { signature, slots, frontend, restoring: false, misfit: Cell::new(false) }
    }

    /// The same for an object that is restored from what was stored of it: fields that are not there get a placeholder.
    #[must_use]
    pub fn restoring(self) -> Self {
        Self { restoring: true, ..self }
    }

    /// Whether an argument did not fit, so that the function was not called.
    #[must_use]
    pub fn misfitted(&self) -> bool {
        self.misfit.get()
    }

    /// An argument as it came.
    #[must_use]
    pub fn slot(&self, index: usize) -> Option<Decoder<'py>> {
        // SAFETY: the value is there during `'py`, by the caller of `new`.
        self.slots.get(index).copied().flatten().map(|raw| unsafe { Decoder::new(self.frontend, raw) })
    }

    /// Whether the object is restored from what was stored of it.
    pub(crate) fn is_restoring(&self) -> bool {
        self.restoring
    }

    #[cold]
    pub(crate) fn missing(&self, index: usize) -> Error {
        let name = self.signature.params.get(index).map_or("?", |p| p.name);
        Error::type_error(format!("{}() missing required argument: '{name}'", self.signature.name))
    }

    #[cold]
    pub(crate) fn misfit(&self, index: usize, error: Error) -> Error {
        self.misfit.set(true);
        let name = self.signature.params.get(index).map_or("?", |p| p.name);
        error.at(format_args!("{}() argument '{name}'", self.signature.name))
    }

    fn read<T>(
        &self,
        index: usize,
        decode: impl FnOnce(Decoder<'py>) -> Result<T, Error>,
        default: impl FnOnce() -> Option<T>,
    ) -> Result<T, Error> {
        match self.slot(index) {
            Some(value) => decode(value).map_err(|error| self.misfit(index, error)),
            None => default().ok_or_else(|| self.missing(index)),
        }
    }

    /// A field's value.
    ///
    /// # Errors
    ///
    /// No such argument, or one that does not fit.
    pub fn field<F: Field>(&self, index: usize) -> Result<F, Error> {
        self.read(index, F::decode, || if self.restoring { F::placeholder() } else { None })
    }

    /// A field's value, or its default.
    ///
    /// # Errors
    ///
    /// An argument that does not fit.
    pub fn field_or<F: Field>(&self, index: usize, default: impl FnOnce() -> F::Inner) -> Result<F, Error> {
        self.read(index, F::decode, || Some(F::new(default())))
    }

    /// An argument that is taken by value.
    ///
    /// # Errors
    ///
    /// No such argument, or one that does not fit.
    pub fn value<T: Value>(&self, index: usize) -> Result<T, Error> {
        self.read(index, T::decode, || None)
    }

    /// An argument that is taken by value, or its default.
    ///
    /// # Errors
    ///
    /// An argument that does not fit.
    pub fn value_or<T: Value>(&self, index: usize, default: impl FnOnce() -> T) -> Result<T, Error> {
        self.read(index, T::decode, || Some(default()))
    }

    /// An argument that is taken by reference.
    ///
    /// # Errors
    ///
    /// No such argument, or one that does not fit.
    pub fn hold<T: RefArg + ?Sized>(&self, index: usize) -> Result<T::Held<'py>, Error> {
        self.read(index, T::hold, || None)
    }

    /// An argument that is taken by reference, or its default.
    ///
    /// # Errors
    ///
    /// An argument that does not fit.
    pub fn hold_or<T: RefArg + ?Sized>(
        &self,
        index: usize,
        default: impl FnOnce() -> T::Held<'py>,
    ) -> Result<T::Held<'py>, Error> {
        self.read(index, T::hold, || Some(default()))
    }
}
