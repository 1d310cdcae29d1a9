//! What every class has from the root: identity, text, moving, copying.

use std::ffi::{c_int, c_void, CStr};

use ffi_object::__private::Encoder;
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::Error;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::by_value;
use crate::call::not_an_object;
use crate::class;
use crate::convert::{self, bind, give};
use crate::error::{self, from_exception};
use crate::frontend::{finish, PYTHON};
use crate::instance::{self, Link};
use crate::pickle;
use crate::slots::TypeSlots;

/// The root's slots.
pub(crate) fn add_slots(slots: &mut TypeSlots) {
    slots.set_all(&[
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
        one(c"same_as", same_as, c"same_as($self, other, /)\n--\n\nWhether both stand for the same object."),
        ffi::PyMethodDef {
            ml_flags: ffi::METH_NOARGS,
            ..one(
                c"_move",
                move_out,
                c"_move($self, /)\n--\n\nGives the object away: pass the result to a function that takes an owner.\n\n\
                  Afterwards this variable's object can no longer be used; other ways to it go on.",
            )
        },
        ffi::PyMethodDef {
            ml_name: c"__init_subclass__".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunctionWithKeywords: init_subclass },
            ml_flags: ffi::METH_CLASS | ffi::METH_VARARGS | ffi::METH_KEYWORDS,
            ml_doc: c"Refuses classes that extend two classes of objects of which neither extends the other.".as_ptr(),
        },
        one(c"__reduce_ex__", reduce, c"__reduce_ex__($self, protocol, /)\n--\n\nHelper for pickle and copy."),
        ffi::PyMethodDef {
            ml_name: c"__replace__".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunctionWithKeywords: replace },
            ml_flags: ffi::METH_VARARGS | ffi::METH_KEYWORDS,
            ml_doc: c"__replace__($self, /, **changes)\n--\n\nA new object with the same fields but for those that are given."
                .as_ptr(),
        },
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
    let a = unsafe { object_if_any(a) };
    // SAFETY: by the caller.
    a.is_some() && a == unsafe { object_if_any(b) }
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
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above.
    let result = if unsafe { instance::is_wrapper(other) } {
        // SAFETY: see above.
        Ok(unsafe { same(this, other) })
    } else {
        // SAFETY: see above.
        Err(unsafe { not_an_object("same_as()", other) })
    };
    give_bool(py, result)
}

fn give_bool(py: Python<'_>, result: Result<bool, Error>) -> *mut ffi::PyObject {
    match result {
        // SAFETY: attached.
        Ok(truth) => unsafe { ffi::PyBool_FromLong(truth.into()) },
        Err(error) => {
            error::raise(py, error);
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn move_out(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above; the caller of the method holds the wrapper.
    match unsafe { instance::move_out(this) } {
        Ok(moving) => moving,
        Err(error) => {
            error::raise(py, error);
            std::ptr::null_mut()
        }
    }
}

/// By identity, unless the type says otherwise: equal wrappers stand for the same object. No order.
pub(crate) unsafe extern "C" fn compare(
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: see above.
    if !unsafe { instance::is_wrapper(other) } {
        return by_value::not_implemented();
    }
    // SAFETY: see above.
    let objects = (unsafe { object_if_any(this) }, unsafe { object_if_any(other) });
    if let (Some(a), Some(b)) = objects {
        // SAFETY: the wrappers keep them alive.
        let (a, b) = (unsafe { a.info() }, unsafe { b.info() });
        // SAFETY: see above.
        if let Some(result) = unsafe { by_value::compare(this, other, op, a, b) } {
            return result;
        }
    }
    if op != ffi::Py_EQ && op != ffi::Py_NE {
        return by_value::not_implemented();
    }
    // SAFETY: see above.
    let same = unsafe { same(this, other) };
    // SAFETY: attached.
    unsafe { ffi::PyBool_FromLong((same == (op == ffi::Py_EQ)).into()) }
}

/// As equality.
pub(crate) unsafe extern "C" fn hash(this: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: see above.
    let object = unsafe { object_if_any(this) };
    // SAFETY: the wrapper keeps it alive.
    if let Some(info) = object.map(|object| unsafe { object.info() }).filter(|info| info.options.hashes()) {
        // SAFETY: see above.
        return unsafe { by_value::hash(this, info) };
    }
    let address = object.map_or(this.addr(), |object| object.as_ptr().addr());
    // Objects are aligned, so the low bits say nothing; -1 says that there was an error.
    match address.rotate_right(4) as ffi::Py_hash_t {
        -1 => -2,
        hash => hash,
    }
}

/// As a dataclass has it, unless the type says otherwise: the class's name, and the fields. A way back to the object itself is `...`.
pub(crate) unsafe extern "C" fn repr(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above.
    let place = || format!("{}.__repr__()", unsafe { convert::class_name(this) });
    // SAFETY: see above.
    finish(py, error::catch(place, || unsafe { repr_of(py, this) }))
}

/// # Safety
///
/// As above.
unsafe fn repr_of(py: Python<'_>, this: *mut ffi::PyObject) -> Result<RawHandle, Error> {
    /// Ends `Py_ReprEnter`.
    struct Leave(*mut ffi::PyObject);
    impl Drop for Leave {
        fn drop(&mut self) {
            // SAFETY: entered, on the same thread.
            unsafe { ffi::Py_ReprLeave(self.0) };
        }
    }
    // SAFETY: see above.
    let [bound] = unsafe { bind([this]) };
    let class = bound.get_type().qualname().map_err(from_exception)?;
    // SAFETY: see above.
    let object = match unsafe { instance::link_of(this) } {
        Link::To(object, tag) if tag.is_canonical() || tag == instance::Tag::Fresh => object,
        Link::To(..) | Link::Spent => return text(&format!("<{class}, moved>")),
        Link::Empty => return text(&format!("<{class}, not initialized>")),
    };
    // SAFETY: the wrapper keeps it alive, and Python has seen it.
    if let Some(debug) = unsafe { object.debug() } {
        return text(&debug);
    }
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
    for (_, field) in unsafe { object.info() }.all_fields().filter(|(_, field)| field.repr) {
        // SAFETY: as above, and the object is of the type that lists the field.
        let value = unsafe { field.get(object, out) }?;
        // SAFETY: a new reference.
        let value = unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) };
        parts.push(format!("{}={}", field.name, value.repr().map_err(from_exception)?));
    }
    text(&format!("{class}({})", parts.join(", ")))
}

pub(crate) fn text(text: &str) -> Result<RawHandle, Error> {
    // SAFETY: all callers are attached.
    let text = unsafe { convert::new_str(text) };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { convert::owned(text) }
}

/// A class has one object, of one type. `instance::object_as` looks again, since there are ways around this.
unsafe extern "C" fn init_subclass(
    class: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: see above; the first argument of a class method is the class.
    let [class, args] = unsafe { bind([class, args]) };
    // SAFETY: CPython gives a dict or null.
    let kwargs = unsafe { Bound::from_borrowed_ptr_or_opt(class.py(), kwargs) };
    let run = || class::check_bases(&class).and_then(|()| next_init_subclass(&class, &args, kwargs.as_ref()));
    give(&class, "__init_subclass__", run)
}

/// `super(Object, cls).__init_subclass__(*args, **kwargs)`
fn next_init_subclass<'py>(
    class: &Bound<'py, PyAny>,
    args: &Bound<'py, PyAny>,
    kwargs: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let next = py.import("builtins")?.getattr("super")?.call1((class::root_class(py), class))?;
    let kwargs = kwargs.map(|k| k.cast::<PyDict>()).transpose()?;
    next.getattr("__init_subclass__")?.call(args.cast::<PyTuple>()?, kwargs)
}

unsafe extern "C" fn reduce(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([this]) };
    give(&this, "__reduce_ex__", || pickle::reduce(&this))
}

unsafe extern "C" fn replace(
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    changes: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: see above; CPython gives a tuple.
    let [this, args] = unsafe { bind([this, args]) };
    // SAFETY: CPython gives a dict or null.
    let changes = unsafe { Bound::from_borrowed_ptr_or_opt(this.py(), changes) };
    give(&this, "__replace__", || pickle::replace(&this, args.cast::<PyTuple>()?.len(), changes))
}

unsafe extern "C" fn set_state(this: *mut ffi::PyObject, state: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above; the caller of the method holds both.
    let [this, state] = unsafe { bind([this, state]) };
    let run = || pickle::set_state(&this, &state).map(|()| this.py().None().into_bound(this.py()));
    give(&this, "__setstate__", run)
}
