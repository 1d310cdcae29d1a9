//! `List` in Python: a `MutableSequence`.

use std::ffi::{c_int, c_void};

use ffi_object::__private::{Arguments, Build, Constructor, Encoder, Param, ParamKind, RawList, RawObject, Signature};
use ffi_object::frontend::Policy;
use ffi_object::{Any, Error, FfiObject, List};
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySlice, PyTuple};

use super::method::{self, bound, decoder, exactly, methods, mixin, raise};
use super::Parts;
use crate::convert::{bind, give, give_int};
use crate::error::discard;
use crate::frontend::PYTHON;

struct FromIterable;

impl Build<List<Any>> for FromIterable {
    fn build(args: &Arguments<'_>) -> Result<List<Any>, Error> {
        let list = RawList::open_value();
        if let Some(items) = args.slot(0) {
            list.as_raw().extend(items)?;
        }
        Ok(list)
    }
}

static CONSTRUCTOR: Constructor = Constructor::new::<List<Any>, FromIterable>(
    Signature {
        name: "List",
        params: &[Param {
            name: "iterable",
            default: Some("()"),
            type_name: || "Iterable".into(),
            kind: ParamKind::PositionalOrKeyword,
        }],
    },
    "",
);

pub(super) fn parts() -> Parts {
    Parts {
        constructor: &CONSTRUCTOR,
        slots: vec![
            (ffi::Py_sq_length, len as *mut c_void),
            (ffi::Py_mp_length, len as *mut c_void),
            (ffi::Py_sq_item, item as *mut c_void),
            (ffi::Py_mp_subscript, subscript as *mut c_void),
            (ffi::Py_mp_ass_subscript, assign_subscript as *mut c_void),
            (ffi::Py_sq_concat, concat as *mut c_void),
            (ffi::Py_sq_inplace_concat, inplace_concat as *mut c_void),
            (ffi::Py_tp_iter, ffi::PySeqIter_New as *mut c_void),
            (ffi::Py_tp_repr, repr as *mut c_void),
            (ffi::Py_tp_richcompare, compare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
        ],
        methods: methods! {
            c"append", append, c"append($self, item, /)\n--\n\nAppend an item to the end.";
            c"extend", extend, c"extend($self, iterable, /)\n--\n\nAppend all items of an iterable, or none if one does not fit.";
            c"insert", insert, c"insert($self, index, item, /)\n--\n\nInsert an item before index.";
            c"pop", pop, c"pop($self, index=-1, /)\n--\n\nRemove and return the item at index (default last).";
            c"remove", |this, args, kwargs| mixin("MutableSequence", "remove", this, args, kwargs),
                c"remove($self, value, /)\n--\n\nRemove the first occurrence of value.";
            c"index", |this, args, kwargs| mixin("Sequence", "index", this, args, kwargs),
                c"index($self, value, start=0, stop=None)\n--\n\nReturn the first index of value.";
            c"count", |this, args, kwargs| mixin("Sequence", "count", this, args, kwargs),
                c"count($self, value, /)\n--\n\nReturn the number of occurrences of value.";
            c"clear", clear, c"clear($self, /)\n--\n\nRemove all items.";
            c"reverse", reverse, c"reverse($self, /)\n--\n\nReverse in place.";
            c"sort", sort, c"sort($self, /, *, key=None, reverse=False)\n--\n\nSort in place, stably.";
            c"copy", copy, c"copy($self, /)\n--\n\nReturn a new list of the same items.";
        },
    }
}

/// The list in an object that is known to be one.
fn raw<'a>(object: RawObject) -> Option<&'a RawList> {
    // SAFETY: the class's functions are only called on wrappers of lists, which keep them alive.
    unsafe { object.cast_raw(List::<Any>::TYPE) }
}

fn list<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawList> {
    method::object(this, raw)
}

fn out<'py>(_: Python<'py>) -> Encoder<'py> {
    // SAFETY: the token says that the thread is attached. Elements are canonical.
    unsafe { Encoder::new(&PYTHON, Policy::Cached) }
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of a list; CPython holds the arguments.

fn unit<'py>(py: Python<'py>, result: Result<(), Error>) -> PyResult<Bound<'py, PyAny>> {
    result.map(|()| py.None().into_bound(py)).map_err(|error| raise(py, error))
}

/// The plain `list` of the same items.
fn plain<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    PyList::new(this.py(), this.try_iter()?.collect::<PyResult<Vec<_>>>()?)
}

/// An index counted from the start. `None`: out of range.
fn normalize(index: isize, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add_unsigned(len)? } else { index };
    usize::try_from(index).ok().filter(|i| *i < len)
}

fn index_of(key: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: a Python object, on an attached thread.
    if unsafe { ffi::PyIndex_Check(key.as_ptr()) } == 0 {
        let class = key.get_type().qualname()?;
        return Err(PyTypeError::new_err(format!("List indices must be integers or slices, not {class}")));
    }
    key.extract::<isize>().map_err(|exception| {
        discard(exception);
        PyIndexError::new_err("cannot fit index into an index-sized integer")
    })
}

fn out_of_range(what: &str) -> PyErr {
    PyIndexError::new_err(format!("{what} out of range"))
}

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(list(&this)?.len())?))
}

fn get<'py>(this: &Bound<'py, PyAny>, index: isize) -> PyResult<Bound<'py, PyAny>> {
    let py = this.py();
    let list = list(this)?;
    let index = if index < 0 { normalize(index, list.len()) } else { usize::try_from(index).ok() };
    let item = index.map_or(Ok(None), |i| list.get(i, out(py))).map_err(|error| raise(py, error))?;
    item.map(|item| bound(py, item)).ok_or_else(|| out_of_range("List index"))
}

/// CPython has added the length to an index below 0 already.
unsafe extern "C" fn item(wrapper: *mut ffi::PyObject, index: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    let item = || if index < 0 { Err(out_of_range("List index")) } else { get(&this, index) };
    give(&this, "__getitem__", item)
}

unsafe extern "C" fn subscript(wrapper: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, key] = unsafe { bind([wrapper, key]) };
    let run = || match key.cast::<PySlice>() {
        Ok(slice) => {
            let list = list(&this)?;
            let indices = slice.indices(isize::try_from(list.len())?)?;
            let mut at = (0..indices.slicelength).map(|i| (indices.start + (i as isize) * indices.step).unsigned_abs());
            let copy = list.slice(&mut at).map_err(|error| raise(this.py(), error))?;
            owned(this.py(), copy)
        }
        Err(_) => get(&this, index_of(&key)?),
    };
    give(&this, "__getitem__", run)
}

fn owned(py: Python<'_>, object: ffi_object::AnyObj) -> PyResult<Bound<'_, PyAny>> {
    out(py).owned_object(object).map(|value| bound(py, value)).map_err(|error| raise(py, error))
}

unsafe extern "C" fn assign_subscript(
    wrapper: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    // SAFETY: see above.
    let [this, key] = unsafe { bind([wrapper, key]) };
    // SAFETY: as above, or null.
    let value = unsafe { Bound::from_borrowed_ptr_or_opt(this.py(), value) };
    let run = || {
        if let Ok(slice) = key.cast::<PySlice>() {
            return match &value {
                Some(value) => set_slice(&this, slice, value).map(|()| 0),
                None => delete_slice(&this, slice).map(|()| 0),
            };
        }
        let list = list(&this)?;
        let what = "List assignment index";
        let index = normalize(index_of(&key)?, list.len()).ok_or_else(|| out_of_range(what))?;
        let done = match &value {
            Some(value) => list.set(index, decoder(value)?),
            None => list.delete(index..index + 1, 1).map(|count| count == 1),
        };
        match done.map_err(|error| raise(this.py(), error))? {
            true => Ok(0),
            false => Err(out_of_range(what)),
        }
    };
    give_int(&this, "__setitem__", run)
}

/// `items[slice] = value`. `list` knows how; all its items go back at once, if all fit.
fn set_slice(this: &Bound<'_, PyAny>, slice: &Bound<'_, PySlice>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let items = plain(this)?;
    items.as_any().set_item(slice, value)?;
    list(this)?.assign(decoder(&items)?).map_err(|error| raise(this.py(), error))
}

/// `del items[slice]`, which makes no wrappers of what it deletes.
fn delete_slice(this: &Bound<'_, PyAny>, slice: &Bound<'_, PySlice>) -> PyResult<()> {
    let list = list(this)?;
    let indices = slice.indices(isize::try_from(list.len())?)?;
    if indices.slicelength == 0 {
        return Ok(());
    }
    // From below, whichever way the slice goes.
    let last = indices.start + (indices.slicelength as isize - 1) * indices.step;
    let (low, high) = (indices.start.min(last).unsigned_abs(), indices.start.max(last).unsigned_abs());
    list.delete(low..high + 1, indices.step.unsigned_abs()).map(drop).map_err(|error| raise(this.py(), error))
}

unsafe extern "C" fn concat(wrapper: *mut ffi::PyObject, other: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    let run = || {
        let list_like = other.is_instance_of::<PyList>() || other.is_instance(&this.get_type())?;
        if !list_like {
            let class = other.get_type().qualname()?;
            return Err(PyTypeError::new_err(format!("can only concatenate List or list (not \"{class}\") to List")));
        }
        let copy = copy_of(&this)?;
        extend_with(&copy, &other)?;
        Ok(copy)
    };
    give(&this, "__add__", run)
}

unsafe extern "C" fn inplace_concat(wrapper: *mut ffi::PyObject, other: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    give(&this, "__iadd__", || extend_with(&this, &other).map(|()| this.clone()))
}

fn extend_with(this: &Bound<'_, PyAny>, items: &Bound<'_, PyAny>) -> PyResult<()> {
    list(this)?.extend(decoder(items)?).map_err(|error| raise(this.py(), error))
}

unsafe extern "C" fn repr(wrapper: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__repr__", || super::repr(&this, || plain(&this).map(Bound::into_any)))
}

/// As lists compare; with `list` too.
unsafe extern "C" fn compare(wrapper: *mut ffi::PyObject, other: *mut ffi::PyObject, op: c_int) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    let run = || {
        let other = if other.is_instance_of::<PyList>() {
            other.clone()
        } else if method::is(&other, raw) {
            plain(&other)?.into_any()
        } else {
            return Ok(this.py().NotImplemented().into_bound(this.py()));
        };
        super::compare_plain(plain(&this)?.as_any(), &other, op)
    };
    give(&this, "__eq__", run)
}

fn append<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [item] = exactly("List.append", args, kwargs)?;
    unit(this.py(), list(this)?.insert(usize::MAX, decoder(&item)?))
}

fn extend<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [items] = exactly("List.extend", args, kwargs)?;
    unit(this.py(), list(this)?.extend(decoder(&items)?))
}

fn insert<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [index, item] = exactly("List.insert", args, kwargs)?;
    let list = list(this)?;
    let index = index.extract::<isize>()?;
    let at = if index < 0 { index.saturating_add_unsigned(list.len()).max(0) } else { index };
    unit(this.py(), list.insert(at.unsigned_abs(), decoder(&item)?))
}

fn pop<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let index = if args.is_empty() && kwargs.is_none() {
        -1
    } else {
        let [index] = exactly("List.pop", args, kwargs)?;
        index_of(&index)?
    };
    let list = list(this)?;
    let len = list.len();
    if len == 0 {
        return Err(PyIndexError::new_err("pop from empty List"));
    }
    let index = normalize(index, len).ok_or_else(|| out_of_range("pop index"))?;
    let item = list.remove(index, out(this.py())).map_err(|error| raise(this.py(), error))?;
    item.map(|item| bound(this.py(), item)).ok_or_else(|| out_of_range("pop index"))
}

fn clear<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("List.clear", args, kwargs)?;
    unit(this.py(), list(this)?.clear())
}

fn reverse<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("List.reverse", args, kwargs)?;
    unit(this.py(), list(this)?.reverse())
}

/// `list.sort` on a copy; the items go back at once.
fn sort<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let items = plain(this)?;
    items.as_any().call_method("sort", args, kwargs)?;
    unit(this.py(), list(this)?.assign(decoder(&items)?))
}

fn copy<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("List.copy", args, kwargs)?;
    copy_of(this)
}

fn copy_of<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let list = list(this)?;
    let copy = list.slice(&mut (0..list.len())).map_err(|error| raise(this.py(), error))?;
    owned(this.py(), copy)
}
