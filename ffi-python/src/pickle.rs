//! Pickling and copying: what an object is made from, and what is put into it afterwards.
//!
//! An object is stored as `(_restore, (class, fields), state, items, pairs)`. Fields that can do without a value for a
//! while (cells of an `Option` or a `WeakObj`) go into the state, and the elements of mutable containers come after their
//! container, so that an object may refer back to itself through them.

use std::ptr::NonNull;

use ffi_object::__private::{Arguments, Decoder, Encoder, FieldInfo, ParamKind, RawObject};
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::Error;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::call::build_from;
use crate::class::{self, ClassData};
use crate::containers;
use crate::error::to_exception;
use crate::frontend::{handle, PYTHON, STORING};
use crate::instance;

/// The key of the instance's own attributes in the state; no field has this name.
const ATTRIBUTES: &str = "";

/// The key of the elements of a set in the state, which must be there before they are; no field has this name either.
const ELEMENTS: &str = "()";

fn object_of(wrapper: &Bound<'_, PyAny>) -> PyResult<RawObject> {
    // SAFETY: callers have a wrapper, and are attached.
    unsafe { instance::object_of(wrapper.as_ptr()) }.map_err(|error| to_exception(wrapper.py(), error))
}

fn read<'py>(py: Python<'py>, object: RawObject, field: &FieldInfo) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: attached.
    let out = unsafe { Encoder::new(&STORING, Policy::Cached) };
    // SAFETY: the caller's wrapper keeps the object alive, and its type lists the field.
    let value = unsafe { field.get(object, out) }.map_err(|error| to_exception(py, error))?;
    // SAFETY: a new reference.
    Ok(unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) })
}

/// `__reduce_ex__`.
pub(crate) fn reduce<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = this.py();
    let object = object_of(this)?;
    // SAFETY: the wrapper keeps the object alive.
    let info = unsafe { object.info() };
    let container = containers::is_container(info);
    if info.constructor().is_none() && !container {
        return Err(PyTypeError::new_err(format!("cannot pickle '{}' object", this.get_type().qualname()?)));
    }
    let (fields, state) = fields_and_state(this, object)?;
    containers::add_argument(this, info, &fields)?;
    let restore = crate::tools::ffi_module(py)?.getattr(intern!(py, "_restore"))?;
    let state = if state.is_empty() { py.None().into_bound(py) } else { state.into_any() };
    let none = py.None().into_bound(py);
    let (items, pairs) = if container { containers::parts_of(this, info)? } else { (none.clone(), none) };
    (restore, (this.get_type(), fields), state, items, pairs).into_pyobject(py).map(Bound::into_any)
}

/// The values that an object is made from, and those that are put into it afterwards.
fn fields_and_state<'py>(
    this: &Bound<'py, PyAny>,
    object: RawObject,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let py = this.py();
    let (fields, state) = (PyDict::new(py), PyDict::new(py));
    // SAFETY: the wrapper keeps the object alive.
    let info = unsafe { object.info() };
    for (_, field) in info.all_fields() {
        let target = if field.ty().is_deferrable() { &state } else { &fields };
        // The same object for all objects of the type, so that `pickle` stores it once.
        target.set_item(PyString::intern(py, field.name), read(py, object, field)?)?;
    }
    if let Some(elements) = containers::elements_of(this, info)? {
        state.set_item(ELEMENTS, elements)?;
    }
    let class = this.get_type_ptr();
    // SAFETY: a type, on an attached thread.
    let is_subclass = !unsafe { instance::is_native(class) };
    let attributes = if is_subclass || info.has_dict() { instance_attributes(this)? } else { PyDict::new(py) };
    if !attributes.is_empty() {
        state.set_item(ATTRIBUTES, attributes)?;
    }
    Ok((fields, state))
}

/// A copy of an array, of its class, made of other items, with what `copy` makes of its state for the new array.
pub(crate) fn rebuilt<'py>(
    this: &Bound<'py, PyAny>,
    items: &Bound<'py, PyTuple>,
    copy: impl FnOnce(&Bound<'py, PyAny>, &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (fields, state) = fields_and_state(this, object_of(this)?)?;
    fields.set_item(containers::ITEMS, items)?;
    let new = restore(&this.get_type(), &fields)?;
    if !state.is_empty() {
        set_state(&new, &copy(&new, &state)?)?;
    }
    Ok(new)
}

/// What Python has put on the instance: its `__dict__` and the slots of its class.
fn instance_attributes<'py>(this: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = this.py();
    let attributes = PyDict::new(py);
    if let Some(dict) = this.getattr_opt("__dict__")? {
        attributes.update(dict.cast::<PyDict>()?.as_mapping())?;
    }
    // What `copyreg` and `object.__reduce_ex__` do for slots.
    static SLOT_NAMES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let names = SLOT_NAMES.import(py, "copyreg", "_slotnames")?.call1((this.get_type(),))?;
    for name in names.try_iter()? {
        let name = name?;
        if let Some(value) = this.getattr_opt(name.cast::<PyString>()?)? {
            attributes.set_item(name, value)?;
        }
    }
    Ok(attributes)
}

/// `__setstate__`.
pub(crate) fn set_state(this: &Bound<'_, PyAny>, state: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = this.py();
    let object = object_of(this)?;
    // SAFETY: the wrapper keeps the object alive.
    let info = unsafe { object.info() };
    let Ok(state) = state.cast::<PyDict>() else {
        return Err(PyTypeError::new_err(format!("{}.__setstate__() takes a dict", info.name)));
    };
    for (key, value) in state {
        let key = key.extract::<String>()?;
        if key == ATTRIBUTES {
            for (name, value) in value.cast::<PyDict>()? {
                this.setattr(name.cast::<PyString>()?, value)?;
            }
            continue;
        }
        if key == ELEMENTS {
            containers::restore_elements(this, &value)?;
            continue;
        }
        let Some((owner, field)) = info.all_fields().find(|(_, field)| field.name == key) else {
            return Err(PyTypeError::new_err(format!("{} has no field '{key}'", info.name)));
        };
        let Some(value) = handle(value.as_ptr()) else { continue };
        // SAFETY: the dict keeps the value alive; attached.
        let value = unsafe { Decoder::new(&PYTHON, value) };
        // SAFETY: the wrapper keeps the object alive, and its type lists the field.
        unsafe { field.set(object, value) }
            .map_err(|error| to_exception(py, error.at(format_args!("{}.{key}", owner.name))))?;
    }
    Ok(())
}

/// `__replace__`: a call of the class with the fields that its constructor takes, as for a dataclass.
pub(crate) fn replace<'py>(
    this: &Bound<'py, PyAny>,
    positional: usize,
    changes: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the wrapper keeps the object alive.
    let info = unsafe { object_of(this)?.info() };
    let name = info.name;
    if positional != 0 {
        let given = positional + 1;
        return Err(PyTypeError::new_err(format!(
            "{name}.__replace__() takes 1 positional argument but {given} were given"
        )));
    }
    // SAFETY: a wrapper.
    let called = unsafe { ClassData::of_wrapper(this.as_ptr()) }.constructor;
    if !called.zip(info.constructor()).is_some_and(|(called, by_fields)| std::ptr::eq(called, by_fields)) {
        return Err(PyTypeError::new_err(format!(
            "{name}.__replace__(): '{name}' objects are not made from their fields"
        )));
    }
    // The call's own dict, which no one else has.
    let arguments = match changes {
        Some(changes) => changes.cast_into::<PyDict>()?,
        None => PyDict::new(this.py()),
    };
    for (_, field) in info.all_fields() {
        let is_given = arguments.contains(field.name)?;
        if field.param == ParamKind::Hidden {
            if is_given {
                return Err(PyTypeError::new_err(format!(
                    "{name}.__replace__(): field '{}' has init=False and cannot be given",
                    field.name
                )));
            }
        } else if !is_given {
            arguments.set_item(field.name, this.getattr(field.name)?)?;
        }
    }
    this.get_type().call((), Some(&arguments))
}

/// `ffi._restore(class, fields)`: an object from its fields, without `__init__`.
pub(crate) fn restore<'py>(class: &Bound<'py, PyAny>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let data = class::argument(class)?;
    let raise = |error: Error| to_exception(py, error);
    let constructor = containers::parts(data.info).map(|p| p.constructor).or(data.info.constructor());
    let Some(constructor) = constructor else {
        return Err(PyTypeError::new_err(format!("cannot restore '{}' objects", data.info.name)));
    };
    let params = constructor.signature.params;
    let values: Vec<Option<Bound<'_, PyAny>>> =
        params.iter().map(|p| fields.get_item(p.name)).collect::<PyResult<_>>()?;
    let slots: Vec<Option<RawHandle>> = values.iter().map(|v| v.as_ref().and_then(|v| handle(v.as_ptr()))).collect();
    // SAFETY: a class of ours or a subclass.
    let wrapper = unsafe { instance::new_empty(class.as_ptr().cast()) };
    let wrapper: NonNull<ffi::PyObject> = wrapper.ok_or_else(|| PyErr::fetch(py))?;
    // SAFETY: the new reference.
    let bound = unsafe { Bound::from_owned_ptr(py, wrapper.as_ptr()) };
    // SAFETY: `values` keeps them alive; attached.
    let args = unsafe { Arguments::new(&PYTHON, &constructor.signature, &slots) }.restoring();
    // SAFETY: an empty wrapper of this class.
    unsafe { build_from(py, wrapper, data, constructor, &args, false) }.map_err(raise)?;
    Ok(bound)
}

/// The arguments of `_restore`, which Python calls with a tuple.
pub(crate) fn restore_args<'py>(args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let [class, fields] = crate::tools::arguments("_restore", args, None)?;
    restore(&class, fields.cast::<PyDict>()?)
}
