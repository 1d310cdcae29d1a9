//! Long work without the interpreter.

use pyo3::Python;

use crate::{platform, queue};

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
