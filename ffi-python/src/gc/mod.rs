//! What Python's garbage collector sees of objects: `tp_traverse` and `tp_clear` of the classes whose objects may lead to
//! values of Python's.
//!
//! A wrapper reports what its object owns alone (`ffi_object::trace`): Python values, and the pins of children that have
//! wrappers of their own. While Rust has another owner of the object, its pin is reported by no one, so the wrapper is
//! a root, as it must be.
//!
//! CPython asks every wrapper at least twice: a *subtracting* pass finds the references that come from within, a
//! *marking* pass what is reachable from outside. In between no Python code runs, but detached threads may move values
//! from one field to another. If a value was subtracted and is not marked, it looks like garbage while it is alive. So
//! what the first pass reported is recorded, and the second repeats it ([`edges`]). A detached thread can only reach
//! objects of which Rust has an owner or Python a borrowing call; their wrappers are roots, and what they repeat is
//! marked, wherever it is by now.

mod edges;
mod passes;

use std::ffi::{c_int, c_void};

use ffi_object::__private::{walk, Edge, Late, Start};
use pyo3::ffi;

use crate::instance::{self, Link};
use crate::{dict, queue};

pub(crate) use passes::learn;

/// `tp_traverse`.
///
/// # Safety
///
/// Called by CPython, attached.
pub(crate) unsafe extern "C" fn traverse(
    wrapper: *mut ffi::PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    let report = |value: *mut ffi::PyObject| {
        // SAFETY: the caller's own function and argument; the value is a Python object.
        unsafe { visit(value, arg) }
    };
    // SAFETY: a wrapper is alive while it is traversed.
    let class = unsafe { ffi::Py_TYPE(wrapper) };
    // An instance of a heap type holds a reference on it.
    match report(class.cast()) {
        0 => {}
        stop => return stop,
    }
    // Only attached threads change it, and none runs while objects are traversed: it is the same in both passes.
    // SAFETY: as above.
    if let Some(place) = unsafe { dict::place(wrapper) } {
        // SAFETY: a word of the wrapper's.
        let dict = unsafe { place.read() };
        if !dict.is_null() {
            match report(dict) {
                0 => {}
                stop => return stop,
            }
        }
    }
    edges::of(wrapper, passes::pass_of(visit), report)
}

/// `tp_clear`: takes the Python values out of an object that is garbage, so that the cycle ends.
///
/// # Safety
///
/// Called by CPython, attached.
pub(crate) unsafe extern "C" fn clear(wrapper: *mut ffi::PyObject) -> c_int {
    edges::forget();
    let mut values = Vec::new();
    let mut late = Late::new();
    let take = |edge: Edge<'_>| {
        if let Edge::Value(value) = edge {
            values.extend(value.clear());
        }
    };
    // SAFETY: a wrapper that the collector holds.
    unsafe { walk_wrapper(wrapper, &mut late, take) };
    put_off(late);
    // SAFETY: garbage.
    unsafe { dict::clear(wrapper) };
    // SAFETY: as above.
    if let Link::To(object, tag) = unsafe { instance::link_of(wrapper) } {
        // What else is garbage has the one owner, if there is one: else its pin would not have been reported.
        // SAFETY: the wrapper keeps the object alive.
        if tag.is_canonical() && unsafe { object.state() }.owners() <= 1 {
            // SAFETY: as above; Python has seen it.
            unsafe { ffi_object::defined::clear(object) };
        }
    }
    for value in values {
        // SAFETY: the reference was the slot's, which has given it away.
        unsafe { ffi::Py_DECREF(value.as_ptr().cast()) };
    }
    0
}

/// Takes a dying wrapper out of the collector's sight.
///
/// # Safety
///
/// `wrapper` is one of a class that is collected, and the thread is attached.
pub(crate) unsafe fn untrack(wrapper: *mut ffi::PyObject) {
    // SAFETY: by the caller.
    unsafe { ffi::PyObject_GC_UnTrack(wrapper.cast()) };
    edges::forget();
}

/// What a wrapper's object owns alone, if the wrapper is what keeps it; otherwise what its one owner does.
///
/// # Safety
///
/// `wrapper` is one, alive during the call, and the thread is attached.
unsafe fn walk_wrapper(wrapper: *mut ffi::PyObject, late: &mut Late, edge: impl FnMut(Edge<'_>)) {
    // SAFETY: by the caller.
    let Link::To(object, tag) = (unsafe { instance::link_of(wrapper) }) else { return };
    // A wrapper that is not the canonical one has an owner.
    let start = if tag.is_canonical() { Start::Object } else { Start::Owner };
    // SAFETY: the wrapper keeps the object alive.
    unsafe { walk(object, start, late, edge) };
}

/// Hands owners that became the last ones during a traversal to whoever may run any code next.
fn put_off(late: Late) {
    for object in late {
        queue::drop_later(object);
    }
}
