//! Comparisons.

use std::ffi::c_int;
use std::ptr;

use ffi_object::ErrorKind;
use pyo3::ffi;

use super::{lookup, run_or_decline, Dunder};
use crate::frontend::handle;

/// Falls back on the root's comparison by identity for what the class does not define.
///
/// # Safety
///
/// As for `run`.
pub(super) unsafe extern "C" fn compare(
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    let dunder = match op {
        ffi::Py_LT => Dunder::Lt,
        ffi::Py_LE => Dunder::Le,
        ffi::Py_EQ => Dunder::Eq,
        ffi::Py_NE => Dunder::Ne,
        ffi::Py_GT => Dunder::Gt,
        _ => Dunder::Ge,
    };
    // SAFETY: see `run`.
    if unsafe { lookup(dunder, this) }.is_none() {
        // SAFETY: as above.
        let eq = unsafe { lookup(Dunder::Eq, this) };
        if dunder == Dunder::Ne && eq.is_some() {
            // SAFETY: as above.
            let equal = unsafe { compare(this, other, ffi::Py_EQ) };
            // SAFETY: a new reference or null.
            return unsafe { negate(equal) };
        }
        // SAFETY: as above.
        return unsafe { crate::object::compare(this, other, op) };
    }
    // A value of another type, or one that this side cannot hold, is not equal; the other side has its turn.
    let declines: fn(ErrorKind) -> bool = match dunder {
        Dunder::Eq | Dunder::Ne => |kind| matches!(kind, ErrorKind::Type | ErrorKind::Overflow | ErrorKind::Value),
        _ => |kind| kind == ErrorKind::Type,
    };
    // SAFETY: as above.
    unsafe { run_or_decline(dunder, this, &[handle(other)], declines) }
}

/// # Safety
///
/// `value` is a new reference or null, and the thread is attached.
unsafe fn negate(value: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: attached.
    if value.is_null() || value == unsafe { ffi::Py_NotImplemented() } {
        return value;
    }
    // SAFETY: a Python object.
    let truth = unsafe { ffi::PyObject_IsTrue(value) };
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(value) };
    if truth < 0 {
        return ptr::null_mut();
    }
    // SAFETY: attached.
    unsafe { ffi::PyBool_FromLong((truth == 0).into()) }
}
