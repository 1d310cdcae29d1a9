//! `Array` in Python: what `tuple` can do.

use std::ffi::{c_int, c_void};

use ffi_object::__private::{RawArray, RawObject};
use ffi_object::{Any, Array, FfiObject};
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::list::{bound_argument, index_of, iterated, normalize, out_of_range, slice_of, small_index};
use super::method::{bound, class_getitem, decoder, entries, equal, methods, nan, not_implemented, object, object_in};
use super::method::{out, owned, raise, Args};
use super::part::{self, Kind};
use super::{ahead, order, Parts};
use crate::convert::{bind, borrow, give, give_int};
use crate::{buffer, instance, pickle, slots};

pub(super) fn parts() -> Parts {
    let type_slots = vec![
        (ffi::Py_sq_length, len as *mut c_void),
        (ffi::Py_mp_length, len as *mut c_void),
        (ffi::Py_sq_item, item as *mut c_void),
        (ffi::Py_mp_subscript, subscript as *mut c_void),
        (ffi::Py_sq_contains, contains as *mut c_void),
        (ffi::Py_sq_concat, concat as *mut c_void),
        (ffi::Py_nb_add, add as *mut c_void),
        (ffi::Py_sq_repeat, repeat as *mut c_void),
        (ffi::Py_tp_iter, iter as *mut c_void),
        (ffi::Py_tp_repr, repr as *mut c_void),
        (ffi::Py_tp_richcompare, order::richcompare_arrays as *mut c_void),
        (ffi::Py_tp_hash, hash as *mut c_void),
        (slots::BUFFER, buffer::show as *mut c_void),
    ];
    Parts {
        constructor: const { &RawArray::CONSTRUCTOR },
        slots: type_slots,
        methods: methods! {
            c"index", index, c"index($self, value, start=0, stop=9223372036854775807, /)\n--\n\nReturn the first index of value.";
            one c"count", count, c"count($self, value, /)\n--\n\nReturn the number of occurrences of value.";
            none c"tobytes", to_bytes, c"tobytes($self, /)\n--\n\nReturn the items, which must be numbers, as they stand in memory.";
            none c"__copy__", copy, c"__copy__($self, /)\n--\n\nReturn the array itself, since it never changes.";
            one c"__deepcopy__", deep_copy, c"__deepcopy__($self, memo, /)\n--\n\nReturn an array of copies of the items, or the array itself if these are the items.";
            class_one c"__class_getitem__", class_getitem, c"__class_getitem__($cls, item, /)\n--\n\nReturn the class as an array of items of a type.";
        },
    }
}

/// The array in an object that is known to be one.
pub(super) fn raw<'a>(object: RawObject) -> Option<&'a RawArray> {
    // SAFETY: the class's functions are only called on wrappers of arrays, which keep them alive.
    unsafe { object.cast_raw(Array::<Any>::TYPE) }
}

pub(crate) fn array<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawArray> {
    object(this, raw)
}

/// The plain `tuple` of the same items.
pub(super) fn plain<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let (py, array) = (this.py(), array(this)?);
    let item = |index| Ok(get(py, array, index)?.unwrap_or_else(|| py.None().into_bound(py)));
    let items = (0..array.len()).map(item).collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, items)
}

fn get<'py>(py: Python<'py>, array: &RawArray, index: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    let item = array.get(index, out(py)).map_err(|error| raise(py, error))?;
    Ok(item.map(|item| bound(py, item)))
}

fn is_array(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(value.is_instance_of::<PyTuple>() || object_in(value, raw)?.is_some())
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of an array; CPython holds the arguments.

/// # Safety
///
/// Called by CPython on an array's wrapper, attached.
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

entries! {
    get_item(this, key) = "__getitem__", match slice_of(key)? {
        Some(slice) => {
            let array = array(this)?;
            // As `tuple` does with all of it.
            if slice.step() == 1 && slice.indices(array.len()).len() == array.len() && is_native(this) {
                return Ok(this.clone());
            }
            owned(this.py(), array.slice_of(slice))
        }
        None => {
            let (index, array) = (index_of("Array", key)?, array(this)?);
            let item = match normalize(index, array.len()) {
                Some(index) => get(this.py(), array, index)?,
                None => None,
            };
            item.ok_or_else(|| out_of_range("Array index"))
        }
    };
    iter(this) = "__iter__", part::new(this, Kind::Array);
    repr(this) = "__repr__", super::repr(this, || Ok(plain(this)?.repr()?.to_string()));
    add(a, b) = "__add__", sum(a, b);
    concat(this, other) = "__add__", {
        if is_array(other)? {
            return sum(this, other);
        }
        let class = other.get_type().qualname()?;
        Err(PyTypeError::new_err(format!("can only concatenate Array or tuple (not \"{class}\") to Array")))
    };
}

/// Whether the class of an array is the native one.
fn is_native(this: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the class of a wrapper.
    unsafe { instance::is_native(this.get_type().as_type_ptr()) }
}

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(array(&this)?.len())?))
}

unsafe extern "C" fn contains(wrapper: *mut ffi::PyObject, value: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, value] = unsafe { bind([wrapper, value]) };
    give_int(&this, "__contains__", || Ok(c_int::from(find(&this, &value, 0, usize::MAX)?.is_some())))
}

/// CPython has added the length to an index below 0 already.
unsafe extern "C" fn item(wrapper: *mut ffi::PyObject, index: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__getitem__", || {
        let item = usize::try_from(index).ok().map(|index| get(this.py(), array(&this)?, index));
        item.transpose()?.flatten().ok_or_else(|| out_of_range("Array index"))
    })
}

/// That of the `tuple` of the same items, with which an array is equal. Only a NaN is hashed by its bits, as it is
/// compared: its own hash is that of one `float` object.
unsafe extern "C" fn hash(wrapper: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    let py = this.py();
    let key = |item: Bound<'_, PyAny>| match nan(&item) {
        Some(bits) => Ok(bits.into_pyobject(py)?.into_any().unbind()),
        None => Ok::<_, PyErr>(item.unbind()),
    };
    give_int(&this, "__hash__", || {
        let items = plain(&this)?;
        if !items.iter().any(|item| nan(&item).is_some()) {
            return items.hash();
        }
        PyTuple::new(py, items.iter().map(key).collect::<PyResult<Vec<_>>>()?)?.hash()
    })
}

/// The first index of a value.
fn find(this: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let array = array(this)?;
    for index in start..stop.min(array.len()) {
        let Some(item) = get(this.py(), array, index)? else { break };
        if equal(&item, value)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// An array and another one, or a `tuple`: an array of what ours is of.
fn sum<'py>(a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = a.py();
    if !is_array(a)? || !is_array(b)? {
        return Ok(not_implemented(py));
    }
    match object_in(a, raw)? {
        Some(array) => owned(py, array.join(decoder(&iterated(b)?), false)),
        None => owned(py, array(b)?.join(decoder(&iterated(a)?), true)),
    }
}

unsafe extern "C" fn repeat(wrapper: *mut ffi::PyObject, times: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__mul__", || {
        let array = array(&this)?;
        if times == 1 && is_native(&this) {
            return Ok(this.clone());
        }
        let product = array.repeat(usize::try_from(times).unwrap_or(0)).map_err(|error| raise(this.py(), error))?;
        owned(this.py(), Ok(product.ok_or_else(|| PyMemoryError::new_err(()))?))
    })
}

// Methods

type Given<'py> = PyResult<Bound<'py, PyAny>>;

fn index<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let [value, start, stop] = args.at_least(1, this)?;
    let start = start.map_or(Ok(0), |start| bound_argument(&start))?;
    let stop = stop.map_or(Ok(isize::MAX), |stop| bound_argument(&stop))?;
    let len = array(this)?.len();
    let from_start = |at: isize| if at < 0 { at.saturating_add_unsigned(len).max(0) } else { at }.unsigned_abs();
    let value = value.unwrap_or_else(|| this.py().None().into_bound(this.py()));
    match find(this, &value, from_start(start), from_start(stop))? {
        Some(index) => Ok(index.into_pyobject(this.py())?.into_any()),
        None => Err(PyValueError::new_err("Array.index(x): x not in Array")),
    }
}

fn count<'py>(this: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Given<'py> {
    let (mut count, mut start) = (0_usize, 0);
    while let Some(index) = find(this, value, start, usize::MAX)? {
        (count, start) = (count + 1, index + 1);
    }
    Ok(count.into_pyobject(this.py())?.into_any())
}

fn to_bytes<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    let array = array(this)?;
    match array.numbers() {
        Some((_, bytes)) => Ok(PyBytes::new(this.py(), bytes).into_any()),
        None => Err(super::no_bytes(&array.type_name())),
    }
}

fn copy<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    if is_native(this) {
        return Ok(this.clone());
    }
    // It may have attributes.
    pickle::rebuilt(this, &plain(this)?, |_, state| Ok(state.clone().into_any()))
}

/// As `copy` does it with a `tuple`.
fn deep_copy<'py>(this: &Bound<'py, PyAny>, memo: &Bound<'py, PyAny>) -> Given<'py> {
    let py = this.py();
    let deep_copy = py.import("copy")?.getattr("deepcopy")?;
    let items = plain(this)?;
    let copies = items.iter().map(|item| deep_copy.call1((item, memo))).collect::<PyResult<Vec<_>>>()?;
    let memo = memo.cast::<PyDict>()?;
    let own = py.import("builtins")?.getattr("id")?.call1((this,))?;
    if let Some(done) = memo.get_item(&own)? {
        // An item leads back to the array.
        return Ok(done);
    }
    if is_native(this) && items.iter().zip(&copies).all(|(item, copy)| item.is(copy)) {
        return Ok(this.clone());
    }
    let copies = PyTuple::new(py, copies)?;
    pickle::rebuilt(this, &copies, |new, state| {
        memo.set_item(&own, new)?;
        deep_copy.call1((state, memo))
    })
}
