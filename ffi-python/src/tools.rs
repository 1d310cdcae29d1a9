//! The submodule `ffi`: tools for looking at objects, and what pickles call.

use std::ffi::{CStr, CString};
use std::ptr;

use ffi_object::defined::defined_types;
use ffi_object::{live_objects, registry, structural};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};

use crate::class::{self, ClassData};
use crate::error::to_exception;
use crate::instance::{self, Link};
use crate::module::new_function;
use crate::{appearance, define, exception_class, exit, named, object, pickle, queue, reflection};

static FFI_MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// The submodule `ffi`.
pub(crate) fn ffi_module(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    match FFI_MODULE.get(py) {
        Some(module) => Ok(module.bind(py).clone().into_any()),
        None => Err(PyImportError::new_err("the extension module has not been imported")),
    }
}

/// Makes the submodule.
pub(crate) fn add_to<'py>(module: &Bound<'py, PyModule>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    let py = module.py();
    let full = format!("{name}.ffi");
    let ffi = PyModule::new(py, &full)?;
    ffi.setattr("__doc__", "Tools for looking at objects, and the classes that every module of objects has.")?;
    for (name, doc, function) in TOOLS.iter().chain(&named::TOOLS).chain(&reflection::TOOLS).chain(&appearance::TOOLS) {
        let text = CString::new(format!("{name}{doc}"))?;
        let tool =
            PyCFunction::new_closure(py, Some(leak_c(name)), Some(Box::leak(text.into_boxed_c_str())), function)?;
        ffi.add(*name, tool)?;
    }
    let restore = ffi::PyMethodDef {
        ml_name: c"_restore".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: restore },
        ml_flags: ffi::METH_VARARGS,
        ml_doc: c"_restore(cls, fields, /)\n--\n\nHelper for pickle and copy.".as_ptr(),
    };
    ffi.add("_restore", new_function(py, restore, &full)?)?;
    reflection::add_to(&ffi, &full)?;
    define::add_to(&ffi, &full)?;
    module.add("ffi", &ffi)?;
    // So that `import module.ffi` finds it, and pickle too.
    py.import("sys")?.getattr("modules")?.set_item(&full, &ffi)?;
    let _ = FFI_MODULE.set(py, ffi.clone().unbind());
    Ok(ffi)
}

fn leak_c(text: &str) -> &'static CStr {
    Box::leak(CString::new(text).unwrap_or_default().into_boxed_c_str())
}

unsafe extern "C" fn restore(_: *mut ffi::PyObject, args: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached, with a tuple that it holds.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as above.
    let args = unsafe { Bound::from_borrowed_ptr(py, args) };
    match args.cast::<PyTuple>().map_err(PyErr::from).and_then(pickle::restore_args) {
        Ok(value) => value.into_ptr(),
        Err(exception) => {
            crate::error::set(py, exception);
            ptr::null_mut()
        }
    }
}

fn owner_argument(name: &str, value: &Bound<'_, PyAny>) -> PyResult<ffi_object::AnyObj> {
    object_argument(name, value)?;
    // SAFETY: a wrapper, which the caller holds; attached.
    unsafe { instance::own(value.as_ptr()) }.map_err(|error| to_exception(value.py(), error))
}

fn equal(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [a, b] = arguments("equal", args, kwargs)?;
    let (a, b) = (owner_argument("equal", &a)?, owner_argument("equal", &b)?);
    let equal = structural::equal(&a, &b).map_err(|error| to_exception(args.py(), error))?;
    Ok(equal.into_pyobject(args.py())?.to_owned().into_any().unbind())
}

fn hash(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [value] = arguments("hash", args, kwargs)?;
    let object = owner_argument("hash", &value)?;
    let hash = structural::hash(&object).map_err(|error| to_exception(args.py(), error))?;
    Ok(crate::by_value::to_python(hash).into_pyobject(args.py())?.into_any().unbind())
}

/// A function of the submodule.
pub(crate) type Tool = fn(&Bound<'_, PyTuple>, Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>>;

const TOOLS: &[(&str, &str, Tool)] = &[
    (
        "state",
        "(obj, /)\n--\n\nWho keeps the object alive: 'bare' (Rust; the canonical wrapper is not there yet), 'python' (its \
         wrapper alone) or 'shared' (Rust, which also keeps the wrapper).",
        state,
    ),
    ("owners", "(obj, /)\n--\n\nThe number of owners that the object has in Rust. Wrappers are not counted.", owners),
    ("same", "(a, b, /)\n--\n\nWhether both stand for the same object.", same),
    (
        "equal",
        "(a, b, /)\n--\n\nWhether both, and all that they lead to, have the same shape: types, values of fields, and which \
         objects are shared. What Python has put on them does not count.",
        equal,
    ),
    ("hash", "(obj, /)\n--\n\nA hash of the object's fields as they are now, the same for what ffi.equal() says is equal.", hash),
    (
        "live_objects",
        "(cls=None, /)\n--\n\nThe number of living objects of a class and of those that extend it, or a dict of all \
         classes that have any.",
        live,
    ),
    (
        "report_leaks",
        "(enabled=True, /)\n--\n\nWhether to print to stderr, when the interpreter has ended, how many objects of each class \
         are still alive. The environment variable FFI_OBJECT_LEAKS=1 asks for it too.",
        report_leaks,
    ),
    (
        "note_places",
        "(enabled=True, /)\n--\n\nWhether exceptions that come from Rust say in a note where in Rust, by file and line. Python \
         3.11 and newer show notes. The environment variable FFI_OBJECT_PLACES=1 asks for it too.",
        note_places,
    ),
];

/// The positional arguments of a function that takes this many.
///
/// # Errors
///
/// A `TypeError`, in the words of CPython's own functions.
pub(crate) fn arguments<'py, const N: usize>(
    name: &str,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<[Bound<'py, PyAny>; N]> {
    if kwargs.is_some_and(|k| !k.is_empty()) {
        return Err(PyTypeError::new_err(format!("{name}() takes no keyword arguments")));
    }
    let given: Vec<_> = args.iter().collect();
    let count = given.len();
    let s = if N == 1 { "" } else { "s" };
    given
        .try_into()
        .map_err(|_| PyTypeError::new_err(format!("{name}() takes exactly {N} argument{s} ({count} given)")))
}

fn object_argument(name: &str, value: &Bound<'_, PyAny>) -> PyResult<ffi_object::__private::RawObject> {
    // SAFETY: attached.
    if !unsafe { instance::is_wrapper(value.as_ptr()) } {
        // SAFETY: attached.
        let error = unsafe { crate::call::not_an_object(&format!("{name}()"), value.as_ptr()) };
        return Err(to_exception(value.py(), error));
    }
    // SAFETY: a wrapper.
    unsafe { instance::object_of(value.as_ptr()) }.map_err(|error| to_exception(value.py(), error))
}

fn state(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [value] = arguments("state", args, kwargs)?;
    let object = object_argument("state", &value)?;
    // SAFETY: the wrapper keeps the object alive.
    let state = unsafe { object.state() };
    let name = match (state.is_owned(), state.wrapper()) {
        (_, None) => "bare",
        (false, Some(_)) => "python",
        (true, Some(_)) => "shared",
    };
    Ok(name.into_pyobject(args.py())?.into_any().unbind())
}

fn owners(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [value] = arguments("owners", args, kwargs)?;
    let object = object_argument("owners", &value)?;
    // SAFETY: the wrapper keeps the object alive.
    let owners = unsafe { object.state() }.owners();
    // SAFETY: a wrapper.
    let own = match unsafe { instance::link_of(value.as_ptr()) } {
        Link::To(_, tag) if tag.is_canonical() => 0,
        // A separate wrapper is one of them, and not what was asked for.
        _ => 1,
    };
    Ok((owners - own).into_pyobject(args.py())?.into_any().unbind())
}

fn same(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [a, b] = arguments("same", args, kwargs)?;
    object_argument("same", &a)?;
    object_argument("same", &b)?;
    // SAFETY: attached.
    let same = unsafe { object::same(a.as_ptr(), b.as_ptr()) };
    Ok(same.into_pyobject(args.py())?.to_owned().into_any().unbind())
}

fn live(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let py = args.py();
    // What other threads have let go is not alive.
    queue::drain(py);
    let registry = registry().map_err(|error| PyImportError::new_err(error.to_string()))?;
    if args.is_empty() || args.get_item(0)?.is_none() {
        arguments_at_most_one("live_objects", args, kwargs)?;
        let counts = PyDict::new(py);
        let defined = defined_types();
        for class in registry.classes.iter().chain(defined.iter().copied()) {
            let count = live_objects(class.info);
            if let (1.., Some(data)) = (count, ClassData::get(class.info)) {
                counts.set_item(data.shown_class(py), count)?;
            }
        }
        return Ok(counts.into_any().unbind());
    }
    let [class] = arguments("live_objects", args, kwargs)?;
    let data = class::argument(&class)?;
    let defined = defined_types();
    let all = registry.classes.iter().chain(defined.iter().copied());
    let count: usize = all.filter(|c| c.info.is_a(data.info)).map(|c| live_objects(c.info)).sum();
    Ok(count.into_pyobject(py)?.into_any().unbind())
}

fn report_leaks(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    exit::set_report(enabled("report_leaks", args, kwargs)?);
    Ok(args.py().None())
}

fn note_places(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    exception_class::set_notes_places(enabled("note_places", args, kwargs)?);
    Ok(args.py().None())
}

fn enabled(name: &str, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
    arguments_at_most_one(name, args, kwargs)?;
    if args.is_empty() {
        return Ok(true);
    }
    args.get_item(0)?.is_truthy()
}

fn arguments_at_most_one(name: &str, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    if args.len() > 1 || kwargs.is_some_and(|k| !k.is_empty()) {
        arguments::<1>(name, args, kwargs)?;
    }
    Ok(())
}
