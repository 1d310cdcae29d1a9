//! Python values to Rust values and back.

use std::borrow::Cow;
use std::ffi::{c_char, CStr};
use std::path::PathBuf;
use std::ptr::NonNull;

use ffi_object::frontend::{MakeItem, MakePair, Mismatch, RawHandle, TakeItem, TakePair};
use ffi_object::{Error, PyValue};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::error::{catch_exception, discard, fetch, from_exception};
use crate::platform;

/// What CPython passes to a function, bound.
///
/// # Safety
///
/// The values are Python objects that the caller holds, and the thread is attached.
pub(crate) unsafe fn bind<'py, const N: usize>(values: [*mut ffi::PyObject; N]) -> [Bound<'py, PyAny>; N] {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    values.map(|value| unsafe { Bound::from_borrowed_ptr(py, value) })
}

/// The same of one value, without counting.
///
/// # Safety
///
/// As above, and the caller holds it during `'a`.
#[inline]
pub(crate) unsafe fn borrow<'a, 'py>(value: *mut ffi::PyObject) -> Borrowed<'a, 'py, PyAny> {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    unsafe { Borrowed::from_ptr(py, value) }
}

/// Runs a function of this name that CPython has called on a wrapper or a class: a new reference, or null with the
/// exception set. A panic is an exception.
pub(crate) fn give<'py>(
    this: &Bound<'py, PyAny>,
    name: impl Name,
    run: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> *mut ffi::PyObject {
    /// The same for all that is run.
    fn given<'py>(
        this: &Bound<'py, PyAny>,
        name: &dyn Name,
        run: &mut dyn FnMut() -> PyResult<Bound<'py, PyAny>>,
    ) -> *mut ffi::PyObject {
        match catch_exception(this.py(), || place(this, name), run) {
            Ok(value) => value.into_ptr(),
            Err(exception) => {
                crate::error::set(this.py(), exception);
                std::ptr::null_mut()
            }
        }
    }
    let mut run = Some(run);
    given(this, &name, &mut || run.take().expect("it is run once")())
}

/// The same for a function whose result is a number, -1 for an exception.
pub(crate) fn give_int<T: From<i8>>(this: &Bound<'_, PyAny>, name: &str, run: impl FnOnce() -> PyResult<T>) -> T {
    catch_exception(this.py(), || place(this, &name), run).unwrap_or_else(|exception| {
        crate::error::set(this.py(), exception);
        T::from(-1)
    })
}

/// What a function is called, as text when it is needed, which is seldom.
pub(crate) trait Name {
    fn text(&self) -> Cow<'_, str>;
}

impl Name for &str {
    fn text(&self) -> Cow<'_, str> {
        (*self).into()
    }
}

impl Name for &CStr {
    fn text(&self) -> Cow<'_, str> {
        self.to_string_lossy()
    }
}

fn place(this: &Bound<'_, PyAny>, name: &dyn Name) -> String {
    // SAFETY: a Python object, on an attached thread.
    format!("{}.{}()", unsafe { class_name(this.as_ptr()) }, name.text())
}

/// A value as the runtime's functions take it, borrowed.
pub(crate) fn raw(value: &Bound<'_, PyAny>) -> RawHandle {
    // SAFETY: a Python object is not null.
    unsafe { NonNull::new_unchecked(value.as_ptr().cast()) }
}

/// A new reference, or the exception that is set.
///
/// # Safety
///
/// The thread is attached, and `result` is what a function of CPython's gave.
pub(crate) unsafe fn owned(result: *mut ffi::PyObject) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    NonNull::new(result.cast()).ok_or_else(|| fetch(unsafe { Python::assume_attached() }))
}

/// The exception that is set, if it says that the value was of another type: then only that.
///
/// # Safety
///
/// The thread is attached, and an exception is set.
unsafe fn mismatch(value: *mut ffi::PyObject, method: &CStr) -> Mismatch {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let exception = PyErr::fetch(py);
    if exception.is_instance_of::<pyo3::exceptions::PyOverflowError>(py) {
        discard(exception);
        return Mismatch::Range;
    }
    // A `TypeError` from within the value's own `__index__` is the user's to see.
    // SAFETY: by the caller.
    if exception.is_instance_of::<pyo3::exceptions::PyTypeError>(py) && !unsafe { has_attr(value, method) } {
        discard(exception);
        return Mismatch::Type;
    }
    Mismatch::Error(from_exception(exception))
}

/// Whether a value has an attribute; what goes wrong on the way means no.
///
/// # Safety
///
/// The value is a Python object, and the thread is attached.
pub(crate) unsafe fn has_attr(value: *mut ffi::PyObject, name: &CStr) -> bool {
    // SAFETY: by the caller.
    unsafe { ffi::PyObject_HasAttrString(value, name.as_ptr()) != 0 }
}

fn is_exception(value_is_error: bool) -> bool {
    // SAFETY: all callers are attached, as conversions are.
    value_is_error && !unsafe { ffi::PyErr_Occurred() }.is_null()
}

/// The name of the value's class, as messages of CPython's have it.
///
/// # Safety
///
/// The value is a Python object, and the thread is attached.
pub(crate) unsafe fn class_name(value: *mut ffi::PyObject) -> String {
    // SAFETY: by the caller.
    let [value] = unsafe { bind([value]) };
    value.get_type().name().map_or_else(|_| "object".into(), |name| name.to_string())
}

/// # Safety
///
/// As for all functions below: the value is a Python object, and the thread is attached.
pub(crate) unsafe fn as_bool(value: *mut ffi::PyObject) -> Result<bool, Mismatch> {
    // SAFETY: by the caller.
    if unsafe { ffi::PyBool_Check(value) } == 0 {
        return Err(Mismatch::Type);
    }
    // SAFETY: by the caller.
    Ok(value == unsafe { ffi::Py_True() })
}

/// Whether a value is an int or has `__index__`, which is what CPython's own functions take for one.
///
/// # Safety
///
/// As above.
unsafe fn is_integer(value: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller.
    let int = unsafe { ffi::PyLong_Check(value) } != 0;
    // SAFETY: by the caller.
    int || unsafe { ffi::PyIndex_Check(value) } != 0
}

/// # Safety
///
/// As above.
#[inline]
pub(crate) unsafe fn as_int(value: *mut ffi::PyObject) -> Result<i64, Mismatch> {
    // SAFETY: by the caller.
    match unsafe { platform::small_int(value) } {
        Some(number) => Ok(number),
        // SAFETY: by the caller.
        None => unsafe { as_any_int(value) },
    }
}

/// # Safety
///
/// As above.
#[inline(never)]
unsafe fn as_any_int(value: *mut ffi::PyObject) -> Result<i64, Mismatch> {
    // SAFETY: by the caller.
    if !unsafe { is_integer(value) } {
        return Err(Mismatch::Type);
    }
    // SAFETY: by the caller.
    let number = unsafe { ffi::PyLong_AsLongLong(value) };
    if is_exception(number == -1) {
        // SAFETY: an exception is set.
        return Err(unsafe { mismatch(value, c"__index__") });
    }
    Ok(number)
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn as_wide<'py, T: FromPyObjectOwned<'py, Error = PyErr>>(
    value: *mut ffi::PyObject,
) -> Result<T, Mismatch> {
    // SAFETY: by the caller.
    if !unsafe { is_integer(value) } {
        return Err(Mismatch::Type);
    }
    // SAFETY: by the caller.
    let [value] = unsafe { bind([value]) };
    value.extract::<T>().map_err(|exception| {
        let py = value.py();
        // Which of the two PyO3 raises depends on the interpreter's version.
        let negative = exception.is_instance_of::<pyo3::exceptions::PyValueError>(py);
        if negative || exception.is_instance_of::<pyo3::exceptions::PyOverflowError>(py) {
            discard(exception);
            Mismatch::Range
        } else {
            Mismatch::Error(from_exception(exception))
        }
    })
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn as_float(value: *mut ffi::PyObject) -> Result<f64, Mismatch> {
    // SAFETY: by the caller.
    let number = unsafe { ffi::PyFloat_AsDouble(value) };
    if is_exception(number == -1.0) {
        // SAFETY: an exception is set.
        return Err(unsafe { mismatch(value, c"__float__") });
    }
    Ok(number)
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn as_str(value: *mut ffi::PyObject) -> Result<NonNull<str>, Mismatch> {
    // SAFETY: by the caller.
    if unsafe { ffi::PyUnicode_Check(value) } == 0 {
        return Err(Mismatch::Type);
    }
    let mut len = 0;
    // SAFETY: a str.
    let text = unsafe { ffi::PyUnicode_AsUTF8AndSize(value, &raw mut len) };
    let Some(text) = NonNull::new(text.cast_mut().cast::<u8>()) else {
        // Lone surrogates: the exception says where.
        // SAFETY: an exception is set.
        return Err(Mismatch::Error(fetch(unsafe { Python::assume_attached() })));
    };
    // SAFETY: that many bytes are there, as long as the value is.
    let bytes = unsafe { std::slice::from_raw_parts(text.as_ptr(), len.unsigned_abs()) };
    // SAFETY: they are UTF-8.
    Ok(NonNull::from(unsafe { std::str::from_utf8_unchecked(bytes) }))
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn as_bytes(value: *mut ffi::PyObject) -> Result<NonNull<[u8]>, Mismatch> {
    // SAFETY: by the caller.
    if unsafe { ffi::PyBytes_Check(value) } == 0 {
        return Err(Mismatch::Type);
    }
    // SAFETY: bytes.
    let start = unsafe { ffi::PyBytes_AsString(value) };
    // SAFETY: bytes.
    let len = unsafe { ffi::PyBytes_Size(value) };
    let start = NonNull::new(start.cast::<u8>()).ok_or(Mismatch::Type)?;
    Ok(NonNull::slice_from_raw_parts(start, len.unsigned_abs()))
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn as_path(value: *mut ffi::PyObject) -> Result<PathBuf, Mismatch> {
    // SAFETY: by the caller.
    let [path] = unsafe { bind([value]) };
    path.extract().map_err(|exception: PyErr| {
        // SAFETY: by the caller.
        let own = unsafe { has_attr(value, c"__fspath__") };
        if !own && exception.is_instance_of::<pyo3::exceptions::PyTypeError>(path.py()) {
            discard(exception);
            Mismatch::Type
        } else {
            Mismatch::Error(from_exception(exception))
        }
    })
}

/// Start, stop and step of a slice, the largest and smallest numbers for what was left out.
///
/// # Safety
///
/// As above.
pub(crate) unsafe fn as_slice(value: *mut ffi::PyObject) -> Result<(isize, isize, isize), Mismatch> {
    let slice_type = &raw mut ffi::PySlice_Type;
    // SAFETY: by the caller.
    if unsafe { ffi::PyObject_TypeCheck(value, slice_type) } == 0 {
        return Err(Mismatch::Type);
    }
    let (mut start, mut stop, mut step) = (0, 0, 0);
    // SAFETY: a slice, and three places.
    if unsafe { ffi::PySlice_Unpack(value, &raw mut start, &raw mut stop, &raw mut step) } < 0 {
        // SAFETY: by the caller; an exception is set.
        return Err(Mismatch::Error(fetch(unsafe { Python::assume_attached() })));
    }
    Ok((start, stop, step))
}

/// The value as it is.
///
/// # Safety
///
/// As above.
pub(crate) unsafe fn foreign(value: *mut ffi::PyObject) -> PyValue {
    // SAFETY: by the caller.
    let [value] = unsafe { bind([value]) };
    // SAFETY: a Python object is not null.
    let reference = unsafe { NonNull::new_unchecked(value.into_ptr().cast()) };
    // SAFETY: the reference just taken.
    unsafe { PyValue::from_raw(reference) }
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn for_each(value: *mut ffi::PyObject, take: &mut TakeItem<'_>) -> Result<(), Mismatch> {
    // SAFETY: by the caller.
    let [iterable] = unsafe { bind([value]) };
    let iterator = iterable.try_iter().map_err(|exception| {
        // SAFETY: by the caller.
        if unsafe { has_attr(value, c"__iter__") } {
            return Mismatch::Error(from_exception(exception));
        }
        discard(exception);
        Mismatch::Type
    })?;
    for item in iterator {
        let item = item.map_err(|exception| Mismatch::Error(from_exception(exception)))?;
        take(raw(&item)).map_err(Mismatch::Error)?;
    }
    Ok(())
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn for_each_pair(value: *mut ffi::PyObject, take: &mut TakePair<'_>) -> Result<(), Mismatch> {
    // SAFETY: by the caller.
    let is_mapping = unsafe { has_attr(value, c"keys") };
    // SAFETY: by the caller.
    let [value] = unsafe { bind([value]) };
    let failed = |exception| Mismatch::Error(from_exception(exception));
    // What `dict(value)` does.
    let pairs = if is_mapping { value.call_method0("items").map_err(failed)? } else { value };
    let mut index = 0;
    let mut take_pair = |pair: RawHandle| {
        // SAFETY: alive, on an attached thread.
        let [pair] = unsafe { bind([pair.as_ptr().cast()]) };
        let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().map_err(|exception| {
            discard(exception);
            Error::type_error(format!("cannot convert element #{index} to a pair of key and value"))
        })?;
        index += 1;
        take(raw(&key), raw(&value))
    };
    // SAFETY: by the caller.
    unsafe { for_each(pairs.as_ptr(), &mut take_pair) }
}

/// # Safety
///
/// The thread is attached; `make` gives new references.
pub(crate) unsafe fn tuple(len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: a length of something that is in memory.
    let tuple = unsafe { ffi::PyTuple_New(len as ffi::Py_ssize_t) };
    // If `make` fails or panics, the tuple goes, with items that are null, which it copes with.
    // SAFETY: a new reference, or null with the exception set.
    let tuple = unsafe { Bound::from_owned_ptr_or_err(py, tuple) }.map_err(from_exception)?;
    for i in 0..len {
        let item = make(i)?;
        // SAFETY: the tuple is new, and gets each item once.
        unsafe { platform::init_tuple_item(tuple.as_ptr(), i as ffi::Py_ssize_t, item.as_ptr().cast()) };
    }
    // SAFETY: a new reference.
    unsafe { owned(tuple.into_ptr()) }
}

/// # Safety
///
/// The thread is attached. The references, to Python objects, are given away.
pub(crate) unsafe fn pack(items: &[RawHandle]) -> Result<RawHandle, Error> {
    // SAFETY: a length of something that is in memory.
    let tuple = unsafe { ffi::PyTuple_New(items.len() as ffi::Py_ssize_t) };
    // SAFETY: what CPython gave.
    let tuple = unsafe { owned(tuple) };
    for (i, item) in items.iter().enumerate() {
        let item = item.as_ptr().cast();
        match &tuple {
            // SAFETY: the tuple is new, and gets each item once.
            Ok(tuple) => unsafe { platform::init_tuple_item(tuple.as_ptr().cast(), i as ffi::Py_ssize_t, item) },
            // SAFETY: the caller's reference.
            Err(_) => unsafe { ffi::Py_DECREF(item) },
        }
    }
    tuple
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn frozenset(len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    let items = unsafe { tuple(len, make) }?;
    // SAFETY: an iterable.
    let set = unsafe { ffi::PyFrozenSet_New(items.as_ptr().cast()) };
    // SAFETY: the tuple made above.
    unsafe { ffi::Py_DECREF(items.as_ptr().cast()) };
    // SAFETY: what CPython gave.
    unsafe { owned(set) }
}

/// # Safety
///
/// As above.
pub(crate) unsafe fn mapping(len: usize, make: &mut MakePair<'_>, frozen: bool) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let dict = pyo3::types::PyDict::new(py);
    for i in 0..len {
        let (key, value) = make(i)?;
        // SAFETY: new references.
        let key = unsafe { Bound::from_owned_ptr(py, key.as_ptr().cast()) };
        // SAFETY: as above.
        let value = unsafe { Bound::from_owned_ptr(py, value.as_ptr().cast()) };
        dict.set_item(key, value).map_err(from_exception)?;
    }
    let mapping = if frozen {
        // SAFETY: a mapping.
        unsafe { ffi::PyDictProxy_New(dict.as_ptr()) }
    } else {
        dict.into_ptr()
    };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { owned(mapping) }
}

/// A new `str`, or null with the exception set.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn new_str(text: &str) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    unsafe { platform::new_ascii(text) }.unwrap_or_else(|| {
        // SAFETY: that many bytes of UTF-8; by the caller.
        unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast::<c_char>(), text.len() as ffi::Py_ssize_t) }
    })
}

/// A new slice.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn new_slice(start: Option<isize>, stop: Option<isize>, step: isize) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    let parts = (start, stop, step).into_pyobject(py).map_err(from_exception)?;
    let [start, stop, step] =
        [parts.get_item(0), parts.get_item(1), parts.get_item(2)].map(|part| part.map_err(from_exception));
    let (start, stop, step) = (start?, stop?, step?);
    // SAFETY: Python objects.
    let slice = unsafe { ffi::PySlice_New(start.as_ptr(), stop.as_ptr(), step.as_ptr()) };
    // SAFETY: what CPython gave.
    unsafe { owned(slice) }
}
