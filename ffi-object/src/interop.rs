//! Objects beside PyO3 (feature `pyo3`): arguments and results of its functions, errors as its errors.
//!
//! The impls stand here because they are of PyO3's traits for this crate's types; for `&T` and `T` of a user's type, the
//! derive has them. All ask the installed frontend, which says that its handles are Python objects.

use std::ptr::NonNull;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::{Borrowed, PyErr};

use crate::error::Error;
use crate::foreign::{Function, PyValue};
use crate::frontend::{installed, Decoder, Encoder, FrontendRef, Handle, Policy, PythonHooks};
use crate::obj::{FfiObject, Obj};
use crate::value::Value;
use crate::weak::WeakObj;

/// The frontend, if its values are those of PyO3.
fn python() -> PyResult<(FrontendRef, PythonHooks)> {
    let found = installed().and_then(|frontend| Some((frontend, frontend.python()?)));
    found.ok_or_else(|| {
        PyRuntimeError::new_err(
            "no module of objects has been made yet: call `ffi_python::add_to(m)` in the `#[pymodule]`",
        )
    })
}

fn encode<'py>(
    py: Python<'py>,
    policy: Policy,
    encode: impl FnOnce(Encoder<'_>) -> Result<Handle<'_>, Error>,
) -> PyResult<Bound<'py, PyAny>> {
    let (frontend, _) = python()?;
    // SAFETY: `py` says that the thread is attached.
    let out = unsafe { Encoder::new(frontend, policy) };
    let value = encode(out)?;
    // SAFETY: the handle is a new reference on a Python object.
    Ok(unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) })
}

fn decoder<'a>(value: Borrowed<'a, '_, PyAny>) -> PyResult<Decoder<'a>> {
    let (frontend, _) = python()?;
    // SAFETY: a Python object is not null.
    let handle = unsafe { NonNull::new_unchecked(value.as_ptr().cast()) };
    // SAFETY: the value is alive, and the thread attached, during `'a`.
    Ok(unsafe { Decoder::new(frontend, handle) })
}

/// Objects come out as their canonical wrappers: PyO3 knows no call sites, and identity is what is promised.
/// `ffi_python::wrap_fresh` makes the other.
macro_rules! into_python {
    ($([$($generics:tt)*] $ty:ty),* $(,)?) => {
        $(
            impl<'py, $($generics)*> IntoPyObject<'py> for &$ty {
                type Target = PyAny;
                type Output = Bound<'py, PyAny>;
                type Error = PyErr;

                fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    encode(py, Policy::Cached, |out| self.encode(out))
                }
            }

            impl<'py, $($generics)*> IntoPyObject<'py> for $ty {
                type Target = PyAny;
                type Output = Bound<'py, PyAny>;
                type Error = PyErr;

                fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    (&self).into_pyobject(py)
                }
            }

            impl<'a, 'py, $($generics)*> FromPyObject<'a, 'py> for $ty {
                type Error = PyErr;

                fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                    Ok(<$ty as Value>::decode(decoder(value)?)?)
                }
            }
        )*
    };
}

into_python!([T: FfiObject] Obj<T>, [T: FfiObject] WeakObj<T>, [] PyValue, [] Function);

/// A new object of a type that derives `FfiObject`.
#[doc(hidden)]
pub fn give<'py, T: FfiObject>(object: T, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    encode(py, Policy::Fresh, |out| out.owned_object(Obj::new(object)))
}

/// A borrow of the object that a value stands for.
#[doc(hidden)]
pub fn borrow<'a, T: FfiObject>(value: Borrowed<'a, '_, PyAny>) -> PyResult<&'a T> {
    Ok(decoder(value)?.object::<T>()?)
}

/// The impls for a type that derives `FfiObject`.
#[doc(hidden)]
#[macro_export]
macro_rules! __interop {
    ($ty:ident) => {
        #[automatically_derived]
        impl<'a, 'py> $crate::__private::pyo3::FromPyObject<'a, 'py> for &'a $ty {
            type Error = $crate::__private::pyo3::PyErr;

            #[inline]
            fn extract(
                value: $crate::__private::pyo3::Borrowed<'a, 'py, $crate::__private::pyo3::PyAny>,
            ) -> ::core::result::Result<Self, Self::Error> {
                $crate::__private::borrow::<$ty>(value)
            }
        }

        #[automatically_derived]
        impl<'py> $crate::__private::pyo3::IntoPyObject<'py> for $ty {
            type Target = $crate::__private::pyo3::PyAny;
            type Output = $crate::__private::pyo3::Bound<'py, Self::Target>;
            type Error = $crate::__private::pyo3::PyErr;

            #[inline]
            fn into_pyobject(
                self,
                py: $crate::__private::pyo3::Python<'py>,
            ) -> ::core::result::Result<Self::Output, Self::Error> {
                $crate::__private::give::<$ty>(self, py)
            }
        }
    };
}

/// The exception for an error, as `ffi_python::to_exception` makes it: so that `?` works in PyO3's functions.
impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let Ok((_, hooks)) = python() else { return PyRuntimeError::new_err(error.to_string()) };
        let exception = Python::try_attach(|py| {
            // SAFETY: attached.
            let exception = unsafe { (hooks.exception)(error) };
            // SAFETY: the handle is a new reference on a Python object.
            Self::from_value(unsafe { Bound::from_owned_ptr(py, exception.as_ptr().cast()) })
        });
        exception.unwrap_or_else(|| PyRuntimeError::new_err("the interpreter has ended"))
    }
}

/// An error that carries the exception.
impl From<PyErr> for Error {
    fn from(exception: PyErr) -> Self {
        let Ok((_, hooks)) = python() else { return Self::runtime(exception.to_string()) };
        let error = Python::try_attach(|py| {
            // SAFETY: an exception is not null.
            let handle = unsafe { NonNull::new_unchecked(exception.into_value(py).into_ptr().cast()) };
            // SAFETY: attached, and the reference is given away.
            unsafe { (hooks.error)(handle) }
        });
        error.unwrap_or_else(|| Self::runtime("the interpreter has ended"))
    }
}

impl From<Bound<'_, PyAny>> for PyValue {
    /// # Panics
    ///
    /// If no module of objects has been made yet.
    fn from(value: Bound<'_, PyAny>) -> Self {
        assert!(python().is_ok(), "no module of objects has been made yet");
        // SAFETY: a Python object is not null.
        let handle = unsafe { NonNull::new_unchecked(value.into_ptr().cast()) };
        // SAFETY: the reference was the value's, and the frontend's values are Python objects.
        unsafe { Self::from_raw(handle) }
    }
}
