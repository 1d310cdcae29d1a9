//! The error that crosses to the frontend.

use std::any::Any as StdAny;
use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

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
    foreign: Option<Box<dyn StdAny + Send + Sync>>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $($(#[$doc])* #[cold] pub fn $name(message: impl Into<String>) -> Self { Self::new(ErrorKind::$kind, message) })*
    };
}

impl Error {
    /// An error of this kind.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            file: None,
            os_code: None,
            position: None,
            source: None,
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
    pub fn syntax(message: impl Into<String>, position: Position) -> Self {
        let mut error = Self::new(ErrorKind::Syntax, message);
        error.0.position = Some(position);
        error
    }

    /// What the operating system said of a file.
    #[cold]
    pub fn os(error: std::io::Error, file: impl AsRef<Path>) -> Self {
        let mut error = Self::from(error);
        error.0.file = Some(file.as_ref().to_owned());
        error
    }

    /// `expected` was asked for, `got` came.
    #[cold]
    #[must_use]
    pub fn expected(expected: &str, got: &str) -> Self {
        Self::type_error(format!("expected {expected}, got {got}"))
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
        self.0.source.as_deref().map(|e| e as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let mut new = Self::new(ErrorKind::Os, error.to_string());
        new.0.os_code = error.raw_os_error();
        new.caused_by(error)
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

macro_rules! value_errors {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::value(error.to_string()).caused_by(error)
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

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::runtime(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::runtime(message)
    }
}
