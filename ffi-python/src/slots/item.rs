//! Items.

use std::ffi::c_int;

use pyo3::ffi;

use super::{run, run_for, Dunder};
use crate::frontend::handle;

/// # Safety
///
/// For all functions below: as for [`run`].
pub(super) unsafe extern "C" fn contains(this: *mut ffi::PyObject, item: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Contains, this, &[handle(item)], |truth: bool| Ok(c_int::from(truth))) }
}

pub(super) unsafe extern "C" fn get(this: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    unsafe { run(Dunder::GetItem, this, &[handle(key)]) }
}

pub(super) unsafe extern "C" fn set(
    this: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    let done = |()| Ok(0);
    match handle(value) {
        // SAFETY: see `run`.
        Some(_) => unsafe { run_for(Dunder::SetItem, this, &[handle(key), handle(value)], done) },
        // SAFETY: as above.
        None => unsafe { run_for(Dunder::DelItem, this, &[handle(key)], done) },
    }
}
