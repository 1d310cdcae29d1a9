//! The class of `RustFunction`: what it has beyond other classes.

use std::ffi::{c_int, c_void, CStr};
use std::ptr;

use ffi_object::__private::{Arguments, Decoder, Encoder, Handle, TypeInfo};
use ffi_object::frontend::Policy;
use ffi_object::{Error, FfiObject, RustFunction};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arrange::{arrange, with_tuple_and_dict, Arranged, Call};
use crate::convert::{bind, give, raw};
use crate::error::{self, to_exception};
use crate::frontend::{finish, PYTHON};
use crate::{queue, signature};

/// Whether this is the class.
pub(crate) fn is_class_of(info: &'static TypeInfo) -> bool {
    ptr::eq(info, RustFunction::TYPE)
}

/// Its type slots.
pub(crate) fn slots() -> [(c_int, *mut c_void); 2] {
    [(ffi::Py_tp_call, call as *mut c_void), (ffi::Py_tp_repr, repr as *mut c_void)]
}

/// Its attributes, which are those of a function.
pub(crate) fn attributes() -> impl Iterator<Item = ffi::PyGetSetDef> {
    static ATTRIBUTES: [Attribute; 5] = [
        Attribute { name: c"__name__", get: name },
        Attribute { name: c"__qualname__", get: name },
        Attribute { name: c"__doc__", get: doc },
        Attribute { name: c"__text_signature__", get: text_signature },
        Attribute { name: c"__signature__", get: inspected },
    ];
    ATTRIBUTES.iter().map(|attribute| ffi::PyGetSetDef {
        name: attribute.name.as_ptr(),
        get: Some(get),
        set: None,
        doc: ptr::null(),
        closure: ptr::from_ref(attribute).cast_mut().cast(),
    })
}

struct Attribute {
    name: &'static CStr,
    get: for<'py> fn(Python<'py>, &RustFunction) -> PyResult<Bound<'py, PyAny>>,
}

fn function_of<'a>(this: &'a Bound<'_, PyAny>) -> Result<&'a RustFunction, Error> {
    // SAFETY: the value is there while it is borrowed, on an attached thread.
    unsafe { Decoder::new(&PYTHON, raw(this)) }.object()
}

/// # Safety
///
/// Called by CPython on an instance; the closure is one of [`attributes`].
unsafe extern "C" fn get(this: *mut ffi::PyObject, attribute: *mut c_void) -> *mut ffi::PyObject {
    // SAFETY: CPython holds the instance meanwhile, and is attached.
    let [this] = unsafe { bind([this]) };
    // SAFETY: see above.
    let attribute = unsafe { &*attribute.cast::<Attribute>() };
    give(&this, attribute.name, || {
        let function = function_of(&this).map_err(|error| to_exception(this.py(), error))?;
        (attribute.get)(this.py(), function)
    })
}

fn name<'py>(py: Python<'py>, function: &RustFunction) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyString::new(py, function.name()).into_any())
}

fn doc<'py>(py: Python<'py>, function: &RustFunction) -> PyResult<Bound<'py, PyAny>> {
    let doc = function.doc();
    Ok(Some(doc).filter(|doc| !doc.is_empty()).into_pyobject(py)?)
}

fn text_signature<'py>(py: Python<'py>, function: &RustFunction) -> PyResult<Bound<'py, PyAny>> {
    let text = signature::text("", None, function.signature(), "");
    let text = text.split_once('\n').map_or(&*text, |(first, _)| first);
    Ok(PyString::new(py, text).into_any())
}

/// What `inspect.signature` gives: it does not look at the text of what is no function of CPython's own.
fn inspected<'py>(py: Python<'py>, function: &RustFunction) -> PyResult<Bound<'py, PyAny>> {
    let inspect = py.import("inspect")?;
    let parameter = inspect.getattr("Parameter")?;
    let kind = parameter.getattr("POSITIONAL_OR_KEYWORD")?;
    let params = function.signature().params.iter().map(|param| parameter.call1((param.name, &kind)));
    inspect.getattr("Signature")?.call1((params.collect::<PyResult<Vec<_>>>()?,))
}

/// # Safety
///
/// Called by CPython on an instance.
unsafe extern "C" fn repr(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: CPython holds the instance meanwhile, and is attached.
    let [this] = unsafe { bind([this]) };
    give(&this, "__repr__", || {
        let text = match function_of(&this) {
            Ok(function) => format!("<Rust function {} at {:p}>", function.name(), this.as_ptr()),
            Err(_) => format!("<Rust function, not usable, at {:p}>", this.as_ptr()),
        };
        Ok(PyString::new(this.py(), &text).into_any())
    })
}

/// # Safety
///
/// Called by CPython on an instance, with a tuple and a dict or null.
unsafe extern "C" fn call(
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython holds the instance meanwhile, and is attached.
    let [this] = unsafe { bind([this]) };
    let py = this.py();
    let run = |call: &Call<'_>| {
        let function = function_of(&this)?;
        let signature = function.signature();
        let mut arranged = Arranged::new();
        let slots = arrange(py, signature, call, &mut arranged)?;
        // SAFETY: CPython keeps the arguments alive; the thread is attached.
        let args = unsafe { Arguments::new(&PYTHON, signature, slots) };
        // SAFETY: attached.
        let out = unsafe { Encoder::new(&PYTHON, Policy::Fresh) };
        error::catch(|| format!("{}()", function.name()), || function.run(&args, out).map(Handle::into_raw))
    };
    // SAFETY: by the caller.
    let result = unsafe { with_tuple_and_dict(args, kwargs, run) };
    queue::drain(py);
    finish(py, result)
}
