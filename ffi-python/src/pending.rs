//! Asking the main thread to run a function soon, from a thread that is not attached.
//!
//! That is what `Py_AddPendingCall` is for, from CPython 3.13 on. Before, a call that a detached thread asks for does not
//! interrupt the main thread: as long as that is alone and runs nothing but Python code, it does not look. And up to
//! 3.11 the function reads the state of whatever thread has the GIL, which may be freed meanwhile. So there a thread of
//! our own asks for the GIL and then for the call, whereupon the main thread, when it gets the GIL back, looks.
//!
//! That thread has no locks, which a fork could leave locked in the child: it parks, and the number of its process says
//! whether it is there.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::{ffi, Python};

use crate::platform;

/// What CPython calls.
pub(crate) type Function = extern "C" fn(*mut c_void) -> c_int;

/// The process that the thread was started in.
static PROCESS: AtomicU32 = AtomicU32::new(0);
static THREAD: AtomicPtr<Thread> = AtomicPtr::new(ptr::null_mut());
static WANTED: AtomicBool = AtomicBool::new(false);
/// The thread is at the GIL, or about to look whether it may be.
static BUSY: AtomicBool = AtomicBool::new(false);
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Asks for a call; never waits. There is one such function in the program. False: it has to be asked for again.
pub(crate) fn ask(function: Function) -> bool {
    if platform::version_at_least(13) {
        // SAFETY: may be called by any thread while the interpreter is there.
        return unsafe { ffi::Py_AddPendingCall(Some(function), ptr::null_mut()) } == 0;
    }
    WANTED.store(true, Ordering::SeqCst);
    let process = std::process::id();
    if PROCESS.swap(process, Ordering::SeqCst) == process {
        // Null: it is being started, and will see that it is wanted.
        // SAFETY: what is stored is never freed.
        if let Some(thread) = unsafe { THREAD.load(Ordering::Acquire).as_ref() } {
            thread.unpark();
        }
        return true;
    }
    match thread::Builder::new().name("ffi-python".into()).spawn(move || run(function)) {
        Ok(started) => {
            THREAD.store(Box::leak(Box::new(started.thread().clone())), Ordering::Release);
            true
        }
        Err(_) => {
            PROCESS.store(0, Ordering::SeqCst);
            false
        }
    }
}

fn run(function: Function) {
    // Kept, since other threads may be looking at the state of the one that has the GIL.
    let mut state: *mut ffi::PyThreadState = ptr::null_mut();
    loop {
        while !WANTED.swap(false, Ordering::SeqCst) {
            thread::park();
        }
        // In this order, and `close` in the other: either it waits, or this thread leaves the interpreter alone.
        BUSY.store(true, Ordering::SeqCst);
        if CLOSED.load(Ordering::SeqCst) {
            BUSY.store(false, Ordering::SeqCst);
            return;
        }
        if state.is_null() {
            // SAFETY: `close` lets the interpreter end only after this.
            unsafe { ffi::PyGILState_Ensure() };
        } else {
            // SAFETY: as above; the state is this thread's.
            unsafe { ffi::PyEval_RestoreThread(state) };
        }
        // SAFETY: attached.
        let asked = unsafe { ffi::Py_AddPendingCall(Some(function), ptr::null_mut()) } == 0;
        // SAFETY: attached.
        state = unsafe { ffi::PyEval_SaveThread() };
        BUSY.store(false, Ordering::SeqCst);
        if !asked {
            // All places are taken.
            thread::sleep(Duration::from_millis(1));
            WANTED.store(true, Ordering::SeqCst);
        }
    }
}

/// Called when the interpreter begins to end, after the last call of [`ask`]: no thread may be waiting for the GIL then.
pub(crate) fn close(py: Python<'_>) {
    CLOSED.store(true, Ordering::SeqCst);
    while BUSY.load(Ordering::SeqCst) && PROCESS.load(Ordering::SeqCst) == std::process::id() {
        py.detach(|| thread::sleep(Duration::from_millis(1)));
    }
}
