//! How lists and arrays compare, and how lists are sorted.

use std::ffi::c_int;

use ffi_object::__private::{RawArray, RawList};
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBool, PyList, PyTuple};

use super::array;
use super::list::{list, plain, raw};
use super::method::{bound, compare, equal, not_implemented, object_in, out, raise, Args};
use crate::convert::{bind, give};

/// A list of either kind, which may change while it is compared; or an array or a tuple.
enum Items<'a, 'py> {
    Ours(&'a RawList),
    Plain(&'a Bound<'py, PyList>),
    Array(&'a RawArray),
    Tuple(&'a Bound<'py, PyTuple>),
}

impl<'py> Items<'_, 'py> {
    fn len(&self) -> usize {
        match self {
            Self::Ours(list) => list.len(),
            Self::Plain(list) => list.len(),
            Self::Array(array) => array.len(),
            Self::Tuple(tuple) => tuple.len(),
        }
    }

    fn get(&self, py: Python<'py>, index: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let item = match self {
            Self::Ours(list) => list.get(index, out(py)),
            Self::Array(array) => array.get(index, out(py)),
            Self::Plain(list) if index < list.len() => return list.get_item(index).map(Some),
            Self::Tuple(tuple) if index < tuple.len() => return tuple.get_item(index).map(Some),
            Self::Plain(_) | Self::Tuple(_) => return Ok(None),
        };
        Ok(item.map_err(|error| raise(py, error))?.map(|item| bound(py, item)))
    }
}

/// As lists compare; with `list` too.
///
/// # Safety
///
/// Called by CPython, attached, on a wrapper of a list; it holds the arguments.
pub(super) unsafe extern "C" fn richcompare(
    wrapper: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let [this, other] = unsafe { bind([wrapper, other]) };
    give(&this, "__eq__", || {
        let b = match (other.cast::<PyList>(), object_in(&other, raw)?) {
            (Ok(list), _) => Items::Plain(list),
            (_, Some(list)) => Items::Ours(list),
            _ => return Ok(not_implemented(this.py())),
        };
        compare_items(this.py(), &Items::Ours(list(&this)?), &b, op)
    })
}

/// As tuples compare; with `tuple` too.
///
/// # Safety
///
/// Called by CPython, attached, on a wrapper of an array; it holds the arguments.
pub(super) unsafe extern "C" fn richcompare_arrays(
    wrapper: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let [this, other] = unsafe { bind([wrapper, other]) };
    give(&this, "__eq__", || {
        let b = match (other.cast::<PyTuple>(), object_in(&other, array::raw)?) {
            (Ok(tuple), _) => Items::Tuple(tuple),
            (_, Some(array)) => Items::Array(array),
            _ => return Ok(not_implemented(this.py())),
        };
        compare_items(this.py(), &Items::Array(array::array(&this)?), &b, op)
    })
}

fn compare_items<'py>(
    py: Python<'py>,
    a: &Items<'_, 'py>,
    b: &Items<'_, 'py>,
    op: c_int,
) -> PyResult<Bound<'py, PyAny>> {
    let answer = |answer| Ok(PyBool::new(py, answer).to_owned().into_any());
    if a.len() != b.len() && matches!(op, ffi::Py_EQ | ffi::Py_NE) {
        return answer(op == ffi::Py_NE);
    }
    for index in 0.. {
        let (Some(x), Some(y)) = (a.get(py, index)?, b.get(py, index)?) else { break };
        if !equal(&x, &y)? {
            // The first items that differ decide.
            return match op {
                ffi::Py_EQ => answer(false),
                ffi::Py_NE => answer(true),
                _ => compare(&x, &y, op),
            };
        }
    }
    let (a, b) = (a.len(), b.len());
    answer(match op {
        ffi::Py_LT => a < b,
        ffi::Py_LE => a <= b,
        ffi::Py_EQ => a == b,
        ffi::Py_NE => a != b,
        ffi::Py_GT => a > b,
        _ => a >= b,
    })
}

/// `List.sort`. What is sorted is the items' indices; the items go to their new places at once, if the list is still what
/// it was.
pub(super) fn sort<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> PyResult<Bound<'py, PyAny>> {
    let py = this.py();
    let (positional, keywords) = args.all(py)?;
    // `list` says what is wrong with the arguments.
    PyList::empty(py).call_method("sort", positional, Some(&keywords))?;
    let list = list(this)?;
    let version = list.version();
    let items = plain(this)?.into_any();
    let builtins = py.import("builtins")?;
    let keys = match keywords.get_item("key")?.filter(|key| !key.is_none()) {
        Some(key) => builtins.getattr("list")?.call1((builtins.getattr("map")?.call1((key, &items))?,))?,
        None => items.clone(),
    };
    let indices = builtins.getattr("range")?.call1((items.len()?,))?;
    let how = [("key", keys.getattr("__getitem__")?)].into_py_dict(py)?;
    if let Some(reverse) = keywords.get_item("reverse")? {
        how.set_item("reverse", reverse)?;
    }
    let order = builtins.getattr("sorted")?.call((indices,), Some(&how))?.extract::<Vec<usize>>()?;
    match list.reorder(version, &order).map_err(|error| raise(py, error))? {
        true => Ok(py.None().into_bound(py)),
        false => Err(PyValueError::new_err("List modified during sort")),
    }
}
