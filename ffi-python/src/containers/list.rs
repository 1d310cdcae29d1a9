//! `List` in Python: what `list` can do, operators first.

use std::ffi::{c_int, c_void};

use ffi_object::__private::{Arguments, Build, Constructor, Param, ParamKind, RawList, RawObject, Signature};
use ffi_object::{Any, Error, FfiObject, List, Slice, Value};
use pyo3::exceptions::{PyIndexError, PyMemoryError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySlice, PyTuple};

use super::method::{bound, class_getitem, decoder, entries, equal, methods, not_implemented, object, object_in};
use super::method::{out, owned, raise, unit, Args};
use super::part::{self, Kind};
use super::{ahead, order, Parts};
use crate::convert::{bind, borrow, give, give_int};
use crate::{buffer, platform};

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
    Signature::new(
        "List",
        &[Param {
            name: "iterable",
            kind: ParamKind::PositionalOnly,
            default: Some("[]"),
            type_name: || "Iterable".into(),
        }],
    ),
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
            (ffi::Py_sq_contains, contains as *mut c_void),
            (ffi::Py_sq_concat, concat as *mut c_void),
            (ffi::Py_sq_inplace_concat, inplace_add as *mut c_void),
            (ffi::Py_nb_add, add as *mut c_void),
            (ffi::Py_nb_inplace_add, inplace_add as *mut c_void),
            (ffi::Py_sq_repeat, repeat as *mut c_void),
            (ffi::Py_sq_inplace_repeat, inplace_repeat as *mut c_void),
            (ffi::Py_tp_iter, iter as *mut c_void),
            (ffi::Py_tp_repr, repr as *mut c_void),
            (ffi::Py_tp_richcompare, order::richcompare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
        ],
        methods: methods! {
            one c"append", append, c"append($self, item, /)\n--\n\nAppend an item to the end.";
            one c"extend", extend, c"extend($self, iterable, /)\n--\n\nAppend all items of an iterable, or none if one does not fit.";
            c"insert", insert, c"insert($self, index, item, /)\n--\n\nInsert an item before index.";
            c"pop", pop, c"pop($self, index=-1, /)\n--\n\nRemove and return the item at index (default last).";
            one c"remove", remove, c"remove($self, value, /)\n--\n\nRemove the first occurrence of value.";
            c"index", index, c"index($self, value, start=0, stop=9223372036854775807, /)\n--\n\nReturn the first index of value.";
            one c"count", count, c"count($self, value, /)\n--\n\nReturn the number of occurrences of value.";
            none c"clear", clear, c"clear($self, /)\n--\n\nRemove all items.";
            none c"reverse", reverse, c"reverse($self, /)\n--\n\nReverse in place.";
            c"sort", order::sort, c"sort($self, /, *, key=None, reverse=False)\n--\n\nSort in place, stably, or not at all if a comparison fails.";
            none c"copy", copy, c"copy($self, /)\n--\n\nReturn a new list of the same items.";
            none c"tobytes", to_bytes, c"tobytes($self, /)\n--\n\nReturn a copy of the items, which must be numbers, as they stand in memory.";
            none c"__reversed__", |this| {
                part::new(this, Kind::ListBackwards)
            }, c"__reversed__($self, /)\n--\n\nReturn an iterator over the items, the last one first.";
            class_one c"__class_getitem__", class_getitem, c"__class_getitem__($cls, item, /)\n--\n\nReturn the class as a list of items of a type.";
        },
    }
}

/// The list in an object that is known to be one.
pub(super) fn raw<'a>(object: RawObject) -> Option<&'a RawList> {
    // SAFETY: the class's functions are only called on wrappers of lists, which keep them alive.
    unsafe { object.cast_raw(List::<Any>::TYPE) }
}

pub(super) fn list<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawList> {
    object(this, raw)
}

/// The plain `list` of the same items.
pub(super) fn plain<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let (py, list, all) = (this.py(), list(this)?, PyList::empty(this.py()));
    for index in 0.. {
        let Some(item) = list.get(index, out(py)).map_err(|error| raise(py, error))? else { break };
        all.append(bound(py, item))?;
    }
    Ok(all)
}

fn is_list(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(value.is_instance_of::<PyList>() || object_in(value, raw)?.is_some())
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of a list; CPython holds the arguments.

// Items

entries! {
    get_item(this, key) = "__getitem__", match slice_of(key)? {
        Some(slice) => owned(this.py(), list(this)?.slice(slice)),
        None => get(this, index_of("List", key)?),
    };
    iter(this) = "__iter__", part::new(this, Kind::List);
    repr(this) = "__repr__", super::repr(this, || Ok(plain(this)?.repr()?.to_string()));
    add(a, b) = "__add__", sum(a, b);
    concat(this, other) = "__add__", {
        if is_list(other)? {
            return sum(this, other);
        }
        let class = other.get_type().qualname()?;
        Err(PyTypeError::new_err(format!("can only concatenate List or list (not \"{class}\") to List")))
    };
    inplace_add(this, other) = "__iadd__", extend_with(this, other).map(|()| this.clone());
}

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(list(&this)?.len())?))
}

unsafe extern "C" fn contains(wrapper: *mut ffi::PyObject, value: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, value] = unsafe { bind([wrapper, value]) };
    give_int(&this, "__contains__", || Ok(c_int::from(find(&this, &value, 0, usize::MAX)?.is_some())))
}

/// An index counted from the start. `None`: out of range.
pub(super) fn normalize(index: isize, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add_unsigned(len)? } else { index };
    usize::try_from(index).ok().filter(|i| *i < len)
}

/// What stands between brackets, if it is a slice.
pub(super) fn slice_of(key: &Bound<'_, PyAny>) -> PyResult<Option<Slice>> {
    if !key.is_instance_of::<PySlice>() {
        return Ok(None);
    }
    Slice::decode(decoder(key)).map(Some).map_err(|error| raise(key.py(), error))
}

/// What stands between brackets, as an index.
pub(super) fn index_of(of: &str, key: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: a Python object, on an attached thread.
    if unsafe { ffi::PyIndex_Check(key.as_ptr()) } == 0 {
        let class = key.get_type().qualname()?;
        return Err(PyTypeError::new_err(format!("{of} indices must be integers or slices, not {class}")));
    }
    // SAFETY: an exception class, which is never freed.
    let too_large = unsafe { ffi::PyExc_IndexError };
    // SAFETY: as above.
    number(key.py(), unsafe { ffi::PyNumber_AsSsize_t(key.as_ptr(), too_large) })
}

/// An argument that is an index.
fn index_argument(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: a Python object, on an attached thread.
    let index = unsafe { ffi::PyNumber_Index(value.as_ptr()) };
    // SAFETY: a new reference, or null with the exception set.
    let index = unsafe { Bound::from_owned_ptr_or_err(value.py(), index) }?;
    // SAFETY: an int.
    number(value.py(), unsafe { ffi::PyLong_AsSsize_t(index.as_ptr()) })
}

/// A bound of a search, in a list of this length. What is too large is as good as the largest number.
pub(super) fn bound_argument(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: a Python object, on an attached thread.
    if unsafe { ffi::PyIndex_Check(value.as_ptr()) } == 0 {
        return Err(PyTypeError::new_err("slice indices must be integers or have an __index__ method"));
    }
    // SAFETY: as above.
    number(value.py(), unsafe { ffi::PyNumber_AsSsize_t(value.as_ptr(), std::ptr::null_mut()) })
}

/// A number that CPython gave, -1 for an exception.
fn number(py: Python<'_>, number: isize) -> PyResult<isize> {
    match PyErr::occurred(py) && number == -1 {
        true => Err(PyErr::fetch(py)),
        false => Ok(number),
    }
}

pub(super) fn out_of_range(what: &str) -> PyErr {
    PyIndexError::new_err(format!("{what} out of range"))
}

unsafe extern "C" fn subscript(wrapper: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let this = unsafe { borrow(wrapper) };
    // SAFETY: as above.
    let item = unsafe { small_index(key) }.and_then(|index| ahead::item(&this, index, raw));
    match item {
        Some(item) => item.as_ptr().cast(),
        // SAFETY: as above.
        None => unsafe { get_item(wrapper, key) },
    }
}

/// A key that is simply an index from the start. Runs no code, and raises nothing.
///
/// # Safety
///
/// A Python object, on an attached thread.
pub(super) unsafe fn small_index(key: *mut ffi::PyObject) -> Option<usize> {
    // SAFETY: by the caller.
    unsafe { platform::small_int(key) }.and_then(|index| usize::try_from(index).ok())
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
        match (slice_of(&key)?, &value) {
            (Some(slice), Some(value)) => set_slice(&this, slice, value)?,
            (Some(slice), None) => {
                list(&this)?.delete(slice).map_err(|error| raise(this.py(), error))?;
            }
            (None, value) => {
                let index = index_of("List", &key)?;
                let list = list(&this)?;
                let what = "List assignment index";
                let index = normalize(index, list.len()).ok_or_else(|| out_of_range(what))?;
                let done = match value {
                    Some(value) => list.set(index, decoder(value)),
                    None => delete_one(list, index),
                };
                if !done.map_err(|error| raise(this.py(), error))? {
                    return Err(out_of_range(what));
                }
            }
        }
        Ok(0)
    };
    give_int(&this, if value.is_some() { "__setitem__" } else { "__delitem__" }, run)
}

/// Drops an item; whether it was there.
fn delete_one(list: &RawList, index: usize) -> Result<bool, Error> {
    let start = isize::try_from(index).unwrap_or(isize::MAX);
    Ok(list.delete(Slice::new(Some(start), Some(start.saturating_add(1)), 1)?)? == 1)
}

/// `items[slice] = value`. All items of the value go in at once, if all fit.
fn set_slice(this: &Bound<'_, PyAny>, slice: Slice, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = this.py();
    let items = items_of(this, value).map_err(|exception| match exception.is_instance_of::<PyTypeError>(py) {
        // `list` has words of its own for it, which differ between versions.
        true => {
            let words = PyList::empty(py).as_any().set_item(PySlice::new(py, 0, 0, slice.step()), value);
            words.err().unwrap_or(exception)
        }
        false => exception,
    })?;
    let done = list(this)?.splice(slice, decoder(&items)).map_err(|error| raise(py, error))?;
    done.map_err(|wrong| {
        let (items, places) = (wrong.items, wrong.places);
        PyValueError::new_err(format!("attempt to assign sequence of size {items} to extended slice of size {places}"))
    })
}

/// What the runtime is to go through: CPython says what is wrong with a value that cannot be iterated.
///
/// The items for an open list are read first, unless they can be read again: code that gives them may bind the list, and
/// then they are asked for once more.
fn items_of<'py>(this: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyTuple>() {
        return Ok(value.clone());
    }
    let items = iterated(value)?;
    if items.is(value) || !list(this)?.is_open() {
        return Ok(items);
    }
    let all = PyList::empty(this.py());
    for item in items.try_iter()? {
        all.append(item?)?;
    }
    Ok(all.into_any())
}

/// An iterator of a value, or the value itself if it has its numbers in memory, and need not be gone through.
pub(super) fn iterated<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if buffer::is_source(value) {
        return Ok(value.clone());
    }
    value.try_iter().map(Bound::into_any)
}

fn extend_with(this: &Bound<'_, PyAny>, items: &Bound<'_, PyAny>) -> PyResult<()> {
    let items = items_of(this, items)?;
    list(this)?.extend(decoder(&items)).map_err(|error| raise(this.py(), error))
}

/// The first index of a value. The list may change meanwhile: what is looked at is what is there by then.
fn find(this: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let (py, list) = (this.py(), list(this)?);
    for index in start..stop {
        let Some(item) = list.get(index, out(py)).map_err(|error| raise(py, error))? else { break };
        if equal(&bound(py, item), value)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

// Operators

/// A list and another one, or a `list`: a list of what ours is of.
fn sum<'py>(a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = a.py();
    if !is_list(a)? || !is_list(b)? {
        return Ok(not_implemented(py));
    }
    let sum = match object_in(a, raw)? {
        Some(list) => owned(py, list.slice(Slice::ALL))?,
        None => {
            let sum = owned(py, list(b)?.empty_like())?;
            extend_with(&sum, a)?;
            sum
        }
    };
    extend_with(&sum, b)?;
    Ok(sum)
}

unsafe extern "C" fn repeat(wrapper: *mut ffi::PyObject, times: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__mul__", || {
        let product = list(&this)?.repeat(usize::try_from(times).unwrap_or(0));
        match product.map_err(|error| raise(this.py(), error))? {
            Some(product) => owned(this.py(), Ok(product)),
            None => Err(PyMemoryError::new_err(())),
        }
    })
}

unsafe extern "C" fn inplace_repeat(wrapper: *mut ffi::PyObject, times: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__imul__", || {
        let done = list(&this)?.repeat_in_place(usize::try_from(times).unwrap_or(0));
        match done.map_err(|error| raise(this.py(), error))? {
            true => Ok(this.clone()),
            false => Err(PyMemoryError::new_err(())),
        }
    })
}

// Methods

type Given<'py> = PyResult<Bound<'py, PyAny>>;

fn append<'py>(this: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> Given<'py> {
    unit(this.py(), list(this)?.insert(usize::MAX, decoder(item)))
}

fn extend<'py>(this: &Bound<'py, PyAny>, items: &Bound<'py, PyAny>) -> Given<'py> {
    extend_with(this, items)?;
    Ok(this.py().None().into_bound(this.py()))
}

fn insert<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let [index, item] = args.exactly(this)?;
    let index = index_argument(&index)?;
    let list = list(this)?;
    let at = if index < 0 { index.saturating_add_unsigned(list.len()).max(0) } else { index };
    unit(this.py(), list.insert(at.unsigned_abs(), decoder(&item)))
}

fn pop<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let [index] = args.at_least(0, this)?;
    let index = index.map_or(Ok(-1), |index| index_argument(&index))?;
    let (py, list) = (this.py(), list(this)?);
    let len = list.len();
    if len == 0 {
        return Err(PyIndexError::new_err("pop from empty List"));
    }
    let index = normalize(index, len).ok_or_else(|| out_of_range("pop index"))?;
    let item = list.remove(index, out(py)).map_err(|error| raise(py, error))?;
    item.map(|item| bound(py, item)).ok_or_else(|| out_of_range("pop index"))
}

fn remove<'py>(this: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Given<'py> {
    let index = find(this, value, 0, usize::MAX)?;
    let index = index.ok_or_else(|| PyValueError::new_err("List.remove(x): x not in List"))?;
    unit(this.py(), delete_one(list(this)?, index).map(drop))
}

fn index<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let [value, start, stop] = args.at_least(1, this)?;
    let start = start.map_or(Ok(0), |start| bound_argument(&start))?;
    let stop = stop.map_or(Ok(isize::MAX), |stop| bound_argument(&stop))?;
    let len = list(this)?.len();
    let from_start = |at: isize| if at < 0 { at.saturating_add_unsigned(len).max(0) } else { at }.unsigned_abs();
    let value = value.unwrap_or_else(|| this.py().None().into_bound(this.py()));
    match find(this, &value, from_start(start), from_start(stop))? {
        Some(index) => Ok(index.into_pyobject(this.py())?.into_any()),
        None => Err(PyValueError::new_err(format!("{} is not in List", value.repr()?))),
    }
}

fn count<'py>(this: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Given<'py> {
    let (mut count, mut start) = (0_usize, 0);
    while let Some(index) = find(this, value, start, usize::MAX)? {
        (count, start) = (count + 1, index + 1);
    }
    Ok(count.into_pyobject(this.py())?.into_any())
}

fn clear<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    unit(this.py(), list(this)?.clear())
}

fn reverse<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    unit(this.py(), list(this)?.reverse())
}

fn copy<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    owned(this.py(), list(this)?.slice(Slice::ALL))
}

/// Numbers of a list that can grow cannot be shown, as an array shows them, without a copy.
fn to_bytes<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    let list = list(this)?;
    // Copied first: no memory of Python's is asked for under the list's lock.
    match list.numbers(|_, bytes| bytes.to_vec()) {
        Some(bytes) => Ok(PyBytes::new(this.py(), &bytes).into_any()),
        None => Err(super::no_bytes(&format!("List[{}]", list.item_name()))),
    }
}
