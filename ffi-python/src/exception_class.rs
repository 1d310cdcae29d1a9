//! Exception classes: one for each type with `#[derive(FfiError)]`, and one below it for each variant.
//!
//! They are ordinary classes of Python's, made once: Python code may raise and extend them. An exception that comes from
//! Rust has the values of the error's fields in its `__dict__`.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, Ordering};

use ffi_object::__private::{class_of, Encoder};
use ffi_object::frontend::Policy;
use ffi_object::{ErrorBase, ErrorClass, ErrorType, Registry};
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule, PyTuple};

use crate::error::to_exception;
use crate::frontend::PYTHON;

/// Classes with the addresses of their descriptions.
struct Classes(Vec<(usize, Py<PyAny>)>);

impl Classes {
    fn get(&self, class: &'static ErrorClass) -> Option<&Py<PyAny>> {
        self.0.iter().find(|(there, _)| *there == key(class)).map(|(_, class)| class)
    }
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

/// Whether exceptions note where in Rust they come from.
static NOTES_PLACES: AtomicBool = AtomicBool::new(false);

fn key(class: &'static ErrorClass) -> usize {
    std::ptr::from_ref(class).addr()
}

/// Adds the classes of all types of errors to a module; variants are attributes of their enum's class.
pub(crate) fn add_all(module: &Bound<'_, PyModule>, registry: &'static Registry, name: &str) -> PyResult<()> {
    let py = module.py();
    if std::env::var_os("FFI_OBJECT_PLACES").is_some_and(|value| !value.is_empty() && value != "0") {
        set_notes_places(true);
    }
    let classes = CLASSES.get_or_try_init(py, || build_all(py, registry, name))?;
    for error in &registry.errors {
        module.add(error.class.name, classes.get(&error.class).ok_or_else(|| missing_base(error))?)?;
    }
    Ok(())
}

fn build_all(py: Python<'_>, registry: &'static Registry, module: &str) -> PyResult<Classes> {
    let mut classes = Classes(Vec::new());
    for error in &registry.errors {
        let module = error.module.unwrap_or(module);
        let base = match error.class.base {
            Some(ErrorBase::Error(base)) => classes.get(&base.class).map(|class| class.bind(py).clone()),
            Some(ErrorBase::Builtin(name)) => Some(builtin(py, name)?),
            None => None,
        };
        let base = base.ok_or_else(|| missing_base(error))?;
        let class = build(py, &error.class, vec![base], module, error.class.name, error)?;
        for variant in error.variants {
            let mut bases = vec![class.clone()];
            if let Some(ErrorBase::Builtin(name)) = variant.base {
                let base = builtin(py, name)?;
                // What the enum extends already may be said again.
                if !class.cast::<pyo3::types::PyType>()?.is_subclass(&base)? {
                    bases.push(base);
                }
            }
            let path = format!("{}.{}", error.class.name, variant.name);
            let variant_class = build(py, variant, bases, module, &path, error)?;
            class.setattr(variant.name, &variant_class)?;
            classes.0.push((key(variant), variant_class.unbind()));
        }
        classes.0.push((key(&error.class), class.unbind()));
    }
    Ok(classes)
}

fn missing_base(error: &ErrorType) -> PyErr {
    PyImportError::new_err(format!("the base of '{}', defined at {}, is not there", error.class.name, error.source))
}

fn builtin<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("builtins")?.getattr(name)
}

/// `type(name, bases, {…})`
fn build<'py>(
    py: Python<'py>,
    class: &'static ErrorClass,
    bases: Vec<Bound<'py, PyAny>>,
    module: &str,
    path: &str,
    error: &ErrorType,
) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    dict.set_item("__module__", module)?;
    dict.set_item("__qualname__", path)?;
    dict.set_item("__match_args__", PyTuple::new(py, class.fields)?)?;
    if !class.doc.is_empty() {
        dict.set_item("__doc__", class.doc)?;
    }
    let made = builtin(py, "type")?.call1((class.name, PyTuple::new(py, bases)?, dict));
    made.map_err(|cause| {
        let message = format!("cannot make the class '{path}', defined at {}: {}", error.source, cause.value(py));
        let exception = PyImportError::new_err(message);
        exception.set_cause(py, Some(cause));
        exception
    })
}

/// The exception of an error that has a class of its own.
pub(crate) fn instance(py: Python<'_>, error: &(dyn StdError + 'static), message: &str) -> Option<PyErr> {
    let (class, ty) = class_of(error)?;
    let python_class = CLASSES.get(py)?.get(class)?.bind(py);
    let make = || {
        let exception = python_class.call1((message,))?;
        // SAFETY: `py` says that the thread is attached.
        let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
        let values = ty.values(error, out).map_err(|error| to_exception(py, error))?;
        for (name, value) in class.fields.iter().zip(values) {
            // SAFETY: a new reference, of this frontend's.
            let value = unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) };
            exception.setattr(*name, value)?;
        }
        Ok(PyErr::from_value(exception))
    };
    Some(make().unwrap_or_else(|failure: PyErr| failure))
}

pub(crate) fn set_notes_places(on: bool) {
    NOTES_PLACES.store(on, Ordering::Relaxed);
}

pub(crate) fn notes_places() -> bool {
    NOTES_PLACES.load(Ordering::Relaxed)
}

/// `exception.add_note(note)`, where there is such a thing.
pub(crate) fn add_note(exception: &PyErr, py: Python<'_>, note: &str) {
    let value = exception.value(py);
    if value.hasattr("add_note").unwrap_or(false) {
        if let Err(failure) = value.call_method1("add_note", (note,)) {
            crate::error::discard(failure);
        }
    }
}
