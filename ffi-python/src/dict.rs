//! The `__dict__` of wrappers whose class says `#[ffi(dict)]`: a word behind what every wrapper has.
//!
//! CPython makes the dict when it is first asked for. A collector visits it, so such classes are collected; and it goes
//! with the wrapper, which is therefore always the canonical one (`instance::fresh`).

use std::mem::offset_of;
use std::ptr::{self, NonNull};

use pyo3::ffi;

use crate::class::ClassData;
use crate::instance::Instance;

/// What a wrapper starts with whose class says `#[ffi(dict)]`.
#[repr(C)]
pub(crate) struct InstanceWithDict {
    instance: Instance,
    dict: *mut ffi::PyObject,
}

/// Where such a wrapper's dict is, for `__dictoffset__`.
pub(crate) const OFFSET: usize = offset_of!(InstanceWithDict, dict);

/// Where a wrapper's own dict is, if its class says that there is one. A class of Python's has its own otherwise.
///
/// # Safety
///
/// `wrapper` is one, its memory is there, and the thread is attached.
pub(crate) unsafe fn place(wrapper: *mut ffi::PyObject) -> Option<NonNull<*mut ffi::PyObject>> {
    // SAFETY: by the caller.
    if !unsafe { ClassData::of_wrapper(wrapper) }.has_dict {
        return None;
    }
    // SAFETY: instances of the class are that large.
    let place = unsafe { wrapper.byte_add(OFFSET) };
    NonNull::new(place.cast())
}

/// Takes a wrapper's own dict away, if there is one.
///
/// # Safety
///
/// `wrapper` is one that is dying or garbage, and the thread is attached.
pub(crate) unsafe fn clear(wrapper: *mut ffi::PyObject) {
    // SAFETY: by the caller.
    let Some(place) = (unsafe { place(wrapper) }) else { return };
    // SAFETY: a word of the wrapper's, which no one else looks at any more.
    let dict = unsafe { place.replace(ptr::null_mut()) };
    // SAFETY: the wrapper's reference, or null.
    unsafe { ffi::Py_XDECREF(dict) };
}
