//! `Map` in Python: a `MutableMapping`.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use ffi_object::__private::{Arguments, Build, Constructor, Encoder, Param, ParamKind, RawMap, RawObject, Signature};
use ffi_object::frontend::Policy;
use ffi_object::{Any, Error, FfiObject, Map};
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

use super::method::{self, bound, decoder, exactly, methods, mixin, raise};
use super::Parts;
use crate::convert::{bind, give, give_int};
use crate::error::{catch_exception, discard};
use crate::frontend::PYTHON;

struct FromMapping;

impl Build<Map<Any, Any>> for FromMapping {
    fn build(args: &Arguments<'_>) -> Result<Map<Any, Any>, Error> {
        let map = RawMap::open_value();
        if let Some(entries) = args.slot(0) {
            map.as_raw().extend(entries)?;
        }
        Ok(map)
    }
}

static CONSTRUCTOR: Constructor = Constructor::new::<Map<Any, Any>, FromMapping>(
    Signature {
        name: "Map",
        params: &[Param {
            name: "mapping",
            default: Some("()"),
            type_name: || "Mapping".into(),
            kind: ParamKind::PositionalOrKeyword,
        }],
    },
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
            (ffi::Py_tp_iter, iter as *mut c_void),
            (ffi::Py_tp_repr, repr as *mut c_void),
            (ffi::Py_tp_richcompare, compare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
        ],
        methods: methods! {
            c"get", |this, args, kwargs| mixin("Mapping", "get", this, args, kwargs),
                c"get($self, key, default=None)\n--\n\nReturn the value of key, or default.";
            c"pop", pop, c"pop($self, key, /, *default)\n--\n\nRemove key and return its value, or default.";
            c"popitem", popitem, c"popitem($self, /)\n--\n\nRemove and return the last pair.";
            c"setdefault", |this, args, kwargs| mixin("MutableMapping", "setdefault", this, args, kwargs),
                c"setdefault($self, key, default=None)\n--\n\nReturn the value of key, which is set to default if missing.";
            c"update", update, c"update($self, other=(), /, **kwds)\n--\n\nPut all entries of other in, or none if one does not fit.";
            c"clear", clear, c"clear($self, /)\n--\n\nRemove all entries.";
            c"keys", |this, args, kwargs| view("KeysView", this, args, kwargs),
                c"keys($self, /)\n--\n\nA view of the keys.";
            c"values", |this, args, kwargs| view("ValuesView", this, args, kwargs),
                c"values($self, /)\n--\n\nA view of the values.";
            c"items", |this, args, kwargs| view("ItemsView", this, args, kwargs),
                c"items($self, /)\n--\n\nA view of the pairs of key and value.";
            c"copy", copy, c"copy($self, /)\n--\n\nReturn a new map of the same entries.";
        },
    }
}

fn raw<'a>(object: RawObject) -> Option<&'a RawMap> {
    // SAFETY: the class's functions are only called on wrappers of maps, which keep them alive.
    unsafe { object.cast_raw(Map::<Any, Any>::TYPE) }
}

fn map<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawMap> {
    method::object(this, raw)
}

fn out<'py>(_: Python<'py>) -> Encoder<'py> {
    // SAFETY: the token says that the thread is attached. Values are canonical.
    unsafe { Encoder::new(&PYTHON, Policy::Cached) }
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of a map; CPython holds the arguments.

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(map(&this)?.len())?))
}

fn find<'py>(this: &Bound<'py, PyAny>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    // What `dict` says of a key that cannot be hashed.
    key.hash()?;
    let value = map(this)?.get(decoder(key)?, out(this.py())).map_err(|error| raise(this.py(), error))?;
    Ok(value.map(|value| bound(this.py(), value)))
}

fn take<'py>(this: &Bound<'py, PyAny>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    key.hash()?;
    let value = map(this)?.remove(decoder(key)?, out(this.py())).map_err(|error| raise(this.py(), error))?;
    Ok(value.map(|value| bound(this.py(), value)))
}

unsafe extern "C" fn subscript(wrapper: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, key] = unsafe { bind([wrapper, key]) };
    let run = || find(&this, &key)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()));
    give(&this, "__getitem__", run)
}

unsafe extern "C" fn contains(wrapper: *mut ffi::PyObject, key: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, key] = unsafe { bind([wrapper, key]) };
    give_int(&this, "__contains__", || Ok(c_int::from(find(&this, &key)?.is_some())))
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
    let run = || match value {
        Some(value) => {
            key.hash()?;
            let done = map(&this)?.set(decoder(&key)?, decoder(&value)?);
            done.map(|()| 0).map_err(|error| raise(this.py(), error))
        }
        None => {
            key.hash()?;
            match map(&this)?.delete(decoder(&key)?).map_err(|error| raise(this.py(), error))? {
                true => Ok(0),
                false => Err(PyKeyError::new_err(key.clone().unbind())),
            }
        }
    };
    give_int(&this, "__setitem__", run)
}

/// An iterator over the keys, which ends with an error if the map's size changes meanwhile.
unsafe extern "C" fn iter(wrapper: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__iter__", || keys(&this))
}

fn keys<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = this.py();
    let (len, place) = (map(this)?.len(), AtomicUsize::new(0));
    let end = py.import("builtins")?.getattr("object")?.call0()?;
    let (owner, sentinel) = (this.clone().unbind(), end.clone().unbind());
    let next = PyCFunction::new_closure(py, None, None, move |args, _| {
        let py = args.py();
        let map = map(owner.bind(py))?;
        if map.len() != len {
            return Err(PyRuntimeError::new_err("Map changed size during iteration"));
        }
        let next = || map.next(place.load(Ordering::Relaxed), out(py)).map_err(|error| raise(py, error));
        Ok(match catch_exception(py, || "Map.__iter__()".into(), next)? {
            Some((after, key, _)) => {
                place.store(after, Ordering::Relaxed);
                bound(py, key).unbind()
            }
            None => sentinel.clone_ref(py),
        })
    })?;
    // SAFETY: a callable and the value that ends the iteration.
    let iterator = unsafe { ffi::PyCallIter_New(next.as_ptr(), end.as_ptr()) };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, iterator) }
}

/// The plain `dict` of the same entries.
fn plain<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = this.py();
    let dict = PyDict::new(py);
    let (map, mut place) = (map(this)?, 0);
    while let Some((after, key, value)) = map.next(place, out(py)).map_err(|error| raise(py, error))? {
        dict.set_item(bound(py, key), bound(py, value))?;
        place = after;
    }
    Ok(dict)
}

unsafe extern "C" fn repr(wrapper: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give(&this, "__repr__", || super::repr(&this, || plain(&this).map(Bound::into_any)))
}

/// As dicts compare; with `dict` too.
unsafe extern "C" fn compare(wrapper: *mut ffi::PyObject, other: *mut ffi::PyObject, op: c_int) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    let run = || {
        let other = if other.is_instance_of::<PyDict>() {
            other.clone()
        } else if method::is(&other, raw) {
            plain(&other)?.into_any()
        } else {
            return Ok(this.py().NotImplemented().into_bound(this.py()));
        };
        if op != ffi::Py_EQ && op != ffi::Py_NE {
            return Ok(this.py().NotImplemented().into_bound(this.py()));
        }
        super::compare_plain(plain(&this)?.as_any(), &other, op)
    };
    give(&this, "__eq__", run)
}

fn view<'py>(
    name: &str,
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("Map view", args, kwargs)?;
    this.py().import("collections.abc")?.getattr(name)?.call1((this,))
}

fn pop<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (key, default) = if args.len() == 2 {
        let [key, default] = exactly("Map.pop", args, kwargs)?;
        (key, Some(default))
    } else {
        let [key] = exactly("Map.pop", args, kwargs)?;
        (key, None)
    };
    take(this, &key)?.or(default).ok_or_else(|| PyKeyError::new_err(key.unbind()))
}

fn popitem<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("Map.popitem", args, kwargs)?;
    let pair = plain(this)?.call_method0("popitem").map_err(|exception| {
        discard(exception);
        PyKeyError::new_err("popitem(): Map is empty")
    })?;
    this.del_item(pair.get_item(0)?)?;
    Ok(pair)
}

fn update<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    if args.len() > 1 {
        let count = args.len();
        return Err(PyTypeError::new_err(format!("Map.update() takes at most 1 positional argument ({count} given)")));
    }
    let py = this.py();
    // `dict` puts the two sources together.
    let all = py.get_type::<PyDict>().call(args, kwargs)?;
    map(this)?.extend(decoder(&all)?).map_err(|error| raise(py, error))?;
    Ok(py.None().into_bound(py))
}

fn clear<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("Map.clear", args, kwargs)?;
    map(this)?.clear().map_err(|error| raise(this.py(), error))?;
    Ok(this.py().None().into_bound(this.py()))
}

fn copy<'py>(
    this: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let [] = exactly("Map.copy", args, kwargs)?;
    let py = this.py();
    let copy = map(this)?.copy().map_err(|error| raise(py, error))?;
    out(py).owned_object(copy).map(|value| bound(py, value)).map_err(|error| raise(py, error))
}
