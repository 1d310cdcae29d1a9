//! What has to wait for an attached thread that may run any code: references that detached threads gave back, and owners
//! that the collector could not drop.
//!
//! A thread that drops the last owner of an object which Python has seen owes the wrapper a decrement, which only an
//! attached thread may do. It leaves the wrapper here. The queue is emptied by whatever attached thread of the frontend
//! comes by, and by a pending call, so that it happens soon also while Python runs no code of ours.

use std::sync::atomic::{AtomicBool, Ordering};

use ffi_object::frontend::RawHandle;
use ffi_object::AnyObj;
use parking_lot::Mutex;
use pyo3::ffi;
use pyo3::Python;

use crate::platform;

/// References as words, so that they may sit in a static.
struct Queue {
    values: Vec<usize>,
    owners: Vec<AnyObj>,
    /// The interpreter is ending: what is given back from now on is leaked on purpose.
    closed: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { values: Vec::new(), owners: Vec::new(), closed: false });
/// Whether there may be something to do. A hint, read without the lock.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Whether this thread may touch the interpreter.
pub(crate) fn attached() -> bool {
    // The second alone is not enough: it knows nothing of an interpreter that has ended.
    // SAFETY: may be called by any thread at any time.
    let initialized = unsafe { ffi::Py_IsInitialized() } != 0;
    // SAFETY: as above.
    initialized && unsafe { platform::PyGILState_Check() } != 0
}

/// Gives a reference back, at once if this thread is attached.
///
/// # Safety
///
/// The caller owns the reference.
pub(crate) unsafe fn release(value: RawHandle) {
    if attached() {
        // SAFETY: by the caller; the thread is attached.
        unsafe { ffi::Py_DECREF(value.as_ptr().cast()) };
    } else {
        defer(|queue| queue.values.push(value.as_ptr().expose_provenance()));
    }
}

/// Drops an owner soon.
pub(crate) fn drop_later(owner: AnyObj) {
    // Leaked, as all the rest, if the queue is closed.
    let owner = owner.into_raw();
    // SAFETY: given away just now.
    defer(|queue| queue.owners.push(unsafe { AnyObj::from_raw(owner) }));
}

fn defer(add: impl FnOnce(&mut Queue)) {
    let mut queue = QUEUE.lock();
    if queue.closed {
        return;
    }
    let first = queue.values.is_empty() && queue.owners.is_empty();
    add(&mut queue);
    if first {
        WAITING.store(true, Ordering::Release);
        // Under the lock: `close` takes it before the interpreter ends, so that no call is left pending then. If all
        // places are taken, the next call into this module empties the queue.
        // SAFETY: may be called by any thread while the interpreter is there.
        let _ = unsafe { ffi::Py_AddPendingCall(Some(pending), std::ptr::null_mut()) };
    }
}

extern "C" fn pending(_: *mut std::ffi::c_void) -> std::ffi::c_int {
    // SAFETY: pending calls run attached.
    empty(unsafe { Python::assume_attached() });
    0
}

/// Empties the queue if there is something in it. Not to be called under a lock.
#[inline]
pub(crate) fn drain(py: Python<'_>) {
    if WAITING.load(Ordering::Relaxed) {
        empty(py);
    }
}

#[cold]
fn empty(_: Python<'_>) {
    let (values, owners) = {
        let mut queue = QUEUE.lock();
        WAITING.store(false, Ordering::Relaxed);
        (std::mem::take(&mut queue.values), std::mem::take(&mut queue.owners))
    };
    // Outside the lock: this may run any code.
    for value in values {
        let value: *mut ffi::PyObject = std::ptr::with_exposed_provenance_mut(value);
        // SAFETY: the queue owned the reference; attached.
        unsafe { ffi::Py_DECREF(value) };
    }
    drop(owners);
}

/// Called when the interpreter begins to end.
pub(crate) fn close(py: Python<'_>) {
    empty(py);
    QUEUE.lock().closed = true;
}
