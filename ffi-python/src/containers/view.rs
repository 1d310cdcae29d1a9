//! The views of a map: its keys, its values, its items, as they are at any time.

use std::ffi::{c_int, c_void};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PySet, PyTuple};

use super::map::{find, has, map, plain};
use super::method::{entries, equal, methods, not_implemented, repr_once};
use super::part::{self, viewed, Kind, Which};
use super::set::is_set;
use crate::convert::{bind, give, give_int};

type Given<'py> = PyResult<Bound<'py, PyAny>>;

/// The slots and methods of a view's class.
pub(super) fn slots(which: Which) -> (Vec<(c_int, *mut c_void)>, Vec<ffi::PyMethodDef>) {
    let mut slots = vec![
        (ffi::Py_sq_length, len as *mut c_void),
        (ffi::Py_tp_iter, iter as *mut c_void),
        (ffi::Py_tp_repr, repr as *mut c_void),
        (ffi::Py_tp_getset, (&raw const GETSET).cast_mut().cast()),
    ];
    let mut methods = methods! {
        none c"__reversed__", |this| {
            let (of, which) = of(this)?;
            part::new(&of, Kind::MapBackwards(which))
        }, c"__reversed__($self, /)\n--\n\nReturn an iterator over the view, the last one first.";
    };
    if which != Which::Values {
        slots.extend([
            (ffi::Py_sq_contains, contains as *mut c_void),
            (ffi::Py_tp_richcompare, richcompare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
            (ffi::Py_nb_and, and as *mut c_void),
            (ffi::Py_nb_or, or as *mut c_void),
            (ffi::Py_nb_xor, xor as *mut c_void),
            (ffi::Py_nb_subtract, subtract as *mut c_void),
        ]);
        methods.extend(methods! {
            one c"isdisjoint", |this, other| {
                Ok(PyBool::new(this.py(), disjoint(this, other)?).to_owned().into_any())
            }, c"isdisjoint($self, other, /)\n--\n\nWhether the view and an iterable have nothing in common.";
        });
    }
    (slots, methods)
}

/// The map of a view that is known to be one, and of which part it is.
fn of<'py>(view: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Which)> {
    viewed(view).ok_or_else(|| pyo3::exceptions::PyTypeError::new_err("not a view of a Map"))
}

/// A view as that of a plain `dict`; another value as it is.
fn as_builtin<'py>(value: &Bound<'py, PyAny>) -> Given<'py> {
    let Some((map, which)) = viewed(value) else { return Ok(value.clone()) };
    let name = match which {
        Which::Keys => "keys",
        Which::Values => "values",
        Which::Items => "items",
    };
    plain(&map)?.call_method0(name)
}

// SAFETY of all entry points below: called by CPython, attached, on a view; CPython holds the arguments.

entries! {
    iter(this) = "__iter__", {
        let (of, which) = of(this)?;
        part::new(&of, Kind::Map(which))
    };
    repr(this) = "__repr__", {
        let name = this.get_type().name()?;
        repr_once(this, name.to_str()?, || {
            Ok(PyList::new(this.py(), this.try_iter()?.collect::<PyResult<Vec<_>>>()?)?.repr()?.to_string())
        })
    };
    // Operators are called for either side. They do what `dict`'s do.
    and(a, b) = "__and__", if viewed(a).is_some() { intersection(a, b) } else { intersection(b, a) };
    or(a, b) = "__or__", changed(a, "update", b);
    subtract(a, b) = "__sub__", changed(a, "difference_update", b);
    // Values that are equal need no hash here: `dict` knows.
    xor(a, b) = "__xor__", as_builtin(a)?.bitxor(as_builtin(b)?);
}

/// A set of what one side has, changed by the other.
fn changed<'py>(a: &Bound<'py, PyAny>, change: &str, b: &Bound<'py, PyAny>) -> Given<'py> {
    let set = a.py().get_type::<PySet>().call1((a,))?;
    set.call_method1(change, (b,))?;
    Ok(set)
}

/// Goes through the smaller side, where that can be known.
fn intersection<'py>(view: &Bound<'py, PyAny>, other: &Bound<'py, PyAny>) -> Given<'py> {
    let (view, other) = if smaller(view, other)? { (other, view) } else { (view, other) };
    let common = PySet::empty(view.py())?;
    for value in other.try_iter()? {
        let value = value?;
        if view.contains(&value)? {
            common.add(value)?;
        }
    }
    Ok(common.into_any())
}

fn disjoint(view: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (view, other) = if smaller(view, other)? { (other, view) } else { (view, other) };
    for value in other.try_iter()? {
        if view.contains(value?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a view is smaller than a value that is a set.
fn smaller(view: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(compares(other)? && view.len()? < other.len()?)
}

unsafe extern "C" fn len(view: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([view]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(map(&of(&this)?.0)?.len())?))
}

unsafe extern "C" fn contains(view: *mut ffi::PyObject, value: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, value] = unsafe { bind([view, value]) };
    give_int(&this, "__contains__", || {
        let (of, which) = of(&this)?;
        if which == Which::Keys {
            return has(&of, &value).map(c_int::from);
        }
        let Ok(pair) = value.cast::<PyTuple>() else { return Ok(0) };
        if pair.len() != 2 {
            return Ok(0);
        }
        let found = find(&of, &pair.get_item(0)?)?;
        found.map_or(Ok(0), |found| equal(&found, &pair.get_item(1)?).map(c_int::from))
    })
}

/// As sets compare.
unsafe extern "C" fn richcompare(view: *mut ffi::PyObject, other: *mut ffi::PyObject, op: c_int) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([view, other]) };
    give(&this, "__eq__", || {
        if !compares(&other)? {
            return Ok(not_implemented(this.py()));
        }
        let (a, b) = (this.len()?, other.len()?);
        let answer = match op {
            // The view knows which values are the same as what it holds.
            ffi::Py_EQ => a == b && all_in(&other, &this)?,
            ffi::Py_NE => a != b || !all_in(&other, &this)?,
            ffi::Py_LT => a < b && all_in(&this, &other)?,
            ffi::Py_LE => a <= b && all_in(&this, &other)?,
            ffi::Py_GT => a > b && all_in(&other, &this)?,
            _ => a >= b && all_in(&other, &this)?,
        };
        Ok(PyBool::new(this.py(), answer).to_owned().into_any())
    })
}

/// Whether a value is what sets and a `dict`'s views compare with: a set, or a view of keys or items.
pub(super) fn compares(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Some((_, which)) = viewed(value) {
        return Ok(which != Which::Values);
    }
    if is_set(value)? {
        return Ok(true);
    }
    let views = PyDict::new(value.py());
    let is_view = |name| value.is_instance(&views.call_method0(name)?.get_type());
    Ok(is_view("keys")? || is_view("items")?)
}

fn all_in(values: &Bound<'_, PyAny>, set: &Bound<'_, PyAny>) -> PyResult<bool> {
    for value in values.try_iter()? {
        if !set.contains(value?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The attributes: `mapping`, and the end.
static GETSET: Attributes = Attributes([
    ffi::PyGetSetDef {
        name: c"mapping".as_ptr(),
        get: Some(mapping),
        set: None,
        doc: c"The map, to be read.".as_ptr(),
        closure: std::ptr::null_mut(),
    },
    ffi::PyGetSetDef {
        name: std::ptr::null(),
        get: None,
        set: None,
        doc: std::ptr::null(),
        closure: std::ptr::null_mut(),
    },
]);

#[repr(transparent)]
struct Attributes([ffi::PyGetSetDef; 2]);

// SAFETY: what it points to is never written.
unsafe impl Sync for Attributes {}

unsafe extern "C" fn mapping(view: *mut ffi::PyObject, _: *mut c_void) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this] = unsafe { bind([view]) };
    give(&this, "mapping", || this.py().import("types")?.getattr("MappingProxyType")?.call1((of(&this)?.0,)))
}
