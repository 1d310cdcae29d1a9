//! Errors that are exception classes.

use anyhow::Context as _;
use ffi_object::{ffi_function, Error, FfiError, Function};

/// What goes wrong with a library.
#[derive(Debug, thiserror::Error, FfiError)]
pub enum LibraryError {
    /// There is no track of that title.
    #[error("no track {title:?} among {of}")]
    #[ffi(base = "KeyError")]
    NoTrack {
        /// The title.
        title: String,
        /// How many there are.
        of: usize,
    },
    /// Nothing is playing.
    #[error("nothing is playing")]
    Silent,
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// Where it should be.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A line of the file is wrong.
    #[error("line {line} is wrong")]
    #[ffi(base = "ValueError")]
    Wrong {
        /// The number of the line.
        line: usize,
        /// Why.
        #[source]
        why: std::num::ParseFloatError,
    },
}

/// The library is in use.
#[derive(Debug, thiserror::Error, FfiError)]
#[error("in use by {by}")]
#[ffi(base = LibraryError)]
pub struct Locked {
    /// Who uses it.
    by: String,
    /// Only Rust sees this.
    #[ffi(skip)]
    _secret: std::time::Instant,
}

/// The lengths in a file.
#[ffi_function]
fn read_lengths(path: &str) -> Result<Vec<f64>, LibraryError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| LibraryError::Unreadable { path: path.to_owned(), source })?;
    let parse = |(line, text): (usize, &str)| text.parse().map_err(|why| LibraryError::Wrong { line: line + 1, why });
    text.lines().enumerate().map(parse).collect()
}

/// The sum of the lengths in a file: `anyhow` is as good as any error.
#[ffi_function]
fn total_length(path: &str, #[ffi(default)] context: Option<String>) -> anyhow::Result<f64> {
    let lengths = match context {
        Some(context) => read_lengths(path).context(context)?,
        None => read_lengths(path)?,
    };
    Ok(lengths.iter().sum())
}

/// Calls a callable, and lets what it raises go through `anyhow`.
#[ffi_function]
fn call_through_anyhow(function: Function, #[ffi(default)] context: Option<String>) -> anyhow::Result<i64> {
    let result = function.call::<i64>(());
    match context {
        Some(context) => result.context(context),
        None => Ok(result?),
    }
}

/// Always fails.
#[ffi_function]
fn lock(by: &str) -> Result<(), Locked> {
    Err(Locked { by: by.to_owned(), _secret: std::time::Instant::now() })
}

/// A message alone is a `RuntimeError`, as is `anyhow::bail!`.
#[ffi_function]
fn fail(message: String, how: &str) -> anyhow::Result<()> {
    match how {
        "bail" => anyhow::bail!(message),
        "value" => Err(Error::value(message))?,
        "boxed" => Err(anyhow::Error::from_boxed(message.into())),
        _ => anyhow::bail!("no way called {how}"),
    }
}
