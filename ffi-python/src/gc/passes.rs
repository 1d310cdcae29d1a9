//! Which pass of the collector asks: known by the address of the function that it visits with.
//!
//! The addresses are learned once, from two objects made for it, which a collection of the youngest generation is run
//! over: one that is reachable, and one that is garbage until its finalizer makes it reachable again. CPython looks at the
//! first in a subtracting and a marking pass, and at the second in two of its own after finalizers have run. If it does
//! anything else, the passes stay unknown, and cycles through Rust are not collected: a leak, and no more.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use parking_lot::Mutex;
use pyo3::ffi;
use pyo3::prelude::*;

/// What a visiting function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// A collection, finding the references from within.
    Subtracting,
    /// A collection, finding what is reachable.
    Marking,
    /// Anything else, such as `gc.get_referrers`.
    Other,
    /// The passes were not learned.
    Unknown,
}

/// The addresses of the visiting functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visitors {
    subtracting: [usize; 2],
    marking: [usize; 2],
}

static VISITORS: OnceLock<Visitors> = OnceLock::new();

/// The pass that a visiting function belongs to.
pub(super) fn pass_of(visit: ffi::visitproc) -> Pass {
    let Some(visitors) = VISITORS.get() else { return Pass::Unknown };
    let visit = visit as usize;
    if visitors.subtracting.contains(&visit) {
        Pass::Subtracting
    } else if visitors.marking.contains(&visit) {
        Pass::Marking
    } else {
        Pass::Other
    }
}

/// What the probes saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A traversal of the reachable probe (true) or the other, by the function of this address.
    Visit(bool, usize),
    /// The garbage probe's finalizer.
    Finalized,
}

/// While the probes are looked at: the address of the reachable one, and what happened.
static TRIAL: Mutex<Option<(usize, Vec<Event>)>> = Mutex::new(None);

/// An object of the collector's, with one reference, which may be to itself.
#[repr(C)]
struct Probe {
    head: ffi::PyObject,
    itself: *mut ffi::PyObject,
}

/// Whether there is a trial.
fn note(event: impl FnOnce(usize) -> Event) -> bool {
    let mut trial = TRIAL.lock();
    let Some((reachable, events)) = &mut *trial else { return false };
    let event = event(*reachable);
    events.push(event);
    true
}

/// # Safety
///
/// Called by CPython, attached, with a probe.
unsafe extern "C" fn traverse(probe: *mut ffi::PyObject, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    note(|reachable| Event::Visit(probe.addr() == reachable, visit as usize));
    // SAFETY: alive.
    let class = unsafe { ffi::Py_TYPE(probe) };
    // SAFETY: the caller's own function and argument.
    let stop = unsafe { visit(class.cast(), arg) };
    // SAFETY: by the caller.
    let itself = unsafe { (*probe.cast::<Probe>()).itself };
    if stop != 0 || itself.is_null() {
        return stop;
    }
    // SAFETY: as above.
    unsafe { visit(itself, arg) }
}

/// # Safety
///
/// As above.
unsafe extern "C" fn clear(probe: *mut ffi::PyObject) -> c_int {
    // SAFETY: by the caller; no one else uses the probe meanwhile.
    let probe = unsafe { &mut *probe.cast::<Probe>() };
    let itself = std::mem::replace(&mut probe.itself, ptr::null_mut());
    // SAFETY: the probe's own reference, or null.
    unsafe { ffi::Py_XDECREF(itself) };
    0
}

/// Makes the probe reachable again: the reference is given back by [`attempt`].
///
/// # Safety
///
/// As above.
unsafe extern "C" fn finalize(probe: *mut ffi::PyObject) {
    if note(|_| Event::Finalized) {
        // SAFETY: by the caller.
        unsafe { ffi::Py_INCREF(probe) };
    }
}

/// # Safety
///
/// As above, with a probe that nothing refers to.
unsafe extern "C" fn dealloc(probe: *mut ffi::PyObject) {
    // SAFETY: by the caller.
    unsafe { ffi::PyObject_GC_UnTrack(probe.cast()) };
    // SAFETY: alive.
    let class = unsafe { ffi::Py_TYPE(probe) };
    // SAFETY: by the caller.
    unsafe { ffi::PyObject_GC_Del(probe.cast()) };
    // SAFETY: an instance of a heap type holds a reference on it.
    unsafe { ffi::Py_DECREF(class.cast()) };
}

fn probe_class(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_finalize, finalize as *mut c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"ffi._Probe".as_ptr(),
        basicsize: c_int::try_from(size_of::<Probe>())?,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC) as _,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification; CPython copies what it keeps.
    let class = unsafe { ffi::PyType_FromSpec(&raw mut spec) };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, class) }
}

fn new_probe<'py>(class: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the class is a heap type with instances that the collector tracks. Zeroed, so there is no reference yet.
    let probe = unsafe { ffi::PyType_GenericAlloc(class.as_ptr().cast(), 0) };
    // SAFETY: a new reference, or null with the exception set.
    unsafe { Bound::from_owned_ptr_or_err(class.py(), probe) }
}

/// Learns the addresses, unless they are known.
pub(crate) fn learn(py: Python<'_>) -> PyResult<()> {
    /// Another thread without the GIL may collect at the same time.
    const ATTEMPTS: usize = 3;
    if VISITORS.get().is_some() {
        return Ok(());
    }
    let class = probe_class(py)?;
    // A collection that comes by itself meanwhile would see the probes as well.
    // SAFETY: attached, as below.
    let enabled = unsafe { ffi::PyGC_Disable() } != 0;
    let visitors = (0..ATTEMPTS).find_map(|_| attempt(&class).transpose()).transpose();
    if enabled {
        // SAFETY: as above.
        unsafe { ffi::PyGC_Enable() };
    }
    if let Some(visitors) = visitors? {
        let _ = VISITORS.set(visitors);
    }
    Ok(())
}

fn attempt(class: &Bound<'_, PyAny>) -> PyResult<Option<Visitors>> {
    let reachable = new_probe(class)?;
    let garbage = new_probe(class)?.into_ptr();
    // The one reference becomes that of the probe to itself.
    // SAFETY: a probe.
    unsafe { (*garbage.cast::<Probe>()).itself = garbage };
    *TRIAL.lock() = Some((reachable.as_ptr().addr(), Vec::new()));
    let collected = class.py().import("gc")?.call_method1("collect", (0,));
    let events = TRIAL.lock().take().map(|(_, events)| events).unwrap_or_default();
    if events.contains(&Event::Finalized) {
        // SAFETY: the finalizer's reference; the probe's own is still there.
        unsafe { ffi::Py_DECREF(garbage) };
    }
    collected?;
    Ok(understand(&events))
}

/// What the events say, if they are as expected.
fn understand(events: &[Event]) -> Option<Visitors> {
    let visits = |probe: bool, events: &[Event]| -> Vec<usize> {
        let of_probe = |event: &Event| match *event {
            Event::Visit(reachable, visit) if reachable == probe => Some(visit),
            _ => None,
        };
        events.iter().filter_map(of_probe).collect()
    };
    let finalized = events.iter().position(|event| *event == Event::Finalized)?;
    let (before, after) = events.split_at(finalized);
    let [subtract, mark] = visits(true, events).try_into().ok()?;
    let [first] = visits(false, before).try_into().ok()?;
    let [subtract_again, mark_again] = visits(false, after).try_into().ok()?;
    let visitors = Visitors { subtracting: [subtract, subtract_again], marking: [mark, mark_again] };
    let distinct = visitors.subtracting.iter().all(|visit| !visitors.marking.contains(visit));
    (first == subtract && distinct).then_some(visitors)
}
