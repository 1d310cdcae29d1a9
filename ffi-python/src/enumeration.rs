//! Enums without data: an `enum.Enum` or `enum.IntEnum` for each, made once in a process.

use ffi_object::__private::EnumInfo;
use ffi_object::frontend::{Mismatch, RawHandle};
use ffi_object::{registry, Error};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::convert::owned;

/// What the frontend keeps for an enum. Never freed.
struct EnumData {
    class: Py<PyAny>,
    /// In the order of the descriptor's members.
    members: Vec<Py<PyAny>>,
}

fn data(info: &'static EnumInfo) -> Option<&'static EnumData> {
    let data = info.cell.class().cast::<EnumData>();
    // SAFETY: null, or set once, by `build`, to data that is never freed.
    unsafe { data.as_ref() }
}

/// The class of an enum.
pub(crate) fn build<'py>(py: Python<'py>, info: &'static EnumInfo, module: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Some(data) = data(info) {
        return Ok(data.class.bind(py).clone());
    }
    let base = py.import("enum")?.getattr(if info.int { "IntEnum" } else { "Enum" })?;
    let members: Vec<(&str, i128)> = info.members.iter().map(|member| (member.name, member.value)).collect();
    let options = PyDict::new(py);
    options.set_item("module", info.module.unwrap_or(module))?;
    options.set_item("qualname", info.name)?;
    let class = base.call((info.name, members), Some(&options))?;
    if !info.doc.is_empty() {
        class.setattr("__doc__", info.doc)?;
    }
    let mut all = Vec::new();
    for member in info.members {
        let object = class.getattr(PyString::new(py, member.name))?;
        if !member.doc.is_empty() {
            object.setattr("__doc__", member.doc)?;
        }
        all.push(object.unbind());
    }
    let data = Box::new(EnumData { class: class.clone().unbind(), members: all });
    info.cell.set_class(Box::into_raw(data).cast());
    Ok(class)
}

/// The member at a place.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn member(info: &'static EnumInfo, index: usize) -> Result<RawHandle, Error> {
    let member = data(info).and_then(|data| data.members.get(index));
    let member = member.ok_or_else(|| Error::type_error(format!("'{}' has no Python class", info.name)))?;
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: a new reference.
    unsafe { owned(member.clone_ref(py).into_ptr()) }
}

/// The place of a member: members are compared by identity.
pub(crate) fn as_member(value: *mut ffi::PyObject, info: &'static EnumInfo) -> Result<usize, Mismatch> {
    let place = data(info).and_then(|data| data.members.iter().position(|member| member.as_ptr() == value));
    place.ok_or(Mismatch::Type)
}

/// Which enum a value is a member of, and its place there.
///
/// # Safety
///
/// The value is a Python object, and the thread is attached.
pub(crate) unsafe fn find(value: *mut ffi::PyObject) -> Option<(&'static EnumInfo, usize)> {
    // SAFETY: by the caller.
    let class = unsafe { ffi::Py_TYPE(value) };
    let is_its_class = |info: &&&'static EnumInfo| data(info).is_some_and(|d| d.class.as_ptr() == class.cast());
    let info = registry().ok()?.enums.iter().find(is_its_class)?;
    Some((info, as_member(value, info).ok()?))
}
