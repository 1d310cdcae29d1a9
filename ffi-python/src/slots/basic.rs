//! Text, length, truth, hash, iteration, calls, attributes that are not there, buffers.

use std::ffi::c_int;
use std::ptr;

use ffi_object::Error;
use pyo3::ffi;
use pyo3::Python;

use super::{lookup, no_such, policy, run, run_for, Dunder};
use crate::arrange::{with_tuple_and_dict, Call};
use crate::buffer::{PyObject_GetBuffer, View};
use crate::frontend::{finish, handle};
use crate::instance::is_native;

/// # Safety
///
/// For all functions below: as for [`run`].
pub(super) unsafe extern "C" fn repr(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    unsafe { run(Dunder::Repr, this, &[]) }
}

pub(super) unsafe extern "C" fn str(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    unsafe { run(Dunder::Str, this, &[]) }
}

/// What is not an iterator itself is iterated: a method may give back a `Vec` or a `List`.
pub(super) unsafe extern "C" fn iter(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let result = unsafe { run(Dunder::Iter, this, &[]) };
    // SAFETY: a new reference, if it is not null.
    if result.is_null() || unsafe { ffi::PyIter_Check(result) } != 0 {
        return result;
    }
    // SAFETY: as above.
    let iterator = unsafe { ffi::PyObject_GetIter(result) };
    // SAFETY: as above.
    unsafe { ffi::Py_DECREF(result) };
    iterator
}

/// `None` ends the iteration.
pub(super) unsafe extern "C" fn next(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let result = unsafe { run(Dunder::Next, this, &[]) };
    // SAFETY: attached.
    if result == unsafe { ffi::Py_None() } {
        // SAFETY: a new reference.
        unsafe { ffi::Py_DECREF(result) };
        return ptr::null_mut();
    }
    result
}

pub(super) unsafe extern "C" fn len(this: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    let fit = |len: usize| {
        ffi::Py_ssize_t::try_from(len).map_err(|_| Error::overflow("cannot fit 'int' into an index-sized integer"))
    };
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Len, this, &[], fit) }
}

pub(super) unsafe extern "C" fn bool(this: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Bool, this, &[], |truth: bool| Ok(c_int::from(truth))) }
}

pub(super) unsafe extern "C" fn hash(this: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // -1 says that there was an error.
    let fit = |hash: i64| Ok(if hash == -1 { -2 } else { hash as ffi::Py_hash_t });
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Hash, this, &[], fit) }
}

pub(super) unsafe extern "C" fn call(
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as above.
    let Some(function) = (unsafe { lookup(Dunder::Call, this) }) else {
        return finish(py, Err(no_such(Dunder::Call, this)));
    };
    let policy = policy(Dunder::Call, function);
    let run = |call: &Call<'_>| {
        // SAFETY: as above.
        unsafe { crate::call::invoke(py, function, this, call, policy) }
    };
    // SAFETY: CPython gives a tuple, and a dict or null.
    finish(py, unsafe { with_tuple_and_dict(args, kwargs, run) })
}

/// What attribute access finds nothing for goes to `__getattr__`.
pub(super) unsafe extern "C" fn get_attribute(
    this: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython gives an object and a name.
    let found = unsafe { ffi::PyObject_GenericGetAttr(this, name) };
    if !found.is_null() {
        return found;
    }
    // SAFETY: a Python object.
    let class = unsafe { ffi::Py_TYPE(this) };
    // In a class of Python's, CPython itself calls the method afterwards.
    // SAFETY: the class of a wrapper.
    if !unsafe { is_native(class) } {
        return found;
    }
    // SAFETY: attached.
    let not_there = unsafe { ffi::PyExc_AttributeError };
    // SAFETY: attached, and an exception is set.
    if unsafe { ffi::PyErr_ExceptionMatches(not_there) } == 0 {
        return found;
    }
    // SAFETY: as above.
    unsafe { ffi::PyErr_Clear() };
    // SAFETY: see `run`.
    unsafe { run(Dunder::GetAttr, this, &[handle(name)]) }
}

/// The buffer is that of the bytes that the method gives, and keeps them.
pub(super) unsafe extern "C" fn get_buffer(this: *mut ffi::PyObject, view: *mut View, flags: c_int) -> c_int {
    // SAFETY: see `run`.
    let bytes = unsafe { run(Dunder::Buffer, this, &[]) };
    if bytes.is_null() {
        // SAFETY: CPython gives a `Py_buffer` to be filled.
        unsafe { (*view).owner = ptr::null_mut() };
        return -1;
    }
    // SAFETY: a Python object, and the `Py_buffer`.
    let result = unsafe { PyObject_GetBuffer(bytes, view, flags) };
    // SAFETY: the new reference; the buffer has one of its own.
    unsafe { ffi::Py_DECREF(bytes) };
    result
}
