//! Rust to the frontend's language.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use super::{Decoder, FrontendRef, Items, Policy, RawHandle};
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::foreign::PyValue;
use crate::name::Kept;
use crate::obj::{AnyObj, FfiObject, Obj};
use crate::standard::Standard;

/// An owned value of the frontend's language.
pub struct Handle<'py> {
    raw: RawHandle,
    frontend: FrontendRef,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl Handle<'_> {
    /// The value, to be read.
    #[must_use]
    pub fn decoder(&self) -> Decoder<'_> {
        // SAFETY: the value is alive, and the thread is attached, while the handle is borrowed.
        unsafe { Decoder::new(self.frontend, self.raw) }
    }

    /// Calls the value.
    ///
    /// # Errors
    ///
    /// The exception that it raised.
    pub fn call(&self, args: &[Self]) -> Result<Self, Error> {
        let mut raw = args.iter().map(|arg| arg.raw);
        // SAFETY: the values are alive, and the thread is attached, during `'py`.
        let result = unsafe { self.frontend.call_value(self.raw, &mut raw) }?;
        Ok(Self { raw: result, frontend: self.frontend, _attached: PhantomData })
    }

    /// Gives the value away.
    #[must_use]
    pub fn into_raw(self) -> RawHandle {
        std::mem::ManuallyDrop::new(self).raw
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and the thread is attached during `'py`.
        unsafe { self.frontend.release(self.raw) };
    }
}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?})", self.raw)
    }
}

/// Makes values of the frontend's language.
#[derive(Clone, Copy)]
pub struct Encoder<'py> {
    frontend: FrontendRef,
    policy: Policy,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl fmt::Debug for Encoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("policy", &self.policy).finish_non_exhaustive()
    }
}

macro_rules! encode {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*);)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        ///
        /// What goes wrong in the frontend's language, such as lack of memory.
        pub fn $name(self, $($arg: $ty),*) -> Result<Handle<'py>, Error> {
            // SAFETY: the thread is attached during `'py`.
            unsafe { self.frontend.$name($($arg),*) }.map(|raw| self.handle(raw))
        })*
    };
}

impl<'py> Encoder<'py> {
    /// An encoder that turns objects into wrappers by `policy`.
    ///
    /// # Safety
    ///
    /// The thread is attached during `'py`.
    #[must_use]
    pub unsafe fn new(frontend: FrontendRef, policy: Policy) -> Self {
        Self { frontend, policy, _attached: PhantomData }
    }

    /// How objects become wrappers here.
    #[must_use]
    pub fn policy(self) -> Policy {
        self.policy
    }

    /// The same encoder with another policy.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// A value that was made before.
    ///
    /// # Safety
    ///
    /// It is one of this encoder's frontend, and the caller, who owns it, gives it away.
    pub(crate) unsafe fn own(self, raw: RawHandle) -> Handle<'py> {
        self.handle(raw)
    }

    fn handle(self, raw: RawHandle) -> Handle<'py> {
        Handle { raw, frontend: self.frontend, _attached: PhantomData }
    }

    /// The value that means nothing.
    #[must_use]
    pub fn none(self) -> Handle<'py> {
        // SAFETY: the thread is attached during `'py`.
        self.handle(unsafe { self.frontend.none() })
    }

    /// A truth value.
    #[must_use]
    pub fn bool(self, value: bool) -> Handle<'py> {
        // SAFETY: as above.
        self.handle(unsafe { self.frontend.bool(value) })
    }

    encode! {
        /// A number that fits a word.
        int(value: i64);
        /// A number that may not.
        wide_int(value: i128);
        /// A number that may not.
        wide_uint(value: u128);
        /// A number with a fraction.
        float(value: f64);
        /// Text.
        str(value: &str);
        /// Text whose value is made once.
        kept_str(value: &str, kept: &Kept);
        /// Bytes.
        bytes(value: &[u8]);
        /// A path of the file system.
        path(value: &Path);
        /// A slice. What is `None` was left out.
        slice(start: Option<isize>, stop: Option<isize>, step: isize);
        /// The member of an enum at a place.
        member(info: &'static EnumInfo, index: usize);
        /// A value of a type that the language's standard library has.
        standard(value: Standard);
    }

    /// What an object is to others, if that takes no code of the frontend's language.
    pub(crate) fn known_object(self, object: &AnyObj) -> Option<Handle<'py>> {
        if self.policy != Policy::Cached {
            return None;
        }
        // SAFETY: the thread is attached during `'py`, and the owner keeps the object alive.
        unsafe { self.frontend.wrapper(object) }.map(|raw| self.handle(raw))
    }

    /// An immutable sequence of `len` values.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn tuple(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<Handle<'py>, Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(Handle::into_raw);
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.tuple(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// An immutable sequence of these values.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn pack<const N: usize>(self, items: [Handle<'py>; N]) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.pack(&items.map(Handle::into_raw)) }.map(|raw| self.handle(raw))
    }

    /// An immutable set of at most `len` values.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn set(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<Handle<'py>, Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(Handle::into_raw);
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.set(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// An immutable mapping of at most `len` keys.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn mapping(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<(Handle<'py>, Handle<'py>), Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(|(k, v)| (k.into_raw(), v.into_raw()));
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.mapping(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// A value of the language that Rust has carried.
    ///
    /// # Errors
    ///
    /// The collector has cleared it.
    pub fn foreign(self, value: &PyValue) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.foreign(value) }.map(|raw| self.handle(raw))
    }

    /// An iterator, whose items are encoded as by this encoder.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn iterator(self, items: Box<dyn Items>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.iterator(items, self.policy) }.map(|raw| self.handle(raw))
    }

    /// A wrapper for an object, by this encoder's policy.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn object<T: FfiObject>(self, object: &Obj<T>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.object(object.as_any(), self.policy) }.map(|raw| self.handle(raw))
    }

    /// The same for an object that a weak reference led to.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn weak_object<T: FfiObject>(self, object: &Obj<T>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.weak_object(object.as_any(), self.policy) }.map(|raw| self.handle(raw))
    }

    /// The same, giving the owner away.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn owned_object<T: FfiObject>(self, object: Obj<T>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.owned_object(object.into_any(), self.policy) }.map(|raw| self.handle(raw))
    }
}
