//! What the functions of the containers' classes are made with: C entry points around safe functions, arguments,
//! comparisons.

use std::ffi::{c_int, CStr};

use ffi_object::__private::{Decoder, Encoder, Handle, RawObject};
use ffi_object::frontend::Policy;
use ffi_object::{AnyObj, Error};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use smallvec::SmallVec;

use crate::convert::{self, bind, give};
use crate::error::to_exception;
use crate::frontend::PYTHON;
use crate::instance;

/// A method's body.
pub(super) type Body = for<'py> fn(&Bound<'py, PyAny>, Args<'py>) -> PyResult<Bound<'py, PyAny>>;
/// That of a method without arguments.
pub(super) type BodyOfNone = for<'py> fn(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;
/// That of a method with one argument.
pub(super) type BodyOfOne = for<'py> fn(&Bound<'py, PyAny>, &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;

/// Methods, each with a name, a body and a docstring that begins with its signature. `none` or `one` before the name says how
/// many arguments it takes, which CPython checks then; `class` makes it a class method, `class_one` both.
macro_rules! methods {
    ($($($kind:ident)? $name:literal, $body:expr, $doc:literal;)*) => {
        vec![$($crate::containers::method::method!($($kind)? $name, $body, $doc)),*]
    };
}
pub(super) use methods;

/// One of [`methods!`].
macro_rules! method {
    ($name:literal, $body:expr, $doc:literal) => {
        $crate::containers::method::method!(@ $name, $body, $doc, 0)
    };
    (class $name:literal, $body:expr, $doc:literal) => {
        $crate::containers::method::method!(@ $name, $body, $doc, pyo3::ffi::METH_CLASS)
    };
    (@ $name:literal, $body:expr, $doc:literal, $flags:expr) => {{
        unsafe extern "C" fn entry(
            this: *mut pyo3::ffi::PyObject,
            args: *const *mut pyo3::ffi::PyObject,
            count: pyo3::ffi::Py_ssize_t,
            names: *mut pyo3::ffi::PyObject,
        ) -> *mut pyo3::ffi::PyObject {
            // SAFETY: called by CPython, as the definition says.
            unsafe { $crate::containers::method::enter($name, $body, this, args, count, names) }
        }
        let pointer = pyo3::ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: entry };
        let flags = pyo3::ffi::METH_FASTCALL | pyo3::ffi::METH_KEYWORDS | $flags;
        $crate::containers::method::definition($name, pointer, flags, $doc)
    }};
    (none $name:literal, $body:expr, $doc:literal) => {{
        unsafe extern "C" fn entry(
            this: *mut pyo3::ffi::PyObject,
            _: *mut pyo3::ffi::PyObject,
        ) -> *mut pyo3::ffi::PyObject {
            let body: $crate::containers::method::BodyOfNone = $body;
            // SAFETY: called by CPython, attached; it holds the argument.
            let [this] = unsafe { $crate::convert::bind([this]) };
            $crate::convert::give(&this, $name, || body(&this))
        }
        let pointer = pyo3::ffi::PyMethodDefPointer { PyCFunction: entry };
        $crate::containers::method::definition($name, pointer, pyo3::ffi::METH_NOARGS, $doc)
    }};
    (one $name:literal, $body:expr, $doc:literal) => {
        $crate::containers::method::method!(@one $name, $body, $doc, 0)
    };
    (class_one $name:literal, $body:expr, $doc:literal) => {
        $crate::containers::method::method!(@one $name, $body, $doc, pyo3::ffi::METH_CLASS)
    };
    (@one $name:literal, $body:expr, $doc:literal, $flags:expr) => {{
        unsafe extern "C" fn entry(
            this: *mut pyo3::ffi::PyObject,
            argument: *mut pyo3::ffi::PyObject,
        ) -> *mut pyo3::ffi::PyObject {
            let body: $crate::containers::method::BodyOfOne = $body;
            // SAFETY: called by CPython, attached; it holds the arguments.
            let [this, argument] = unsafe { $crate::convert::bind([this, argument]) };
            $crate::convert::give(&this, $name, || body(&this, &argument))
        }
        let pointer = pyo3::ffi::PyMethodDefPointer { PyCFunction: entry };
        $crate::containers::method::definition($name, pointer, pyo3::ffi::METH_O | $flags, $doc)
    }};
}
pub(super) use method;

/// The C entry points of type slots that take and give objects, each around a safe expression of its arguments, bound.
/// They stay functions of their own, since some are the way out of a faster one, which would have to make room for them.
macro_rules! entries {
    ($($entry:ident($($arg:ident),*) = $name:literal, $body:expr;)*) => {
        $(#[inline(never)]
        unsafe extern "C" fn $entry($($arg: *mut pyo3::ffi::PyObject),*) -> *mut pyo3::ffi::PyObject {
            // SAFETY: called by CPython, attached; it holds the arguments.
            let args = unsafe { $crate::convert::bind([$($arg),*]) };
            $crate::convert::give(&args[0], $name, || {
                let [$($arg),*] = &args;
                $body
            })
        })*
    };
}
pub(super) use entries;

pub(super) fn definition(
    name: &'static CStr,
    ml_meth: ffi::PyMethodDefPointer,
    ml_flags: c_int,
    doc: &'static CStr,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef { ml_name: name.as_ptr(), ml_meth, ml_flags, ml_doc: doc.as_ptr() }
}

/// # Safety
///
/// Called by CPython, as a `METH_FASTCALL | METH_KEYWORDS` function.
pub(super) unsafe fn enter(
    name: &'static CStr,
    body: Body,
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached, and holds the arguments.
    let [this] = unsafe { bind([this]) };
    // SAFETY: as above, or null.
    let names = unsafe { Bound::from_borrowed_ptr_or_opt(this.py(), names) };
    let run = || {
        let names = names.map(Bound::cast_into::<PyTuple>).transpose()?;
        let value = |i: usize| {
            // SAFETY: CPython passes so many, and the values of the names behind them.
            let value = unsafe { args.add(i) };
            // SAFETY: as above.
            let value = unsafe { *value };
            // SAFETY: an object that CPython holds.
            unsafe { Bound::from_borrowed_ptr(this.py(), value) }
        };
        let positional = count.unsigned_abs();
        let all = positional + names.as_ref().map_or(0, |names| names.len());
        body(&this, Args { name, values: (0..all).map(value).collect(), positional, names })
    };
    give(&this, name, run)
}

/// The arguments of a call.
pub(super) struct Args<'py> {
    name: &'static CStr,
    /// By position, then by name.
    values: SmallVec<[Bound<'py, PyAny>; 3]>,
    positional: usize,
    names: Option<Bound<'py, PyTuple>>,
}

impl<'py> Args<'py> {
    fn no_names(&self, this: &Bound<'py, PyAny>) -> PyResult<()> {
        match self.values.len() > self.positional {
            true => Err(PyTypeError::new_err(format!("{}.{}() takes no keyword arguments", owner(this)?, self.name()))),
            false => Ok(()),
        }
    }

    fn name(&self) -> &'static str {
        self.name.to_str().unwrap_or_default()
    }

    /// Exactly so many arguments, more than one.
    pub(super) fn exactly<const N: usize>(self, this: &Bound<'py, PyAny>) -> PyResult<[Bound<'py, PyAny>; N]> {
        self.check_exactly(N, this)?;
        let mut values = self.values.into_iter();
        Ok(std::array::from_fn(|_| values.next().expect("so many were counted")))
    }

    /// At least so many arguments; the others may be missing.
    pub(super) fn at_least<const N: usize>(
        self,
        least: usize,
        this: &Bound<'py, PyAny>,
    ) -> PyResult<[Option<Bound<'py, PyAny>>; N]> {
        self.check_between(least, N, this)?;
        let mut values = self.values.into_iter();
        Ok(std::array::from_fn(|_| values.next()))
    }

    fn check_exactly(&self, wanted: usize, this: &Bound<'py, PyAny>) -> PyResult<()> {
        self.no_names(this)?;
        let count = self.values.len();
        if count == wanted {
            return Ok(());
        }
        Err(PyTypeError::new_err(format!("{} expected {wanted} arguments, got {count}", self.name())))
    }

    fn check_between(&self, least: usize, most: usize, this: &Bound<'py, PyAny>) -> PyResult<()> {
        self.no_names(this)?;
        let count = self.values.len();
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let name = self.name();
        let (bound, limit) = if count < least { ("least", least) } else { ("most", most) };
        let s = if limit == 1 { "" } else { "s" };
        Err(PyTypeError::new_err(format!("{name} expected at {bound} {limit} argument{s}, got {count}")))
    }

    /// Any number of arguments.
    pub(super) fn any_number(self, this: &Bound<'py, PyAny>) -> PyResult<SmallVec<[Bound<'py, PyAny>; 3]>> {
        self.no_names(this)?;
        Ok(self.values)
    }

    /// All arguments: a tuple and a dict.
    pub(super) fn all(self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let keywords = PyDict::new(py);
        for (name, value) in self.names.iter().flatten().zip(&self.values[self.positional..]) {
            keywords.set_item(name, value)?;
        }
        Ok((PyTuple::new(py, &self.values[..self.positional])?, keywords))
    }
}

/// The name of the native class of a wrapper, or of a class, for messages.
fn owner(this: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    // SAFETY: a Python object, on an attached thread.
    match unsafe { instance::is_wrapper(this.as_ptr()) } {
        // SAFETY: just checked.
        true => Ok(unsafe { crate::class::ClassData::of_wrapper(this.as_ptr()) }.info.name),
        false => crate::class::argument(this).map(|data| data.info.name),
    }
}

/// A value as the runtime reads it.
pub(super) fn decoder<'a>(value: &'a Bound<'_, PyAny>) -> Decoder<'a> {
    // SAFETY: the bound reference keeps the value alive, on an attached thread.
    unsafe { Decoder::new(&PYTHON, convert::raw(value)) }
}

/// Where the elements of containers become Python objects: canonical ones.
pub(super) fn out(_: Python<'_>) -> Encoder<'_> {
    // SAFETY: the token says that the thread is attached.
    unsafe { Encoder::new(&PYTHON, Policy::Cached) }
}

/// The wrapper's object as what it is in Rust, borrowed as long as the wrapper is.
pub(super) fn object<'a, T>(
    this: &'a Bound<'_, PyAny>,
    of: impl FnOnce(RawObject) -> Option<&'a T>,
) -> PyResult<&'a T> {
    // SAFETY: a wrapper, on an attached thread.
    let object = unsafe { instance::object_of(this.as_ptr()) }.map_err(|error| to_exception(this.py(), error))?;
    of(object).ok_or_else(|| raise(this.py(), Error::type_error("not a container")))
}

/// The same, if nothing is wrong with it.
#[inline]
pub(super) fn known<'a, T>(this: &'a Bound<'_, PyAny>, of: impl FnOnce(RawObject) -> Option<&'a T>) -> Option<&'a T> {
    // SAFETY: a wrapper, on an attached thread.
    unsafe { instance::object_of(this.as_ptr()) }.ok().and_then(of)
}

/// The same of a value that may be none, or one that cannot be used.
pub(super) fn object_in<'a, T>(
    value: &'a Bound<'_, PyAny>,
    of: impl FnOnce(RawObject) -> Option<&'a T>,
) -> PyResult<Option<&'a T>> {
    // SAFETY: a Python object, on an attached thread.
    if !unsafe { instance::is_wrapper(value.as_ptr()) } {
        return Ok(None);
    }
    // SAFETY: a wrapper, on an attached thread.
    let object = unsafe { instance::object_of(value.as_ptr()) }.map_err(|error| to_exception(value.py(), error))?;
    Ok(of(object))
}

/// An error as an exception.
pub(super) fn raise(py: Python<'_>, error: Error) -> PyErr {
    to_exception(py, error)
}

/// `None`, unless it is an error.
pub(super) fn unit<'py>(py: Python<'py>, result: Result<(), Error>) -> PyResult<Bound<'py, PyAny>> {
    result.map(|()| py.None().into_bound(py)).map_err(|error| raise(py, error))
}

/// A handle of the runtime's as a Python object.
pub(super) fn bound<'py>(py: Python<'py>, value: Handle<'_>) -> Bound<'py, PyAny> {
    // SAFETY: a new reference, on an attached thread.
    unsafe { Bound::from_owned_ptr(py, value.into_raw().as_ptr().cast()) }
}

/// A new object as a Python object.
pub(super) fn owned(py: Python<'_>, object: Result<AnyObj, Error>) -> PyResult<Bound<'_, PyAny>> {
    let value = object.and_then(|object| out(py).owned_object(object));
    value.map(|value| bound(py, value)).map_err(|error| raise(py, error))
}

pub(super) fn not_implemented(py: Python<'_>) -> Bound<'_, PyAny> {
    py.NotImplemented().into_bound(py)
}

/// Whether two values are the same or equal, as the builtin containers decide it.
///
/// A NaN that went through Rust is another `float` object than the one that came. It is the same value.
pub(super) fn equal(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<bool> {
    // SAFETY: Python objects, on an attached thread.
    match unsafe { ffi::PyObject_RichCompareBool(a.as_ptr(), b.as_ptr(), ffi::Py_EQ) } {
        -1 => Err(PyErr::fetch(a.py())),
        0 => Ok(nan(a).is_some_and(|bits| nan(b) == Some(bits))),
        _ => Ok(true),
    }
}

/// The bits of a `float` that is not a number.
pub(super) fn nan(value: &Bound<'_, PyAny>) -> Option<u64> {
    // SAFETY: a Python object, on an attached thread.
    let exact = unsafe { ffi::PyFloat_CheckExact(value.as_ptr()) } != 0;
    // SAFETY: a float.
    let number = exact.then(|| unsafe { ffi::PyFloat_AsDouble(value.as_ptr()) })?;
    number.is_nan().then(|| number.to_bits())
}

/// A comparison by any operator.
pub(super) fn compare<'py>(a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>, op: c_int) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: Python objects, on an attached thread.
    let result = unsafe { ffi::PyObject_RichCompare(a.as_ptr(), b.as_ptr(), op) };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { Bound::from_owned_ptr_or_err(a.py(), result) }
}

/// `class[item]`: an alias that says what the container is of.
pub(super) fn class_getitem<'py>(class: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    class.py().import("types")?.getattr("GenericAlias")?.call1((class, item))
}

/// The text of a value in another one's `repr`; a way back to the value itself is `...`.
pub(super) fn repr_once<'py>(
    this: &Bound<'py, PyAny>,
    name: &str,
    contents: impl FnOnce() -> PyResult<String>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: a Python object, on an attached thread.
    let text = match unsafe { ffi::Py_ReprEnter(this.as_ptr()) } {
        0 => {
            let text = contents().map(|contents| format!("{name}({contents})"));
            // SAFETY: entered, on the same thread.
            unsafe { ffi::Py_ReprLeave(this.as_ptr()) };
            text?
        }
        1 => format!("{name}(...)"),
        _ => return Err(PyErr::fetch(this.py())),
    };
    Ok(PyString::new(this.py(), &text).into_any())
}
