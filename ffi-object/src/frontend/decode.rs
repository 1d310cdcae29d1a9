//! The frontend's language to Rust.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use super::{FrontendRef, Mismatch, RawHandle};
use crate::any::Any;
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::foreign::PyValue;
use crate::info::TypeInfo;
use crate::number::Numbers;
use crate::obj::{AnyObj, FfiObject};
use crate::standard::{Standard, StandardKind};

/// A borrowed value of the frontend's language, to be read.
#[derive(Clone, Copy)]
pub struct Decoder<'py> {
    raw: RawHandle,
    frontend: FrontendRef,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({:?})", self.raw)
    }
}

macro_rules! decode {
    ($($(#[$doc:meta])* $name:ident = $function:ident -> $ty:ty;)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        ///
        /// Another type, a number out of range, or what goes wrong in the frontend's language.
        pub fn $name(self) -> Result<$ty, Mismatch> {
            // SAFETY: the value is there, and the thread is attached, during `'py`.
            unsafe { self.frontend.$function(self.raw) }
        })*
    };
}

impl<'py> Decoder<'py> {
    /// A value to be read.
    ///
    /// # Safety
    ///
    /// The value is kept alive, and the thread is attached, during `'py`.
    #[must_use]
    pub unsafe fn new(frontend: FrontendRef, raw: RawHandle) -> Self {
        Self { raw, frontend, _attached: PhantomData }
    }

    /// The value's address, borrowed.
    #[must_use]
    pub fn as_raw(self) -> RawHandle {
        self.raw
    }

    /// Whether the value is the one that means nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.is_none(self.raw) }
    }

    decode! {
        /// A truth value.
        bool = as_bool -> bool;
        /// A number that fits a word.
        int = as_int -> i64;
        /// A number that may not.
        wide_int = as_wide_int -> i128;
        /// A number that may not, and is not negative.
        wide_uint = as_wide_uint -> u128;
        /// A number with a fraction.
        float = as_float -> f64;
        /// A path of the file system.
        path = as_path -> PathBuf;
        /// Start, stop and step of a slice, the largest and smallest numbers for what was left out.
        slice = as_slice -> (isize, isize, isize);
        /// A value of any type that an `Any` can hold.
        any = as_any -> Any;
        /// The same for a key: one of Rust's own, if the value equals it in its language.
        key = as_key -> Any;
        /// A value of any type, as it is.
        foreign = as_foreign -> PyValue;
        /// An owner of the object that the value stands for.
        owned_object = own_object -> AnyObj;
    }

    /// The place of a member of this enum.
    ///
    /// # Errors
    ///
    /// Anything else.
    pub fn member(self, info: &'static EnumInfo) -> Result<usize, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.as_member(self.raw, info) }
    }

    /// A value of a type that the language's standard library has.
    ///
    /// # Errors
    ///
    /// Another type, or what goes wrong in the frontend's language.
    pub fn standard(self, kind: StandardKind) -> Result<Standard, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.as_standard(self.raw, kind) }
    }

    /// Whether the value can be called.
    #[must_use]
    pub fn is_callable(self) -> bool {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.is_callable(self.raw) }
    }

    /// Text.
    ///
    /// # Errors
    ///
    /// Another type, or text that has no UTF-8.
    pub fn str(self) -> Result<&'py str, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let text = unsafe { self.frontend.as_str(self.raw) }?;
        // SAFETY: text is immutable and lives as long as its value.
        Ok(unsafe { text.as_ref() })
    }

    /// Bytes.
    ///
    /// # Errors
    ///
    /// Another type.
    pub fn bytes(self) -> Result<&'py [u8], Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let bytes = unsafe { self.frontend.as_bytes(self.raw) }?;
        // SAFETY: bytes are immutable and live as long as their value.
        Ok(unsafe { bytes.as_ref() })
    }

    /// The object that the value stands for.
    ///
    /// # Errors
    ///
    /// Another type, or a wrapper whose object is not there.
    pub fn object<T: FfiObject>(self) -> Result<&'py T, Error> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        match unsafe { self.frontend.as_object(self.raw) } {
            // SAFETY: the wrapper is alive during `'py`, and so is its object.
            Ok(object) => unsafe { object.cast_ref() },
            Err(mismatch) => Err(self.error(mismatch, T::TYPE.name)),
        }
    }

    /// The receiver of a method, of whose type it is known to be.
    ///
    /// # Errors
    ///
    /// A wrapper whose object is not there.
    ///
    /// # Safety
    ///
    /// The value is a wrapper whose class is that of `T` or extends it.
    pub unsafe fn receiver<T: FfiObject>(self) -> Result<&'py T, Error> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let object = unsafe { self.frontend.receiver(self.raw, T::TYPE) }?;
        // SAFETY: the frontend has seen to the type, and the wrapper is alive during `'py`.
        Ok(unsafe { object.value().cast().as_ref() })
    }

    /// Reads the parts of a sequence, a set, or anything that can be iterated and is not text.
    ///
    /// # Errors
    ///
    /// Another type, or what `take` says.
    pub fn for_each(self, mut take: impl FnMut(Decoder<'_>) -> Result<(), Error>) -> Result<(), Mismatch> {
        // SAFETY: the frontend keeps the part alive during the call.
        let mut take = |raw| take(unsafe { Decoder::new(self.frontend, raw) });
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.for_each(self.raw, &mut take) }
    }

    /// Gives `take` the numbers that the value has in memory, if it has any.
    ///
    /// # Errors
    ///
    /// What `take` says, or what goes wrong in the frontend's language.
    pub fn numbers(self, mut take: impl FnMut(Numbers<'_>) -> Result<(), Error>) -> Result<(), Error> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.numbers(self.raw, &mut take) }
    }

    /// Reads the keys and values of a mapping.
    ///
    /// # Errors
    ///
    /// Another type, or what `take` says.
    pub fn for_each_pair(
        self,
        mut take: impl FnMut(Decoder<'_>, Decoder<'_>) -> Result<(), Error>,
    ) -> Result<(), Mismatch> {
        let mut take = |key, value| {
            // SAFETY: the frontend keeps key and value alive during the call.
            let key = unsafe { Decoder::new(self.frontend, key) };
            // SAFETY: as above.
            let value = unsafe { Decoder::new(self.frontend, value) };
            take(key, value)
        };
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.for_each_pair(self.raw, &mut take) }
    }

    /// Makes an object of a type that a plain value of the language stands for.
    ///
    /// # Errors
    ///
    /// No such type, or parts that do not fit.
    pub fn convert_object(self, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.convert_object(self.raw, info) }
    }

    /// The name of the value's class.
    #[must_use]
    pub fn class_name(self) -> String {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.class_name(self.raw) }
    }

    /// The error for a value that is not what was `expected`.
    #[cold]
    #[must_use]
    pub fn error(self, mismatch: Mismatch, expected: &str) -> Error {
        match mismatch {
            Mismatch::Type => Error::expected(expected, &self.class_name()),
            Mismatch::Range => Error::overflow(format!("the number is out of range for {expected}")),
            Mismatch::Error(error) => error,
        }
    }
}
