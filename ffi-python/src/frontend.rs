//! Python as a frontend of `ffi_object`: the functions that the runtime calls.

use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use ffi_object::__private::{EnumInfo, RawObject, TypeInfo};
use ffi_object::frontend::{
    install, Args, Frontend, Items, Kept, MakeItem, MakePair, Mismatch, Policy, PythonHooks, RawHandle, TakeItem,
    TakeNumbers, TakePair,
};
use ffi_object::standard::{Standard, StandardKind};
use ffi_object::state::Wrapper;
use ffi_object::{Any, AnyObj, Error, PyValue};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::{
    any, buffer, call, containers, convert, detach, enumeration, error, exit, instance, iterator, platform, queue,
    standard,
};

/// The Python frontend.
#[derive(Debug)]
pub(crate) struct PythonFrontend {
    /// Whether mappings that cross by value are read-only, so that no one edits a copy by mistake.
    frozen: bool,
}

/// The frontend of this program.
pub(crate) static PYTHON: &dyn Frontend = &PythonFrontend { frozen: true };
/// The same, for values that are stored: `pickle` knows no read-only mapping.
pub(crate) static STORING: &dyn Frontend = &PythonFrontend { frozen: false };

/// Makes this the program's frontend.
pub(crate) fn install_python() {
    // SAFETY: the arguments of a trampoline of a Python function are what it asks for.
    unsafe { install(PYTHON, call::function) };
}

fn py(handle: RawHandle) -> *mut ffi::PyObject {
    handle.as_ptr().cast()
}

// SAFETY: `instance` keeps the wrappers' side of the protocol. All `unsafe` below passes the caller's promises on: handles
// are Python objects, and the thread is attached.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one proof for all, above")]
#[expect(clippy::multiple_unsafe_ops_per_block, reason = "as above")]
unsafe impl Frontend for PythonFrontend {
    unsafe fn give_back(&self, value: RawHandle) {
        unsafe { queue::release(value) };
    }

    unsafe fn try_acquire_wrapper(&self, object: RawObject) -> Option<Wrapper> {
        if exit::ended() || !platform::attached() {
            return None;
        }
        platform::slot_lock(object, || {
            // A weak reference keeps the header there. The slot is looked at again, now that no wrapper can leave it.
            let wrapper = unsafe { object.state() }.wrapper()?;
            unsafe { platform::try_incref(wrapper.as_ptr().cast()) }.then_some(wrapper)
        })
    }

    fn wait(&self, wait: &mut dyn FnMut()) {
        if !platform::attached() {
            return wait();
        }
        let state = unsafe { ffi::PyEval_SaveThread() };
        wait();
        unsafe { ffi::PyEval_RestoreThread(state) };
    }

    unsafe fn share(&self, value: RawHandle) -> bool {
        let attached = platform::attached() && !exit::ended();
        if attached {
            unsafe { ffi::Py_INCREF(py(value)) };
        }
        attached
    }

    fn attach(&self, run: &mut dyn FnMut()) -> bool {
        let attached = detach::attach(|py| {
            run();
            queue::drain(py);
        });
        attached.is_some()
    }

    fn python(&self) -> Option<PythonHooks> {
        Some(PythonHooks { exception: error::exception_value, error: error::error_of_value })
    }

    unsafe fn release(&self, handle: RawHandle) {
        unsafe { ffi::Py_DECREF(py(handle)) };
    }

    unsafe fn none(&self) -> RawHandle {
        let none = unsafe { ffi::Py_None() };
        unsafe { ffi::Py_INCREF(none) };
        unsafe { NonNull::new_unchecked(none) }.cast()
    }
    unsafe fn bool(&self, value: bool) -> RawHandle {
        let value = unsafe { ffi::PyBool_FromLong(value.into()) };
        unsafe { NonNull::new_unchecked(value) }.cast()
    }
    unsafe fn int(&self, value: i64) -> Result<RawHandle, Error> {
        unsafe { convert::owned(ffi::PyLong_FromLongLong(value)) }
    }
    unsafe fn wide_int(&self, value: i128) -> Result<RawHandle, Error> {
        let py = unsafe { Python::assume_attached() };
        let Ok(value) = value.into_pyobject(py);
        unsafe { convert::owned(value.into_ptr()) }
    }
    unsafe fn wide_uint(&self, value: u128) -> Result<RawHandle, Error> {
        if let Ok(value) = u64::try_from(value) {
            return unsafe { convert::owned(ffi::PyLong_FromUnsignedLongLong(value)) };
        }
        let py = unsafe { Python::assume_attached() };
        let Ok(value) = value.into_pyobject(py);
        unsafe { convert::owned(value.into_ptr()) }
    }
    unsafe fn float(&self, value: f64) -> Result<RawHandle, Error> {
        unsafe { convert::owned(ffi::PyFloat_FromDouble(value)) }
    }
    unsafe fn str(&self, value: &str) -> Result<RawHandle, Error> {
        unsafe { convert::owned(convert::new_str(value)) }
    }
    unsafe fn kept_str(&self, value: &str, kept: &Kept) -> Result<RawHandle, Error> {
        let kept = match kept.get() {
            Some(known) => known,
            None => {
                let made = unsafe { self.str(value) }?;
                match unsafe { kept.keep(made) } {
                    Ok(()) => made,
                    Err(first) => {
                        unsafe { self.release(made) };
                        first
                    }
                }
            }
        };
        unsafe { ffi::Py_INCREF(py(kept)) };
        Ok(kept)
    }
    unsafe fn bytes(&self, value: &[u8]) -> Result<RawHandle, Error> {
        let bytes = unsafe { ffi::PyBytes_FromStringAndSize(value.as_ptr().cast(), value.len() as ffi::Py_ssize_t) };
        unsafe { convert::owned(bytes) }
    }
    unsafe fn path(&self, value: &Path) -> Result<RawHandle, Error> {
        let path = value.into_pyobject(unsafe { Python::assume_attached() }).map_err(error::from_exception)?;
        unsafe { convert::owned(path.into_ptr()) }
    }
    unsafe fn tuple(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
        unsafe { convert::tuple(len, make) }
    }
    unsafe fn pack(&self, items: &[RawHandle]) -> Result<RawHandle, Error> {
        unsafe { convert::pack(items) }
    }
    unsafe fn mapping(&self, len: usize, make: &mut MakePair<'_>) -> Result<RawHandle, Error> {
        unsafe { convert::mapping(len, make, self.frozen) }
    }
    unsafe fn set(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
        unsafe { convert::frozenset(len, make) }
    }
    unsafe fn object(&self, object: &AnyObj, policy: Policy) -> Result<RawHandle, Error> {
        match policy {
            Policy::Cached => unsafe { convert::owned(instance::cached(object.as_raw())) },
            Policy::Fresh => unsafe { convert::owned(instance::fresh(object.clone())) },
        }
    }
    unsafe fn wrapper(&self, object: &AnyObj) -> Option<RawHandle> {
        unsafe { instance::known(object.as_raw()) }.map(NonNull::cast)
    }
    unsafe fn owned_object(&self, object: AnyObj, policy: Policy) -> Result<RawHandle, Error> {
        match policy {
            Policy::Cached => unsafe { convert::owned(instance::cached(object.as_raw())) },
            Policy::Fresh => unsafe { convert::owned(instance::fresh(object)) },
        }
    }

    unsafe fn foreign(&self, value: &PyValue) -> Result<RawHandle, Error> {
        let reference = value.look(|handle| {
            unsafe { ffi::Py_INCREF(py(handle)) };
            handle
        });
        reference.ok_or_else(PyValue::cleared)
    }

    unsafe fn iterator(&self, items: Box<dyn Items>, policy: Policy) -> Result<RawHandle, Error> {
        iterator::new(unsafe { Python::assume_attached() }, items, policy)
    }
    unsafe fn slice(&self, start: Option<isize>, stop: Option<isize>, step: isize) -> Result<RawHandle, Error> {
        unsafe { convert::new_slice(start, stop, step) }
    }
    unsafe fn member(&self, info: &'static EnumInfo, index: usize) -> Result<RawHandle, Error> {
        unsafe { enumeration::member(info, index) }
    }
    unsafe fn standard(&self, value: Standard) -> Result<RawHandle, Error> {
        unsafe { standard::make(value) }
    }

    unsafe fn is_callable(&self, value: RawHandle) -> bool {
        unsafe { ffi::PyCallable_Check(py(value)) != 0 }
    }
    unsafe fn call_value(&self, function: RawHandle, args: &mut Args<'_>) -> Result<RawHandle, Error> {
        unsafe { call::value(py(function), args) }
    }
    unsafe fn as_foreign(&self, value: RawHandle) -> Result<PyValue, Mismatch> {
        Ok(unsafe { convert::foreign(py(value)) })
    }
    unsafe fn is_none(&self, value: RawHandle) -> bool {
        py(value) == unsafe { ffi::Py_None() }
    }
    unsafe fn as_bool(&self, value: RawHandle) -> Result<bool, Mismatch> {
        unsafe { convert::as_bool(py(value)) }
    }
    unsafe fn as_int(&self, value: RawHandle) -> Result<i64, Mismatch> {
        unsafe { convert::as_int(py(value)) }
    }
    unsafe fn as_wide_int(&self, value: RawHandle) -> Result<i128, Mismatch> {
        unsafe { convert::as_wide(py(value)) }
    }
    unsafe fn as_wide_uint(&self, value: RawHandle) -> Result<u128, Mismatch> {
        unsafe { convert::as_wide(py(value)) }
    }
    unsafe fn as_float(&self, value: RawHandle) -> Result<f64, Mismatch> {
        unsafe { convert::as_float(py(value)) }
    }
    unsafe fn as_str(&self, value: RawHandle) -> Result<NonNull<str>, Mismatch> {
        unsafe { convert::as_str(py(value)) }
    }
    unsafe fn as_bytes(&self, value: RawHandle) -> Result<NonNull<[u8]>, Mismatch> {
        unsafe { convert::as_bytes(py(value)) }
    }
    unsafe fn as_path(&self, value: RawHandle) -> Result<PathBuf, Mismatch> {
        unsafe { convert::as_path(py(value)) }
    }
    unsafe fn as_slice(&self, value: RawHandle) -> Result<(isize, isize, isize), Mismatch> {
        unsafe { convert::as_slice(py(value)) }
    }
    unsafe fn as_object(&self, value: RawHandle) -> Result<RawObject, Mismatch> {
        if !unsafe { instance::is_wrapper(py(value)) } {
            return Err(Mismatch::Type);
        }
        unsafe { instance::object_of(py(value)) }.map_err(Mismatch::Error)
    }
    unsafe fn receiver(&self, value: RawHandle, owner: &'static TypeInfo) -> Result<RawObject, Error> {
        unsafe { instance::object_as(py(value), owner) }
    }
    unsafe fn own_object(&self, value: RawHandle) -> Result<AnyObj, Mismatch> {
        if !unsafe { instance::is_wrapper(py(value)) } {
            return Err(Mismatch::Type);
        }
        unsafe { instance::own(py(value)) }.map_err(Mismatch::Error)
    }
    unsafe fn as_any(&self, value: RawHandle) -> Result<Any, Mismatch> {
        unsafe { any::as_any(py(value)) }
    }
    unsafe fn as_key(&self, value: RawHandle) -> Result<Any, Mismatch> {
        unsafe { any::as_key(py(value)) }
    }
    unsafe fn as_member(&self, value: RawHandle, info: &'static EnumInfo) -> Result<usize, Mismatch> {
        enumeration::as_member(py(value), info)
    }
    unsafe fn as_standard(&self, value: RawHandle, kind: StandardKind) -> Result<Standard, Mismatch> {
        unsafe { standard::read(py(value), kind) }
    }
    unsafe fn for_each(&self, value: RawHandle, take: &mut TakeItem<'_>) -> Result<(), Mismatch> {
        unsafe { convert::for_each(py(value), take) }
    }
    unsafe fn numbers(&self, value: RawHandle, take: &mut TakeNumbers<'_>) -> Result<(), Error> {
        let [value] = unsafe { convert::bind([py(value)]) };
        buffer::numbers(&value, take)
    }
    unsafe fn for_each_pair(&self, value: RawHandle, take: &mut TakePair<'_>) -> Result<(), Mismatch> {
        unsafe { convert::for_each_pair(py(value), take) }
    }
    unsafe fn convert_object(&self, value: RawHandle, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
        unsafe { containers::from_plain(py(value), info) }
    }
    unsafe fn class_name(&self, value: RawHandle) -> String {
        unsafe { convert::class_name(py(value)) }
    }
}

/// A Python value as the runtime's functions take it.
pub(crate) fn handle(value: *mut ffi::PyObject) -> Option<RawHandle> {
    NonNull::new(value.cast())
}

/// Gives a result to Python: a new reference, or null with the exception set.
#[inline]
pub(crate) fn finish(py: Python<'_>, result: Result<RawHandle, Error>) -> *mut ffi::PyObject {
    match result {
        Ok(value) => value.as_ptr().cast(),
        Err(error) => {
            error::raise(py, error);
            std::ptr::null_mut()
        }
    }
}
