//! Objects for code that uses PyO3: wrapping and extracting by hand.

use ffi_object::__private::{Decoder, Encoder};
use ffi_object::frontend::Policy;
use ffi_object::{Error, FfiObject, Obj, Value};
use pyo3::prelude::*;

use crate::convert::raw;
use crate::error::to_exception;
use crate::frontend::{install_python, PYTHON};

/// The canonical wrapper of an object: always the same Python object.
///
/// ```
/// use ffi_object::{FfiObject, Mut, Obj};
/// use pyo3::prelude::*;
///
/// #[derive(FfiObject)]
/// struct Point {
///     x: Mut<f64>,
///     y: Mut<f64>,
/// }
///
/// #[pymodule]
/// fn drawing(module: &Bound<'_, PyModule>) -> PyResult<()> {
///     ffi_python::add_to(module)
/// }
///
/// # fn main() -> PyResult<()> {
/// # Python::initialize();
/// Python::attach(|py| {
///     let _module = pyo3::wrap_pymodule!(drawing)(py);
///     let point = Obj::new(Point { x: Mut::new(1.0), y: Mut::new(2.0) });
///     let wrapper = ffi_python::wrap(py, &point)?;
///     assert!(wrapper.is(&ffi_python::wrap(py, &point)?));
///     assert!(!wrapper.is(&ffi_python::wrap_fresh(py, point.clone())?));
///     assert_eq!(ffi_python::extract::<Point>(&wrapper)?, point);
///     Ok(())
/// })
/// # }
/// ```
///
/// # Errors
///
/// A `TypeError` if no module has been filled with the program's classes yet: see [`add_to`](crate::add_to).
pub fn wrap<'py, T: FfiObject>(py: Python<'py>, object: &Obj<T>) -> PyResult<Bound<'py, PyAny>> {
    encode(py, Policy::Cached, |out| out.object(object))
}

/// A separate wrapper of an object, which equals the canonical one; what functions give back by default.
///
/// # Errors
///
/// As [`wrap`].
pub fn wrap_fresh<T: FfiObject>(py: Python<'_>, object: Obj<T>) -> PyResult<Bound<'_, PyAny>> {
    encode(py, Policy::Fresh, |out| out.owned_object(object))
}

fn encode<'py>(
    py: Python<'py>,
    policy: Policy,
    encode: impl FnOnce(Encoder<'_>) -> Result<ffi_object::__private::Handle<'_>, Error>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: `py` says that the thread is attached.
    let out = unsafe { Encoder::new(&PYTHON, policy) };
    let value = encode(out).map_err(|error| to_exception(py, error))?;
    // SAFETY: a new reference, of this frontend's.
    Ok(unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) })
}

/// An owner of the object that a Python value stands for.
///
/// # Errors
///
/// A `TypeError` if the value stands for no object of this type, and what the wrapper of one that was moved away raises.
pub fn extract<T: FfiObject>(value: &Bound<'_, PyAny>) -> PyResult<Obj<T>> {
    install_python();
    // SAFETY: the value is alive, and the thread attached, during the call.
    let from = unsafe { Decoder::new(&PYTHON, raw(value)) };
    Obj::decode(from).map_err(|error| to_exception(value.py(), error))
}
