//! `Map` in Python: what `dict` can do.

use std::ffi::{c_int, c_void};

use ffi_object::__private::{Arguments, Build, Constructor, Param, ParamKind, RawMap, RawObject, Signature};
use ffi_object::{Any, Error, FfiObject, Map};
use pyo3::exceptions::PyKeyError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use super::method::{bound, class_getitem, decoder, entries, equal, methods, nan, not_implemented, object, object_in};
use super::method::{out, owned, raise, unit, Args};
use super::part::{self, Kind, Which};
use super::Parts;
use crate::convert::{bind, give, give_int};

struct FromMapping;

impl Build<Map<Any, Any>> for FromMapping {
    fn build(args: &Arguments<'_>) -> Result<Map<Any, Any>, Error> {
        let map = RawMap::open_value();
        for entries in [args.slot(0), args.slot(1)].into_iter().flatten() {
            map.as_raw().extend(entries)?;
        }
        Ok(map)
    }
}

static CONSTRUCTOR: Constructor = Constructor::new::<Map<Any, Any>, FromMapping>(
    Signature::new(
        "Map",
        &[
            Param {
                name: "mapping",
                kind: ParamKind::PositionalOnly,
                default: Some("[]"),
                type_name: || "Mapping".into(),
            },
            Param { name: "entries", kind: ParamKind::Kwargs, default: None, type_name: || "object".into() },
        ],
    ),
    "",
);

pub(super) fn parts() -> Parts {
    Parts {
        constructor: &CONSTRUCTOR,
        slots: vec![
            (ffi::Py_mp_length, len as *mut c_void),
            (ffi::Py_mp_subscript, subscript as *mut c_void),
            (ffi::Py_mp_ass_subscript, assign_subscript as *mut c_void),
            (ffi::Py_sq_contains, contains as *mut c_void),
            (ffi::Py_nb_or, or as *mut c_void),
            (ffi::Py_nb_inplace_or, inplace_or as *mut c_void),
            (ffi::Py_tp_iter, iter as *mut c_void),
            (ffi::Py_tp_repr, repr as *mut c_void),
            (ffi::Py_tp_richcompare, richcompare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
        ],
        methods: methods! {
            c"get", get, c"get($self, key, default=None, /)\n--\n\nReturn the value of key, or default.";
            c"pop", pop, c"pop($self, key, /, *default)\n--\n\nRemove key and return its value, or default.";
            none c"popitem", popitem, c"popitem($self, /)\n--\n\nRemove and return the last pair.";
            c"setdefault", setdefault,
                c"setdefault($self, key, default=None, /)\n--\n\nReturn the value of key, which is set to default if missing.";
            c"update", update, c"update($self, other=(), /, **kwds)\n--\n\nPut all entries of other in, or none if one does not fit.";
            none c"clear", clear, c"clear($self, /)\n--\n\nRemove all entries.";
            none c"keys", |this| view(this, Which::Keys), c"keys($self, /)\n--\n\nA view of the keys.";
            none c"values", |this| view(this, Which::Values), c"values($self, /)\n--\n\nA view of the values.";
            none c"items", |this| view(this, Which::Items),
                c"items($self, /)\n--\n\nA view of the pairs of key and value.";
            none c"copy", copy, c"copy($self, /)\n--\n\nReturn a new map of the same entries.";
            none c"__reversed__", |this| {
                part::new(this, Kind::MapBackwards(Which::Keys))
            }, c"__reversed__($self, /)\n--\n\nReturn an iterator over the keys, the last one first.";
            class c"fromkeys", fromkeys,
                c"fromkeys($cls, iterable, value=None, /)\n--\n\nReturn a new map with the keys of an iterable, all of one value.";
            class_one c"__class_getitem__", class_getitem,
                c"__class_getitem__($cls, item, /)\n--\n\nReturn the class as a map of keys and values of some types.";
        },
    }
}

fn raw<'a>(object: RawObject) -> Option<&'a RawMap> {
    // SAFETY: the class's functions are only called on wrappers of maps, which keep them alive.
    unsafe { object.cast_raw(Map::<Any, Any>::TYPE) }
}

pub(super) fn map<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawMap> {
    object(this, raw)
}

/// The plain `dict` of the same entries.
pub(super) fn plain<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(this.py());
    // It is an error if the map changes meanwhile.
    for pair in part::new(this, Kind::Map(Which::Items))?.try_iter()? {
        let (key, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair?.extract()?;
        dict.set_item(key, value)?;
    }
    Ok(dict)
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of a map; CPython holds the arguments.

// Entries

entries! {
    subscript(this, key) = "__getitem__", find(this, key)?.ok_or_else(|| missing(key));
    iter(this) = "__iter__", part::new(this, Kind::Map(Which::Keys));
    repr(this) = "__repr__", super::repr(this, || Ok(plain(this)?.repr()?.to_string()));
    or(a, b) = "__or__", union(a, b);
    inplace_or(this, other) = "__ior__", {
        let entries = this.py().get_type::<PyDict>().call1((other,))?;
        put_all(this, &entries)?;
        Ok(this.clone())
    };
}

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(map(&this)?.len())?))
}

unsafe extern "C" fn contains(wrapper: *mut ffi::PyObject, key: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, key] = unsafe { bind([wrapper, key]) };
    give_int(&this, "__contains__", || has(&this, &key).map(c_int::from))
}

fn missing(key: &Bound<'_, PyAny>) -> PyErr {
    // In a tuple of its own, so that a key that is a tuple stays one.
    PyKeyError::new_err((key.clone().unbind(),))
}

/// What `dict` says of a key that cannot be hashed.
fn check_key(key: &Bound<'_, PyAny>) -> PyResult<()> {
    key.hash().map(drop)
}

pub(super) fn has(this: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
    check_key(key)?;
    map(this)?.contains(decoder(key)).map_err(|error| raise(this.py(), error))
}

pub(super) fn find<'py>(this: &Bound<'py, PyAny>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    check_key(key)?;
    let value = map(this)?.get(decoder(key), out(this.py())).map_err(|error| raise(this.py(), error))?;
    Ok(value.map(|value| bound(this.py(), value)))
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
    give_int(&this, if value.is_some() { "__setitem__" } else { "__delitem__" }, || {
        check_key(&key)?;
        let map = map(&this)?;
        let done = match &value {
            Some(value) => map.set(decoder(&key), decoder(value)).map(|()| true),
            None => map.delete(decoder(&key)),
        };
        match done.map_err(|error| raise(this.py(), error))? {
            true => Ok(0),
            false => Err(missing(&key)),
        }
    })
}

/// Puts all entries of a `dict` in.
fn put_all(this: &Bound<'_, PyAny>, entries: &Bound<'_, PyAny>) -> PyResult<()> {
    map(this)?.extend(decoder(entries)).map_err(|error| raise(this.py(), error))
}

// Operators

/// Of two maps, or a map and a `dict`: a map of what ours is of.
fn union<'py>(a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = a.py();
    let (ours, other) = (object_in(a, raw)?, object_in(b, raw)?);
    let is_dict = |value: &Bound<'_, PyAny>| value.is_instance_of::<PyDict>();
    if !(ours.is_some() || is_dict(a)) || !(other.is_some() || is_dict(b)) {
        return Ok(not_implemented(py));
    }
    let union = match (ours, other) {
        (Some(map), _) => owned(py, map.copy())?,
        (None, Some(map)) => {
            let union = owned(py, map.copy())?;
            super::map::map(&union)?.clear().map_err(|error| raise(py, error))?;
            put_all(&union, a)?;
            union
        }
        (None, None) => return Ok(not_implemented(py)),
    };
    put_all(&union, b)?;
    Ok(union)
}

/// As dicts compare; with `dict` too.
unsafe extern "C" fn richcompare(
    wrapper: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    give(&this, "__eq__", || {
        let is_map = other.is_instance_of::<PyDict>() || object_in(&other, raw)?.is_some();
        if !is_map || !matches!(op, ffi::Py_EQ | ffi::Py_NE) {
            return Ok(not_implemented(this.py()));
        }
        let answer = same_entries(&this, &other)? == (op == ffi::Py_EQ);
        Ok(PyBool::new(this.py(), answer).to_owned().into_any())
    })
}

/// Each of our entries is looked up in the other one, which is a map or a `dict`. As with dicts, either may change meanwhile.
fn same_entries(this: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (py, map) = (this.py(), map(this)?);
    if map.len() != other.len()? {
        return Ok(false);
    }
    let mut place = 0;
    while let Some((after, key, value)) = map.next(place, out(py)).map_err(|error| raise(py, error))? {
        let (key, value) = (bound(py, key), bound(py, value));
        let theirs = match other.cast::<PyDict>() {
            Ok(dict) => find_in(dict, &key)?,
            Err(_) => find(other, &key)?,
        };
        match theirs {
            Some(theirs) if equal(&theirs, &value)? => place = after,
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// The value of a key in a `dict`, which does not know a NaN that went through Rust.
fn find_in<'py>(dict: &Bound<'py, PyDict>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if nan(key).is_none() {
        return dict.get_item(key);
    }
    for (other, value) in dict.copy()? {
        if nan(&other) == nan(key) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

// Methods

type Given<'py> = PyResult<Bound<'py, PyAny>>;

fn view<'py>(this: &Bound<'py, PyAny>, which: Which) -> Given<'py> {
    // A view of what cannot be used would only fail later.
    map(this)?;
    part::new(this, Kind::View(which))
}

/// A key and a second argument.
fn key_and<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> PyResult<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>)> {
    let [key, other] = args.at_least(1, this)?;
    Ok((key.unwrap_or_else(|| this.py().None().into_bound(this.py())), other))
}

fn get<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let (key, default) = key_and(this, args)?;
    Ok(find(this, &key)?.or(default).unwrap_or_else(|| this.py().None().into_bound(this.py())))
}

fn pop<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let (py, (key, default)) = (this.py(), key_and(this, args)?);
    if map(this)?.is_empty() {
        // `dict` does not ask then whether the key is one.
        return default.ok_or_else(|| missing(&key));
    }
    check_key(&key)?;
    let value = map(this)?.remove(decoder(&key), out(py)).map_err(|error| raise(py, error))?;
    value.map(|value| bound(py, value)).or(default).ok_or_else(|| missing(&key))
}

fn popitem<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    let py = this.py();
    match map(this)?.pop(out(py)).map_err(|error| raise(py, error))? {
        Some((key, value)) => (bound(py, key), bound(py, value)).into_pyobject(py).map(Bound::into_any),
        None => Err(PyKeyError::new_err("popitem(): Map is empty")),
    }
}

fn setdefault<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let (py, (key, default)) = (this.py(), key_and(this, args)?);
    check_key(&key)?;
    let default = default.unwrap_or_else(|| py.None().into_bound(py));
    let value = map(this)?.set_default(decoder(&key), decoder(&default), out(py));
    value.map(|value| bound(py, value)).map_err(|error| raise(py, error))
}

fn update<'py>(this: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let py = this.py();
    let (positional, keywords) = args.all(py)?;
    // `dict` puts the two sources together, and says what is wrong with them.
    let entries = PyDict::new(py);
    entries.call_method("update", positional, Some(&keywords))?;
    put_all(this, &entries)?;
    Ok(py.None().into_bound(py))
}

fn clear<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    unit(this.py(), map(this)?.clear())
}

fn copy<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    owned(this.py(), map(this)?.copy())
}

fn fromkeys<'py>(class: &Bound<'py, PyAny>, args: Args<'py>) -> Given<'py> {
    let (keys, value) = key_and(class, args)?;
    let value = value.unwrap_or_else(|| class.py().None().into_bound(class.py()));
    let new = class.call0()?;
    for key in keys.try_iter()? {
        new.set_item(key?, &value)?;
    }
    Ok(new)
}
