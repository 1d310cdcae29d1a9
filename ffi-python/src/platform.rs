//! What differs between CPython's versions and builds. The only place with cfgs for them.

use std::ffi::c_int;
#[cfg(not(Py_LIMITED_API))]
use std::sync::atomic::{AtomicBool, Ordering};

use ffi_object::__private::RawObject;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::instance::Instance;

/// Whether one attached thread at a time runs Python code.
pub(crate) const HAS_GIL: bool = cfg!(not(Py_GIL_DISABLED));

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

/// The same as [`slice::is_ascii`], which goes byte by byte through what is no whole word: most text is short, and of a length that
/// the processor cannot foresee.
#[cfg(not(Py_LIMITED_API))]
#[inline]
fn is_ascii(text: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let Some(&last) = text.last_chunk() else { return text.iter().fold(0, |all, byte| all | byte) < 0x80 };
    let words = text.chunks_exact(8).map(|word| word.try_into().map_or(0, u64::from_ne_bytes));
    words.fold(u64::from_ne_bytes(last), |all, word| all | word) & HIGH == 0
}

/// A new `str`, or null with the exception set, if the text is one that can be copied as it is: ASCII, and none of the texts of
/// one character at most that CPython has already.
///
/// # Safety
///
/// The thread is attached.
#[inline]
pub(crate) unsafe fn new_ascii(text: &str) -> Option<*mut ffi::PyObject> {
    #[cfg(not(Py_LIMITED_API))]
    if text.len() > 1 && is_ascii(text.as_bytes()) {
        // SAFETY: by the caller. It gives a text with room for as many characters of this kind, and the NUL behind them.
        let new = unsafe { ffi::PyUnicode_New(text.len() as ffi::Py_ssize_t, 127) };
        if !new.is_null() {
            // SAFETY: characters of ASCII are a byte each.
            let characters = unsafe { ffi::PyUnicode_1BYTE_DATA(new) };
            // SAFETY: the text is new, and no one has seen it.
            unsafe { characters.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        }
        return Some(new);
    }
    let _ = text;
    None
}

/// Whether the digits of an `int` are of 30 bits: not in CPython for 32 bits up to 3.10, and otherwise unless it was configured with
/// `--enable-big-digits=15`.
#[cfg(not(Py_LIMITED_API))]
static DIGITS_ARE_U32: AtomicBool = AtomicBool::new(false);

/// Asks the interpreter what [`small_int`] must know of its ints. Until then it knows none but 0.
pub(crate) fn ask_of_ints(py: Python<'_>) -> PyResult<()> {
    #[cfg(not(Py_LIMITED_API))]
    {
        let size: usize = py.import("sys")?.getattr("int_info")?.getattr("sizeof_digit")?.extract()?;
        DIGITS_ARE_U32.store(size == size_of::<u32>(), Ordering::Relaxed);
    }
    let _ = py;
    Ok(())
}

/// The value of a small `int`. For others, and for all that can be taken for one, there are CPython's functions, which look
/// at more than this does. Runs no code, and raises nothing.
///
/// # Safety
///
/// A Python object, on an attached thread.
#[inline]
pub(crate) unsafe fn small_int(int: *mut ffi::PyObject) -> Option<i64> {
    // SAFETY: by the caller.
    if unsafe { ffi::PyLong_CheckExact(int) } == 0 {
        return None;
    }
    #[cfg(not(Py_LIMITED_API))]
    {
        /// `struct _longobject` in `Include/cpython/longintrepr.h`.
        #[repr(C)]
        struct Int {
            head: ffi::PyObject,
            /// Until 3.11, how many digits there are, below 0 for a number below 0. Since then `lv_tag`: that, and the sign.
            size: isize,
            first_digit: u32,
        }
        let int = int.cast::<Int>();
        // SAFETY: just checked; no one changes an `int`.
        let size = unsafe { (*int).size };
        #[cfg(not(Py_3_12))]
        let (digits, sign) = (size.unsigned_abs(), size.signum());
        // As `PyUnstable_Long_IsCompact` and `PyUnstable_Long_CompactValue` do.
        #[cfg(Py_3_12)]
        let (digits, sign) = (size.cast_unsigned() >> 3, 1 - (size & 3));
        match digits {
            0 => Some(0),
            1 if DIGITS_ARE_U32.load(Ordering::Relaxed) => {
                // SAFETY: as above; there is one.
                let digit = unsafe { (*int).first_digit };
                Some(sign as i64 * i64::from(digit))
            }
            _ => None,
        }
    }
    #[cfg(Py_LIMITED_API)]
    {
        let mut overflow = 0;
        // SAFETY: just checked. One that is too large raises nothing.
        let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(int, &raw mut overflow) };
        (overflow == 0).then_some(value)
    }
}

/// Puts an item into a tuple that is being made.
///
/// # Safety
///
/// No one else uses the tuple, which is longer than `index` and has no item there. The reference is given away.
#[inline]
pub(crate) unsafe fn init_tuple_item(tuple: *mut ffi::PyObject, index: ffi::Py_ssize_t, item: *mut ffi::PyObject) {
    #[cfg(not(Py_LIMITED_API))]
    // SAFETY: by the caller.
    unsafe {
        ffi::PyTuple_SET_ITEM(tuple, index, item)
    };
    #[cfg(Py_LIMITED_API)]
    // SAFETY: by the caller.
    unsafe {
        ffi::PyTuple_SetItem(tuple, index, item)
    };
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
        unsafe { &(*wrapper).ob_ref_shared }.fetch_or(MAYBE_WEAKREF, Ordering::Relaxed);
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
    // Allocators give each thread a region that begins at a round address. What threads that do the same have made there
    // differs in the upper bits alone; multiplied by 2⁶⁴ / φ, all bits count in the topmost eight.
    let spread = (object.as_ptr().addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let _locked = STRIPES[(spread >> 56) as usize].0.lock();
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

/// `Py_mod_multiple_interpreters` (3.12) and its value that says no; `Py_mod_gil` (3.13) and its value that says it is
/// not needed. By number, since an abi3 build has no names for them.
pub(crate) const MOD_MULTIPLE_INTERPRETERS: c_int = 3;
pub(crate) const MOD_GIL: c_int = 4;
pub(crate) const MOD_GIL_NOT_USED: *mut std::ffi::c_void = std::ptr::without_provenance_mut(1);

const _: () = assert!(
    cfg!(Py_GIL_DISABLED) || size_of::<Instance>() <= 32,
    "an object that Python has seen should cost no more than a wrapper of four words"
);
