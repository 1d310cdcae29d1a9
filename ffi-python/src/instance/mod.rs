//! Wrappers: the Python objects that stand for objects.
//!
//! A wrapper holds one word, the address of its object, with three tag bits that say what it is to it:
//!
//! | tag | the wrapper is | its stake in the object |
//! |---|---|---|
//! | `Native` | the one in the object's slot | by the protocol (`ffi_object::state`) |
//! | `Subclass` | the same, of a class that was made in Python | the same |
//! | `Fresh` | a separate one | an owner |
//! | `Moved` | one that was moved from | an owner, which `owners()` does not count, so that calls which borrow from it end well |
//! | `Giving` | what `_move()` returns: it can only be passed on | an owner, which the receiver takes |
//!
//! A null address is that of a wrapper whose `__init__` has not run, or, tagged `Giving`, of one that was passed on.
//!
//! A native class's objects are of its type, since native classes are immutable and extend one another in a chain. A
//! class made in Python may claim more: `class C(A, B)`, or `C.__bases__ = …` later. So whoever relies on a wrapper's
//! class to know its object's type asks [`object_as`], which looks twice unless the tag says `Native`.

mod make;
pub(crate) mod memory;

use std::mem::offset_of;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use ffi_object::__private::{RawObject, TypeInfo};
use ffi_object::state::{Gain, GainWithPin, State};
use ffi_object::{AnyObj, Error, ErrorKind, Obj};
use pyo3::ffi;
use pyo3::Python;

use crate::error::unraisable_panic;
use crate::{dict, gc, platform};

use make::separate;
pub(crate) use make::{attach_born, cached, fresh, known, new_empty, separate_born, take};

/// What every wrapper starts with.
#[repr(C)]
pub(crate) struct Instance {
    head: ffi::PyObject,
    tail: Tail,
}

/// What follows the head of a Python object.
#[repr(C)]
struct Tail {
    object: AtomicPtr<()>,
    /// CPython's. Atomic, since without a GIL a weak reference may go while the wrapper does.
    weakrefs: AtomicPtr<ffi::PyObject>,
}

impl Tail {
    const fn empty() -> Self {
        Self { object: AtomicPtr::new(ptr::null_mut()), weakrefs: AtomicPtr::new(ptr::null_mut()) }
    }
}

const TAIL: usize = offset_of!(Instance, tail);

/// Where the list of weak references is, for `__weaklistoffset__`.
pub(crate) const WEAKREFS_OFFSET: usize = TAIL + offset_of!(Tail, weakrefs);

const TAGS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Native = 0,
    Subclass = 1,
    Fresh = 2,
    Moved = 3,
    Giving = 4,
}

impl Tag {
    /// Whether the wrapper is the one in the object's slot.
    pub(crate) fn is_canonical(self) -> bool {
        matches!(self, Self::Native | Self::Subclass)
    }
}

/// A wrapper's word, taken apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link {
    /// `__init__` has not run.
    Empty,
    /// The object was passed on.
    Spent,
    /// An object, and what the wrapper is to it.
    To(RawObject, Tag),
}

impl Instance {
    /// # Safety
    ///
    /// `wrapper` is one, and alive during `'a`.
    #[inline]
    unsafe fn of<'a>(wrapper: *mut ffi::PyObject) -> &'a Self {
        // SAFETY: by the caller.
        unsafe { &*wrapper.cast() }
    }

    /// Whether there are weak references on it.
    #[inline]
    fn is_referred_to(&self) -> bool {
        !self.tail.weakrefs.load(Ordering::Relaxed).is_null()
    }

    fn link(&self) -> Link {
        unpack(self.tail.object.load(Ordering::Acquire))
    }

    fn set(&self, object: RawObject, tag: Tag) {
        self.tail.object.store(pack(object, tag), Ordering::Release);
    }
}

fn pack(object: RawObject, tag: Tag) -> *mut () {
    object.as_ptr().map_addr(|address| address | tag as usize)
}

fn unpack(word: *mut ()) -> Link {
    let tag = match word.addr() & TAGS {
        0 => Tag::Native,
        1 => Tag::Subclass,
        2 => Tag::Fresh,
        3 => Tag::Moved,
        _ => Tag::Giving,
    };
    match NonNull::new(word.map_addr(|address| address & !TAGS)) {
        // SAFETY: only `pack` makes words that are not null.
        Some(object) => Link::To(unsafe { RawObject::from_ptr(object) }, tag),
        None if tag == Tag::Giving => Link::Spent,
        None => Link::Empty,
    }
}

/// Whether a value is a wrapper.
///
/// # Safety
///
/// `value` is a Python object, and the thread is attached.
#[inline]
pub(crate) unsafe fn is_wrapper(value: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller.
    let class = unsafe { ffi::Py_TYPE(value) };
    // Whoever is freed by this function is one, and mostly that settles it.
    // SAFETY: a type.
    if unsafe { is_native(class) } {
        return true;
    }
    let root = crate::class::root();
    // SAFETY: types; the root is one once there are wrappers, and before that null.
    !root.is_null() && unsafe { ffi::PyType_IsSubtype(class, root) } != 0
}

/// From a wrapper to its object: the one way there is.
///
/// # Errors
///
/// The object is not there, or may not be used through this wrapper.
///
/// # Safety
///
/// `wrapper` is one, and the thread is attached. The object is alive as long as the wrapper is.
#[inline]
pub(crate) unsafe fn object_of(wrapper: *mut ffi::PyObject) -> Result<RawObject, Error> {
    // SAFETY: by the caller.
    if let Some(object) = unsafe { native_object(wrapper) } {
        return Ok(object);
    }
    // SAFETY: by the caller.
    match unsafe { Instance::of(wrapper) }.link() {
        Link::To(object, Tag::Native | Tag::Subclass | Tag::Fresh) => Ok(object),
        // SAFETY: by the caller.
        link => Err(unsafe { not_usable(wrapper, link) }),
    }
}

/// The object of a wrapper whose class extends that of `owner`, which is therefore of that type, or an error.
///
/// # Errors
///
/// As [`object_of`], and an object that is not of the type that the wrapper's class claims.
///
/// # Safety
///
/// As for [`object_of`], and CPython has checked the wrapper's class.
#[inline(always)]
pub(crate) unsafe fn object_as(wrapper: *mut ffi::PyObject, owner: &'static TypeInfo) -> Result<RawObject, Error> {
    // SAFETY: by the caller.
    match unsafe { native_object(wrapper) } {
        Some(object) => Ok(object),
        // SAFETY: by the caller.
        None => unsafe { object_checked(wrapper, owner) },
    }
}

/// The object of a wrapper that is the canonical one, of a native class: of that class's type.
///
/// # Safety
///
/// As for [`object_of`].
#[inline(always)]
pub(crate) unsafe fn native_object(wrapper: *mut ffi::PyObject) -> Option<RawObject> {
    // SAFETY: by the caller.
    let word = NonNull::new(unsafe { Instance::of(wrapper) }.tail.object.load(Ordering::Acquire))?;
    // SAFETY: only `pack` makes words that are not null.
    (word.addr().get() & TAGS == 0).then(|| unsafe { RawObject::from_ptr(word) })
}

/// The same for a wrapper that is not simply one of a native class.
///
/// # Safety
///
/// As for [`object_as`].
#[inline(never)]
unsafe fn object_checked(wrapper: *mut ffi::PyObject, owner: &'static TypeInfo) -> Result<RawObject, Error> {
    // SAFETY: by the caller.
    let object = unsafe { object_of(wrapper) }?;
    // SAFETY: the wrapper keeps it alive.
    let info = unsafe { object.info() };
    if info.is_a(owner) {
        return Ok(object);
    }
    // SAFETY: by the caller.
    let class = unsafe { crate::convert::class_name(wrapper) };
    Err(Error::type_error(format!("'{class}' extends '{}', but its object is of type '{}'", owner.name, info.name)))
}

/// # Safety
///
/// `wrapper` is one, and the thread is attached.
#[cold]
unsafe fn not_usable(wrapper: *mut ffi::PyObject, link: Link) -> Error {
    // SAFETY: by the caller.
    let name = unsafe { crate::convert::class_name(wrapper) };
    match link {
        Link::Empty => Error::new(
            ErrorKind::Runtime,
            format!("{name}.__init__() has not been called: a subclass's __init__ must call super().__init__()"),
        ),
        Link::To(_, Tag::Giving) => {
            Error::reference(format!("this is a {name} that is being moved: pass it to a function that takes an owner"))
        }
        Link::To(..) => Error::reference(format!("the {name} was moved away from this variable")),
        Link::Spent => Error::reference(format!("the {name} that was being moved has been passed on already")),
    }
}

/// A reference to the object, whatever the wrapper is to it, for tools that look at it.
///
/// # Safety
///
/// `wrapper` is one, and the thread is attached.
pub(crate) unsafe fn link_of(wrapper: *mut ffi::PyObject) -> Link {
    // SAFETY: by the caller.
    unsafe { Instance::of(wrapper) }.link()
}

/// An owner of a wrapper's object.
///
/// # Errors
///
/// As [`object_of`].
///
/// # Safety
///
/// `wrapper` is one, the caller holds a reference on it for the whole call, and the thread is attached.
pub(crate) unsafe fn own(wrapper: *mut ffi::PyObject) -> Result<AnyObj, Error> {
    // SAFETY: by the caller.
    let instance = unsafe { Instance::of(wrapper) };
    if let Link::To(object, Tag::Giving) = instance.link() {
        // Whoever swaps it out has the owner that it held.
        let spent = ptr::without_provenance_mut(Tag::Giving as usize);
        let giving = pack(object, Tag::Giving);
        if instance.tail.object.compare_exchange(giving, spent, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            // SAFETY: see above; every object is an `Object`.
            return Ok(unsafe { Obj::from_raw(object) });
        }
    }
    // SAFETY: by the caller.
    let object = unsafe { object_of(wrapper) }?;
    // SAFETY: the wrapper keeps it alive.
    let state = unsafe { object.state() };
    if state.gain() == Gain::NeedsPin {
        // SAFETY: the wrapper is alive.
        unsafe { ffi::Py_INCREF(wrapper) };
        if state.gain_with_pin() == GainWithPin::Spare {
            // SAFETY: the reference just taken; the caller holds another.
            unsafe { ffi::Py_DECREF(wrapper) };
        }
    }
    // SAFETY: the owner was just counted; every object is an `Object`.
    Ok(unsafe { Obj::from_raw(object) })
}

/// `tp_dealloc` of native classes. Always taken from here, since a function may have more than one address.
pub(crate) static DEALLOC: ffi::destructor = dealloc;

/// Whether a class of wrappers is one of the frontend's own.
///
/// # Safety
///
/// `class` is a type, and the thread is attached.
#[inline]
pub(crate) unsafe fn is_native(class: *mut ffi::PyTypeObject) -> bool {
    // SAFETY: by the caller.
    unsafe { platform::tp_dealloc(class) }.is_some_and(|function| ptr::fn_addr_eq(function, DEALLOC))
}

/// Counted under the GIL, before it is done; without one it stays 0.
static UNHOOKED: AtomicU64 = AtomicU64::new(0);

/// How many times so far someone set about to take a wrapper off its object, as whoever moves from one does.
#[inline]
pub(crate) fn unhooked() -> u64 {
    UNHOOKED.load(Ordering::Relaxed)
}

/// The wrapper that is watched. Only used attached, and without a GIL always null.
static WATCHED: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());

/// The wrapper that was given to [`watch`] last, unless it has died.
#[inline]
pub(crate) fn watched() -> *mut ffi::PyObject {
    WATCHED.load(Ordering::Relaxed)
}

/// Watches whether a wrapper dies, instead of the one that was watched before.
///
/// # Safety
///
/// `wrapper` is one, of a class that the collector tracks, and the thread is attached, with a GIL.
pub(crate) unsafe fn watch(wrapper: *mut ffi::PyObject) {
    // SAFETY: by the caller.
    let class = unsafe { ffi::Py_TYPE(wrapper) };
    // SAFETY: a type.
    debug_assert!(unsafe { platform::is_collected(class) }, "its death would not be seen");
    WATCHED.store(wrapper, Ordering::Relaxed);
}

/// Takes a wrapper off its object: see [`State::unhook`]. The thread is attached.
fn unhook(object: RawObject, state: &State, wrapper: &Instance) -> bool {
    if platform::HAS_GIL {
        UNHOOKED.store(unhooked() + 1, Ordering::Relaxed);
    }
    platform::slot_lock(object, || state.unhook(NonNull::from(wrapper).cast()))
}

/// Moves the object out of a wrapper: a new reference on a wrapper that can only be passed on.
///
/// # Errors
///
/// The object is not there, or another thread has moved it meanwhile.
///
/// # Safety
///
/// `wrapper` is one, the caller holds a reference on it for the whole call, and the thread is attached.
pub(crate) unsafe fn move_out(wrapper: *mut ffi::PyObject) -> Result<*mut ffi::PyObject, Error> {
    // SAFETY: by the caller.
    let mover = unsafe { own(wrapper) }?;
    // SAFETY: by the caller.
    let instance = unsafe { Instance::of(wrapper) };
    let object = mover.as_raw();
    // The wrapper keeps an owner until it dies: a call further up may be borrowing the object through it.
    let keep = mover.clone();
    // SAFETY: `mover` is an owner.
    let state = unsafe { object.state() };
    if unhook(object, state, instance) {
        state.moved_from();
        // Only one thread unhooks it. Another that looks at the wrapper meanwhile still uses it, and may.
        instance.set(keep.into_raw(), Tag::Moved);
        // SAFETY: what was the pin; the caller holds another reference.
        unsafe { ffi::Py_DECREF(wrapper) };
    } else if !matches!(instance.link(), Link::Spent) {
        // Not what was being moved already, whose owner is in hand. A separate wrapper has an owner of its own.
        let (fresh, moved) = (pack(object, Tag::Fresh), pack(object, Tag::Moved));
        if instance.tail.object.compare_exchange(fresh, moved, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: by the caller.
            return Err(unsafe { not_usable(wrapper, instance.link()) });
        }
        state.moved_from();
    }
    // SAFETY: the thread is attached.
    Ok(unsafe { separate(mover, Tag::Giving) })
}

/// `tp_dealloc` of all native classes, and what `subtype_dealloc` ends in for their subclasses.
///
/// Most wrappers are the canonical ones of native classes that the collector does not track, and no one has a weak reference
/// on them. For all others, there is [`dealloc_other`].
unsafe extern "C" fn dealloc(wrapper: *mut ffi::PyObject) {
    // SAFETY: alive; CPython calls this attached.
    let class = unsafe { ffi::Py_TYPE(wrapper) };
    // SAFETY: a wrapper.
    let is_referred_to = unsafe { Instance::of(wrapper) }.is_referred_to();
    // SAFETY: a type.
    let is_special = is_referred_to || unsafe { platform::is_collected(class) };
    // SAFETY: a wrapper.
    let (Some(object), false) = (unsafe { native_object(wrapper) }, is_special) else {
        // SAFETY: as for this function.
        return unsafe { dealloc_other(wrapper) };
    };
    // SAFETY: the canonical wrapper of a native class, which nothing refers to any more once its object does not.
    unsafe { leave(object) };
    // SAFETY: made by `new_native`.
    unsafe { memory::give(wrapper) };
    // SAFETY: an instance of a heap type holds a reference on it.
    unsafe { ffi::Py_DECREF(class.cast()) };
    // Last, with the wrapper gone: this may run any code, unless there is nothing to drop.
    // SAFETY: `leave` has said so.
    if !unsafe { object.free_plain() } {
        // SAFETY: as above.
        unraisable_panic(unsafe { Python::assume_attached() }, || unsafe { object.destroy() });
    }
}

/// The object's canonical wrapper dies, and leaves the object to be destroyed.
///
/// # Safety
///
/// It does, and the thread is attached.
#[inline]
unsafe fn leave(object: RawObject) {
    // SAFETY: the object is alive: the wrapper was what kept it.
    let state = unsafe { object.state() };
    platform::slot_lock(object, || state.wrapper_died());
}

/// # Safety
///
/// As for [`dealloc`].
#[inline(never)]
unsafe fn dealloc_other(wrapper: *mut ffi::PyObject) {
    // SAFETY: alive.
    let class = unsafe { ffi::Py_TYPE(wrapper) };
    // SAFETY: a type.
    let is_collected = unsafe { platform::is_collected(class) };
    if is_collected {
        if watched() == wrapper {
            WATCHED.store(ptr::null_mut(), Ordering::Relaxed);
        }
        // SAFETY: just checked; CPython calls this attached.
        unsafe { gc::untrack(wrapper) };
    }
    // SAFETY: the wrapper's memory is there until it is given back below.
    let instance = unsafe { Instance::of(wrapper) };
    if instance.is_referred_to() {
        // SAFETY: the count is 0, as the function asks.
        unsafe { ffi::PyObject_ClearWeakRefs(wrapper) };
    }
    if is_collected {
        // SAFETY: dying.
        unsafe { dict::clear(wrapper) };
    }
    let link = instance.link();
    if let Link::To(object, Tag::Native | Tag::Subclass) = link {
        // SAFETY: such a wrapper is the canonical one.
        unsafe { leave(object) };
    }
    // SAFETY: a type.
    if !is_collected && unsafe { is_native(class) } {
        // SAFETY: made by `new_native`, and nothing refers to it any more: neither Python, nor the object's slot.
        unsafe { memory::give(wrapper) };
    } else {
        // SAFETY: the class of a wrapper is a heap type.
        let free = unsafe { platform::tp_free(class) }.unwrap_or(ffi::PyObject_Free);
        // SAFETY: as above.
        unsafe { free(wrapper.cast()) };
    }
    // SAFETY: an instance of a heap type holds a reference on it.
    unsafe { ffi::Py_DECREF(class.cast()) };
    let end = || match link {
        Link::Empty | Link::Spent => {}
        // SAFETY: `leave` has said so.
        Link::To(object, Tag::Native | Tag::Subclass) => unsafe { object.destroy() },
        Link::To(object, tag) => {
            // SAFETY: such a wrapper holds an owner, which goes with it.
            let owner = unsafe { AnyObj::from_raw(object) };
            if tag == Tag::Moved {
                // SAFETY: owned.
                unsafe { object.state() }.moved_from_dies();
            }
            drop(owner);
        }
    };
    // Last, with the wrapper gone: this may run any code.
    // SAFETY: CPython calls this attached.
    unraisable_panic(unsafe { Python::assume_attached() }, end);
}
