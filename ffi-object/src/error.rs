//! The error that crosses to the frontend.

use std::any::Any as StdAny;
use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

use crate::error_class::class_of;
use crate::info::Source;

/// What an error is, so that a frontend can choose a class of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value of the wrong type (`TypeError`).
    Type,
    /// A value of the right type that will not do (`ValueError`).
    Value,
    /// A number out of range (`OverflowError`).
    Overflow,
    /// A key that is not there (`KeyError`).
    Key,
    /// An index that is not there (`IndexError`).
    Index,
    /// An attribute that is not there or cannot be written (`AttributeError`).
    Attribute,
    /// An object that is gone (`ReferenceError`).
    Reference,
    /// Text that does not parse (`SyntaxError`, with the position).
    Syntax,
    /// What the operating system said (`OSError` and its subclasses).
    Os,
    /// Something that has not been written (`NotImplementedError`).
    NotImplemented,
    /// Anything else (`RuntimeError`).
    Runtime,
    /// An exception of the frontend's language, carried through.
    Foreign,
}

/// A position in a text, both parts counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// An error with a kind, a message and, where there is one, a cause.
///
/// Any other error becomes one, by `?` or by [`Error::other`]; one with `#[derive(FfiError)]` keeps its class.
///
/// ```
/// use ffi_object::{Error, ErrorKind};
///
/// fn half(n: i64) -> Result<i64, Error> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(Error::value(format!("{n} is odd"))) }
/// }
///
/// let error = half(3).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Value);
/// assert_eq!(error.to_string(), "3 is odd");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    os_code: Option<i32>,
    position: Option<Position>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// Whether this error is the one in `source` by another name, and not caused by it.
    stands_for_source: bool,
    location: &'static Location<'static>,
    /// The function that the frontend called, by the name that messages give it, and where that is.
    function: Option<(&'static str, Source)>,
    foreign: Option<Box<dyn StdAny + Send + Sync>>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $($(#[$doc])* #[cold] #[track_caller] pub fn $name(message: impl Into<String>) -> Self { Self::new(ErrorKind::$kind, message) })*
    };
}

impl Error {
    /// An error of this kind.
    #[cold]
    #[track_caller]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            file: None,
            os_code: None,
            position: None,
            source: None,
            stands_for_source: false,
            location: Location::caller(),
            function: None,
            foreign: None,
        }))
    }

    kinds! {
        /// A value of the wrong type.
        type_error => Type;
        /// A value of the right type that will not do.
        value => Value;
        /// A number out of range.
        overflow => Overflow;
        /// A key that is not there.
        key => Key;
        /// An index that is not there.
        index => Index;
        /// An attribute that is not there or cannot be written.
        attribute => Attribute;
        /// An object that is gone.
        reference => Reference;
        /// Anything that no other kind names.
        runtime => Runtime;
    }

    /// Text that does not parse.
    #[cold]
    #[track_caller]
    pub fn syntax(message: impl Into<String>, position: Position) -> Self {
        let mut error = Self::new(ErrorKind::Syntax, message);
        error.0.position = Some(position);
        error
    }

    /// What the operating system said of a file.
    #[cold]
    #[track_caller]
    pub fn os(error: std::io::Error, file: impl AsRef<Path>) -> Self {
        let mut error = Self::from(error);
        error.0.file = Some(file.as_ref().to_owned());
        error
    }

    /// `expected` was asked for, `got` came.
    #[cold]
    #[track_caller]
    #[must_use]
    pub fn expected(expected: &str, got: &str) -> Self {
        Self::type_error(format!("expected {expected}, got {got}"))
    }

    /// Any other error: one of this type as it is; one with `#[derive(FfiError)]` with its class; one of the operating
    /// system or of a parser of `std` with the kind that it is of; all others as [`ErrorKind::Runtime`]. It stays there as
    /// the [source](StdError::source).
    ///
    /// ```
    /// use ffi_object::{Error, ErrorKind};
    ///
    /// let error = Error::other("x".parse::<i64>().unwrap_err());
    /// assert_eq!(error.kind(), ErrorKind::Value);
    /// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    /// ```
    #[cold]
    #[track_caller]
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        match error.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => {
                let mut new = Self::describing(&*error);
                new.0.source = Some(error);
                new.0.stands_for_source = true;
                new
            }
        }
    }

    /// What there is to say of any error, without its causes.
    #[doc(hidden)]
    #[track_caller]
    #[must_use]
    pub fn describing(error: &(dyn StdError + 'static)) -> Self {
        let system = error.downcast_ref::<std::io::Error>();
        let kind = match class_of(error) {
            Some((class, _)) => class.kind(),
            None if system.is_some() => ErrorKind::Os,
            None if is_value_error(error) => ErrorKind::Value,
            None => ErrorKind::Runtime,
        };
        let mut new = Self::new(kind, error.to_string());
        new.0.os_code = system.and_then(std::io::Error::raw_os_error);
        new
    }

    /// An exception of the frontend's language. Only the frontend that made it looks inside.
    #[cold]
    pub fn foreign(exception: impl StdAny + Send + Sync, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Foreign, message);
        error.0.foreign = Some(Box::new(exception));
        error
    }

    /// The same error with the file it was found in.
    #[must_use]
    pub fn in_file(mut self, file: impl AsRef<Path>) -> Self {
        self.0.file = Some(file.as_ref().to_owned());
        self
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with `place: ` before its message. An exception of the frontend's language stays as it is.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        if self.0.kind != ErrorKind::Foreign {
            self.0.message = format!("{place}: {}", self.0.message);
        }
        self
    }

    /// The same error with the function that the frontend called, if it does not have one yet.
    #[doc(hidden)]
    #[must_use]
    pub fn in_function(mut self, name: &'static str, source: Source) -> Self {
        self.0.function.get_or_insert((name, source));
        self
    }

    /// What the error is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message without position and file.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file, if the error is about one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The operating system's number for the error.
    #[must_use]
    pub fn os_code(&self) -> Option<i32> {
        self.0.os_code
    }

    /// Where in a text the error is.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// The error that this one stands for, or that caused it, if it is of this type.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.inner_source()?.downcast_ref()
    }

    /// Where in Rust the error was made, or converted by `?`: a file and a line. Where the runtime did that, the function that
    /// the frontend called.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let location = self.0.location;
        if is_users(location.file()) {
            return Some(format!("{}:{}", location.file(), location.line()));
        }
        self.0.function.map(|(name, source)| format!("{source}, in {name}()"))
    }

    /// The error that this one stands for.
    #[must_use]
    pub fn stands_for(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner_source().filter(|_| self.0.stands_for_source)
    }

    /// What caused the error: the source, but not the error that this one [stands for](Self::stands_for).
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        match self.stands_for() {
            Some(original) => original.source(),
            None => self.inner_source(),
        }
    }

    fn inner_source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        #[cfg(feature = "anyhow")]
        if let Some(source) = source.downcast_ref::<anyhow_error::Boxed>() {
            return Some(source.original());
        }
        Some(source)
    }

    /// The exception given to [`foreign`](Self::foreign), if it is of this type.
    #[must_use]
    pub fn as_foreign<E: StdAny>(&self) -> Option<&E> {
        self.0.foreign.as_deref()?.downcast_ref()
    }

    /// The exception given to [`foreign`](Self::foreign), if it is of this type.
    ///
    /// # Errors
    ///
    /// Gives the error back if there is none.
    pub fn into_foreign<E: StdAny>(mut self) -> Result<E, Self> {
        let Some(exception) = self.0.foreign.take() else { return Err(self) };
        exception.downcast().map(|exception| *exception).map_err(|other| {
            self.0.foreign = Some(other);
            self
        })
    }
}

/// Whether this is neither a file of the runtime's nor one of the standard library's, which calls functions that were
/// passed to it.
fn is_users(file: &str) -> bool {
    let own = file!().trim_end_matches("error.rs");
    !(file.starts_with(own) || file.starts_with("/rustc/") || file.contains("/library/core/src/"))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(Position { line, column }) = self.0.position {
            write!(f, " (line {line}, column {column})")?;
        }
        if let Some(file) = &self.0.file {
            write!(f, ": {}", file.display())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("file", &self.0.file)
            .field("position", &self.0.position)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner_source()
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Errors of `std` that say that a value will not do.
macro_rules! value_errors {
    ($($error:ty),* $(,)?) => {
        fn is_value_error(error: &(dyn StdError + 'static)) -> bool {
            $(error.is::<$error>())||*
        }
        others!($($error),*);
    };
}

macro_rules! others {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Error {
            #[track_caller]
            fn from(error: $error) -> Self {
                Self::other(error)
            }
        })*
    };
}

value_errors!(
    std::num::ParseIntError,
    std::num::ParseFloatError,
    std::num::TryFromIntError,
    std::str::Utf8Error,
    std::string::FromUtf8Error,
);

others!(std::io::Error, Box<dyn StdError + Send + Sync>);

impl<E: crate::FfiError> From<E> for Error {
    #[track_caller]
    fn from(error: E) -> Self {
        Self::other(error)
    }
}

impl From<String> for Error {
    #[track_caller]
    fn from(message: String) -> Self {
        Self::runtime(message)
    }
}

impl From<&str> for Error {
    #[track_caller]
    fn from(message: &str) -> Self {
        Self::runtime(message)
    }
}

/// What may be the error of a function that a frontend calls: any that `Box<dyn Error + Send + Sync>` can be made from.
///
/// That is every `std::error::Error` (those made with `thiserror` among them), `anyhow::Error`, [`Error`], `String` and
/// `&'static str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a function that a frontend calls",
    label = "no `std::error::Error`",
    note = "implement `std::error::Error` for it (and derive `FfiError`, for an exception class of its own), or give back \
            a `Result<_, ffi_object::Error>`"
)]
pub trait IntoError {
    /// The error.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn StdError + Send + Sync>> + 'static> IntoError for E {
    #[cold]
    fn into_error(self) -> Error {
        let mut this = Some(self);
        if let Some(error) = take::<Error>(&mut this) {
            return error;
        }
        #[cfg(feature = "anyhow")]
        if let Some(error) = take::<anyhow::Error>(&mut this) {
            return error.into();
        }
        Error::other(this.expect("only taken where this function ends"))
    }
}

/// What is there, if it is a `T`.
fn take<T: 'static>(option: &mut dyn StdAny) -> Option<T> {
    option.downcast_mut::<Option<T>>()?.take()
}

#[cfg(feature = "anyhow")]
mod anyhow_error {
    use super::{fmt, Error, StdError};

    /// Keeps the error inside of an `anyhow::Error` in reach: made a `Box<dyn Error>`, it would be of a type of anyhow's.
    #[derive(Debug)]
    pub(super) struct Boxed(anyhow::Error);

    impl Boxed {
        pub(super) fn original(&self) -> &(dyn StdError + 'static) {
            self.0.as_ref()
        }
    }

    impl fmt::Display for Boxed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(&self.0, f)
        }
    }

    impl StdError for Boxed {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.original().source()
        }
    }

    impl From<anyhow::Error> for Error {
        #[track_caller]
        fn from(error: anyhow::Error) -> Self {
            // What `?` made of an `Error`; not what has one further down, under a context.
            if AsRef::<dyn StdError + Send + Sync>::as_ref(&error).is::<Self>() {
                return error.downcast().expect("just asked");
            }
            let mut new = Self::describing(error.as_ref());
            new.0.source = Some(Box::new(Boxed(error)));
            new.0.stands_for_source = true;
            new
        }
    }
}
