//! What differs between CPython's versions and builds. The only place with cfgs for them.

use std::ffi::c_int;
#[cfg(not(Py_LIMITED_API))]
use std::ffi::CStr;
use std::ptr::NonNull;

use ffi_object::__private::RawObject;
use pyo3::ffi;
use pyo3::prelude::*;
#[cfg(Py_LIMITED_API)]
use pyo3::types::PyBytes;

use crate::instance::Instance;

/// The type slots that the frontend reads, of its own classes, their subclasses, and `object`.
macro_rules! type_slots {
    ($($name:ident: $ty:ty = $slot:ident;)*) => {
        $(
            /// The type's slot of this name.
            ///
            /// # Safety
            ///
            /// `class` is a type, and the thread is attached.
            #[inline]
            pub(crate) unsafe fn $name(class: *mut ffi::PyTypeObject) -> Option<$ty> {
                #[cfg(not(Py_LIMITED_API))]
                // SAFETY: by the caller.
                return unsafe { (*class).$name };
                #[cfg(Py_LIMITED_API)]
                {
                    // SAFETY: by the caller.
                    let slot = unsafe { ffi::PyType_GetSlot(class, ffi::$slot) };
                    // SAFETY: the slot holds a function of this type, or null.
                    unsafe { std::mem::transmute::<*mut std::ffi::c_void, Option<$ty>>(slot) }
                }
            }
        )*
    };
}

type_slots! {
    tp_new: ffi::newfunc = Py_tp_new;
    tp_alloc: ffi::allocfunc = Py_tp_alloc;
    tp_dealloc: ffi::destructor = Py_tp_dealloc;
    tp_free: ffi::freefunc = Py_tp_free;
}

/// The type's direct base, or null.
///
/// # Safety
///
/// `class` is a heap type, and the thread is attached.
#[inline]
pub(crate) unsafe fn tp_base(class: *mut ffi::PyTypeObject) -> *mut ffi::PyTypeObject {
    #[cfg(not(Py_LIMITED_API))]
    // SAFETY: by the caller.
    return unsafe { (*class).tp_base };
    #[cfg(Py_LIMITED_API)]
    // SAFETY: by the caller.
    return unsafe { ffi::PyType_GetSlot(class, ffi::Py_tp_base) }.cast();
}

/// The type's getset array, or null.
///
/// # Safety
///
/// `class` is a heap type, and the thread is attached.
#[inline]
pub(crate) unsafe fn tp_getset(class: *mut ffi::PyTypeObject) -> *mut ffi::PyGetSetDef {
    #[cfg(not(Py_LIMITED_API))]
    // SAFETY: by the caller.
    return unsafe { (*class).tp_getset };
    #[cfg(Py_LIMITED_API)]
    // SAFETY: by the caller.
    return unsafe { ffi::PyType_GetSlot(class, ffi::Py_tp_getset) }.cast();
}

/// Whether a class has abstract methods (`Py_TPFLAGS_IS_ABSTRACT`).
///
/// # Safety
///
/// `class` is a type, and the thread is attached.
#[inline]
pub(crate) unsafe fn is_abstract(class: *mut ffi::PyTypeObject) -> bool {
    // SAFETY: by the caller.
    let flags = unsafe { ffi::PyType_GetFlags(class) };
    flags & (1 << 20) != 0
}

/// Whether the collector tracks the class's instances (`Py_TPFLAGS_HAVE_GC`).
///
/// # Safety
///
/// `class` is a type, and the thread is attached.
#[inline]
pub(crate) unsafe fn is_collected(class: *mut ffi::PyTypeObject) -> bool {
    #[cfg(not(any(Py_LIMITED_API, Py_GIL_DISABLED)))]
    // SAFETY: by the caller.
    let flags = unsafe { (*class).tp_flags };
    #[cfg(any(Py_LIMITED_API, Py_GIL_DISABLED))]
    // SAFETY: by the caller.
    let flags = unsafe { ffi::PyType_GetFlags(class) };
    flags & ffi::Py_TPFLAGS_HAVE_GC != 0
}

/// Makes calls of the class itself take the fast way. Without it they go through `tp_new` and `tp_init`.
///
/// # Safety
///
/// `class` is a heap type that no one has called yet, and the thread is attached.
pub(crate) unsafe fn set_vectorcall(class: *mut ffi::PyTypeObject, call: ffi::vectorcallfunc) {
    #[cfg(not(Py_LIMITED_API))]
    // SAFETY: by the caller.
    unsafe {
        (*class).tp_vectorcall = Some(call);
    }
    #[cfg(Py_LIMITED_API)]
    let _ = (class, call);
}

/// Takes a reference on a wrapper unless it is dying.
///
/// # Safety
///
/// The wrapper's memory is there, which [`slot_lock`] sees to, and the thread is attached.
#[cfg(not(Py_GIL_DISABLED))]
pub(crate) unsafe fn try_incref(wrapper: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller. The GIL is held, so no one else changes the count meanwhile.
    if unsafe { ffi::Py_REFCNT(wrapper) } <= 0 {
        return false;
    }
    // SAFETY: as above.
    unsafe { ffi::Py_INCREF(wrapper) };
    true
}

/// Takes a reference on a wrapper unless it is dying.
///
/// What `_Py_TryIncRefShared` does in `Include/internal/pycore_object.h` of CPython 3.13, for any thread: the shared count
/// is atomic, and says so when it was merged with the owning thread's and is 0, which it is for a dying object. It cannot
/// be 0 otherwise: see [`expect_try_incref`].
///
/// # Safety
///
/// The wrapper's memory is there, which [`slot_lock`] sees to, and the thread is attached.
#[cfg(Py_GIL_DISABLED)]
pub(crate) unsafe fn try_incref(wrapper: *mut ffi::PyObject) -> bool {
    use std::sync::atomic::Ordering;

    /// `_Py_REF_MERGED`, `_Py_REF_SHARED_SHIFT`.
    const MERGED: isize = 3;
    const SHIFT: isize = 2;

    // SAFETY: by the caller.
    let shared_count = unsafe { &(*wrapper).ob_ref_shared };
    let mut shared = shared_count.load(Ordering::Relaxed);
    loop {
        if shared == 0 || shared == MERGED {
            return false;
        }
        match shared_count.compare_exchange_weak(shared, shared + (1 << SHIFT), Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => shared = now,
        }
    }
}

/// Prepares a new wrapper for [`try_incref`] by other threads, before anyone else knows it.
///
/// # Safety
///
/// The wrapper is new, and the thread is attached.
#[inline]
pub(crate) unsafe fn expect_try_incref(wrapper: *mut ffi::PyObject) {
    #[cfg(Py_GIL_DISABLED)]
    {
        /// `_Py_REF_MAYBE_WEAKREF`: the owning thread merges its count before it lets the object die.
        const MAYBE_WEAKREF: isize = 1;
        // SAFETY: by the caller.
        unsafe { &(*wrapper).ob_ref_shared }.fetch_or(MAYBE_WEAKREF, std::sync::atomic::Ordering::Relaxed);
    }
    #[cfg(not(Py_GIL_DISABLED))]
    let _ = wrapper;
}

/// Whether this thread may touch the main interpreter, which is the one that the classes are made in.
///
/// Not `PyGILState_Check`: that says yes to everyone once there is, or was, any subinterpreter. It is also true while the
/// interpreter ends, as long as it runs destructors, and false before and after.
pub(crate) fn attached() -> bool {
    let state = current_thread_state();
    if state.is_null() {
        return false;
    }
    // Since 3.12 every thread has a current state of its own. Before, the current one is that of whatever thread holds
    // the GIL, so it must be known to be this thread's before it is looked at.
    // SAFETY: may be called by any thread at any time.
    if !version_at_least(12) && state != unsafe { ffi::PyGILState_GetThisThreadState() } {
        return false;
    }
    // SAFETY: this thread's own state.
    let interpreter = unsafe { ffi::PyThreadState_GetInterpreter(state) };
    // SAFETY: the one that this thread is attached to.
    unsafe { ffi::PyInterpreterState_GetID(interpreter) == 0 }
}

/// The current thread state, or null.
#[cfg(not(Py_LIMITED_API))]
fn current_thread_state() -> *mut ffi::PyThreadState {
    // SAFETY: may be called by any thread at any time.
    unsafe { ffi::compat::PyThreadState_GetUnchecked() }
}

/// The current thread state, or null.
///
/// Not in the stable ABI, but every version exports a function for it; 3.13 has changed its name.
#[cfg(all(Py_LIMITED_API, unix))]
fn current_thread_state() -> *mut ffi::PyThreadState {
    static FUNCTION: std::sync::OnceLock<Option<extern "C" fn() -> *mut ffi::PyThreadState>> =
        std::sync::OnceLock::new();
    let function = FUNCTION.get_or_init(|| {
        [c"PyThreadState_GetUnchecked", c"_PyThreadState_UncheckedGet"].into_iter().find_map(|name| {
            // SAFETY: a C string.
            let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            // SAFETY: null, or a function of CPython's that has this type.
            unsafe { std::mem::transmute(symbol) }
        })
    });
    match function {
        Some(function) => function(),
        None => thread_state_if_checked(),
    }
}

/// The current thread state, or null.
#[cfg(all(Py_LIMITED_API, not(unix)))]
fn current_thread_state() -> *mut ffi::PyThreadState {
    thread_state_if_checked()
}

/// This thread's state if CPython says that it is current. Once there is a subinterpreter it says so of every state:
/// then a thread must not let go of an object while it is detached, unless it has never been attached.
#[cfg(Py_LIMITED_API)]
fn thread_state_if_checked() -> *mut ffi::PyThreadState {
    extern "C" {
        /// Not in the stable ABI, but exported by every version since 3.4.
        fn PyGILState_Check() -> c_int;
    }
    // SAFETY: may be called by any thread at any time.
    if unsafe { ffi::Py_IsInitialized() } == 0 {
        return std::ptr::null_mut();
    }
    // SAFETY: as above.
    if unsafe { PyGILState_Check() } == 0 {
        return std::ptr::null_mut();
    }
    // SAFETY: as above.
    unsafe { ffi::PyGILState_GetThisThreadState() }
}

/// Runs what reads an object's slot and takes a reference on the wrapper, or takes the wrapper off.
///
/// With the GIL both run under it. Without it this lock keeps a wrapper from leaving the slot, and its memory from going,
/// between the two.
#[cfg(not(Py_GIL_DISABLED))]
#[inline]
pub(crate) fn slot_lock<R>(_: RawObject, run: impl FnOnce() -> R) -> R {
    run()
}

/// Runs what reads an object's slot and takes a reference on the wrapper, or takes the wrapper off.
///
/// With the GIL both run under it. Without it this lock keeps a wrapper from leaving the slot, and its memory from going,
/// between the two.
#[cfg(Py_GIL_DISABLED)]
pub(crate) fn slot_lock<R>(object: RawObject, run: impl FnOnce() -> R) -> R {
    /// A lock for many objects, on a cache line of its own.
    #[repr(align(64))]
    struct Stripe(parking_lot::Mutex<()>);
    static STRIPES: [Stripe; 256] = [const { Stripe(parking_lot::Mutex::new(())) }; 256];
    let _locked = STRIPES[object.as_ptr().addr() / 64 % STRIPES.len()].0.lock();
    run()
}

/// Whether the running interpreter is at least this version. An abi3 build runs on later ones than it was built for.
pub(crate) fn version_at_least(minor: u8) -> bool {
    static RUNNING: std::sync::OnceLock<(u8, u8)> = std::sync::OnceLock::new();
    *RUNNING.get_or_init(running_version) >= (3, minor)
}

fn running_version() -> (u8, u8) {
    // SAFETY: may be called at any time.
    let text = unsafe { ffi::Py_GetVersion() };
    // SAFETY: a C string that is never freed.
    let text = unsafe { std::ffi::CStr::from_ptr(text) };
    let text = text.to_string_lossy();
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let major: u8 = parts.next().and_then(|p| p.parse().ok()).unwrap_or(3);
    let minor: u8 = parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
    (major, minor)
}

/// Whether a value may have memory that the buffer protocol shows.
pub(crate) fn may_have_buffer(value: &Bound<'_, PyAny>) -> bool {
    #[cfg(not(Py_LIMITED_API))]
    // SAFETY: a Python object, on an attached thread.
    return unsafe { ffi::PyObject_CheckBuffer(value.as_ptr()) } != 0;
    // In the stable ABI since 3.11 only.
    #[cfg(Py_LIMITED_API)]
    {
        let _ = value;
        true
    }
}

/// Items of an instance that the buffer protocol shows: they neither move nor change as long as it lives.
pub(crate) struct Shown<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) item_size: usize,
    pub(crate) format: &'static std::ffi::CStr,
    pub(crate) len: &'a usize,
}

/// The slots of a class whose instances have such items. None in the stable ABI, which has them since 3.11 only.
pub(crate) fn buffer_slots() -> Vec<(c_int, *mut std::ffi::c_void)> {
    #[cfg(not(Py_LIMITED_API))]
    return vec![(ffi::Py_bf_getbuffer, get_buffer as *mut std::ffi::c_void)];
    #[cfg(Py_LIMITED_API)]
    Vec::new()
}

/// # Safety
///
/// Called by CPython, attached, on an instance of such a class.
#[cfg(not(Py_LIMITED_API))]
unsafe extern "C" fn get_buffer(this: *mut ffi::PyObject, view: *mut ffi::Py_buffer, flags: c_int) -> c_int {
    // SAFETY: by the caller.
    let [bound] = unsafe { crate::convert::bind([this]) };
    crate::convert::give_int(&bound, "__buffer__", || {
        let shown = crate::buffer::shown(&bound).inspect_err(|_| {
            // SAFETY: a view to be filled, which says that it was not.
            unsafe { (*view).obj = std::ptr::null_mut() };
        })?;
        let start = shown.bytes.as_ptr().cast_mut().cast();
        let len = ffi::Py_ssize_t::try_from(shown.bytes.len())?;
        // SAFETY: a view to be filled, with memory that its reference on the instance keeps.
        if unsafe { ffi::PyBuffer_FillInfo(view, this, start, len, 1, flags) } != 0 {
            return Err(PyErr::fetch(bound.py()));
        }
        // SAFETY: just filled; no one else has it yet.
        let view = unsafe { &mut *view };
        // The strides point to it.
        view.itemsize = ffi::Py_ssize_t::try_from(shown.item_size)?;
        if !view.format.is_null() {
            view.format = shown.format.as_ptr().cast_mut();
        }
        if !view.shape.is_null() {
            // Only read. A length fits both types.
            view.shape = std::ptr::from_ref(shown.len).cast_mut().cast();
        }
        Ok(0)
    })
}

/// The memory of a value, by the buffer protocol: items of one size, in one dimension.
#[cfg(not(Py_LIMITED_API))]
pub(crate) struct Buffer(Box<ffi::Py_buffer>);

#[cfg(not(Py_LIMITED_API))]
impl Buffer {
    /// # Errors
    ///
    /// The value has none, or none of this kind.
    pub(crate) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut view = Box::new(ffi::Py_buffer::new());
        // SAFETY: a Python object, on an attached thread, and a place for the view, which stays there.
        let failed = unsafe { ffi::PyObject_GetBuffer(value.as_ptr(), &raw mut *view, ffi::PyBUF_RECORDS_RO) } != 0;
        if failed {
            return Err(PyErr::fetch(value.py()));
        }
        Ok(Self(view))
    }

    /// What an item is, as in the module `struct`. `None`: a byte.
    pub(crate) fn format(&self, _: Python<'_>) -> Option<Vec<u8>> {
        // SAFETY: a C string that lives as long as the view.
        (!self.0.format.is_null()).then(|| unsafe { CStr::from_ptr(self.0.format) }.to_bytes().to_vec())
    }

    /// How many items of this size there are. `None`: not of this size, or not in one dimension.
    pub(crate) fn len(&self, _: Python<'_>, item_size: usize) -> Option<usize> {
        let bytes = self.0.len.unsigned_abs();
        (self.0.ndim == 1 && self.0.itemsize.unsigned_abs() == item_size).then(|| bytes / item_size)
    }

    /// Copies all bytes.
    ///
    /// # Errors
    ///
    /// Items that CPython cannot copy.
    ///
    /// # Safety
    ///
    /// There is room for them, and the thread is attached.
    pub(crate) unsafe fn copy_to(&self, py: Python<'_>, place: NonNull<u8>) -> PyResult<()> {
        let order = b'C' as std::ffi::c_char;
        // SAFETY: by the caller; the view is one that CPython has filled.
        match unsafe { ffi::PyBuffer_ToContiguous(place.as_ptr().cast(), &raw const *self.0, self.0.len, order) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }
}

#[cfg(not(Py_LIMITED_API))]
impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: filled by `of`, on this thread, which is still attached.
        unsafe { ffi::PyBuffer_Release(&raw mut *self.0) };
    }
}

/// The memory of a value, by the buffer protocol: items of one size, in one dimension.
///
/// The protocol's own types are in the stable ABI since 3.11 only; a `memoryview` does the same with one more copy.
#[cfg(Py_LIMITED_API)]
pub(crate) struct Buffer {
    view: pyo3::Py<PyAny>,
    bytes: pyo3::Py<PyBytes>,
}

#[cfg(Py_LIMITED_API)]
impl Buffer {
    /// # Errors
    ///
    /// The value has none, or none of this kind.
    pub(crate) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        // SAFETY: a Python object, on an attached thread.
        let view = unsafe { ffi::PyMemoryView_FromObject(value.as_ptr()) };
        // SAFETY: what CPython gave.
        let view = unsafe { Bound::from_owned_ptr_or_err(value.py(), view) }?;
        let bytes = view.call_method0("tobytes")?.cast_into::<PyBytes>()?.unbind();
        Ok(Self { view: view.unbind(), bytes })
    }

    /// What an item is, as in the module `struct`. `None`: a byte.
    pub(crate) fn format(&self, py: Python<'_>) -> Option<Vec<u8>> {
        Some(self.view.getattr(py, "format").ok()?.extract::<String>(py).ok()?.into_bytes())
    }

    /// How many items of this size there are. `None`: not of this size, or not in one dimension.
    pub(crate) fn len(&self, py: Python<'_>, item_size: usize) -> Option<usize> {
        let number = |name| self.view.getattr(py, name).ok()?.extract::<usize>(py).ok();
        let fits = number("ndim")? == 1 && number("itemsize")? == item_size;
        fits.then(|| self.bytes.as_bytes(py).len() / item_size)
    }

    /// Copies all bytes.
    ///
    /// # Errors
    ///
    /// None; the other build's can fail.
    ///
    /// # Safety
    ///
    /// There is room for them, and the thread is attached.
    pub(crate) unsafe fn copy_to(&self, py: Python<'_>, place: NonNull<u8>) -> PyResult<()> {
        let bytes = self.bytes.as_bytes(py);
        // SAFETY: by the caller; Rust's memory is none of Python's.
        unsafe { place.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        Ok(())
    }
}

/// `Py_mod_multiple_interpreters` (3.12) and its value that says no; `Py_mod_gil` (3.13) and its value that says it is
/// not needed. By number, since an abi3 build has no names for them.
pub(crate) const MOD_MULTIPLE_INTERPRETERS: c_int = 3;
pub(crate) const MOD_GIL: c_int = 4;
pub(crate) const MOD_GIL_NOT_USED: *mut std::ffi::c_void = std::ptr::without_provenance_mut(1);

const _: () = assert!(
    cfg!(Py_GIL_DISABLED) || size_of::<Instance>() <= 32,
    "an object that Python has seen should cost no more than a wrapper of four words"
);
