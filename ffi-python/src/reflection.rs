//! Reflection: `ffi.fields` and `ffi.type_info`, what the registry knows of a class, as immutable Python values.

use ffi_object::__private::{Encoder, ParamKind};
use ffi_object::frontend::Policy;
use ffi_object::{FieldInfo, TypeInfo, Value};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyTuple, PyType};

use crate::class::{self, ClassData};
use crate::convert::class_name;
use crate::error::to_exception;
use crate::frontend::PYTHON;
use crate::instance::{self, Link};
use crate::signature::literal;
use crate::tools::{arguments, Tool};

pub(crate) const TOOLS: [(&str, &str, Tool); 2] = [
    (
        "fields",
        "(cls, /)\n--\n\nThe fields of a class of objects, or of an object's class, as a tuple of ffi.FieldInfo: those of the base \
         first.",
        fields,
    ),
    ("type_info", "(cls, /)\n--\n\nWhat is known of a class of objects, or of an object's class, as an ffi.TypeInfo.", type_info),
];

const FIELD_INFO: [&str; 10] =
    ["name", "type", "required", "default", "kw_only", "init", "repr", "read_only", "doc", "owner"];
const TYPE_INFO: [&str; 13] = [
    "key",
    "name",
    "module",
    "doc",
    "cls",
    "base",
    "fields",
    "size",
    "traced",
    "final",
    "dict",
    "no_wrapper",
    "source",
];

/// Adds the classes of what the tools give back.
pub(crate) fn add_to(ffi: &Bound<'_, PyAny>, module: &str) -> PyResult<()> {
    let py = ffi.py();
    let make = py.import("collections")?.getattr("namedtuple")?;
    let options = [("module", module)].into_py_dict(py)?;
    let classes: [(&str, &[&str], &str); 2] = [
        (
            "FieldInfo",
            &FIELD_INFO,
            "What is known of a field. A default of ... is one that is computed for each object.",
        ),
        (
            "TypeInfo",
            &TYPE_INFO,
            "What is known of a type of objects. The size is that of an object's allocation, in bytes.",
        ),
    ];
    for (name, fields, doc) in classes {
        let class = make.call((name, fields), Some(&options))?;
        class.setattr("__doc__", doc)?;
        ffi.setattr(name, class)?;
    }
    Ok(())
}

fn new<'py>(py: Python<'py>, name: &str, values: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    crate::tools::ffi_module(py)?.getattr(name)?.call1(PyTuple::new(py, values)?)
}

fn fields(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [of] = arguments("fields", args, kwargs)?;
    Ok(all_fields(args.py(), info_of("fields", &of)?)?.into_any().unbind())
}

/// The type of a class or of an object.
fn info_of(function: &str, of: &Bound<'_, PyAny>) -> PyResult<&'static TypeInfo> {
    if of.is_instance_of::<PyType>() {
        return Ok(class::argument(of)?.info);
    }
    // SAFETY: a Python object, on an attached thread.
    if !unsafe { instance::is_wrapper(of.as_ptr()) } {
        // SAFETY: as above.
        let got = unsafe { class_name(of.as_ptr()) };
        return Err(PyTypeError::new_err(format!(
            "{function}() argument must be a class of objects or an Object, not {got}"
        )));
    }
    // SAFETY: just checked.
    match unsafe { instance::link_of(of.as_ptr()) } {
        // SAFETY: the wrapper keeps it alive.
        Link::To(object, _) => Ok(unsafe { object.info() }),
        // SAFETY: a wrapper.
        Link::Empty | Link::Spent => Ok(unsafe { ClassData::of_wrapper(of.as_ptr()) }.info),
    }
}

fn all_fields<'py>(py: Python<'py>, info: &'static TypeInfo) -> PyResult<Bound<'py, PyTuple>> {
    let all = info.all_fields().map(|(owner, field)| field_info(py, owner, field)).collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, all)
}

fn field_info<'py>(py: Python<'py>, owner: &'static TypeInfo, field: &FieldInfo) -> PyResult<Bound<'py, PyAny>> {
    let text = |text: &str| text.into_pyobject(py).map(Bound::into_any).map_err(PyErr::from);
    let truth = |truth: bool| truth.into_pyobject(py).map(|b| b.to_owned().into_any()).map_err(PyErr::from);
    let values = vec![
        text(field.name)?,
        text(&field.type_name())?,
        truth(field.is_required())?,
        default(py, field)?,
        truth(field.param == ParamKind::KeywordOnly)?,
        truth(field.param != ParamKind::Hidden)?,
        truth(field.repr)?,
        truth(field.is_read_only())?,
        text(field.doc)?,
        class_of(py, Some(owner)),
    ];
    new(py, "FieldInfo", values)
}

/// A default, if it is known, or as `inspect.signature` has it: where there is no short form, `...`.
fn default<'py>(py: Python<'py>, field: &FieldInfo) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = field.known_default() {
        // SAFETY: attached.
        let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
        let value = value.encode(out).map_err(|error| to_exception(py, error))?.into_raw();
        // SAFETY: a new reference.
        return Ok(unsafe { Bound::from_owned_ptr(py, value.as_ptr().cast()) });
    }
    match field.default {
        Some(rust) => py.import("ast")?.call_method1("literal_eval", (literal(rust),)),
        None if field.is_required() => Ok(py.None().into_bound(py)),
        None => Ok(py.Ellipsis().into_bound(py)),
    }
}

/// The class that objects of a type appear as, or `None`.
fn class_of<'py>(py: Python<'py>, info: Option<&'static TypeInfo>) -> Bound<'py, PyAny> {
    info.and_then(ClassData::get).map_or_else(|| py.None().into_bound(py), |data| data.shown_class(py))
}

fn type_info(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let py = args.py();
    let [of] = arguments("type_info", args, kwargs)?;
    let info = info_of("type_info", &of)?;
    let class = class_of(py, Some(info));
    let module = class.getattr_opt("__module__")?.unwrap_or_else(|| py.None().into_bound(py));
    let text = |text: &str| text.into_pyobject(py).map(Bound::into_any).map_err(PyErr::from);
    let truth = |truth: bool| truth.into_pyobject(py).map(|b| b.to_owned().into_any()).map_err(PyErr::from);
    let values = vec![
        text(info.key)?,
        text(info.name)?,
        module,
        text(info.doc)?,
        class,
        class_of(py, info.base()),
        all_fields(py, info)?.into_any(),
        info.size().into_pyobject(py)?.into_any(),
        truth(info.is_traced())?,
        truth(info.options.is_final())?,
        truth(info.has_dict())?,
        truth(info.options.is_unwrapped())?,
        text(&info.source.to_string())?,
    ];
    Ok(new(py, "TypeInfo", values)?.unbind())
}
