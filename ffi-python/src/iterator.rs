//! Python iterators over Rust ones.

use std::ffi::{c_int, c_uint, c_ulong, c_void};
use std::ptr;

use ffi_object::__private::Encoder;
use ffi_object::frontend::{Items, Policy, RawHandle};
use ffi_object::Error;
use parking_lot::Mutex;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::convert::owned;
use crate::error::{self, from_exception};
use crate::frontend::{finish, PYTHON};
use crate::{platform, queue};

/// A Python iterator in memory.
#[repr(C)]
struct Instance {
    base: ffi::PyObject,
    rust: Rust,
}

/// What it goes over. Whoever holds the lock runs the user's code; no one waits for it.
struct Rust {
    items: Mutex<Option<Box<dyn Items>>>,
    policy: Policy,
}

static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// `Py_TPFLAGS_DISALLOW_INSTANTIATION` and `Py_TPFLAGS_IMMUTABLETYPE`.
const FLAGS: c_ulong = 1 << 7 | 1 << 8;

fn class(py: Python<'_>) -> Result<&Bound<'_, PyAny>, Error> {
    let class = CLASS.get_or_try_init(py, || {
        let mut slots = [
            ffi::PyType_Slot { slot: ffi::Py_tp_dealloc, pfunc: dealloc as *mut c_void },
            ffi::PyType_Slot { slot: ffi::Py_tp_iter, pfunc: ffi::PyObject_SelfIter as *mut c_void },
            ffi::PyType_Slot { slot: ffi::Py_tp_iternext, pfunc: next as *mut c_void },
            ffi::PyType_Slot { slot: ffi::Py_tp_doc, pfunc: c"An iterator that Rust made.".as_ptr().cast_mut().cast() },
            ffi::PyType_Slot { slot: 0, pfunc: ptr::null_mut() },
        ];
        let mut spec = ffi::PyType_Spec {
            name: c"ffi_object.Iterator".as_ptr(),
            basicsize: c_int::try_from(size_of::<Instance>())?,
            itemsize: 0,
            flags: c_uint::try_from(ffi::Py_TPFLAGS_DEFAULT | FLAGS)?,
            slots: slots.as_mut_ptr(),
        };
        // SAFETY: CPython copies the specification; what it points to in the end is never freed.
        let class = unsafe { ffi::PyType_FromSpec(&raw mut spec) };
        // SAFETY: what CPython gave.
        unsafe { Bound::from_owned_ptr_or_err(py, class) }.map(Bound::unbind)
    });
    class.map(|class| class.bind(py)).map_err(from_exception)
}

/// A Python iterator: a new reference.
///
/// # Errors
///
/// Lack of memory.
pub(crate) fn new(py: Python<'_>, items: Box<dyn Items>, policy: Policy) -> Result<RawHandle, Error> {
    let class = class(py)?.as_ptr().cast::<ffi::PyTypeObject>();
    // SAFETY: a heap type without items. It takes its own reference on the class.
    let instance = unsafe { ffi::PyType_GenericAlloc(class, 0) };
    // SAFETY: what CPython gave.
    let raw = unsafe { owned(instance) }?;
    // SAFETY: the new instance, whose size is this.
    let rust = unsafe { &raw mut (*instance.cast::<Instance>()).rust };
    // SAFETY: as above; no one else knows it yet.
    unsafe { rust.write(Rust { items: Mutex::new(Some(items)), policy }) };
    Ok(raw)
}

/// # Safety
///
/// Called by CPython on an instance of the class.
unsafe extern "C" fn next(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: an instance, which CPython holds meanwhile; `new` has written it.
    let rust = unsafe { &(*this.cast::<Instance>()).rust };
    // As a generator of Python's, when it asks itself or two threads ask at once.
    let Some(mut items) = rust.items.try_lock() else {
        return finish(py, Err(Error::value("iterator already executing")));
    };
    // SAFETY: attached.
    let out = unsafe { Encoder::new(&PYTHON, rust.policy) };
    let mut ended = true;
    let next = || {
        let next = items.as_mut().map_or(Ok(None), |items| items.next_item(out));
        // A panic leaves it `true`.
        ended = matches!(next, Ok(None));
        next
    };
    let next = error::catch(|| "an iterator".into(), next);
    let rest = if ended { items.take() } else { None };
    drop(items);
    error::unraisable_panic(py, || drop(rest));
    queue::drain(py);
    match next {
        Ok(None) => ptr::null_mut(),
        Ok(Some(item)) => item.as_ptr().cast(),
        Err(error) => finish(py, Err(error)),
    }
}

/// # Safety
///
/// Called by CPython on an instance of the class that no one refers to.
unsafe extern "C" fn dealloc(this: *mut ffi::PyObject) {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: an instance that `new` has written.
    let rust = unsafe { &raw mut (*this.cast::<Instance>()).rust };
    // SAFETY: as above; nobody sees it again.
    error::unraisable_panic(py, || unsafe { rust.drop_in_place() });
    // SAFETY: a heap type's instance.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: a type.
    if let Some(free) = unsafe { platform::tp_free(class) } {
        // SAFETY: allocated by this type.
        unsafe { free(this.cast()) };
    }
    // SAFETY: the instance's reference.
    unsafe { ffi::Py_DECREF(class.cast()) };
}
