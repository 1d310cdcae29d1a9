//! References that detached threads gave back.
//!
//! A thread that drops the last owner of an object which Python has seen owes the wrapper a decrement, which only an
//! attached thread may do. It leaves the wrapper here. The queue is emptied by whatever attached thread of the frontend
//! comes by, and by a pending call, so that it happens soon also while Python runs no code of ours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ffi_object::state::Wrapper;
use pyo3::ffi;
use pyo3::Python;

use crate::{exit, pending, platform};

/// Wrappers as words, so that they may sit in a static.
struct Queue {
    wrappers: Vec<usize>,
    /// A pending call is on its way.
    scheduled: bool,
    /// The interpreter is ending: what is given back from now on is leaked on purpose.
    closed: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { wrappers: Vec::new(), scheduled: false, closed: false });
/// Whether there may be something to do. A hint, read without the lock.
static WAITING: AtomicBool = AtomicBool::new(false);

fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Gives a reference on a wrapper back, at once if this thread is attached.
///
/// # Safety
///
/// The caller owns the reference.
pub(crate) unsafe fn release(wrapper: Wrapper) {
    if exit::ended() {
        // The wrapper went with its interpreter, or is never freed. This thread may be attached to another.
        return;
    }
    if platform::attached() {
        // SAFETY: by the caller; the thread is attached.
        unsafe { ffi::Py_DECREF(wrapper.as_ptr().cast()) };
    } else {
        defer(wrapper);
    }
}

fn defer(wrapper: Wrapper) {
    let mut queue = lock();
    if queue.closed {
        return;
    }
    queue.wrappers.push(wrapper.as_ptr().expose_provenance());
    WAITING.store(true, Ordering::Release);
    if queue.wrappers.len() == 1 || !queue.scheduled {
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
    let wrappers = {
        let mut queue = lock();
        WAITING.store(false, Ordering::Relaxed);
        std::mem::take(&mut queue.wrappers)
    };
    // Outside the lock: this may run any code.
    for wrapper in wrappers {
        let wrapper: *mut ffi::PyObject = std::ptr::with_exposed_provenance_mut(wrapper);
        // SAFETY: the queue owned the reference; attached.
        unsafe { ffi::Py_DECREF(wrapper) };
    }
}

/// Called when the interpreter begins to end.
pub(crate) fn close(py: Python<'_>) {
    lock().closed = true;
    pending::close(py);
    // What came before, and while this thread waited for the other.
    empty(py);
}
