//! The classes of containers: what they have beyond other classes.

mod ahead;
mod array;
mod list;
mod map;
mod method;
mod order;
mod part;
mod set;
mod view;

use std::ffi::{c_int, c_ulong, c_void};

use ffi_object::__private::{Constructor, Decoder, RawArray, RawList, RawMap, RawSet, TypeInfo};
use ffi_object::frontend::{Mismatch, RawHandle};
use ffi_object::{AnyObj, Array, FfiObject, List, Map, Set};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::{bind, has_attr};
use crate::error::from_exception;
use crate::frontend::{handle, PYTHON};
use crate::instance::{self, Link};

pub(crate) use array::array;

/// What a container's class has beyond others.
pub(crate) struct Parts {
    pub(crate) constructor: &'static Constructor,
    pub(crate) slots: Vec<(c_int, *mut c_void)>,
    pub(crate) methods: Vec<ffi::PyMethodDef>,
}

/// The parameter of an array's constructor.
pub(crate) const ITEMS: &str = "iterable";

fn is_array(info: &'static TypeInfo) -> bool {
    std::ptr::eq(info, <Array as FfiObject>::TYPE)
}

fn is_list(info: &'static TypeInfo) -> bool {
    std::ptr::eq(info, <List as FfiObject>::TYPE)
}

fn is_map(info: &'static TypeInfo) -> bool {
    std::ptr::eq(info, <Map as FfiObject>::TYPE)
}

fn is_set(info: &'static TypeInfo) -> bool {
    std::ptr::eq(info, <Set as FfiObject>::TYPE)
}

/// Whether a type is one of containers.
pub(crate) fn is_container(info: &'static TypeInfo) -> bool {
    is_array(info) || is_list(info) || is_map(info) || is_set(info)
}

/// The parts of a type's class, if it is a container's.
pub(crate) fn parts(info: &'static TypeInfo) -> Option<Parts> {
    if is_array(info) {
        Some(array::parts())
    } else if is_list(info) {
        Some(list::parts())
    } else if is_map(info) {
        Some(map::parts())
    } else if is_set(info) {
        Some(set::parts())
    } else {
        None
    }
}

/// Adds the items of what can only be made with them, for pickling.
pub(crate) fn add_argument(this: &Bound<'_, PyAny>, info: &'static TypeInfo, to: &Bound<'_, PyDict>) -> PyResult<()> {
    if is_array(info) {
        to.set_item(ITEMS, array::plain(this)?)?;
    }
    Ok(())
}

/// The items and the pairs that are put into a container afterwards, for pickling. Nothing of that kind is known for sets: see
/// [`elements_of`].
pub(crate) fn parts_of<'py>(
    this: &Bound<'py, PyAny>,
    info: &'static TypeInfo,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let none = this.py().None().into_bound(this.py());
    if is_array(info) {
        Ok((none.clone(), none))
    } else if is_list(info) {
        Ok((this.try_iter()?.into_any(), none))
    } else if is_map(info) {
        Ok((none, this.call_method0("items")?.try_iter()?.into_any()))
    } else {
        Ok((none.clone(), none))
    }
}

/// The elements of a set, for pickling, unless it is empty.
pub(crate) fn elements_of<'py>(
    this: &Bound<'py, PyAny>,
    info: &'static TypeInfo,
) -> PyResult<Option<Bound<'py, PyList>>> {
    if !is_set(info) {
        return Ok(None);
    }
    let elements = set::elements(this)?;
    Ok((!elements.is_empty()).then_some(elements))
}

/// Puts the elements of a set back.
pub(crate) fn restore_elements(this: &Bound<'_, PyAny>, elements: &Bound<'_, PyAny>) -> PyResult<()> {
    set::restore(this, elements)
}

/// A container from a plain value: an `Array`, a `List` or a `Set` from a list, a tuple, a set or another iterable, a `Map`
/// from a mapping.
///
/// # Safety
///
/// The value is a Python object that the caller holds, and the thread is attached.
pub(crate) unsafe fn from_plain(value: *mut ffi::PyObject, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
    let raw: RawHandle = handle(value).ok_or(Mismatch::Type)?;
    // SAFETY: by the caller.
    let from = unsafe { Decoder::new(&PYTHON, raw) };
    // SAFETY: by the caller.
    let has = |name| unsafe { has_attr(value, name) };
    // Text can be iterated, but who passes it for a list has made a mistake.
    let text = from.str().is_ok() || from.bytes().is_ok();
    let sequence = || !text && has(c"__iter__") && !has(c"keys");
    if is_array(info) && sequence() {
        return RawArray::open(from).map_err(Mismatch::Error);
    }
    if is_list(info) && sequence() {
        let object = RawList::open();
        let list = RawList::of(&object).ok_or(Mismatch::Type)?;
        list.extend(from).map_err(Mismatch::Error)?;
        return Ok(object);
    }
    if is_set(info) && !text && has(c"__iter__") && !has(c"keys") {
        // SAFETY: by the caller.
        let [elements] = unsafe { bind([value]) };
        let object = RawSet::open();
        let set = RawSet::of(&object).ok_or(Mismatch::Type)?;
        set::fill(set, &elements).map_err(|exception| Mismatch::Error(from_exception(exception)))?;
        return Ok(object);
    }
    if is_map(info) && has(c"keys") {
        let object = RawMap::open();
        let map = RawMap::of(&object).ok_or(Mismatch::Type)?;
        map.extend(from).map_err(Mismatch::Error)?;
        return Ok(object);
    }
    Err(Mismatch::Type)
}

/// The flags by which `match` knows sequences (`Py_TPFLAGS_SEQUENCE`) and mappings (`Py_TPFLAGS_MAPPING`). To register a
/// class as one sets them, but not for a class that is immutable.
pub(crate) fn flags(info: &'static TypeInfo) -> c_ulong {
    if is_array(info) || is_list(info) {
        1 << 5
    } else if is_map(info) {
        1 << 6
    } else {
        0
    }
}

/// Registers a container's class as what it is in `collections.abc`.
pub(crate) fn register_abc(py: Python<'_>, info: &'static TypeInfo, class: &Bound<'_, PyAny>) -> PyResult<()> {
    let abc = if is_array(info) {
        "Sequence"
    } else if is_list(info) {
        "MutableSequence"
    } else if is_map(info) {
        "MutableMapping"
    } else if is_set(info) {
        "MutableSet"
    } else {
        return Ok(());
    };
    py.import("collections.abc")?.getattr(abc)?.call_method1("register", (class,))?;
    Ok(())
}

/// The class's name around what stands for the contents. A way back to the container itself is `...`.
fn repr<'py>(this: &Bound<'py, PyAny>, contents: impl FnOnce() -> PyResult<String>) -> PyResult<Bound<'py, PyAny>> {
    let class = this.get_type().qualname()?;
    // SAFETY: a wrapper, on an attached thread.
    if matches!(unsafe { instance::link_of(this.as_ptr()) }, Link::Empty) {
        return Ok(pyo3::types::PyString::new(this.py(), &format!("<{class}, not initialized>")).into_any());
    }
    method::repr_once(this, class.to_str()?, contents)
}

/// What is said of a container that has no bytes.
fn no_bytes(name: &str) -> PyErr {
    PyTypeError::new_err(format!("{name}.tobytes(): the items are not numbers of one type that Rust knows"))
}
