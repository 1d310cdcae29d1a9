//! Attributes: fields, getters and setters.
//!
//! A plain scalar or object is read by a function of its own, with the field's offset as the closure. Everything else
//! goes through the descriptor's functions.

use std::ffi::{c_int, c_void};
use std::ptr;

use ffi_object::__private::{Decoder, Encoder, FieldInfo, FunctionInfo, RawObject, TypeInfo};
use ffi_object::frontend::Policy;
use ffi_object::info::FieldKind;
use ffi_object::{Error, ErrorKind};
use pyo3::ffi;
use pyo3::Python;

use crate::call::{self, Call};
use crate::convert::new_str;
use crate::error;
use crate::frontend::{closure, finish, handle, PYTHON};
use crate::instance;
use crate::queue;

/// What the slow functions of an attribute need.
pub(crate) struct Attribute {
    pub(crate) owner: &'static TypeInfo,
    pub(crate) name: &'static str,
    pub(crate) source: AttributeSource,
}

/// Where an attribute's value comes from.
#[derive(Clone, Copy)]
pub(crate) enum AttributeSource {
    /// A field.
    Field(&'static FieldInfo),
    /// A getter and a setter.
    Functions(Option<&'static FunctionInfo>, Option<&'static FunctionInfo>),
}

impl Attribute {
    /// The getter, the setter and their closure, for a getset.
    pub(crate) fn functions(&'static self) -> (ffi::getter, Option<ffi::setter>, *mut c_void) {
        let slow: (ffi::getter, *mut c_void) = (get, closure(self));
        match self.source {
            AttributeSource::Field(field) => {
                let offset = ptr::without_provenance_mut(field.offset);
                let (get, closure): (ffi::getter, _) = match field.kind {
                    FieldKind::Bool => (get_bool, offset),
                    FieldKind::I64 => (get_i64, offset),
                    FieldKind::F64 => (get_f64, offset),
                    FieldKind::String => (get_string, offset),
                    FieldKind::Object => (get_object, offset),
                    FieldKind::OptionalObject => (get_optional_object, offset),
                    _ => slow,
                };
                (get, field.writable.then_some(set as ffi::setter), closure)
            }
            AttributeSource::Functions(_, setter) => (slow.0, setter.map(|_| set as ffi::setter), slow.1),
        }
    }
}

macro_rules! plain_getters {
    ($($name:ident: $ty:ty => |$value:ident| $make:expr;)*) => {
        $(
            /// # Safety
            ///
            /// Called by CPython, which has checked the wrapper's type; the closure is the offset of a plain field of
            /// this type, which never changes.
            unsafe extern "C" fn $name(wrapper: *mut ffi::PyObject, offset: *mut c_void) -> *mut ffi::PyObject {
                // SAFETY: CPython has checked the type.
                let object = match unsafe { instance::object_of(wrapper) } {
                    Ok(object) => object,
                    Err(error) => {
                        // SAFETY: CPython calls this attached.
                        error::raise(unsafe { Python::assume_attached() }, error);
                        return ptr::null_mut();
                    }
                };
                // SAFETY: the wrapper is of the class that lists the field, so its object has one there.
                let $value: &$ty = unsafe { object.value().byte_add(offset.addr()).cast().as_ref() };
                // SAFETY: attached; the object is alive while its wrapper is.
                unsafe { $make }
            }
        )*
    };
}

plain_getters! {
    get_bool: bool => |value| ffi::PyBool_FromLong((*value).into());
    get_i64: i64 => |value| ffi::PyLong_FromLongLong(*value);
    get_f64: f64 => |value| ffi::PyFloat_FromDouble(*value);
    get_string: String => |value| new_str(value);
    // An `Obj<T>` is the object's address; the field owns it as long as its own object lives.
    get_object: RawObject => |value| instance::cached(*value);
    get_optional_object: Option<RawObject> => |value| match value {
        Some(object) => instance::cached(*object),
        None => {
            ffi::Py_INCREF(ffi::Py_None());
            ffi::Py_None()
        }
    };
}

/// # Safety
///
/// Called by CPython, which has checked the wrapper's type; the closure is an [`Attribute`] of it.
unsafe extern "C" fn get(wrapper: *mut ffi::PyObject, attribute: *mut c_void) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above; attributes are never freed.
    let attribute = unsafe { &*attribute.cast::<Attribute>() };
    // SAFETY: attached; attribute access asks for the canonical wrapper.
    let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
    let read = || match attribute.source {
        AttributeSource::Field(field) => {
            // SAFETY: CPython has checked the type.
            let object = unsafe { instance::object_of(wrapper) }?;
            // SAFETY: of the type that lists the field, and alive while its wrapper is.
            unsafe { field.get(object, out) }.map(ffi_object::__private::Handle::into_raw)
        }
        AttributeSource::Functions(Some(getter), _) => {
            let call = Call { positional: &[], keywords: &[] };
            // SAFETY: of the type that the getter belongs to.
            unsafe { call::invoke(py, getter, wrapper, &call, Policy::Cached) }
        }
        AttributeSource::Functions(None, _) => Err(Error::attribute(format!(
            "attribute '{}' of '{}' objects is not readable",
            attribute.name, attribute.owner.name
        ))),
    };
    finish(py, error::catch(|| place(attribute), read))
}

/// # Safety
///
/// Called by CPython, which has checked the wrapper's type; the closure is an [`Attribute`] of it.
unsafe extern "C" fn set(wrapper: *mut ffi::PyObject, value: *mut ffi::PyObject, attribute: *mut c_void) -> c_int {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: see above; attributes are never freed.
    let attribute = unsafe { &*attribute.cast::<Attribute>() };
    let write = || {
        let Some(value) = handle(value) else {
            return Err(Error::new(
                ErrorKind::Attribute,
                format!("attribute '{}' of '{}' objects cannot be deleted", attribute.name, attribute.owner.name),
            ));
        };
        match attribute.source {
            AttributeSource::Field(field) => {
                // SAFETY: CPython has checked the type.
                let object = unsafe { instance::object_of(wrapper) }?;
                // SAFETY: the caller of the setter keeps the value alive; attached.
                let value = unsafe { Decoder::new(&PYTHON, value) };
                // SAFETY: of the type that lists the field, and alive while its wrapper is.
                unsafe { field.set(object, value) }.map_err(|error| error.at(place(attribute)))
            }
            AttributeSource::Functions(_, setter) => {
                let setter = setter.ok_or_else(|| Error::attribute("the attribute is read-only"))?;
                let call = Call { positional: &[Some(value)], keywords: &[] };
                // SAFETY: of the type that the setter belongs to.
                let result = unsafe { call::invoke(py, setter, wrapper, &call, Policy::Cached) }?;
                // SAFETY: a new reference.
                unsafe { ffi::Py_DECREF(result.as_ptr().cast()) };
                Ok(())
            }
        }
    };
    let result = error::catch(|| place(attribute), write);
    queue::drain(py);
    match result {
        Ok(()) => 0,
        Err(error) => {
            error::raise(py, error);
            -1
        }
    }
}

fn place(attribute: &Attribute) -> String {
    format!("{}.{}", attribute.owner.name, attribute.name)
}
