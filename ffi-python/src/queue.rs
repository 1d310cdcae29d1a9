//! What has to wait for an attached thread that may run any code: references that detached threads gave back, and owners
//! that the collector could not drop.
//!
//! A thread that drops the last owner of an object which Python has seen owes the wrapper a decrement, which only an
//! attached thread may do. It leaves the wrapper here. The queue is emptied by whatever attached thread of the frontend
//! comes by, and by a pending call, so that it happens soon also while Python runs no code of ours.

use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(not(tsan))]
use std::sync::PoisonError;
use std::sync::{Mutex, MutexGuard};

use ffi_object::frontend::RawHandle;
use ffi_object::AnyObj;
use pyo3::ffi;
use pyo3::Python;

use crate::{exit, pending, platform};

/// References as words, so that they may sit in a static.
struct Queue {
    values: Vec<usize>,
    owners: Vec<AnyObj>,
    /// A pending call is on its way.
    scheduled: bool,
    /// The interpreter is ending: what is given back from now on is leaked on purpose.
    closed: bool,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { values: Vec::new(), owners: Vec::new(), scheduled: false, closed: false });
/// Whether there may be something to do. A hint, read without the lock.
static WAITING: AtomicBool = AtomicBool::new(false);

#[cfg(not(tsan))]
fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The standard library comes without ThreadSanitizer's instrumentation, and `lock` waits in its code; `try_lock` is
/// compiled here.
#[cfg(tsan)]
fn lock() -> MutexGuard<'static, Queue> {
    loop {
        match QUEUE.try_lock() {
            Ok(queue) => return queue,
            Err(std::sync::TryLockError::Poisoned(error)) => return error.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}

/// Keeps a fork from happening while another thread has the lock, which no one would open again in the child.
#[cfg(unix)]
pub(crate) fn survive_forks() {
    use std::cell::RefCell;
    use std::sync::Once;

    thread_local! {
        static HELD: RefCell<Option<MutexGuard<'static, Queue>>> = const { RefCell::new(None) };
    }
    extern "C" fn before() {
        let held = lock();
        HELD.with_borrow_mut(|place| *place = Some(held));
    }
    extern "C" fn after() {
        drop(HELD.take());
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without memory for it, a fork is as it was.
        // SAFETY: functions that stay.
        let _ = unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
    });
}

#[cfg(not(unix))]
pub(crate) fn survive_forks() {}

/// Gives a reference back, at once if this thread is attached.
///
/// # Safety
///
/// The caller owns the reference.
pub(crate) unsafe fn release(value: RawHandle) {
    if exit::ended() {
        // The value went with its interpreter, or is never freed. This thread may be attached to another.
        return;
    }
    if platform::attached() {
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
    let mut queue = lock();
    if queue.closed {
        return;
    }
    let first = queue.values.is_empty() && queue.owners.is_empty();
    add(&mut queue);
    WAITING.store(true, Ordering::Release);
    if first || !queue.scheduled {
        // Under the lock: `close` takes it before the interpreter ends, so that nothing is asked for then. If that fails,
        // the next release tries again, or the next call into this module empties the queue.
        queue.scheduled = pending::ask(run_pending);
    }
}

extern "C" fn run_pending(_: *mut std::ffi::c_void) -> std::ffi::c_int {
    lock().scheduled = false;
    // A subinterpreter must leave the wrappers alone.
    if platform::attached() {
        // SAFETY: just asked.
        empty(unsafe { Python::assume_attached() });
    }
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
        let mut queue = lock();
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
    lock().closed = true;
    pending::close(py);
    // What came before, and while this thread waited for the other.
    empty(py);
}
