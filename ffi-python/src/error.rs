//! Errors to exceptions and back, and panics to exceptions.

use std::any::Any as StdAny;
use std::error::Error as StdError;
use std::panic::{catch_unwind, AssertUnwindSafe};

use ffi_object::frontend::RawHandle;
use ffi_object::{Error, ErrorKind};
use pyo3::exceptions as exc;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::PyErr;

use crate::convert::new_str;
use crate::detach::attach_to_drop;
use crate::{exception_class, platform, queue};

/// The exception for an error.
///
/// An exception that passed through Rust comes back as itself. An error with `#[derive(FfiError)]` is of its own class;
/// kinds have classes; an error of the operating system is the `OSError` that Python would have raised, with number and
/// file. What caused it is its `__cause__`.
pub fn to_exception(py: Python<'_>, error: Error) -> PyErr {
    match error.into_foreign::<Exception>() {
        Ok(exception) => exception.into_error(py),
        Err(error) => exception(py, &error, MOST_CAUSES),
    }
}

/// How long a chain of causes may be: an error may, by mistake, be its own source.
const MOST_CAUSES: usize = 64;

fn exception(py: Python<'_>, error: &Error, causes: usize) -> PyErr {
    if let Some(exception) = error.as_foreign::<Exception>() {
        return exception.clone_error(py);
    }
    let own = error.stands_for().and_then(|original| exception_class::instance(py, original, error.message()));
    let exception = own.unwrap_or_else(|| of_kind(py, error));
    with_cause(py, &exception, error.cause(), causes);
    if let Some(place) = exception_class::notes_places().then(|| error.place()).flatten() {
        exception_class::add_note(&exception, py, &format!("Rust: {place}"));
    }
    exception
}

/// The exception for an error that caused another.
fn cause(py: Python<'_>, error: &(dyn StdError + 'static), causes: usize) -> PyErr {
    if let Some(error) = error.downcast_ref::<Error>() {
        return exception(py, error, causes);
    }
    let described = Error::describing(error);
    let own = exception_class::instance(py, error, described.message());
    let exception = own.unwrap_or_else(|| of_kind(py, &described));
    with_cause(py, &exception, error.source(), causes);
    exception
}

fn with_cause(py: Python<'_>, exception: &PyErr, source: Option<&(dyn StdError + 'static)>, causes: usize) {
    let (Some(source), 1..) = (source, causes) else { return };
    let cause = cause(py, source, causes - 1);
    attach_to_drop(|py| exception.set_cause(py, Some(cause)));
}

fn of_kind(py: Python<'_>, error: &Error) -> PyErr {
    match class_of(py, error.kind()) {
        Some(class) => PyErr::from_type(class, error.message().to_owned()),
        None if error.kind() == ErrorKind::Os => os_error(py, error),
        None => syntax_error(error),
    }
}

/// The class of what is made of a message alone.
fn class_of(py: Python<'_>, kind: ErrorKind) -> Option<Bound<'_, PyType>> {
    Some(match kind {
        ErrorKind::Type => py.get_type::<exc::PyTypeError>(),
        ErrorKind::Value => py.get_type::<exc::PyValueError>(),
        ErrorKind::Overflow => py.get_type::<exc::PyOverflowError>(),
        ErrorKind::Key => py.get_type::<exc::PyKeyError>(),
        ErrorKind::Index => py.get_type::<exc::PyIndexError>(),
        ErrorKind::Attribute => py.get_type::<exc::PyAttributeError>(),
        ErrorKind::Reference => py.get_type::<exc::PyReferenceError>(),
        ErrorKind::NotImplemented => py.get_type::<exc::PyNotImplementedError>(),
        ErrorKind::Syntax | ErrorKind::Os => return None,
        _ => py.get_type::<exc::PyRuntimeError>(),
    })
}

fn syntax_error(error: &Error) -> PyErr {
    let file = error.file().map(|f| f.display().to_string());
    let position = error.position();
    let details = (file, position.map(|p| p.line), position.map(|p| p.column), None::<String>);
    exc::PySyntaxError::new_err((error.message().to_owned(), details))
}

fn os_error(py: Python<'_>, error: &Error) -> PyErr {
    let Some(code) = error.os_code() else { return exc::PyOSError::new_err(error.to_string()) };
    // `os.strerror` knows the words that Python's own errors use.
    let text = py
        .import("os")
        .and_then(|os| os.call_method1("strerror", (code,)))
        .and_then(|text| text.extract::<String>())
        .unwrap_or_else(|_| error.message().to_owned());
    match error.file() {
        Some(file) => exc::PyOSError::new_err((code, text, file.display().to_string())),
        None => exc::PyOSError::new_err((code, text)),
    }
}

/// An exception as an error that carries it.
#[must_use]
pub fn from_exception(exception: PyErr) -> Error {
    let error = attach_to_drop(|py| {
        let message = exception.to_string();
        Error::foreign(Exception::new(py, exception), message)
    });
    error.unwrap_or_else(|| Error::runtime("an exception, of which no more is known: the interpreter has ended"))
}

/// The exception for an error: a new reference.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn exception_value(error: Error) -> RawHandle {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let value = to_exception(py, error).into_value(py).into_ptr();
    // SAFETY: a Python object is not null.
    unsafe { RawHandle::new_unchecked(value.cast()) }
}

/// An error that carries an exception.
///
/// # Safety
///
/// The thread is attached, and the reference is the caller's, who gives it away.
pub(crate) unsafe fn error_of_value(exception: RawHandle) -> Error {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    let value = unsafe { Bound::from_owned_ptr(py, exception.as_ptr().cast()) };
    from_exception(PyErr::from_value(value))
}

/// A reference to an exception, which can be dropped on any thread, and is dropped at once on an attached one.
///
/// A `PyErr` would be kept until PyO3 attaches the thread next: it does not know of calls by CPython that it had no part in.
struct Exception(RawHandle);

// SAFETY: an address. Only attached threads follow it; giving the reference back is possible on any.
unsafe impl Send for Exception {}
// SAFETY: as above.
unsafe impl Sync for Exception {}

impl Exception {
    fn new(py: Python<'_>, exception: PyErr) -> Self {
        let value = exception.into_value(py).into_ptr();
        // SAFETY: a Python object is not null.
        Self(unsafe { RawHandle::new_unchecked(value.cast()) })
    }

    /// The exception, of which this one stays.
    fn clone_error(&self, py: Python<'_>) -> PyErr {
        // SAFETY: this one's reference keeps the exception alive.
        PyErr::from_value(unsafe { Bound::from_borrowed_ptr(py, self.0.as_ptr().cast()) })
    }

    fn into_error(self, py: Python<'_>) -> PyErr {
        let value = std::mem::ManuallyDrop::new(self).0;
        // SAFETY: the reference was this one's.
        PyErr::from_value(unsafe { Bound::from_owned_ptr(py, value.as_ptr().cast()) })
    }
}

impl Drop for Exception {
    fn drop(&mut self) {
        // SAFETY: the reference is this one's.
        unsafe { queue::release(self.0) };
    }
}

/// Drops an exception at once; for the reason, see [`Exception`].
pub(crate) fn discard(exception: PyErr) {
    attach_to_drop(|_| drop(exception));
}

/// The exception that is set, as an error that carries it.
pub(crate) fn fetch(py: Python<'_>) -> Error {
    from_exception(PyErr::fetch(py))
}

/// Sets the exception for an error.
#[cold]
pub(crate) fn raise(py: Python<'_>, error: Error) {
    // What `exception` would look at.
    let carries_more = error.as_foreign::<Exception>().is_some()
        || error.stands_for().is_some()
        || error.cause().is_some()
        || exception_class::notes_places();
    match class_of(py, error.kind()) {
        Some(class) if !carries_more => set_message(&class, error.message()),
        _ => set(py, to_exception(py, error)),
    }
}

/// Sets an exception of a message alone, which takes no memory but Python's.
fn set_message(class: &Bound<'_, PyType>, message: &str) {
    // SAFETY: the class shows that the thread is attached.
    let message = unsafe { new_str(message) };
    // SAFETY: as above. If there is none, what is set says so.
    if let Some(message) = unsafe { Bound::from_owned_ptr_or_opt(class.py(), message) } {
        // SAFETY: as above.
        unsafe { ffi::PyErr_SetObject(class.as_ptr(), message.as_ptr()) };
    }
}

/// Sets an exception.
///
/// Attached as PyO3 sees it: an exception that is not made yet is made now, and PyO3 would keep what it made it of until it
/// attaches the thread next; for the reason, see [`Exception`].
pub(crate) fn set(py: Python<'_>, exception: PyErr) {
    if platform::attached() {
        // SAFETY: the thread is attached, so that this only counts.
        unsafe { Python::attach_unchecked(|py| exception.restore(py)) };
    } else {
        // To a subinterpreter, which is being refused: PyO3 would wait for the main one.
        exception.restore(py);
    }
}

fn panic_text(payload: &(dyn StdAny + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Runs what may panic; a panic is an error that names the place.
pub(crate) fn catch<R>(place: impl Fn() -> String, run: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
    // What a panic leaves behind in objects is guarded by their own cells.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(panicked(&place, &*payload)))
}

/// The same for what says its errors as exceptions.
pub(crate) fn catch_exception<R>(
    py: Python<'_>,
    place: impl Fn() -> String,
    run: impl FnOnce() -> PyResult<R>,
) -> PyResult<R> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(to_exception(py, panicked(&place, &*payload))))
}

#[cold]
fn panicked(place: &dyn Fn() -> String, payload: &(dyn StdAny + Send)) -> Error {
    Error::runtime(format!("{} panicked: {}", place(), panic_text(payload)))
}

/// Runs destructors where no exception can be raised: a panic goes to `sys.unraisablehook`, and an exception that is
/// set stays so.
pub(crate) fn unraisable_panic(py: Python<'_>, run: impl FnOnce()) {
    let kept = if PyErr::occurred(py) { PyErr::take(py) } else { None };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        raise(py, Error::runtime(format!("a destructor panicked: {}", panic_text(&*payload))));
        // SAFETY: attached, and an exception is set.
        unsafe { ffi::PyErr_WriteUnraisable(std::ptr::null_mut()) };
    }
    if let Some(exception) = kept {
        set(py, exception);
    }
}
