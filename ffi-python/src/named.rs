//! Functions by name, as Python sees them: `ffi.get_function` and its companions.

use ffi_object::__private::{Encoder, NamedKind, Value};
use ffi_object::frontend::Policy;
use ffi_object::{
    function_names, get_function, register_function, unregister_function, Function, NamedFunction, Obj, RustFunction,
};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyDict, PyList, PyString, PyTuple};

use crate::convert::raw;
use crate::error::to_exception;
use crate::frontend::PYTHON;
use crate::tools::{arguments, Tool};

pub(crate) const TOOLS: [(&str, &str, Tool); 4] = [
    (
        "get_function",
        "(name, default=..., /)\n--\n\nThe function of this name: one of Rust's, or one that was registered in either \
         language. Without a default, a name that is not there is a KeyError.",
        get,
    ),
    (
        "register_function",
        "(name, function=None, /, *, override=False)\n--\n\nRegister a callable by a name, under which Rust finds it too, and \
         return it. Without the callable, return a decorator. A name that is taken is a ValueError, unless it is that of a \
         registered function and override is true.",
        register,
    ),
    (
        "unregister_function",
        "(name, /)\n--\n\nForget a registered function, and return it. KeyError if there is none of this name.",
        unregister,
    ),
    ("function_names", "()\n--\n\nThe names of all functions, as a sorted list.", names),
];

/// The functions that the macros have submitted, as the module has them, by name.
static SUBMITTED: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// Says what the module's functions are.
pub(crate) fn set_submitted(functions: &Bound<'_, PyDict>) {
    let _ = SUBMITTED.set(functions.py(), functions.clone().unbind());
}

/// Forgets what was registered, so that it goes while there is an interpreter.
pub(crate) fn forget() {
    for name in function_names() {
        drop(unregister_function(&name));
    }
}

type Args<'a, 'py> = &'a Bound<'py, PyTuple>;
type Kwargs<'a, 'py> = Option<&'a Bound<'py, PyDict>>;

fn name_argument<'py>(function: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    value.cast::<PyString>().cloned().map_err(|_| {
        let class = value.get_type().name().map_or_else(|_| "object".into(), |name| name.to_string());
        PyTypeError::new_err(format!("{function}() argument 'name': expected str, got {class}"))
    })
}

fn get(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let default = args.get_item(1).ok().filter(|_| args.len() == 2);
    let given = if default.is_some() { args.get_slice(0, 1) } else { args.clone() };
    let [name] = arguments("get_function", &given, kwargs)?;
    let name = name_argument("get_function", &name)?;
    match (get_function(name.to_str()?), default) {
        (Some(function), _) => show(args.py(), name.to_str()?, &function),
        (None, Some(default)) => Ok(default.unbind()),
        (None, None) => Err(PyKeyError::new_err((name.unbind(),))),
    }
}

fn show(py: Python<'_>, name: &str, function: &NamedFunction) -> PyResult<Py<PyAny>> {
    // SAFETY: attached.
    let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
    let handle = match function.kind() {
        NamedKind::Submitted(_) => {
            let functions = SUBMITTED.get(py).map(|functions| functions.bind(py).get_item(name));
            return functions
                .transpose()?
                .flatten()
                .map(Bound::unbind)
                .ok_or_else(|| PyKeyError::new_err(name.to_owned()));
        }
        NamedKind::Rust(function) => function.encode(out),
        NamedKind::Foreign(function) => function.encode(out),
    };
    let handle = handle.map_err(|error| to_exception(py, error))?.into_raw();
    // SAFETY: a new reference.
    Ok(unsafe { Bound::from_owned_ptr(py, handle.as_ptr().cast()) }.unbind())
}

fn named(function: &Bound<'_, PyAny>) -> PyResult<NamedFunction> {
    // SAFETY: the value is there during this function, on an attached thread.
    let from = unsafe { ffi_object::__private::Decoder::new(&PYTHON, raw(function)) };
    if let Ok(own) = Obj::<RustFunction>::decode(from) {
        return Ok(own.into());
    }
    let error =
        |error: ffi_object::Error| to_exception(function.py(), error.at("register_function() argument 'function'"));
    Function::decode(from).map(NamedFunction::from).map_err(error)
}

fn register(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let py = args.py();
    let mut replace = false;
    for (key, value) in kwargs.into_iter().flatten() {
        if key.extract::<String>()? != "override" {
            return Err(PyTypeError::new_err(format!(
                "register_function() got an unexpected keyword argument '{key}'"
            )));
        }
        replace = value.is_truthy()?;
    }
    let function = args.get_item(1).ok().filter(|function| args.len() == 2 && !function.is_none());
    let given = if args.len() == 2 { args.get_slice(0, 1) } else { args.clone() };
    let [name] = arguments("register_function", &given, None)?;
    let name = name_argument("register_function", &name)?.to_str()?.to_owned();
    match function {
        Some(function) => add(&name, &function, replace),
        None => {
            let decorate = move |args: Args<'_, '_>, kwargs: Kwargs<'_, '_>| {
                let [function] = arguments("register_function", args, kwargs)?;
                add(&name, &function, replace)
            };
            Ok(PyCFunction::new_closure(py, Some(c"register_function"), None, decorate)?.into_any().unbind())
        }
    }
}

fn add(name: &str, function: &Bound<'_, PyAny>, replace: bool) -> PyResult<Py<PyAny>> {
    let named = named(function)?;
    let old = if replace { unregister_function(name) } else { None };
    let result = register_function(name, named);
    drop(old);
    result.map_err(|error| PyValueError::new_err(error.message().to_owned()))?;
    Ok(function.clone().unbind())
}

fn unregister(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let [name] = arguments("unregister_function", args, kwargs)?;
    let name = name_argument("unregister_function", &name)?;
    match unregister_function(name.to_str()?) {
        Some(function) => show(args.py(), name.to_str()?, &function),
        None => Err(PyKeyError::new_err((name.unbind(),))),
    }
}

fn names(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let [] = arguments("function_names", args, kwargs)?;
    Ok(PyList::new(args.py(), function_names())?.into_any().unbind())
}
