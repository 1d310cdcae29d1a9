//! Errors that are classes of their own in the frontend's language: what `#[derive(FfiError)]` says of them.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::frontend::{Encoder, Handle};
use crate::info::Source;
use crate::registry::registry;
use crate::value::Value;

/// An error that is an exception class of its own.
///
/// Derive it. A struct becomes one class; an enum one class, and one below it for each variant. The text is that of
/// `Display`, the cause that of [`source`](StdError::source); fields with names are attributes.
///
/// ```
/// use ffi_object::{ffi_function, FfiError};
///
/// /// The scene cannot be drawn.
/// #[derive(Debug, thiserror::Error, FfiError)]
/// #[ffi(base = "ValueError")]
/// enum DrawError {
///     /// There is no such layer.
///     #[error("no layer {name:?}")]
///     #[ffi(base = "KeyError")]
///     NoLayer { name: String },
///     #[error("cannot read the texture")]
///     Texture(#[from] std::io::Error),
/// }
///
/// /// In Python: `except DrawError.NoLayer as error: print(error.name)`
/// #[ffi_function]
/// fn draw(layer: &str) -> Result<(), DrawError> {
///     Err(DrawError::NoLayer { name: layer.into() })
/// }
///
/// assert_eq!(DrawError::TYPE.class.name, "DrawError");
/// assert_eq!(DrawError::TYPE.variants[0].fields, ["name"]);
/// # draw("sky").unwrap_err();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no exception class",
    label = "no `FfiError`",
    note = "add `#[derive(FfiError)]` to it"
)]
pub trait FfiError: StdError + Send + Sync + 'static {
    /// What the frontend knows of it.
    const TYPE: &'static ErrorType;

    /// The class of this very value.
    #[doc(hidden)]
    fn class(&self) -> &'static ErrorClass;

    /// The values of the fields that the class names.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    #[doc(hidden)]
    fn values<'py>(&self, out: Encoder<'py>) -> Result<Vec<Handle<'py>>, Error>;
}

/// A field of an error that is an attribute of the exception: any [`Value`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an attribute of an exception",
    label = "no `Value`",
    note = "leave the field out with `#[ffi(skip)]`, or let it hold something that crosses: numbers, `String`, `Obj<…>`, …",
    note = "for a type of your own: `#[derive(FfiEnum)]` for an enum, `ffi_object::value!(…)` for a newtype"
)]
pub trait ErrorField {
    /// The attribute's value.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    fn attribute<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Value> ErrorField for T {
    fn attribute<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
}

/// A class of exceptions.
#[derive(Debug)]
pub struct ErrorClass {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// What it extends. `None`, for a variant: the class of its enum alone.
    pub base: Option<ErrorBase>,
    /// The names of the fields that are attributes.
    pub fields: &'static [&'static str],
}

/// What a class of exceptions extends.
#[derive(Debug, Clone, Copy)]
pub enum ErrorBase {
    /// A class of the frontend's language, by name.
    Builtin(&'static str),
    /// The class of another type of errors.
    Error(&'static ErrorType),
}

impl ErrorBase {
    fn kind(self) -> ErrorKind {
        match self {
            Self::Error(error) => error.class.kind(),
            Self::Builtin(name) => match name {
                "TypeError" => ErrorKind::Type,
                "ValueError" => ErrorKind::Value,
                "OverflowError" => ErrorKind::Overflow,
                "KeyError" => ErrorKind::Key,
                "IndexError" => ErrorKind::Index,
                "AttributeError" => ErrorKind::Attribute,
                "ReferenceError" => ErrorKind::Reference,
                "OSError" => ErrorKind::Os,
                "NotImplementedError" => ErrorKind::NotImplemented,
                _ => ErrorKind::Runtime,
            },
        }
    }
}

impl ErrorClass {
    /// The kind of error that comes closest.
    pub(crate) fn kind(&self) -> ErrorKind {
        self.base.map_or(ErrorKind::Runtime, ErrorBase::kind)
    }
}

/// What the runtime knows of a type of errors.
pub struct ErrorType {
    /// Unique in the program: the Rust path.
    pub key: &'static str,
    /// The module of the class, if it is not the one that the frontend builds.
    pub module: Option<&'static str>,
    /// Where the type is defined.
    pub source: Source,
    /// Its class.
    pub class: ErrorClass,
    /// The classes of an enum's variants, which extend the type's.
    pub variants: &'static [ErrorClass],
    look: fn(&(dyn StdError + 'static)) -> Option<&'static ErrorClass>,
    values: Values,
}

type Values = for<'py> fn(&(dyn StdError + 'static), Encoder<'py>) -> Result<Vec<Handle<'py>>, Error>;

impl fmt::Debug for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorType").field("key", &self.key).finish_non_exhaustive()
    }
}

impl ErrorType {
    /// Describes `T`.
    #[must_use]
    pub const fn new<T: FfiError>(
        key: &'static str,
        module: Option<&'static str>,
        source: Source,
        class: ErrorClass,
        variants: &'static [ErrorClass],
    ) -> Self {
        Self {
            key,
            module,
            source,
            class,
            variants,
            look: |error| error.downcast_ref::<T>().map(T::class),
            values: |error, out| error.downcast_ref::<T>().map_or_else(|| Ok(Vec::new()), |error| error.values(out)),
        }
    }

    /// How many types of errors it extends.
    pub(crate) fn depth(&self) -> usize {
        match self.class.base {
            Some(ErrorBase::Error(base)) => base.depth() + 1,
            _ => 0,
        }
    }

    /// The values of the fields that an error's class names. The error is of this type.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn values<'py>(&self, error: &(dyn StdError + 'static), out: Encoder<'py>) -> Result<Vec<Handle<'py>>, Error> {
        (self.values)(error, out)
    }
}

/// The class of an error, if it has one of its own.
#[doc(hidden)]
#[must_use]
pub fn class_of(error: &(dyn StdError + 'static)) -> Option<(&'static ErrorClass, &'static ErrorType)> {
    let errors = &registry().ok()?.errors;
    errors.iter().find_map(|known| Some(((known.look)(error)?, *known)))
}
