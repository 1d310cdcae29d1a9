//! `ffi.define`: types that are defined in Python.
//!
//! A class body becomes two classes. One is native: its type is defined in the runtime (`ffi_object::defined`), and it is
//! built from that type's descriptor as any other. The other is the user's class made anew, as a subclass of the native
//! one with nothing but methods, as which objects of that type appear (`appearance`). So what a class can do in Python,
//! CPython does, and the rest is as for all other objects.
//!
//! Class bodies are read by Python code, `define.py`, which is compiled when `ffi.define` or `ffi.field` is first asked
//! for. What it finds comes to [`build`] and [`finish`].

mod rule;

use std::ffi::CString;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use ffi_object::__private::{Decoder, ParamKind};
use ffi_object::defined::{define, publish, DefaultValue, NewDefault, NewField, NewType, Rule};
use ffi_object::{Any, Error, Function, PyValue, Value};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple, PyType};

use crate::class::{self, ClassData};
use crate::convert::raw;
use crate::error::to_exception;
use crate::frontend::PYTHON;
use crate::instance::is_native;
use crate::tools::arguments;

type Args<'a, 'py> = &'a Bound<'py, PyTuple>;
type Kwargs<'a, 'py> = Option<&'a Bound<'py, PyDict>>;

/// What `define.py` gives to the submodule.
const NAMES: [&str; 2] = ["define", "field"];

/// Makes the submodule find `define` and `field`, which it loads when they are first asked for.
pub(crate) fn add_to(ffi: &Bound<'_, PyModule>, full: &str) -> PyResult<()> {
    let full = full.to_owned();
    let get = move |args: Args<'_, '_>, kwargs: Kwargs<'_, '_>| -> PyResult<Py<PyAny>> {
        let [name] = arguments("__getattr__", args, kwargs)?;
        let wanted: String = name.extract()?;
        if !NAMES.contains(&wanted.as_str()) {
            return Err(PyAttributeError::new_err(format!("module '{full}' has no attribute '{wanted}'")));
        }
        let module = load(args.py(), &full)?;
        let ffi = crate::tools::ffi_module(args.py())?;
        for name in NAMES {
            ffi.setattr(name, module.getattr(name)?)?;
        }
        Ok(module.getattr(wanted.as_str())?.unbind())
    };
    ffi.setattr("__getattr__", PyCFunction::new_closure(ffi.py(), Some(c"__getattr__"), None, get)?)
}

fn load<'py>(py: Python<'py>, full: &str) -> PyResult<Bound<'py, PyModule>> {
    let (source, name) = (CString::new(include_str!("define.py"))?, CString::new(format!("{full}._define"))?);
    let module = PyModule::from_code(py, &source, c"<ffi.define>", &name)?;
    module.setattr("Object", class::root_class(py))?;
    module.setattr("fields", crate::tools::ffi_module(py)?.getattr("fields")?)?;
    module.setattr("build", PyCFunction::new_closure(py, Some(c"build"), None, build)?)?;
    module.setattr("finish", PyCFunction::new_closure(py, Some(c"finish"), None, finish)?)?;
    for name in NAMES {
        module.getattr(name)?.setattr("__module__", full)?;
    }
    Ok(module)
}

/// A value by a rule.
fn read(value: &Bound<'_, PyAny>, rule: &Rule) -> PyResult<Any> {
    read_at(value, rule, None)
}

fn read_at(value: &Bound<'_, PyAny>, rule: &Rule, field: Option<&str>) -> PyResult<Any> {
    // SAFETY: the value is there during this function, on an attached thread.
    let from = unsafe { Decoder::new(&PYTHON, raw(value)) };
    rule.read(from).map_err(|error| match field {
        Some(field) => rule::at(value.py(), error, field),
        None => to_exception(value.py(), error),
    })
}

/// A value that Rust has carried.
fn give<'py>(py: Python<'py>, value: &PyValue) -> Result<Bound<'py, PyAny>, Error> {
    // SAFETY: attached.
    let out = unsafe { ffi_object::__private::Encoder::new(&PYTHON, ffi_object::frontend::Policy::Cached) };
    let value = out.foreign(value)?.into_raw();
    // SAFETY: a new reference.
    Ok(unsafe { Bound::from_owned_ptr(py, value.as_ptr().cast()) })
}

/// `build(cls, names, place, fields, post_init)`: the native class for a class body.
fn build(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let py = args.py();
    let [class, names, place, described, post_init] = arguments("build", args, kwargs)?;
    let base = class::argument(&class)?;
    let class = class.cast::<PyType>()?;
    // SAFETY: a class of ours or a subclass.
    if unsafe { is_native(class.as_type_ptr()) } {
        let name = class.qualname()?;
        return Err(PyTypeError::new_err(format!(
            "define() argument must be a class made in Python, not the native class '{name}'"
        )));
    }
    class::check_claims(class, base)?;
    let (name, module, qualname, doc): (String, String, String, String) = names.extract()?;
    let this = rule::This::default();
    let fields = described.try_iter()?.map(|field| new_field(&field?, &name, &this)).collect::<PyResult<Vec<_>>>()?;
    let new = NewType {
        key: format!("{module}.{qualname}"),
        name,
        module,
        doc,
        source: place.extract()?,
        base: base.info,
        fields,
        this: Arc::clone(&this),
    };
    let made = define(new).map_err(|error| to_exception(py, error))?;
    let data = class::build(py, made, "")?;
    data.post_init.store(post_init.is_truthy()?, Ordering::Relaxed);
    Ok(data.class(py).unbind())
}

fn new_field(described: &Bound<'_, PyAny>, class: &str, this: &rule::This) -> PyResult<NewField> {
    type Described<'py> = (String, String, Bound<'py, PyAny>, bool, usize, bool, (usize, Bound<'py, PyAny>, String));
    let (name, doc, rule, mutable, kind, repr, (how, value, text)): Described<'_> = described.extract()?;
    let rule = rule::of(&rule, this)?;
    let place = format!("{class}.{name}");
    let value = match how {
        0 => None,
        // What comes later cannot be asked now.
        1 if matches!(rule, Rule::Later(_)) => Some(DefaultValue::Value(read(&value, &Rule::Any)?)),
        1 => Some(DefaultValue::Value(read_at(&value, &rule, Some(&place))?)),
        _ => {
            // SAFETY: the value is there during this function, on an attached thread.
            let from = unsafe { Decoder::new(&PYTHON, raw(&value)) };
            let factory = Function::decode(from).map_err(|error| rule::at(value.py(), error, &place))?;
            Some(DefaultValue::Factory(factory))
        }
    };
    let param = [ParamKind::Standard, ParamKind::KeywordOnly, ParamKind::Hidden][kind.min(2)];
    let default = value.map(|value| NewDefault { text, value });
    Ok(NewField { name, doc, rule, mutable, param, repr, default })
}

/// `finish(native, cls)`: from now on, objects of the native class appear as this one, and Rust finds the type by name.
fn finish(args: Args<'_, '_>, kwargs: Kwargs<'_, '_>) -> PyResult<Py<PyAny>> {
    let [native, class] = arguments("finish", args, kwargs)?;
    let data = class::argument(&native)?;
    let class = class.cast::<PyType>()?;
    if !ptr::eq(class::argument(class)?, data) {
        let name = class.qualname()?;
        return Err(PyTypeError::new_err(format!(
            "'{name}' extends a class with __slots__ of its own, in which its fields have no place"
        )));
    }
    let decided = data.appearance.register(class);
    decided.map_err(|_| PyTypeError::new_err(format!("'{}' is defined already", data.info.name)))?;
    if let Some(made) = data.defined {
        publish(made);
    }
    Ok(args.py().None())
}

/// Runs `__post_init__` of an object that was made by a call of its class.
///
/// # Errors
///
/// What it raises.
///
/// # Safety
///
/// `wrapper` is a wrapper that the caller holds, and the thread is attached.
pub(crate) unsafe fn post_init(data: &ClassData, wrapper: *mut ffi::PyObject) -> PyResult<()> {
    if !data.post_init.load(Ordering::Relaxed) {
        return Ok(());
    }
    // SAFETY: by the caller.
    let [this] = unsafe { crate::convert::bind([wrapper]) };
    this.call_method0("__post_init__").map(|_| ())
}
