//! Methods of the containers' classes: safe functions behind C entry points.

use std::ffi::CStr;

use ffi_object::__private::Decoder;
use ffi_object::Error;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::convert::{bind, give};
use crate::error::to_exception;
use crate::frontend::{handle, PYTHON};
use crate::instance;

/// A method's body.
pub(super) type Body =
    for<'py> fn(&Bound<'py, PyAny>, &Bound<'py, PyTuple>, Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>>;

/// A method with a name, a body and a docstring that begins with its signature.
macro_rules! methods {
    ($($name:literal, $body:expr, $doc:literal;)*) => {
        vec![$({
            unsafe extern "C" fn entry(
                this: *mut pyo3::ffi::PyObject,
                args: *mut pyo3::ffi::PyObject,
                kwargs: *mut pyo3::ffi::PyObject,
            ) -> *mut pyo3::ffi::PyObject {
                // SAFETY: called by CPython on a wrapper of the container's class.
                unsafe { $crate::containers::method::enter($name, $body, this, args, kwargs) }
            }
            $crate::containers::method::definition($name, entry, $doc)
        }),*]
    };
}
pub(super) use methods;

pub(super) fn definition(
    name: &'static CStr,
    entry: ffi::PyCFunctionWithKeywords,
    doc: &'static CStr,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionWithKeywords: entry },
        ml_flags: ffi::METH_VARARGS | ffi::METH_KEYWORDS,
        ml_doc: doc.as_ptr(),
    }
}

/// # Safety
///
/// Called by CPython, as a `METH_VARARGS | METH_KEYWORDS` function.
pub(super) unsafe fn enter(
    name: &'static CStr,
    body: Body,
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached, and holds the arguments.
    let [this, args] = unsafe { bind([this, args]) };
    let py = this.py();
    // SAFETY: as above, or null.
    let kwargs = unsafe { Bound::from_borrowed_ptr_or_opt(py, kwargs) };
    let run = || {
        let kwargs = kwargs.as_ref().map(|k| k.cast::<PyDict>()).transpose()?;
        body(&this, args.cast::<PyTuple>()?, kwargs)
    };
    give(&this, &name.to_string_lossy(), run)
}

/// A value as the runtime reads it.
pub(super) fn decoder<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Decoder<'a>> {
    let raw = handle(value.as_ptr()).ok_or_else(|| PyErr::fetch(value.py()))?;
    // SAFETY: the bound reference keeps the value alive, on an attached thread.
    Ok(unsafe { Decoder::new(&PYTHON, raw) })
}

/// The wrapper's object as what it is in Rust, borrowed as long as the wrapper is.
pub(super) fn object<'a, T>(
    this: &'a Bound<'_, PyAny>,
    of: impl FnOnce(ffi_object::__private::RawObject) -> Option<&'a T>,
) -> PyResult<&'a T> {
    // SAFETY: a wrapper, on an attached thread.
    let object = unsafe { instance::object_of(this.as_ptr()) }.map_err(|error| to_exception(this.py(), error))?;
    of(object).ok_or_else(|| raise(this.py(), Error::type_error("not a container")))
}

/// Whether a value is a wrapper of such an object.
pub(super) fn is<'a, T: 'a>(
    value: &'a Bound<'_, PyAny>,
    of: impl FnOnce(ffi_object::__private::RawObject) -> Option<&'a T>,
) -> bool {
    // SAFETY: a Python object, on an attached thread.
    let wrapper = unsafe { instance::is_wrapper(value.as_ptr()) };
    wrapper && object(value, of).is_ok()
}

/// An error as an exception.
pub(super) fn raise(py: Python<'_>, error: Error) -> PyErr {
    to_exception(py, error)
}

/// A handle of the runtime's as a Python object.
pub(super) fn bound<'py>(py: Python<'py>, value: ffi_object::__private::Handle<'_>) -> Bound<'py, PyAny> {
    // SAFETY: a new reference, on an attached thread.
    unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) }
}

/// What `collections.abc` gives to all classes of its kind, called on this one.
pub(super) fn mixin<'py>(
    abc: &str,
    name: &str,
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = this.py();
    let all: Vec<Bound<'py, PyAny>> = std::iter::once(this.clone()).chain(args.iter()).collect();
    py.import("collections.abc")?.getattr(abc)?.getattr(name)?.call(PyTuple::new(py, all)?, kwargs)
}

/// The arguments of a method that takes this many.
pub(super) fn exactly<'py, const N: usize>(
    name: &str,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<[Bound<'py, PyAny>; N]> {
    crate::tools::arguments(name, args, kwargs)
}
