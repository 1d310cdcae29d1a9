//! Numbers in bulk: from what has them in memory, by the buffer protocol, and out of arrays, by the same.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::ptr::{self, NonNull};

use ffi_object::__private::{RawArray, RawList};
use ffi_object::frontend::{Number, Numbers, TakeNumbers};
use ffi_object::{Array, Error, FfiObject, List};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyTuple, PyType};

use crate::convert::{bind, give_int};
use crate::error::{discard, from_exception};
use crate::instance;

/// `Py_buffer`, which abi3 builds for 3.10 have no name for. It has been the same in all versions, and is part of the
/// stable ABI since 3.11.
#[repr(C)]
pub(crate) struct View {
    start: *mut c_void,
    pub(crate) owner: *mut ffi::PyObject,
    /// In bytes.
    len: ffi::Py_ssize_t,
    item_size: ffi::Py_ssize_t,
    readonly: c_int,
    dimensions: c_int,
    format: *mut c_char,
    shape: *mut ffi::Py_ssize_t,
    strides: *mut ffi::Py_ssize_t,
    suboffsets: *mut ffi::Py_ssize_t,
    internal: *mut c_void,
}

extern "C" {
    // In the stable ABI since 3.11, and exported by every version.
    fn PyObject_CheckBuffer(value: *mut ffi::PyObject) -> c_int;
    pub(crate) fn PyObject_GetBuffer(value: *mut ffi::PyObject, view: *mut View, flags: c_int) -> c_int;
    fn PyBuffer_Release(view: *mut View);
    fn PyBuffer_ToContiguous(to: *mut c_void, view: *const View, len: ffi::Py_ssize_t, order: c_char) -> c_int;
    fn PyBuffer_FillInfo(
        view: *mut View,
        owner: *mut ffi::PyObject,
        start: *mut c_void,
        len: ffi::Py_ssize_t,
        readonly: c_int,
        flags: c_int,
    ) -> c_int;
}

/// `PyBUF_FORMAT | PyBUF_STRIDES`: items in any order, but in no memory of their own.
const RECORDS: c_int = 0x1c;

/// The memory of a value, by the buffer protocol.
struct Buffer(Box<View>);

impl Buffer {
    /// # Errors
    ///
    /// The value has none, or none of this kind.
    fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        // SAFETY: null and 0 are values of all its fields.
        let mut view: Box<View> = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: a Python object, on an attached thread, and a place for the view, which stays there.
        match unsafe { PyObject_GetBuffer(value.as_ptr(), &raw mut *view, RECORDS) } {
            0 => Ok(Self(view)),
            _ => Err(PyErr::fetch(value.py())),
        }
    }

    /// What an item is, as in the module `struct`.
    fn format(&self) -> &[u8] {
        if self.0.format.is_null() {
            return b"B";
        }
        // SAFETY: a C string that lives as long as the view.
        unsafe { CStr::from_ptr(self.0.format) }.to_bytes()
    }

    /// Copies all bytes.
    ///
    /// # Errors
    ///
    /// What CPython says.
    ///
    /// # Safety
    ///
    /// There is room for them.
    unsafe fn copy_to(&self, py: Python<'_>, place: NonNull<u8>) -> PyResult<()> {
        // Copied by CPython: other threads may be writing there.
        // SAFETY: by the caller; the view is one that CPython has filled.
        match unsafe { PyBuffer_ToContiguous(place.as_ptr().cast(), &raw const *self.0, self.0.len, b'C' as c_char) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: filled by `of`, on this thread, which is still attached.
        unsafe { PyBuffer_Release(&raw mut *self.0) };
    }
}

/// What a number is in the module `struct`.
pub(crate) fn format(number: Number) -> &'static CStr {
    match number {
        Number::Bool => c"?",
        Number::I8 => c"b",
        Number::I16 => c"h",
        Number::I32 => c"i",
        Number::I64 => c"q",
        Number::U8 => c"B",
        Number::U16 => c"H",
        Number::U32 => c"I",
        Number::U64 => c"Q",
        Number::F32 => c"f",
        _ => c"d",
    }
}

/// What a format means for items of some size, and whether their bytes stand the other way round.
fn number(format: &[u8], size: usize) -> Option<(Number, bool)> {
    let (swapped, code) = match *format {
        [code] | [b'@' | b'=', code] => (false, code),
        [b'<', code] => (cfg!(target_endian = "big"), code),
        [b'>' | b'!', code] => (cfg!(target_endian = "little"), code),
        _ => return None,
    };
    let number = match (code, size) {
        (b'?', 1) => Number::Bool,
        (b'b' | b'h' | b'i' | b'l' | b'q' | b'n', _) => Number::integer(size, true)?,
        (b'B' | b'H' | b'I' | b'L' | b'Q' | b'N', _) => Number::integer(size, false)?,
        (b'f', 4) => Number::F32,
        (b'd', 8) => Number::F64,
        _ => return None,
    };
    Some((number, swapped))
}

/// Whether a value gives the same by its buffer as it gives when it is gone through. A class that extends one of these
/// may have an `__iter__` that says otherwise, as NumPy's masked arrays do.
pub(crate) fn is_source(value: &Bound<'_, PyAny>) -> bool {
    // What most values are.
    if value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyTuple>() {
        return false;
    }
    // SAFETY: a Python object, on an attached thread.
    own(value).is_some() || unsafe { PyObject_CheckBuffer(value.as_ptr()) } != 0 && is_plain_buffer(value)
}

fn is_plain_buffer(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyBytes>()
        || value.is_exact_instance_of::<PyByteArray>()
        || is_memoryview(value)
        || is_foreign(value)
}

fn is_memoryview(value: &Bound<'_, PyAny>) -> bool {
    let class = &raw mut ffi::PyMemoryView_Type;
    // SAFETY: a Python object, on an attached thread.
    unsafe { ffi::Py_TYPE(value.as_ptr()) == class }
}

/// Whether a value is an `array.array`, or a `numpy.ndarray`.
fn is_foreign(value: &Bound<'_, PyAny>) -> bool {
    static CLASSES: [(&str, &str, PyOnceLock<Py<PyType>>); 2] =
        [("array", "array", PyOnceLock::new()), ("numpy", "ndarray", PyOnceLock::new())];
    let py = value.py();
    let class = value.get_type();
    CLASSES.iter().any(|(module, name, known)| {
        if known.get(py).is_none() {
            // A module that no one has imported has no instances.
            let find = || {
                let modules = py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
                let Some(module) = modules.get_item(module)? else { return Ok(None) };
                Ok::<_, PyErr>(Some(module.getattr(name)?.cast_into::<PyType>()?))
            };
            match find() {
                Ok(Some(class)) => drop(known.set(py, class.unbind())),
                Ok(None) => {}
                Err(exception) => discard(exception),
            }
        }
        known.get(py).is_some_and(|known| known.as_ptr() == class.as_ptr())
    })
}

/// A container of ours.
enum Own<'a> {
    List(&'a RawList),
    Array(&'a RawArray),
}

/// The container in a value whose class is exactly one of ours.
fn own<'a>(value: &'a Bound<'_, PyAny>) -> Option<Own<'a>> {
    // SAFETY: a Python object, on an attached thread.
    if !unsafe { instance::is_wrapper(value.as_ptr()) } {
        return None;
    }
    // SAFETY: as above.
    let class = unsafe { ffi::Py_TYPE(value.as_ptr()) };
    // SAFETY: the class of a wrapper.
    if !unsafe { instance::is_native(class) } {
        return None;
    }
    // SAFETY: a wrapper.
    let object = unsafe { instance::object_of(value.as_ptr()) }.ok()?;
    // SAFETY: the wrapper keeps it alive.
    let list = unsafe { object.cast_raw(List::<ffi_object::Any>::TYPE) }.map(Own::List);
    // SAFETY: as above.
    list.or_else(|| unsafe { object.cast_raw(Array::<ffi_object::Any>::TYPE) }.map(Own::Array))
}

/// Gives `take` the numbers that a value has in memory, if it is one of those for which that is the same as to go through
/// it.
pub(crate) fn numbers(value: &Bound<'_, PyAny>, take: &mut TakeNumbers<'_>) -> Result<(), Error> {
    match own(value) {
        Some(Own::Array(array)) => array.numbers().map_or(Ok(()), |(number, bytes)| give(number, bytes, take)),
        Some(Own::List(list)) => list.numbers(|number, bytes| give(number, bytes, take)).unwrap_or(Ok(())),
        None if is_source(value) => foreign_numbers(value, take),
        None => Ok(()),
    }
}

/// Gives numbers of Rust's.
fn give(number: Number, bytes: &[u8], take: &mut TakeNumbers<'_>) -> Result<(), Error> {
    let mut copy = |place: NonNull<u8>| {
        // SAFETY: `copy` is told a place with room for all, in memory of its own.
        unsafe { place.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        Ok(())
    };
    // SAFETY: the bytes are those of numbers of Rust's.
    take(unsafe { Numbers::new(number, bytes.len() / number.size(), &mut copy) })
}

fn foreign_numbers(value: &Bound<'_, PyAny>, take: &mut TakeNumbers<'_>) -> Result<(), Error> {
    let py = value.py();
    let buffer = match Buffer::of(value) {
        Ok(buffer) => buffer,
        Err(exception) => {
            // Whoever goes through it will hear what is wrong.
            discard(exception);
            return Ok(());
        }
    };
    let (bytes, size) = (buffer.0.len.unsigned_abs(), buffer.0.item_size.unsigned_abs());
    let Some((number, swapped)) = number(buffer.format(), size).filter(|_| buffer.0.dimensions == 1) else {
        return Ok(());
    };
    let len = bytes / size;
    let mut copy = |place: NonNull<u8>| {
        // SAFETY: `copy` is told a place with room for all.
        unsafe { buffer.copy_to(py, place) }.map_err(from_exception)?;
        // SAFETY: written just now.
        let bytes = unsafe { NonNull::slice_from_raw_parts(place, bytes).as_mut() };
        if number == Number::Bool {
            bytes.iter_mut().for_each(|truth| *truth = u8::from(*truth != 0));
        }
        if swapped && number.size() > 1 {
            bytes.chunks_exact_mut(number.size()).for_each(<[u8]>::reverse);
        }
        Ok(())
    };
    // SAFETY: `copy` writes them as it should: the bytes of so many items of this format.
    take(unsafe { Numbers::new(number, len, &mut copy) })
}

/// `bf_getbuffer` of arrays: what is shown neither moves nor changes as long as the array lives.
///
/// # Safety
///
/// Called by CPython, attached, on a wrapper of an array.
pub(crate) unsafe extern "C" fn show(this: *mut ffi::PyObject, view: *mut View, flags: c_int) -> c_int {
    // SAFETY: by the caller.
    let [this] = unsafe { bind([this]) };
    // SAFETY: CPython gives a `Py_buffer` to be filled.
    let view = unsafe { &mut *view };
    view.owner = ptr::null_mut();
    give_int(&this, "__buffer__", || {
        let array = crate::containers::array(&this)?;
        let Some((number, bytes)) = array.numbers() else {
            let name = array.type_name();
            return Err(PyBufferError::new_err(format!("{name} has no buffer: its items are not numbers of one type")));
        };
        let (start, len) = (bytes.as_ptr().cast_mut().cast(), ffi::Py_ssize_t::try_from(bytes.len())?);
        // SAFETY: as above, with memory that its reference on the wrapper keeps.
        if unsafe { PyBuffer_FillInfo(view, this.as_ptr(), start, len, 1, flags) } != 0 {
            return Err(PyErr::fetch(this.py()));
        }
        // The strides point to it.
        view.item_size = ffi::Py_ssize_t::try_from(number.size())?;
        if !view.format.is_null() {
            view.format = format(number).as_ptr().cast_mut();
        }
        if !view.shape.is_null() {
            // Only read. A length fits both types.
            view.shape = ptr::from_ref(array.len_ref()).cast_mut().cast();
        }
        Ok(0)
    })
}
