//! Python objects that stand for a container seen in some way: iterators, and the views of a map.

use std::ffi::{c_int, c_uint, c_void, CStr};
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use ffi_object::__private::{Cursor, Step};
use ffi_object::frontend::RawHandle;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;
use pyo3::Borrowed;

use super::ahead::Ahead;
use super::array::{self, array};
use super::list::{self, list};
use super::map::map;
use super::method::{bound, known, methods, out, raise};
use super::set::set;
use super::view;
use crate::convert::borrow;
use crate::{error, platform};

/// A part of a map's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Keys,
    Values,
    Items,
}

/// What a container is seen as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An iterator over an array.
    Array,
    /// An iterator over a list.
    List,
    ListBackwards,
    /// An iterator over a map.
    Map(Which),
    MapBackwards(Which),
    View(Which),
    /// An iterator over a set.
    Set,
}

/// Such an object in memory.
#[repr(C)]
struct Instance {
    base: ffi::PyObject,
    /// The container's wrapper, of which this is a reference. Null before it is written, which is once.
    of: *mut ffi::PyObject,
    seen: Seen,
}

/// How a container is seen.
struct Seen {
    kind: Kind,
    way: Way,
}

/// How far an iterator has come.
enum Way {
    /// The next index; backwards, the one after it. [`ENDED`]: an iterator that has ended does not begin again. Forwards, the
    /// wrappers of the items from there on.
    Index(AtomicUsize, Ahead),
    Entries(Cursor),
    /// It is none.
    None,
}

const ENDED: usize = usize::MAX;

/// The classes, each made when it is first used.
static CLASSES: [PyOnceLock<Py<PyAny>>; 7] = [const { PyOnceLock::new() }; 7];

/// Which of them are views.
const VIEWS: Range<usize> = 2..5;

/// `Py_TPFLAGS_DISALLOW_INSTANTIATION` and `Py_TPFLAGS_IMMUTABLETYPE`.
const FLAGS: std::ffi::c_ulong = 1 << 7 | 1 << 8;

fn class(py: Python<'_>, kind: Kind) -> PyResult<&Bound<'_, PyAny>> {
    let (index, name, abc): (_, &'static CStr, _) = match kind {
        Kind::List | Kind::ListBackwards => (0, c"ffi_object.List_iterator", "Iterator"),
        Kind::Map(_) | Kind::MapBackwards(_) => (1, c"ffi_object.Map_iterator", "Iterator"),
        Kind::View(Which::Keys) => (2, c"ffi_object.Map_keys", "KeysView"),
        Kind::View(Which::Values) => (3, c"ffi_object.Map_values", "ValuesView"),
        Kind::View(Which::Items) => (4, c"ffi_object.Map_items", "ItemsView"),
        Kind::Array => (5, c"ffi_object.Array_iterator", "Iterator"),
        Kind::Set => (6, c"ffi_object.Set_iterator", "Iterator"),
    };
    let class = CLASSES[index].get_or_try_init(py, || {
        let (mut slots, mut methods) = match kind {
            Kind::View(which) => view::slots(which),
            _ => (
                vec![
                    (ffi::Py_tp_iter, ffi::PyObject_SelfIter as *mut c_void),
                    (ffi::Py_tp_iternext, next as *mut c_void),
                ],
                methods! {
                    none c"__length_hint__", |this| {
                        Ok(left(this)?.into_pyobject(this.py())?.into_any())
                    }, c"__length_hint__($self, /)\n--\n\nHow many items are still to come.";
                    none c"__reduce__", |this| {
                        reduce(this)
                    }, c"__reduce__($self, /)\n--\n\nWhat a copy of the iterator is made of.";
                },
            ),
        };
        methods.push(ffi::PyMethodDef::zeroed());
        // Kept as long as the class, which is never freed.
        let methods = Box::leak(methods.into_boxed_slice()).as_mut_ptr();
        slots.extend([
            (ffi::Py_tp_dealloc, dealloc as *mut c_void),
            (ffi::Py_tp_traverse, traverse as *mut c_void),
            (ffi::Py_tp_methods, methods.cast()),
            (0, ptr::null_mut()),
        ]);
        let mut slots: Vec<_> = slots.into_iter().map(|(slot, pfunc)| ffi::PyType_Slot { slot, pfunc }).collect();
        let mut spec = ffi::PyType_Spec {
            name: name.as_ptr(),
            basicsize: c_int::try_from(size_of::<Instance>())?,
            itemsize: 0,
            flags: c_uint::try_from(ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC | FLAGS)?,
            slots: slots.as_mut_ptr(),
        };
        // SAFETY: CPython copies the specification; what it points to in the end is never freed.
        let class = unsafe { ffi::PyType_FromSpec(&raw mut spec) };
        // SAFETY: what CPython gave.
        let class = unsafe { Bound::from_owned_ptr_or_err(py, class) }?;
        py.import("collections.abc")?.getattr(abc)?.call_method1("register", (&class,))?;
        Ok::<_, PyErr>(class.unbind())
    });
    class.map(|class| class.bind(py))
}

/// An iterator or a view of a container.
pub(super) fn new<'py>(of: &Bound<'py, PyAny>, kind: Kind) -> PyResult<Bound<'py, PyAny>> {
    let cursor = |backwards, which| {
        let parts = (which != Which::Values, which != Which::Keys);
        map(of)?.cursor(backwards, parts).map(Way::Entries).map_err(|error| raise(of.py(), error))
    };
    let index = |next| Way::Index(AtomicUsize::new(next), Ahead::new());
    let way = match kind {
        Kind::Array | Kind::List => index(0),
        Kind::ListBackwards => index(list(of)?.len()),
        Kind::Map(which) => cursor(false, which)?,
        Kind::MapBackwards(which) => cursor(true, which)?,
        Kind::Set => Way::Entries(set(of)?.cursor().map_err(|error| raise(of.py(), error))?),
        Kind::View(_) => Way::None,
    };
    with_way(of, kind, way)
}

fn with_way<'py>(of: &Bound<'py, PyAny>, kind: Kind, way: Way) -> PyResult<Bound<'py, PyAny>> {
    let py = of.py();
    let class = class(py, kind)?.as_ptr().cast::<ffi::PyTypeObject>();
    // SAFETY: a heap type without items. It takes its own reference on the class.
    let instance = unsafe { ffi::PyType_GenericAlloc(class, 0) };
    // SAFETY: what CPython gave.
    let new = unsafe { Bound::from_owned_ptr_or_err(py, instance) }?;
    let instance = instance.cast::<Instance>();
    // SAFETY: the new instance, whose size is this.
    let seen = unsafe { &raw mut (*instance).seen };
    // SAFETY: as above; no one else uses it yet.
    unsafe { seen.write(Seen { kind, way }) };
    // Last: whoever sees the container sees all of it.
    // SAFETY: as above.
    unsafe { (*instance).of = of.clone().into_ptr() };
    Ok(new)
}

/// How such an object sees its container, and the container's wrapper.
fn parts<'a, 'py>(this: &'a Bound<'py, PyAny>) -> (&'a Seen, Borrowed<'a, 'py, PyAny>) {
    let instance = this.as_ptr().cast::<Instance>();
    // What stands before it, CPython's own, changes meanwhile.
    // SAFETY: the classes' functions are called on their instances, which `with_way` has written whole.
    let seen = unsafe { &(*instance).seen };
    // SAFETY: as above.
    let of = unsafe { (*instance).of };
    // SAFETY: the instance holds a reference.
    (seen, unsafe { Borrowed::from_ptr(this.py(), of) })
}

/// The container that a view is of, if a value is one, and of which part.
pub(super) fn viewed<'py>(value: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyAny>, Which)> {
    let class = value.get_type();
    let is = |of: &PyOnceLock<Py<PyAny>>| of.get(value.py()).is_some_and(|of| of.as_ptr() == class.as_ptr());
    // Not subclassed, so a value of one of these classes is one of these objects.
    CLASSES[VIEWS].iter().any(is).then(|| match parts(value) {
        (Seen { kind: Kind::View(which), .. }, of) => (of.to_owned(), *which),
        _ => unreachable!("a view that is none"),
    })
}

/// # Safety
///
/// Called by CPython on an instance of the class.
unsafe extern "C" fn next(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached, and holds the iterator.
    let this = unsafe { borrow(this) };
    if let Way::Index(next, ahead) = &parts(&this).0.way {
        let index = next.load(Ordering::Relaxed);
        // SAFETY: the iterator holds its container's wrapper, and so the container, as long as it is.
        if let Some(item) = unsafe { ahead.take(index, this.py()) } {
            next.store(index + 1, Ordering::Relaxed);
            return item.as_ptr().cast();
        }
    }
    next_unseen(&this)
}

/// The next item, which was not looked at ahead. Apart, so that what was costs no more than it must.
#[inline(never)]
fn next_unseen(this: &Bound<'_, PyAny>) -> *mut ffi::PyObject {
    if let Some(item) = next_known(this) {
        return item.as_ptr().cast();
    }
    match error::catch_exception(this.py(), || "an iterator".into(), || next_of(this)) {
        Ok(item) => item.map_or(ptr::null_mut(), Bound::into_ptr),
        Err(exception) => {
            crate::error::set(this.py(), exception);
            ptr::null_mut()
        }
    }
}

/// The next item, if it can be had without running anyone's code, such as an object that Python has seen. Does not panic.
#[inline]
fn next_known(this: &Bound<'_, PyAny>) -> Option<RawHandle> {
    let (py, (seen, of)) = (this.py(), parts(this));
    let Way::Index(next, ahead) = &seen.way else { return None };
    let index = next.load(Ordering::Relaxed);
    let item = match seen.kind {
        // SAFETY: as in `next`.
        Kind::List => unsafe { ahead.look(known(&of, list::raw)?, index, None, py) }?,
        // SAFETY: as in `next`.
        Kind::Array => unsafe { ahead.look(known(&of, array::raw)?, index, None, py) }?,
        _ => return None,
    };
    next.store(index + 1, Ordering::Relaxed);
    Some(item)
}

fn next_of<'py>(this: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (py, (seen, of)) = (this.py(), parts(this));
    let fail = |error| raise(py, error);
    match &seen.way {
        Way::Index(next, _) => {
            let at = next.load(Ordering::Relaxed);
            let backwards = seen.kind == Kind::ListBackwards;
            if at == ENDED {
                return Ok(None);
            }
            // Before the first item there is no index: there is none as large either.
            let (index, after) = if backwards { (at.wrapping_sub(1), at.wrapping_sub(1)) } else { (at, at + 1) };
            let item = match seen.kind {
                Kind::Array => array(&of)?.get(index, out(py)),
                _ => list(&of)?.get(index, out(py)),
            };
            let item = item.map_err(fail)?;
            next.store(if item.is_some() { after } else { ENDED }, Ordering::Relaxed);
            Ok(item.map(|item| bound(py, item)))
        }
        Way::Entries(cursor) if seen.kind == Kind::Set => match set(&of)?.step(cursor, out(py)).map_err(fail)? {
            Step::Entry(element) => Ok(Some(bound(py, element))),
            Step::End => Ok(None),
            Step::Resized => Err(PyRuntimeError::new_err("Set changed size during iteration")),
            Step::Changed => Err(PyRuntimeError::new_err("Set elements changed during iteration")),
        },
        Way::Entries(cursor) => match map(&of)?.step(cursor, out(py)).map_err(fail)? {
            Step::Entry((Some(key), Some(value))) => Ok(Some(bound(py, out(py).pack([key, value]).map_err(fail)?))),
            Step::Entry((key, value)) => Ok(key.or(value).map(|part| bound(py, part))),
            Step::End => Ok(None),
            Step::Resized => Err(PyRuntimeError::new_err("Map changed size during iteration")),
            Step::Changed => Err(PyRuntimeError::new_err("Map keys changed during iteration")),
        },
        Way::None => Ok(None),
    }
}

fn left(this: &Bound<'_, PyAny>) -> PyResult<usize> {
    let (seen, of) = parts(this);
    Ok(match &seen.way {
        Way::Index(next, _) => {
            let len = if seen.kind == Kind::Array { array(&of)?.len() } else { list(&of)?.len() };
            let at = next.load(Ordering::Relaxed);
            match seen.kind {
                Kind::ListBackwards if at <= len => at,
                Kind::Array | Kind::List => len.saturating_sub(at),
                _ => 0,
            }
        }
        Way::Entries(cursor) if seen.kind == Kind::Set => set(&of)?.left(cursor),
        Way::Entries(cursor) => map(&of)?.left(cursor),
        Way::None => 0,
    })
}

/// As `dict`'s iterators: the rest, as a list.
fn reduce<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (py, (seen, of)) = (this.py(), parts(this));
    let way = match &seen.way {
        Way::Index(next, _) => Way::Index(AtomicUsize::new(next.load(Ordering::Relaxed)), Ahead::new()),
        Way::Entries(cursor) => Way::Entries(cursor.clone()),
        Way::None => Way::None,
    };
    let rest = with_way(&of, seen.kind, way)?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    let iter = py.import("builtins")?.getattr("iter")?;
    (iter, (PyList::new(py, rest)?,)).into_pyobject(py).map(Bound::into_any)
}

/// # Safety
///
/// Called by CPython on an instance of the class.
unsafe extern "C" fn traverse(this: *mut ffi::PyObject, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: alive while it is traversed.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: alive while it is traversed; null before it is written.
    let of = unsafe { (*this.cast::<Instance>()).of };
    // An instance of a heap type holds a reference on it.
    for value in [class.cast(), of] {
        if value.is_null() {
            continue;
        }
        // SAFETY: the caller's own function and argument; the instance holds a reference on the value.
        match unsafe { visit(value, arg) } {
            0 => {}
            stop => return stop,
        }
    }
    0
}

/// # Safety
///
/// Called by CPython on an instance of the class that no one refers to.
unsafe extern "C" fn dealloc(this: *mut ffi::PyObject) {
    // SAFETY: an object of the collector's.
    unsafe { ffi::PyObject_GC_UnTrack(this.cast()) };
    let instance = this.cast::<Instance>();
    // SAFETY: as above.
    let of = unsafe { (*instance).of };
    if !of.is_null() {
        // SAFETY: as above.
        let seen = unsafe { &raw mut (*instance).seen };
        // SAFETY: written before the container was; nobody sees it again.
        unsafe { seen.drop_in_place() };
        // SAFETY: the instance's reference.
        unsafe { ffi::Py_DECREF(of) };
    }
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
