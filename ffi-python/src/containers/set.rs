//! `Set` in Python: what `set` can do.

use std::ffi::{c_int, c_void};

use ffi_object::__private::{
    Arguments, Build, Common, Constructor, Param, ParamKind, RawObject, RawSet, SetOperation, Signature,
};
use ffi_object::{Any, Error, FfiObject, Set};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFrozenSet, PyList, PySet};
use SetOperation::{Difference, Intersection, SymmetricDifference, Union};

use super::method::{bound, class_getitem, decoder, entries, methods, not_implemented, object, object_in};
use super::method::{out, owned, raise, unit, Args};
use super::part::{self, Kind};
use super::view::compares;
use super::Parts;
use crate::convert::{bind, give, give_int};
use crate::error::{discard, from_exception};

struct FromIterable;

impl Build<Set<Any>> for FromIterable {
    fn build(args: &Arguments<'_>) -> Result<Set<Any>, Error> {
        let set = RawSet::open_value();
        if let Some(elements) = args.slot(0) {
            // SAFETY: an argument of a call from Python, which holds it meanwhile, on an attached thread.
            let [elements] = unsafe { bind([elements.as_raw().as_ptr().cast()]) };
            fill(set.as_raw(), &elements).map_err(from_exception)?;
        }
        Ok(set)
    }
}

static CONSTRUCTOR: Constructor = Constructor::new::<Set<Any>, FromIterable>(
    Signature::new(
        "Set",
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
            (ffi::Py_sq_contains, contains as *mut c_void),
            (ffi::Py_nb_and, and as *mut c_void),
            (ffi::Py_nb_or, or as *mut c_void),
            (ffi::Py_nb_subtract, subtract as *mut c_void),
            (ffi::Py_nb_xor, xor as *mut c_void),
            (ffi::Py_nb_inplace_and, inplace_and as *mut c_void),
            (ffi::Py_nb_inplace_or, inplace_or as *mut c_void),
            (ffi::Py_nb_inplace_subtract, inplace_subtract as *mut c_void),
            (ffi::Py_nb_inplace_xor, inplace_xor as *mut c_void),
            (ffi::Py_tp_iter, iter as *mut c_void),
            (ffi::Py_tp_repr, repr as *mut c_void),
            (ffi::Py_tp_richcompare, richcompare as *mut c_void),
            (ffi::Py_tp_hash, ffi::PyObject_HashNotImplemented as *mut c_void),
        ],
        methods: methods! {
            one c"add", add, c"add($self, element, /)\n--\n\nAdd an element, unless it is there.";
            one c"discard", |this, element| {
                take_out(this, element)?;
                Ok(none(this))
            }, c"discard($self, element, /)\n--\n\nRemove an element if it is there.";
            one c"remove", remove, c"remove($self, element, /)\n--\n\nRemove an element, which must be there.";
            none c"pop", pop, c"pop($self, /)\n--\n\nRemove and return the last element.";
            none c"clear", clear, c"clear($self, /)\n--\n\nRemove all elements.";
            none c"copy", copy, c"copy($self, /)\n--\n\nReturn a new set of the same elements.";
            c"update", |this, args| change(this, args, Union),
                c"update($self, /, *others)\n--\n\nAdd the elements of all others, or none if one does not fit.";
            c"intersection_update", |this, args| change(this, args, Intersection),
                c"intersection_update($self, /, *others)\n--\n\nKeep the elements that all others have.";
            c"difference_update", |this, args| change(this, args, Difference),
                c"difference_update($self, /, *others)\n--\n\nRemove the elements of all others.";
            one c"symmetric_difference_update", |this, other| {
                combine(this, &hashable(other)?, SymmetricDifference)?;
                Ok(none(this))
            }, c"symmetric_difference_update($self, other, /)\n--\n\nRemove what the other has, and add what only it has.";
            c"union", |this, args| changed(this, args, Union),
                c"union($self, /, *others)\n--\n\nA new set of the elements of this and all others.";
            c"intersection", |this, args| changed(this, args, Intersection),
                c"intersection($self, /, *others)\n--\n\nA new set of the elements that all others have.";
            c"difference", |this, args| changed(this, args, Difference),
                c"difference($self, /, *others)\n--\n\nA new set of the elements that no other has.";
            one c"symmetric_difference", |this, other| {
                combined(this, &hashable(other)?, SymmetricDifference, false)
            }, c"symmetric_difference($self, other, /)\n--\n\nA new set of the elements that only one of the two has.";
            one c"isdisjoint", |this, other| {
                Ok(truth(this, is_disjoint(this, other)?))
            }, c"isdisjoint($self, other, /)\n--\n\nWhether the set and an iterable have nothing in common.";
            one c"issubset", |this, other| {
                let common = common(this, &hashable(other)?)?;
                Ok(truth(this, common.both == common.ours))
            }, c"issubset($self, other, /)\n--\n\nWhether an iterable has all elements of the set.";
            one c"issuperset", |this, other| {
                Ok(truth(this, is_superset(this, other)?))
            }, c"issuperset($self, other, /)\n--\n\nWhether the set has all elements of an iterable.";
            class_one c"__class_getitem__", class_getitem,
                c"__class_getitem__($cls, item, /)\n--\n\nReturn the class as a set of elements of a type.";
        },
    }
}

fn raw<'a>(object: RawObject) -> Option<&'a RawSet> {
    // SAFETY: the class's functions are only called on wrappers of sets, which keep them alive.
    unsafe { object.cast_raw(Set::<Any>::TYPE) }
}

pub(super) fn set<'a>(this: &'a Bound<'_, PyAny>) -> PyResult<&'a RawSet> {
    object(this, raw)
}

fn none<'py>(this: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    this.py().None().into_bound(this.py())
}

fn truth<'py>(this: &Bound<'py, PyAny>, answer: bool) -> Bound<'py, PyAny> {
    PyBool::new(this.py(), answer).to_owned().into_any()
}

/// The elements, as they are now.
pub(super) fn elements<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let all = PyList::empty(this.py());
    let copy = owned(this.py(), set(this)?.copy())?;
    for element in part::new(&copy, Kind::Set)?.try_iter()? {
        all.append(element?)?;
    }
    Ok(all)
}

/// Puts elements in that were in a set before, some of which may not be whole yet.
pub(super) fn restore(this: &Bound<'_, PyAny>, elements: &Bound<'_, PyAny>) -> PyResult<()> {
    combine(this, elements, Union)
}

// What others are

/// Whether a value is a set, as operators take it.
pub(super) fn is_set(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let plain = value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>();
    Ok(plain || object_in(value, raw)?.is_some())
}

/// Whether all that an iterable has can be hashed, and it can be gone through more than once.
fn is_hashable(elements: &Bound<'_, PyAny>) -> PyResult<bool> {
    let plain = elements.is_exact_instance_of::<PySet>() || elements.is_exact_instance_of::<PyFrozenSet>();
    Ok(plain || elements.is_exact_instance_of::<PyDict>() || object_in(elements, raw)?.is_some())
}

/// Puts the elements of an iterable into a set that no one else knows yet.
pub(super) fn fill(set: &RawSet, elements: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = elements.py();
    if is_hashable(elements)? {
        return set.combine(Union, decoder(elements)).map_err(|error| raise(py, error));
    }
    for element in elements.try_iter()? {
        let element = element?;
        element.hash()?;
        set.insert(decoder(&element)).map_err(|error| raise(py, error))?;
    }
    Ok(())
}

/// The elements of an iterable, all of which can be hashed, for the runtime to go through more than once.
fn hashable<'py>(elements: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if is_hashable(elements)? {
        return Ok(elements.clone());
    }
    let all = PyList::empty(elements.py());
    for element in elements.try_iter()? {
        let element = element?;
        element.hash()?;
        all.append(element)?;
    }
    Ok(all.into_any())
}

/// Whether an element can be one. What `set` says of one that cannot be hashed; a `set` stands for the `frozenset` of the
/// same elements, which none of ours is.
fn can_be_in(element: &Bound<'_, PyAny>) -> PyResult<bool> {
    match element.hash() {
        Ok(_) => Ok(true),
        Err(error) if element.is_instance_of::<PySet>() && error.is_instance_of::<PyTypeError>(element.py()) => {
            discard(error);
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn has(this: &Bound<'_, PyAny>, element: &Bound<'_, PyAny>) -> PyResult<bool> {
    if !can_be_in(element)? {
        return Ok(false);
    }
    set(this)?.contains(decoder(element)).map_err(|error| raise(this.py(), error))
}

fn take_out(this: &Bound<'_, PyAny>, element: &Bound<'_, PyAny>) -> PyResult<bool> {
    if !can_be_in(element)? {
        return Ok(false);
    }
    set(this)?.remove(decoder(element)).map_err(|error| raise(this.py(), error))
}

fn combine(this: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, how: SetOperation) -> PyResult<()> {
    set(this)?.combine(how, decoder(other)).map_err(|error| raise(this.py(), error))
}

fn combined<'py>(
    this: &Bound<'py, PyAny>,
    other: &Bound<'py, PyAny>,
    how: SetOperation,
    reversed: bool,
) -> PyResult<Bound<'py, PyAny>> {
    owned(this.py(), set(this)?.combined(how, decoder(other), reversed))
}

fn common(this: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<Common> {
    set(this)?.common(decoder(other)).map_err(|error| raise(this.py(), error))
}

// SAFETY of all entry points below: called by CPython, attached, on a wrapper of a set; CPython holds the arguments.

entries! {
    iter(this) = "__iter__", part::new(this, Kind::Set);
    repr(this) = "__repr__", super::repr(this, || {
        let list = elements(this)?.repr()?.to_string();
        // As `set` does it: what a list would say, in other brackets.
        Ok(match list.get(1..list.len() - 1) {
            Some(inner) if !inner.is_empty() => format!("{{{inner}}}"),
            _ => String::new(),
        })
    });
    // These are called for either side.
    and(a, b) = "__and__", operate(a, b, Intersection);
    or(a, b) = "__or__", operate(a, b, Union);
    subtract(a, b) = "__sub__", operate(a, b, Difference);
    xor(a, b) = "__xor__", operate(a, b, SymmetricDifference);
    inplace_and(this, other) = "__iand__", operate_in_place(this, other, Intersection);
    inplace_or(this, other) = "__ior__", operate_in_place(this, other, Union);
    inplace_subtract(this, other) = "__isub__", operate_in_place(this, other, Difference);
    inplace_xor(this, other) = "__ixor__", operate_in_place(this, other, SymmetricDifference);
}

/// Of two sets, one of which may be a `set` or `frozenset`: a set of what ours is of.
fn operate<'py>(a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>, how: SetOperation) -> PyResult<Bound<'py, PyAny>> {
    if !is_set(a)? || !is_set(b)? {
        return Ok(not_implemented(a.py()));
    }
    match object_in(a, raw)? {
        Some(_) => combined(a, b, how, false),
        // The same elements, and ours need not be of another type for them.
        None if how == Intersection => combined(b, a, how, false),
        None => combined(b, a, how, true),
    }
}

fn operate_in_place<'py>(
    this: &Bound<'py, PyAny>,
    other: &Bound<'py, PyAny>,
    how: SetOperation,
) -> PyResult<Bound<'py, PyAny>> {
    if !is_set(other)? {
        return Ok(not_implemented(this.py()));
    }
    combine(this, other, how)?;
    Ok(this.clone())
}

unsafe extern "C" fn len(wrapper: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see above.
    let [this] = unsafe { bind([wrapper]) };
    give_int(&this, "__len__", || Ok(ffi::Py_ssize_t::try_from(set(&this)?.len())?))
}

unsafe extern "C" fn contains(wrapper: *mut ffi::PyObject, element: *mut ffi::PyObject) -> c_int {
    // SAFETY: see above.
    let [this, element] = unsafe { bind([wrapper, element]) };
    give_int(&this, "__contains__", || has(&this, &element).map(c_int::from))
}

/// As sets compare; with `set`, `frozenset` and the views of mappings too.
unsafe extern "C" fn richcompare(
    wrapper: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    op: c_int,
) -> *mut ffi::PyObject {
    // SAFETY: see above.
    let [this, other] = unsafe { bind([wrapper, other]) };
    give(&this, "__eq__", || {
        if !compares(&other)? {
            return Ok(not_implemented(this.py()));
        }
        let (ours, theirs) = (set(&this)?.len(), other.len()?);
        // The numbers alone often know.
        let possible = match op {
            ffi::Py_EQ | ffi::Py_NE => ours == theirs,
            ffi::Py_LT => ours < theirs,
            ffi::Py_LE => ours <= theirs,
            ffi::Py_GT => ours > theirs,
            _ => ours >= theirs,
        };
        let holds = possible && {
            let Common { ours, theirs, both } = common(&this, &other)?;
            match op {
                ffi::Py_EQ | ffi::Py_NE => both == ours && both == theirs,
                ffi::Py_LT => both == ours && both < theirs,
                ffi::Py_LE => both == ours,
                ffi::Py_GT => both == theirs && both < ours,
                _ => both == theirs,
            }
        };
        Ok(truth(&this, holds != (op == ffi::Py_NE)))
    })
}

// Methods

type Given<'py> = PyResult<Bound<'py, PyAny>>;

fn add<'py>(this: &Bound<'py, PyAny>, element: &Bound<'py, PyAny>) -> Given<'py> {
    element.hash()?;
    unit(this.py(), set(this)?.insert(decoder(element)))
}

fn remove<'py>(this: &Bound<'py, PyAny>, element: &Bound<'py, PyAny>) -> Given<'py> {
    match take_out(this, element)? {
        true => Ok(none(this)),
        // In a tuple of its own, so that an element that is a tuple stays one.
        false => Err(PyKeyError::new_err((element.clone().unbind(),))),
    }
}

fn pop<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    let py = this.py();
    let element = set(this)?.pop(out(py)).map_err(|error| raise(py, error))?;
    element.map(|element| bound(py, element)).ok_or_else(|| PyKeyError::new_err("pop from an empty Set"))
}

fn clear<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    unit(this.py(), set(this)?.clear())
}

fn copy<'py>(this: &Bound<'py, PyAny>) -> Given<'py> {
    owned(this.py(), set(this)?.copy())
}

/// Changes the set by all others, or not at all if one cannot be gone through or does not fit.
fn change<'py>(this: &Bound<'py, PyAny>, args: Args<'py>, how: SetOperation) -> Given<'py> {
    let others = args.any_number(this)?;
    let others = others.iter().map(hashable).collect::<PyResult<Vec<_>>>()?;
    match &*others {
        [other] => combine(this, other, how)?,
        several if how == Union => {
            let all = PyList::empty(this.py());
            for other in several {
                all.call_method1("extend", (other,))?;
            }
            combine(this, &all, how)?;
        }
        several => several.iter().try_for_each(|other| combine(this, other, how))?,
    }
    Ok(none(this))
}

/// A new set that is changed by one other after the other.
fn changed<'py>(this: &Bound<'py, PyAny>, args: Args<'py>, how: SetOperation) -> Given<'py> {
    let others = args.any_number(this)?;
    let new = owned(this.py(), set(this)?.copy())?;
    for other in &others {
        combine(&new, &hashable(other)?, how)?;
    }
    Ok(new)
}

/// Goes no further than is needed to know.
fn is_disjoint(this: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    if is_set(other)? {
        return Ok(common(this, other)?.both == 0);
    }
    for element in other.try_iter()? {
        if has(this, &element?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Goes no further than is needed to know.
fn is_superset(this: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    if is_set(other)? {
        let common = common(this, other)?;
        return Ok(common.both == common.theirs);
    }
    for element in other.try_iter()? {
        if !has(this, &element?)? {
            return Ok(false);
        }
    }
    Ok(true)
}
