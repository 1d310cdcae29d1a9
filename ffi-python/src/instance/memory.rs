//! The memory of wrappers of native classes that the collector does not track: all of one size.
//!
//! What a dead wrapper leaves is kept for the next one, as CPython does with its floats. Up to [`KEPT`] pieces are, for as
//! long as the interpreter runs; none where threads run without a GIL, which alone guards them, and none if the user chose
//! how Python allocates, by `PYTHONMALLOC` or the development mode: to have each piece watched.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;

use super::Instance;
use crate::platform;

/// How many pieces are kept.
const KEPT: usize = 64;

/// What is written into a piece that is kept.
struct Free {
    next: *mut Free,
}

/// The piece that was freed last. All accesses are relaxed, since they are made under the GIL.
static FIRST: AtomicPtr<Free> = AtomicPtr::new(ptr::null_mut());
/// How many more may be kept.
static ROOM: AtomicUsize = AtomicUsize::new(0);

/// Begins to keep memory, unless it is to be watched, or has begun already.
pub(crate) fn open(py: Python<'_>) -> PyResult<()> {
    static OPENED: AtomicBool = AtomicBool::new(false);
    let is_watched = std::env::var_os("PYTHONMALLOC").is_some()
        || py.import("sys")?.getattr("flags")?.getattr("dev_mode")?.is_truthy()?;
    if platform::HAS_GIL && !is_watched && !OPENED.swap(true, Ordering::Relaxed) {
        ROOM.store(KEPT, Ordering::Relaxed);
    }
    Ok(())
}

/// Gives all back, and keeps no more.
pub(crate) fn close(_: Python<'_>) {
    while let Some(piece) = pop() {
        // SAFETY: `PyObject_Malloc` gave it, and no one else has it; attached.
        unsafe { ffi::PyObject_Free(piece.as_ptr().cast()) };
    }
    ROOM.store(0, Ordering::Relaxed);
}

/// The thread is attached.
#[inline]
fn pop() -> Option<NonNull<Free>> {
    let first = NonNull::new(FIRST.load(Ordering::Relaxed))?;
    // SAFETY: `give` has written it, and it is only used from here, under the GIL.
    FIRST.store(unsafe { first.as_ref() }.next, Ordering::Relaxed);
    ROOM.store(ROOM.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    Some(first)
}

/// Memory for a wrapper; what it contains is arbitrary. `None`: there is none, and no exception is set.
///
/// # Safety
///
/// The thread is attached.
#[inline]
pub(super) unsafe fn take() -> Option<NonNull<ffi::PyObject>> {
    match pop() {
        Some(piece) => Some(piece.cast()),
        // SAFETY: by the caller.
        None => NonNull::new(unsafe { ffi::PyObject_Malloc(size_of::<Instance>()) }.cast()),
    }
}

/// Takes the memory of a wrapper back.
///
/// # Safety
///
/// [`take`] gave it, no one uses it afterwards, and the thread is attached.
#[inline]
pub(super) unsafe fn give(memory: *mut ffi::PyObject) {
    let Some(room) = ROOM.load(Ordering::Relaxed).checked_sub(1) else {
        // SAFETY: by the caller.
        return unsafe { ffi::PyObject_Free(memory.cast()) };
    };
    let piece = memory.cast::<Free>();
    // SAFETY: a wrapper is larger, and as aligned; by the caller it is this function's.
    unsafe { piece.write(Free { next: FIRST.load(Ordering::Relaxed) }) };
    FIRST.store(piece, Ordering::Relaxed);
    ROOM.store(room, Ordering::Relaxed);
}
