//! What crosses: values both ways, results outwards, borrowed arguments inwards.

mod arguments;
mod collections;
mod objects;
mod own;
mod scalars;
mod time;
mod tuples;

use std::borrow::{Borrow, Cow};

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::info::Kind;
use crate::number::{self, NumberOf};
use crate::state::Wrapper;
use crate::trace::Tracing;

/// A value that crosses by copy, or an owner of an object.
///
/// Implemented for `bool`, all integers, floats, `char`, `String`, [`Str`](crate::Str), [`Name`](crate::Name), [`Bytes`](crate::Bytes), `PathBuf`, `Duration`, `SystemTime`, [`Any`](crate::Any), [`Obj`](crate::Obj), [`WeakObj`](crate::WeakObj),
/// [`Function`](crate::Function), [`PyValue`](crate::PyValue), `Option`, tuples, arrays, `Vec`, and the maps and sets of `std`. Collections arrive as immutable values of the
/// frontend's language, so that no one edits a copy by mistake.
///
/// Types of your own: an enum with [`#[derive(FfiEnum)]`](macro@crate::FfiEnum), a newtype or a type that another one can
/// stand for with [`value!`](crate::value!). For all else this trait can be written by hand:
///
/// ```
/// use std::borrow::Cow;
///
/// use ffi_object::frontend::{Decoder, Encoder, Handle};
/// use ffi_object::{value, Any, Error, Value};
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Size {
///     Auto,
///     Pixels(u32),
/// }
///
/// impl Value for Size {
///     fn type_name() -> Cow<'static, str> {
///         "int | Literal['auto']".into()
///     }
///     fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
///         match self {
///             Self::Auto => out.str("auto"),
///             Self::Pixels(pixels) => pixels.encode(out),
///         }
///     }
///     fn decode(from: Decoder<'_>) -> Result<Self, Error> {
///         match from.str() {
///             Ok("auto") => Ok(Self::Auto),
///             Ok(other) => Err(Error::value(format!("expected 'auto' or a number of pixels, got '{other}'"))),
///             Err(_) => u32::decode(from).map(Self::Pixels),
///         }
///     }
/// }
/// // Functions may give it back, too.
/// value!(return Size);
///
/// assert_eq!(Any::from(12).to::<Size>()?, Size::Pixels(12));
/// assert_eq!(Any::of(&Size::Auto)?, Any::from("auto"));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross to a frontend",
    label = "no `Value`",
    note = "an object crosses as `Obj<…>`; arguments may also be `&…` of an object, `&str` or `&[u8]`",
    note = "for a type of your own: `#[derive(FfiEnum)]` for an enum, `ffi_object::value!(…)` for a newtype"
)]
pub trait Value: Send + Sync + Sized + 'static {
    /// How a frontend may read a plain field of this type by itself.
    const KIND: Kind<Self> = Kind::OPAQUE;
    /// How a collector sees what it consists of.
    #[doc(hidden)]
    const TRACE: Option<Tracing<Self>> = None;
    /// The number that it is in memory, if it is one.
    #[doc(hidden)]
    const NUMBER: Option<NumberOf<Self>> = None;

    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Makes a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
    /// The same, if it runs neither code of the frontend's language nor of the type's own, so that a lock may be held. Does
    /// not panic.
    #[doc(hidden)]
    fn encode_known<'py>(&self, _: Encoder<'py>) -> Option<Handle<'py>> {
        None
    }
    /// The canonical wrapper, if it is an object that has one, which is pinned as long as this value is there.
    #[doc(hidden)]
    fn known_wrapper(&self) -> Option<Wrapper> {
        None
    }
    /// Reads a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// Another type, or a number out of range.
    fn decode(from: Decoder<'_>) -> Result<Self, Error>;
    /// The value that means nothing, if there is one.
    #[must_use]
    fn nothing() -> Option<Self> {
        None
    }
    /// Reads many at once from a value that has them in memory, if it does.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    #[doc(hidden)]
    fn decode_numbers(from: Decoder<'_>) -> Result<Option<Vec<Self>>, Error> {
        number::read(from)
    }
}

/// What a function may give back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function that a frontend calls",
    label = "no `Return`",
    note = "a result is a `Value`, a struct with `#[derive(FfiObject)]`, or an `Option`, `Vec`, tuple or `Result` of one",
    note = "`Iter` gives back a Rust iterator, which becomes one of the frontend's"
)]
pub trait Return {
    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Makes a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// The function's own error, or what goes wrong in the frontend's language.
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
}

/// What a function may take by reference.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` cannot be an argument of a function that a frontend calls",
    label = "no object",
    note = "borrowed arguments are `&str`, `&[u8]`, `&Obj<…>` and `&` of a struct with `#[derive(FfiObject)]`"
)]
pub trait RefArg {
    /// What is kept during the call.
    type Held<'py>: Borrow<Self>;
    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Reads the argument.
    ///
    /// # Errors
    ///
    /// Another type.
    fn hold(from: Decoder<'_>) -> Result<Self::Held<'_>, Error>;
}

/// A value that was read under a lock: made already, if that runs no one's code, or copied, to be made without the lock.
pub(crate) enum Looked<'py, T> {
    Made(Handle<'py>),
    Copied(T),
}

impl<'py, T: Value + Clone> Looked<'py, T> {
    /// Looks at a value under its lock.
    #[inline]
    pub(crate) fn at(value: &T, out: Encoder<'py>) -> Self {
        value.encode_known(out).map_or_else(|| Self::Copied(value.clone()), Self::Made)
    }

    /// The value, made now if it was not, without the lock.
    pub(crate) fn encode(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        match self {
            Self::Made(handle) => Ok(handle),
            Self::Copied(value) => value.encode(out),
        }
    }
}

/// A value may also be given back.
macro_rules! returns {
    ($($ty:ty),* $(,)?) => {
        $(impl Return for $ty {
            fn type_name() -> Cow<'static, str> {
                <$ty as Value>::type_name()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                self.encode(out)
            }
        })*
    };
}
#[doc(hidden)]
pub use own::trace_as;
pub(crate) use returns;
