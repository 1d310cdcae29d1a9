//! Attributes: fields, getters and setters.
//!
//! A scalar or an object, plain or in a [`Mut`], is read by a function of its own, at the field's offset, and so is a scalar
//! written. Everything else, and whatever such a function cannot do, goes through the descriptor's functions.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use ffi_object::__private::{Decoder, Encoder, FieldInfo, FunctionInfo, RawObject, TypeInfo};
use ffi_object::frontend::Policy;
use ffi_object::info::FieldKind;
use ffi_object::{Error, Mut};
use pyo3::ffi;
use pyo3::Python;

use crate::arrange::Call;
use crate::call;
use crate::convert::{as_bool, new_str};
use crate::error;
use crate::frontend::{finish, handle, PYTHON};
use crate::instance;
use crate::platform::small_int;
use crate::queue;

/// What the functions of an attribute need: their closure.
pub(crate) struct Attribute {
    pub(crate) offset: usize,
    pub(crate) owner: &'static TypeInfo,
    pub(crate) name: &'static str,
    pub(crate) source: AttributeSource,
}

/// Where an attribute's value comes from.
#[derive(Clone, Copy)]
pub(crate) enum AttributeSource {
    /// A field.
    Field(&'static FieldInfo),
    /// What the user wrote.
    Functions(Accessors),
}

/// The functions of an attribute that is no field.
#[derive(Clone, Copy, Default)]
pub(crate) struct Accessors {
    pub(crate) get: Option<&'static FunctionInfo>,
    pub(crate) set: Option<&'static FunctionInfo>,
    pub(crate) delete: Option<&'static FunctionInfo>,
}

impl Attribute {
    /// An attribute of a class.
    pub(crate) fn new(owner: &'static TypeInfo, name: &'static str, source: AttributeSource) -> Self {
        let offset = match source {
            AttributeSource::Field(field) => field.offset as usize,
            AttributeSource::Functions(..) => 0,
        };
        Self { offset, owner, name, source }
    }

    /// The getter and the setter, for a getset whose closure this is.
    pub(crate) fn functions(&self) -> (ffi::getter, Option<ffi::setter>) {
        match self.source {
            AttributeSource::Field(field) => {
                let get: ffi::getter = match field.ty().kind {
                    FieldKind::Bool => get_bool,
                    FieldKind::I64 => get_i64,
                    FieldKind::F64 => get_f64,
                    FieldKind::String => get_string,
                    FieldKind::Object => get_object,
                    FieldKind::OptionalObject => get_optional_object,
                    FieldKind::MutBool => get_mut_bool,
                    FieldKind::MutI64 => get_mut_i64,
                    FieldKind::MutF64 => get_mut_f64,
                    FieldKind::MutObject => get_mut_object,
                    FieldKind::MutOptionalObject => get_mut_optional_object,
                    _ => get,
                };
                let set: ffi::setter = match field.ty().kind {
                    FieldKind::MutBool => set_mut_bool,
                    FieldKind::MutI64 => set_mut_i64,
                    FieldKind::MutF64 => set_mut_f64,
                    _ => set,
                };
                (get, field.ty().writable.then_some(set))
            }
            AttributeSource::Functions(Accessors { get: getter, set: setter, delete }) => {
                let get: ffi::getter = if getter.is_some() { get_property } else { get };
                (get, setter.or(delete).map(|_| set as ffi::setter))
            }
        }
    }
}

macro_rules! getters {
    ($($name:ident: $ty:ty => |$field:ident| $quick:expr $(, or $make:expr)?;)*) => {
        $(
            /// Reads the field of a canonical wrapper of a native class, if that takes no waiting and no making of a wrapper: where
            /// there is a GIL, this keeps nothing across a call, and so saves no registers.
            ///
            /// # Safety
            ///
            /// Called by CPython, which has checked the wrapper's class; the closure is the [`Attribute`] of a field of this
            /// type.
            unsafe extern "C" fn $name(wrapper: *mut ffi::PyObject, attribute: *mut c_void) -> *mut ffi::PyObject {
                /// The same for all other wrappers and fields.
                #[inline(never)]
                unsafe extern "C" fn slowly(wrapper: *mut ffi::PyObject, attribute: *mut c_void) -> *mut ffi::PyObject {
                    // SAFETY: see above; attributes are never freed.
                    let owner = unsafe { &*attribute.cast::<Attribute>() }.owner;
                    // SAFETY: CPython has checked the class.
                    let object = unsafe { instance::object_as(wrapper, owner) }.ok();
                    let read = object.and_then(|object| {
                        // SAFETY: the object is of the type that lists the field.
                        let $field: &$ty = unsafe { field(object, attribute) };
                        // SAFETY: attached; the object is alive while its wrapper is.
                        unsafe { getters!(last $quick $(, $make)?) }
                    });
                    match read {
                        Some(value) => value,
                        // SAFETY: as above.
                        None => unsafe { get(wrapper, attribute) },
                    }
                }
                // SAFETY: CPython has checked the class.
                if let Some(object) = unsafe { instance::native_object(wrapper) } {
                    // SAFETY: the object is of the type that lists the field.
                    let $field: &$ty = unsafe { field(object, attribute) };
                    // SAFETY: attached; the object is alive while its wrapper is.
                    if let Some(value) = unsafe { $quick } {
                        return value;
                    }
                }
                // SAFETY: as above.
                unsafe { slowly(wrapper, attribute) }
            }
        )*
    };
    (last $quick:expr) => { $quick };
    (last $quick:expr, $make:expr) => { $make };
}

getters! {
    get_bool: bool => |value| Some(ffi::PyBool_FromLong((*value).into()));
    get_i64: i64 => |value| Some(ffi::PyLong_FromLongLong(*value));
    get_f64: f64 => |value| Some(ffi::PyFloat_FromDouble(*value));
    get_string: String => |value| Some(new_str(value));
    // An `Obj<T>` is the object's address; the field owns it as long as its own object lives.
    get_object: RawObject => |value| instance::take(*value), or Some(instance::cached(*value));
    get_optional_object: Option<RawObject> =>
        |value| value.map_or_else(|| Some(new_none()), |object| instance::take(object)),
        or Some(value.map_or_else(|| new_none(), |object| instance::cached(object)));
    get_mut_bool: Mut<bool> => |cell| cell.try_read(|value| *value).map(|value| ffi::PyBool_FromLong(value.into())),
        or Some(ffi::PyBool_FromLong(cell.get().into()));
    get_mut_i64: Mut<i64> => |cell| cell.try_read(|value| *value).map(|value| ffi::PyLong_FromLongLong(value)),
        or Some(ffi::PyLong_FromLongLong(cell.get()));
    get_mut_f64: Mut<f64> => |cell| cell.try_read(|value| *value).map(|value| ffi::PyFloat_FromDouble(value)),
        or Some(ffi::PyFloat_FromDouble(cell.get()));
    // The cell owns the object while it is locked. A wrapper whose making may run Python code is made with a copy of the
    // owner, and without the lock.
    get_mut_object: Mut<RawObject> => |cell| cell.try_read(|object| instance::take(*object)).flatten(),
        or cell.read(|object| instance::known(*object)).map(NonNull::as_ptr);
    get_mut_optional_object: Mut<Option<RawObject>> =>
        |cell| cell.try_read(|value| value.map_or_else(|| Some(new_none()), |object| instance::take(object))).flatten(),
        or cell.read(|value| match value {
            Some(object) => instance::known(*object).map(NonNull::as_ptr),
            None => Some(new_none()),
        });
}

macro_rules! setters {
    ($($name:ident: $ty:ty => |$value:ident| $read:expr;)*) => {
        $(
            /// Writes the field of a canonical wrapper of a native class, if the value is one that is read as it is.
            ///
            /// # Safety
            ///
            /// Called by CPython, which has checked the wrapper's class; the closure is the [`Attribute`] of a `Mut` of this type.
            unsafe extern "C" fn $name(
                wrapper: *mut ffi::PyObject,
                $value: *mut ffi::PyObject,
                attribute: *mut c_void,
            ) -> c_int {
                // SAFETY: CPython has checked the class.
                if let Some(object) = unsafe { instance::native_object(wrapper) } {
                    // SAFETY: the object is of the type that lists the field.
                    let cell: &Mut<$ty> = unsafe { field(object, attribute) };
                    // A field that is to be deleted has no value.
                    // SAFETY: attached; otherwise it is a Python object.
                    let new = if $value.is_null() { None } else { unsafe { $read } };
                    if let Some(new) = new {
                        cell.set(new);
                        return 0;
                    }
                }
                // SAFETY: as above.
                unsafe { set(wrapper, $value, attribute) }
            }
        )*
    };
}

setters! {
    set_mut_bool: bool => |value| as_bool(value).ok();
    set_mut_i64: i64 => |value| small_int(value);
    set_mut_f64: f64 => |value| (ffi::PyFloat_CheckExact(value) != 0).then(|| ffi::PyFloat_AsDouble(value));
}

/// The field that an [`Attribute`] is of.
///
/// # Safety
///
/// The object is alive during `'a`, and of a type that has a field of type `F` where the attribute says.
#[inline(always)]
unsafe fn field<'a, F>(object: RawObject, attribute: *mut c_void) -> &'a F {
    // SAFETY: attributes are never freed.
    let offset = unsafe { &*attribute.cast::<Attribute>() }.offset;
    // SAFETY: by the caller.
    let place = unsafe { object.value().byte_add(offset) };
    // SAFETY: by the caller.
    unsafe { place.cast().as_ref() }
}

/// # Safety
///
/// The thread is attached.
unsafe fn new_none() -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let none = unsafe { ffi::Py_None() };
    // SAFETY: as above.
    unsafe { ffi::Py_INCREF(none) };
    none
}

/// # Safety
///
/// Called by CPython, which has checked the wrapper's type; the closure is an [`Attribute`] of it with a getter.
unsafe extern "C" fn get_property(wrapper: *mut ffi::PyObject, attribute: *mut c_void) -> *mut ffi::PyObject {
    // SAFETY: see above; attributes are never freed.
    let source = unsafe { &(*attribute.cast::<Attribute>()).source };
    let AttributeSource::Functions(Accessors { get: Some(getter), .. }) = source else {
        // SAFETY: as above.
        return unsafe { get(wrapper, attribute) };
    };
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: CPython has checked the class, and a getter has no parameters.
    unsafe { call::direct(py, getter, wrapper, &[], Policy::Cached) }
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
            // SAFETY: CPython has checked the class.
            let object = unsafe { instance::object_as(wrapper, attribute.owner) }?;
            // SAFETY: of the type that lists the field, and alive while its wrapper is.
            unsafe { field.get(object, out) }.map(ffi_object::__private::Handle::into_raw)
        }
        AttributeSource::Functions(_) => Err(Error::attribute(format!(
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
        let unable = |what| {
            let (name, class) = (attribute.name, attribute.owner.name);
            Error::attribute(format!("attribute '{name}' of '{class}' objects {what}"))
        };
        let run = |function: Option<&'static FunctionInfo>, args: &[_], what| {
            let function = function.ok_or_else(|| unable(what))?;
            let call = Call { positional: args, keywords: &[] };
            // SAFETY: CPython has checked the class.
            let result = unsafe { call::invoke(py, function, wrapper, &call, Policy::Cached) }?;
            // SAFETY: a new reference.
            unsafe { ffi::Py_DECREF(result.as_ptr().cast()) };
            Ok(())
        };
        match (attribute.source, handle(value)) {
            (AttributeSource::Field(field), Some(value)) => {
                // SAFETY: CPython has checked the class.
                let object = unsafe { instance::object_as(wrapper, attribute.owner) }?;
                // SAFETY: the caller of the setter keeps the value alive; attached.
                let value = unsafe { Decoder::new(&PYTHON, value) };
                // SAFETY: of the type that lists the field, and alive while its wrapper is.
                unsafe { field.set(object, value) }.map_err(|error| error.at(place(attribute)))
            }
            (AttributeSource::Field(_), None) => Err(unable("cannot be deleted")),
            (AttributeSource::Functions(own), None) => run(own.delete, &[], "cannot be deleted"),
            (AttributeSource::Functions(own), value) => run(own.set, &[value], "is read-only"),
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
