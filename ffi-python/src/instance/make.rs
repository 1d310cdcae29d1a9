//! From an object to a wrapper: the canonical one, made when it is first asked for, or a separate one.

use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering;

use ffi_object::__private::RawObject;
use ffi_object::state::{Gain, Publish};
use ffi_object::{AnyObj, Error};
use pyo3::ffi;

use super::{is_native, memory, own, pack, unhook, Instance, Tag, Tail, TAIL};
use crate::class::ClassData;
use crate::platform;

/// A new wrapper of a native class, for no object yet.
///
/// # Errors
///
/// No memory: the exception is set.
///
/// # Safety
///
/// `class` is one of the frontend's own classes, and the thread is attached.
unsafe fn new_native(class: *mut ffi::PyTypeObject) -> Option<NonNull<ffi::PyObject>> {
    // SAFETY: by the caller.
    if unsafe { platform::is_collected(class) } {
        // SAFETY: a new instance of this class, all zero, which the collector tracks.
        return NonNull::new(unsafe { ffi::PyType_GenericAlloc(class, 0) });
    }
    // Memory that the collector does not track comes without its header.
    // SAFETY: the thread is attached.
    let Some(memory) = (unsafe { memory::take() }) else {
        // SAFETY: as above.
        unsafe { ffi::PyErr_NoMemory() };
        return None;
    };
    // SAFETY: the memory is that large.
    let tail = unsafe { memory.byte_add(TAIL) }.cast::<Tail>();
    // SAFETY: as above.
    unsafe { tail.write(Tail::empty()) };
    // SAFETY: writes the head, and takes the reference on the class that an instance of a heap type holds.
    NonNull::new(unsafe { ffi::PyObject_Init(memory.as_ptr(), class) })
}

/// A new wrapper of any class of the frontend's, or of a subclass, for no object yet.
///
/// # Errors
///
/// The exception is set.
///
/// # Safety
///
/// `class` is one, and the thread is attached.
pub(crate) unsafe fn new_empty(class: *mut ffi::PyTypeObject) -> Option<NonNull<ffi::PyObject>> {
    // SAFETY: by the caller.
    if unsafe { is_native(class) } {
        // SAFETY: a class with this very function is one of the frontend's own.
        return unsafe { new_native(class) };
    }
    // SAFETY: by the caller.
    let alloc = unsafe { platform::tp_alloc(class) }.unwrap_or(ffi::PyType_GenericAlloc);
    // SAFETY: a new instance of this class, all zero.
    NonNull::new(unsafe { alloc(class, 0) })
}

/// Makes a wrapper that has no object the canonical one of an object that names it in its slot already. False, and the
/// object is destroyed: the wrapper got another one meanwhile.
///
/// # Safety
///
/// `wrapper` is one, `object` was born with it and is known to no one else. If `is_new`, the caller has just made the
/// wrapper and given it to no one; only the collector may have shown it.
#[inline]
pub(crate) unsafe fn attach_born(wrapper: NonNull<ffi::PyObject>, object: RawObject, is_new: bool) -> bool {
    // SAFETY: by the caller.
    unsafe { platform::expect_try_incref(wrapper.as_ptr()) };
    // SAFETY: by the caller.
    let class = unsafe { ffi::Py_TYPE(wrapper.as_ptr()) };
    // SAFETY: the class of a wrapper.
    let word = pack(object, if unsafe { is_native(class) } { Tag::Native } else { Tag::Subclass });
    // SAFETY: by the caller.
    let instance = unsafe { Instance::of(wrapper.as_ptr()) };
    // SAFETY: as above.
    if is_new && !unsafe { platform::is_collected(class) } {
        // No one can have seen it.
        instance.tail.object.store(word, Ordering::Release);
        return true;
    }
    if instance.tail.object.compare_exchange(ptr::null_mut(), word, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        return true;
    }
    // SAFETY: by the caller.
    unsafe { discard_born(object) };
    false
}

/// Destroys an object that was born with a wrapper which has another one.
///
/// # Safety
///
/// No one else knows it.
#[cold]
unsafe fn discard_born(object: RawObject) {
    // SAFETY: by the caller.
    unsafe { object.state() }.wrapper_died();
    // SAFETY: `wrapper_died` has said so.
    unsafe { object.destroy() };
}

/// The canonical wrapper of an object, made if there is none: a new reference.
///
/// # Errors
///
/// Null: the exception is set.
///
/// # Safety
///
/// The object is alive for the whole call through an owner, or through a wrapper that someone holds. The thread is
/// attached.
#[inline]
pub(crate) unsafe fn cached(object: RawObject) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    match unsafe { take(object) } {
        Some(wrapper) => wrapper,
        // SAFETY: by the caller.
        None => unsafe { first_wrap(object) },
    }
}

/// The same, if it runs no code of anyone's, so that a lock may be held: a wrapper that is there, or one of a class that the
/// collector does not track, and which therefore does not set it off.
///
/// # Safety
///
/// As for [`cached`].
#[inline]
pub(crate) unsafe fn known(object: RawObject) -> Option<NonNull<ffi::PyObject>> {
    // SAFETY: by the caller.
    let wrapper = unsafe { take(object) }.or_else(|| unsafe { first_wrap_quietly(object) })?;
    NonNull::new(wrapper)
}

/// # Safety
///
/// As for [`cached`].
#[inline(never)]
unsafe fn first_wrap_quietly(object: RawObject) -> Option<*mut ffi::PyObject> {
    // SAFETY: by the caller.
    let data = ClassData::get(unsafe { object.info() })?;
    let native = data.class_type();
    // SAFETY: a class.
    let is_collected = unsafe { platform::is_collected(native) };
    if is_collected || data.info.options.is_unwrapped() || data.appearance.decide(native) != native {
        return None;
    }
    // SAFETY: by the caller.
    let wrapper = unsafe { first_wrap(object) };
    if wrapper.is_null() {
        // No memory; whoever asks again without a lock will say so.
        // SAFETY: attached.
        unsafe { ffi::PyErr_Clear() };
    }
    Some(wrapper)
}

/// A new reference on the wrapper in the slot, if there is one.
///
/// # Safety
///
/// As for [`cached`].
#[inline]
pub(crate) unsafe fn take(object: RawObject) -> Option<*mut ffi::PyObject> {
    platform::slot_lock(object, || {
        // SAFETY: by the caller.
        let wrapper = unsafe { object.state() }.wrapper()?.as_ptr().cast();
        // SAFETY: by the protocol: while there is an owner the wrapper is pinned; otherwise someone holds it.
        unsafe { ffi::Py_INCREF(wrapper) };
        Some(wrapper)
    })
}

/// # Safety
///
/// As for [`cached`].
#[cold]
unsafe fn first_wrap(object: RawObject) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let Some(data) = ClassData::for_type(unsafe { object.info() }) else { return ptr::null_mut() };
    if data.info.options.is_unwrapped() {
        // SAFETY: by the caller.
        return unsafe { unwrapped(object) };
    }
    let native = data.class_type();
    let class = data.appearance.decide(native);
    let (wrapper, tag) = if class == native {
        // SAFETY: a native class.
        (unsafe { new_native(native) }, Tag::Native)
    } else {
        // SAFETY: the registered class.
        (unsafe { data.appearance.new_wrapper(class) }, Tag::Subclass)
    };
    let Some(new) = wrapper else { return ptr::null_mut() };
    let wrapper = new.as_ptr();
    // SAFETY: new, known to no one.
    unsafe { platform::expect_try_incref(wrapper) };
    // SAFETY: as above.
    let instance = unsafe { Instance::of(wrapper) };
    instance.set(object, tag);
    // The second reference, which becomes the pin.
    // SAFETY: as above.
    unsafe { ffi::Py_INCREF(wrapper) };
    // SAFETY: by the caller.
    match unsafe { object.state() }.publish(NonNull::from(instance).cast()) {
        Publish::Published => wrapper,
        Publish::Lost(_) => {
            instance.tail.object.store(ptr::null_mut(), Ordering::Relaxed);
            // SAFETY: the two references are this function's own.
            unsafe { ffi::Py_DECREF(wrapper) };
            if tag == Tag::Subclass {
                data.appearance.keep(new);
            } else {
                // SAFETY: as above; an empty wrapper dies without touching an object.
                unsafe { ffi::Py_DECREF(wrapper) };
            }
            // The winner's, unless someone has moved it off again.
            // SAFETY: by the caller.
            unsafe { cached(object) }
        }
    }
}

/// A separate wrapper for an object of a type that has no others.
///
/// # Safety
///
/// As for [`cached`].
unsafe fn unwrapped(object: RawObject) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    match unsafe { object.state() }.gain() {
        Gain::Gained => {
            // SAFETY: the owner was just counted, and every object is an `Object`.
            let owner = unsafe { AnyObj::from_raw(object) };
            // SAFETY: by the caller.
            unsafe { separate(owner, Tag::Fresh) }
        }
        // It was born a moment ago, and is still with the wrapper that it was born with.
        // SAFETY: by the caller.
        Gain::NeedsPin => unsafe { cached(object) },
    }
}

/// Makes the wrapper that an object was born with a separate one, for a type that has no others.
///
/// # Errors
///
/// The object was moved away meanwhile.
///
/// # Safety
///
/// `wrapper` is one that the caller holds, and the thread is attached.
#[cold]
pub(crate) unsafe fn separate_born(wrapper: *mut ffi::PyObject) -> Result<(), Error> {
    // SAFETY: by the caller.
    let owner = unsafe { own(wrapper) }?;
    // SAFETY: by the caller.
    let instance = unsafe { Instance::of(wrapper) };
    let object = owner.as_raw();
    // SAFETY: `owner` is one.
    let state = unsafe { object.state() };
    if unhook(object, state, instance) {
        instance.set(owner.into_raw(), Tag::Fresh);
        // SAFETY: what was the pin; the caller holds another reference.
        unsafe { ffi::Py_DECREF(wrapper) };
    }
    Ok(())
}

/// A wrapper that is not canonical and takes this owner: a new reference.
///
/// # Errors
///
/// Null: the exception is set.
///
/// # Safety
///
/// The thread is attached.
pub(super) unsafe fn separate(object: AnyObj, tag: Tag) -> *mut ffi::PyObject {
    let Some(data) = ClassData::for_type(object.type_info()) else { return ptr::null_mut() };
    // SAFETY: the class is a native one.
    let Some(wrapper) = (unsafe { new_native(data.class_type()) }) else { return ptr::null_mut() };
    // SAFETY: new, known to no one.
    unsafe { Instance::of(wrapper.as_ptr()) }.set(object.into_raw(), tag);
    wrapper.as_ptr()
}

/// A wrapper for an object that a function gives back: by default a separate one, a new reference.
///
/// It is the canonical one when that carries state of Python's (its class is not the native one, or has a `__dict__`, or it
/// would be made of a registered class), which a separate one would lack; and when the owner that is given away is the only one and no one has a wrapper yet, so that no one can
/// tell the difference.
///
/// # Errors
///
/// Null: the exception is set.
///
/// # Safety
///
/// The thread is attached.
pub(crate) unsafe fn fresh(object: AnyObj) -> *mut ffi::PyObject {
    let raw = object.as_raw();
    // SAFETY: owned.
    let state = unsafe { raw.state() };
    if object.type_info().options.is_unwrapped() {
        // SAFETY: the thread is attached.
        return unsafe { separate(object, Tag::Fresh) };
    }
    let canonical = platform::slot_lock(raw, || match state.wrapper() {
        Some(wrapper) => {
            // SAFETY: pinned, since there is an owner.
            let class = unsafe { ffi::Py_TYPE(wrapper.as_ptr().cast()) };
            // SAFETY: the class of a wrapper.
            !unsafe { is_native(class) }
        }
        None => object.owners() == 1,
    });
    let Some(data) = ClassData::for_type(object.type_info()) else { return ptr::null_mut() };
    if canonical || data.shows_state() {
        // SAFETY: owned until the end of this function.
        return unsafe { cached(raw) };
    }
    // SAFETY: the thread is attached.
    unsafe { separate(object, Tag::Fresh) }
}
