//! What every class has from the root: identity, text, moving, copying.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void, CStr};

use ffi_object::__private::Encoder;
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::Error;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::call::not_an_object;
use crate::class::ClassData;
use crate::error::from_exception;
use crate::frontend::{finish, handle, PYTHON};
use crate::instance::{self, Link};
use crate::pickle;

/// The root's slots.
pub(crate) fn add_slots(slots: &mut BTreeMap<c_int, *mut c_void>) {
    slots.extend([
        (ffi::Py_tp_repr, repr as *mut c_void),
        (ffi::Py_tp_hash, hash as *mut c_void),
        (ffi::Py_tp_richcompare, compare as *mut c_void),
    ]);
}

/// The root's methods.
pub(crate) fn methods() -> Vec<ffi::PyMethodDef> {
    let one = |name: &'static CStr, function: ffi::PyCFunction, doc: &'static CStr| ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: function },
        ml_flags: ffi::METH_O,
        ml_doc: doc.as_ptr(),
    };
    vec![
        one(
            c"same_as",
            same_as,
            c"same_as($self, other, /)\n--\n\nWhether both stand for the same object.",
        ),
        ffi::PyMethodDef {
            ml_flags: ffi::METH_NOARGS,
            ..one(
                c"_move",
                move_out,
                c"_move($self, /)\n--\n\nGives the object away: pass the result to a function that takes an owner.\n\n\
                  Afterwards this variable's object can no longer be used; other ways to it go on.",
            )
        },
        one(c"__reduce_ex__", reduce, c"__reduce_ex__($self, protocol, /)\n--\n\nHelper for pickle and copy."),
        one(c"__setstate__", set_state, c"__setstate__($self, state, /)\n--\n\nHelper for pickle and copy."),
    ]
}

/// The objects that two values stand for, if both are wrappers of the same one.
///
/// # Safety
///
/// Both are Python objects, and the thread is attached.
pub(crate) unsafe fn same(a: *mut ffi::PyObject, b: *mut ffi::PyObject) -> bool {
    if a == b {
        return true;
    }
    // SAFETY: by the caller.
    match unsafe { (object_if_any(a), object_if_any(b)) } {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// # Safety
///
/// `value` is a Python object, and the thread is attached.
unsafe fn object_if_any(value: *mut ffi::PyObject) -> Option<ffi_object::__private::RawObject> {
    // SAFETY: by the caller.
    if !unsafe { instance::is_wrapper(value) } {
        return None;
    }
    // SAFETY: a wrapper.
    match unsafe { instance::link_of(value) } {
        Link::To(object, _) => Some(object),
        Link::Empty | Link::Spent => None,
    }
}

/// # Safety
///
/// For all functions below: called by CPython on a wrapper.
unsafe extern "C" fn same_as(this: *mut ffi::PyObject, other: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let result = if unsafe { instance::is_wrapper(other) } {
        // SAFETY: see above.
        Ok(unsafe { same(this, other) })
    } else {
        // SAFETY: see above.
        Err(unsafe { not_an_object("same_as()", other) })
    };
    // SAFETY: attached.
    unsafe { give_bool(result) }
}

/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn give_bool(result: Result<bool, Error>) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let result = result.and_then(|truth| {
        // SAFETY: by the caller.
        let value = unsafe { ffi::PyBool_FromLong(truth.into()) };
        handle(value).ok_or_else(|| Error::runtime("no bool"))
    });
    // SAFETY: by the caller.
    unsafe { finish(result) }
}

unsafe extern "C" fn move_out(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above; the caller of the method holds the wrapper.
    let moved = unsafe { instance::move_out(this) };
    // SAFETY: attached; what `move_out` gave.
    unsafe { finish(moved.and_then(|wrapper| crate::convert::owned(wrapper))) }
}

/// By identity: equal wrappers stand for the same object. No order.
pub(crate) unsafe extern "C" fn compare(
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let wrapper = unsafe { instance::is_wrapper(other) };
    if !wrapper || (op != ffi::Py_EQ && op != ffi::Py_NE) {
        // SAFETY: attached.
        let result = unsafe { ffi::Py_NotImplemented() };
        // SAFETY: attached.
        unsafe { ffi::Py_INCREF(result) };
        return result;
    }
    // SAFETY: see above.
    let same = unsafe { same(this, other) };
    // SAFETY: attached.
    unsafe { give_bool(Ok(same == (op == ffi::Py_EQ))) }
}

/// By identity, as equality.
unsafe extern "C" fn hash(this: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: see above.
    let address = unsafe { object_if_any(this) }.map_or(this.addr(), |object| object.as_ptr().addr());
    // Objects are aligned, so the low bits say nothing; -1 says that there was an error.
    match address.rotate_right(4).cast_signed() {
        -1 => -2,
        hash => hash,
    }
}

/// As a dataclass has it: the class's name, and the fields. A way back to the object itself is `...`.
unsafe extern "C" fn repr(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    unsafe { finish(repr_of(this)) }
}

/// # Safety
///
/// As above.
unsafe fn repr_of(this: *mut ffi::PyObject) -> Result<RawHandle, Error> {
    /// Ends `Py_ReprEnter`.
    struct Leave(*mut ffi::PyObject);
    impl Drop for Leave {
        fn drop(&mut self) {
            // SAFETY: entered, on the same thread.
            unsafe { ffi::Py_ReprLeave(self.0) };
        }
    }
    // SAFETY: attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above.
    let class = unsafe { crate::convert::class_name(this) };
    // SAFETY: see above.
    let object = match unsafe { instance::link_of(this) } {
        Link::To(object, instance::Tag::Canonical | instance::Tag::Fresh) => object,
        Link::To(..) | Link::Spent => return text(&format!("<{class}, moved>")),
        Link::Empty => return text(&format!("<{class}, not initialized>")),
    };
    // SAFETY: see above.
    match unsafe { ffi::Py_ReprEnter(this) } {
        0 => {}
        1 => return text(&format!("{class}(...)")),
        _ => return Err(from_exception(PyErr::fetch(py))),
    }
    let _leave = Leave(this);
    // SAFETY: attached.
    let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
    let mut parts = Vec::new();
    // SAFETY: the wrapper keeps the object alive.
    for (_, field) in unsafe { object.info() }.all_fields() {
        // SAFETY: as above, and the object is of the type that lists the field.
        let value = unsafe { field.get(object, out) }?;
        // SAFETY: a new reference.
        let value = unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) };
        parts.push(format!("{}={}", field.name, value.repr().map_err(from_exception)?));
    }
    text(&format!("{class}({})", parts.join(", ")))
}

fn text(text: &str) -> Result<RawHandle, Error> {
    // SAFETY: all callers are attached.
    unsafe { crate::convert::owned(crate::convert::new_str(text)) }
}

unsafe extern "C" fn reduce(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    unsafe { with_bound(this, |this| pickle::reduce(&this)) }
}

unsafe extern "C" fn set_state(this: *mut ffi::PyObject, state: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above; the caller of the method holds the state.
    let state = unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), state) };
    // SAFETY: see above.
    unsafe { with_bound(this, |this| pickle::set_state(&this, &state).map(|()| this.py().None().into_bound(this.py()))) }
}

/// # Safety
///
/// `this` is a Python object that the caller holds, and the thread is attached.
unsafe fn with_bound(
    this: *mut ffi::PyObject,
    run: impl for<'py> FnOnce(Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let this = unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), this) };
    let py = this.py();
    match run(this) {
        Ok(value) => value.into_ptr(),
        Err(exception) => {
            exception.restore(py);
            std::ptr::null_mut()
        }
    }
}

/// The data of a wrapper's class.
pub(crate) fn data_of(wrapper: &Bound<'_, PyAny>) -> &'static ClassData {
    // SAFETY: callers have a wrapper.
    unsafe { ClassData::of(ffi::Py_TYPE(wrapper.as_ptr())) }
}
