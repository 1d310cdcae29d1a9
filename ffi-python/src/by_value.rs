//! Equality, order, hash and texts of objects whose types take them from Rust's traits: `#[ffi(eq, ord, hash, str, repr)]`.
//!
//! They hold for objects of the very type that asks for them. One of another type, be it one that extends it, is not
//! compared by value.

use std::cmp::Ordering;
use std::ffi::{c_int, c_void};

use ffi_object::__private::{RawObject, TypeInfo};
use ffi_object::Error;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::convert;
use crate::error;
use crate::frontend::finish;
use crate::instance;
use crate::object;
use crate::slots::TypeSlots;

/// Gives the class what the type's options say, besides what its own special methods do.
///
/// Equality and hash go together, as they do for CPython: who defines one alone does not inherit the other.
pub(crate) fn add_slots(
    info: &'static TypeInfo,
    base: *mut ffi::PyTypeObject,
    defines_eq: bool,
    slots: &mut TypeSlots,
) {
    let options = &info.options;
    let base_compares = info.base().is_some_and(|base| base.options.compares());
    if options.compares() {
        slots.set_default(ffi::Py_tp_richcompare, object::compare as *mut c_void);
        let by_value = if options.hashes() { object::hash as *mut c_void } else { unhashable() };
        slots.set_default(ffi::Py_tp_hash, by_value);
    } else if base_compares && !defines_eq {
        // The base's equality is not this type's: it is by identity again.
        slots.set_default(ffi::Py_tp_richcompare, object::compare as *mut c_void);
        slots.set_default(ffi::Py_tp_hash, object::hash as *mut c_void);
    } else if !defines_eq && slots.has(ffi::Py_tp_richcompare) && !base.is_null() {
        // An order alone says nothing of equality, so that the hash stays; CPython would take it away.
        // SAFETY: the base is a heap type of ours.
        let inherited = unsafe { ffi::PyType_GetSlot(base, ffi::Py_tp_hash) };
        slots.set_default(ffi::Py_tp_hash, inherited);
    }
    if options.displays() {
        slots.set_default(ffi::Py_tp_str, str as *mut c_void);
    }
    let base_shows = info.base().is_some_and(|base| base.options.debugs());
    if options.debugs() || base_shows {
        slots.set_default(ffi::Py_tp_repr, object::repr as *mut c_void);
    }
}

fn unhashable() -> *mut c_void {
    ffi::PyObject_HashNotImplemented as *mut c_void
}

/// Compares by value: a new reference, or null with the exception set. `None`: by identity.
///
/// # Safety
///
/// Both are wrappers that the caller holds, of objects of types `info` and `other_info`; the thread is attached.
pub(crate) unsafe fn compare(
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
    info: &'static TypeInfo,
    other_info: &'static TypeInfo,
) -> Option<*mut ffi::PyObject> {
    if !info.options.compares() {
        return None;
    }
    if !std::ptr::eq(info, other_info) {
        return Some(not_implemented());
    }
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let place = || format!("{}.{}()", info.name, method(op));
    let result = error::catch(place, || {
        // SAFETY: by the caller.
        let (a, b) = (unsafe { instance::object_of(this) }?, unsafe { instance::object_of(other) }?);
        // SAFETY: the wrappers keep them alive, and Python has seen them.
        Ok(unsafe { decide(a, b, op) })
    });
    Some(match result {
        Ok(None) => not_implemented(),
        // SAFETY: attached.
        Ok(Some(truth)) => unsafe { ffi::PyBool_FromLong(truth.into()) },
        Err(error) => {
            error::raise(py, error);
            std::ptr::null_mut()
        }
    })
}

/// # Safety
///
/// Both objects are alive, and not borrowed mutably.
unsafe fn decide(a: RawObject, b: RawObject, op: c_int) -> Option<bool> {
    if matches!(op, ffi::Py_EQ | ffi::Py_NE) {
        // SAFETY: by the caller.
        let equal = unsafe { a.equals(b) }?;
        return Some(equal == (op == ffi::Py_EQ));
    }
    // What has no order is neither less nor more.
    // SAFETY: by the caller.
    let order = unsafe { a.compare(b) }?;
    Some(order.is_some_and(|order| match op {
        ffi::Py_LT => order == Ordering::Less,
        ffi::Py_LE => order != Ordering::Greater,
        ffi::Py_GT => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn method(op: c_int) -> &'static str {
    match op {
        ffi::Py_LT => "__lt__",
        ffi::Py_LE => "__le__",
        ffi::Py_EQ => "__eq__",
        ffi::Py_NE => "__ne__",
        ffi::Py_GT => "__gt__",
        _ => "__ge__",
    }
}

/// A new reference on `NotImplemented`: the other side's turn.
pub(crate) fn not_implemented() -> *mut ffi::PyObject {
    // SAFETY: all callers are attached.
    let value = unsafe { ffi::Py_NotImplemented() };
    // SAFETY: as above.
    unsafe { ffi::Py_INCREF(value) };
    value
}

/// Hashes by value. -1: the exception is set.
///
/// # Safety
///
/// `this` is a wrapper that the caller holds, of an object of type `info`; the thread is attached.
pub(crate) unsafe fn hash(this: *mut ffi::PyObject, info: &'static TypeInfo) -> ffi::Py_hash_t {
    let result = error::catch(
        || format!("{}.__hash__()", info.name),
        || {
            // SAFETY: by the caller.
            let object = unsafe { instance::object_of(this) }?;
            // SAFETY: the wrapper keeps it alive, and Python has seen it.
            Ok(unsafe { object.hash_value() })
        },
    );
    match result {
        Ok(hash) => to_python(hash.unwrap_or_default()),
        Err(error) => {
            // SAFETY: by the caller.
            error::raise(unsafe { Python::assume_attached() }, error);
            -1
        }
    }
}

/// A hash as Python has it: -1 says that there was an error.
pub(crate) fn to_python(hash: u64) -> ffi::Py_hash_t {
    match hash as ffi::Py_hash_t {
        -1 => -2,
        hash => hash,
    }
}

/// `tp_str` of types with `Display`; of those that extend them, as `object` has it.
unsafe extern "C" fn str(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: CPython calls this on a wrapper.
    let place = || format!("{}.__str__()", unsafe { convert::class_name(this) });
    let result = error::catch(place, || {
        // SAFETY: as above.
        let object = unsafe { instance::object_of(this) }?;
        // SAFETY: the wrapper keeps it alive, and Python has seen it.
        Ok::<_, Error>(unsafe { object.display() })
    });
    match result {
        Ok(Some(text)) => finish(py, object::text(&text)),
        // SAFETY: as above.
        Ok(None) => unsafe { ffi::PyObject_Repr(this) },
        Err(error) => finish(py, Err(error)),
    }
}
