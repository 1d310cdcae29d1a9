//! Leaving the interpreter for long work, and coming to it.

use ffi_object::Error;
use pyo3::Python;

use crate::{exit, from_exception, platform, queue};

/// Runs `work` detached from the interpreter, so that other Python threads go on meanwhile; if the thread is not attached,
/// just runs it.
///
/// What needs the interpreter cannot be taken along: it is not `Send`. A mere borrow of an object can, but no owner be made
/// of it; a function that takes `&Obj<T>` has one to clone.
///
/// ```
/// use ffi_object::{ffi_methods, FfiObject, List, Obj};
///
/// #[derive(FfiObject)]
/// struct Series {
///     values: Obj<List<f64>>,
/// }
///
/// #[ffi_methods]
/// impl Series {
///     /// The sum, while other Python threads go on.
///     fn sum(&self) -> f64 {
///         ffi_python::detach(|| self.values.iter().sum())
///     }
/// }
/// ```
pub fn detach<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if !platform::attached() {
        return work();
    }
    // SAFETY: just checked.
    let py = unsafe { Python::assume_attached() };
    let result = py.detach(work);
    queue::drain(py);
    result
}

/// Runs the handlers of signals that have come in: an error means that one raised, as that of Ctrl-C does with
/// `KeyboardInterrupt`. Long work calls it now and then, and gives the error back.
///
/// Attached or not; a detached thread waits for the interpreter meanwhile. Python runs handlers in its main thread alone:
/// in all others this does nothing. If there is no interpreter, it does nothing either.
///
/// ```
/// use ffi_object::{ffi_function, Error};
///
/// /// Adds up, for long.
/// #[ffi_function]
/// fn add_up(numbers: u64) -> Result<u64, Error> {
///     ffi_python::detach(|| {
///         let mut sum = 0_u64;
///         for n in 0..numbers {
///             sum = sum.wrapping_add(n);
///             if n % 1_000_000 == 0 {
///                 ffi_python::check_signals()?;
///             }
///         }
///         Ok(sum)
///     })
/// }
/// ```
///
/// # Errors
///
/// What a handler raised.
pub fn check_signals() -> Result<(), Error> {
    let checked = attach(|py| {
        queue::drain(py);
        py.check_signals().map_err(from_exception)
    });
    checked.unwrap_or(Ok(()))
}

/// Runs attached. `None`: there is no interpreter to attach to, or another one than the one that the classes were made in.
///
/// While the interpreter ends, PyO3 attaches no one; but code that runs then, on a thread that is still attached, can
/// raise and call as ever.
pub(crate) fn attach<R>(run: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    if exit::ended() {
        None
    } else if platform::attached() {
        // SAFETY: just asked.
        Some(run(unsafe { Python::assume_attached() }))
    } else {
        Python::try_attach(run)
    }
}

/// Runs attached as PyO3 sees it, so that it drops at once what it drops: other than [`Bound`](pyo3::Bound), what does not
/// show that the thread is attached.
pub(crate) fn attach_to_drop<R>(run: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    // SAFETY: the thread is attached, so that this only counts, whatever the interpreter is doing.
    attach(|_| unsafe { Python::attach_unchecked(run) })
}
