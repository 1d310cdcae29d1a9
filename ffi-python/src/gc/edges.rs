//! What wrappers report to the collector: recorded when references are subtracted, repeated when they are marked.

use std::collections::{HashMap, HashSet};
use std::ffi::c_int;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::LazyLock;

use ffi_object::__private::{Edge, Late};
use parking_lot::Mutex;
use pyo3::ffi;

use super::passes::Pass;
use super::{put_off, walk_wrapper};

/// What was reported in the latest subtracting pass. Only the collector's thread uses it, and a collection has no other
/// beside it; the lock is never waited for.
static RECORD: LazyLock<Mutex<Record>> = LazyLock::new(Mutex::default);
/// Whether there is something in it. A hint, read without the lock.
static FILLED: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct Record {
    /// The addresses of Python objects, one wrapper's after the other's.
    edges: Vec<usize>,
    /// Where a wrapper's are. All wrappers that were asked are here.
    places: HashMap<usize, Range<usize>>,
    /// What was reported: the places of values, the addresses of children. What moves meanwhile may be met twice, but has
    /// only one reference to be subtracted.
    seen: HashSet<usize>,
    /// The marking pass has begun.
    marking: bool,
}

/// Forgets what was reported: a wrapper is cleared or dies, so no pass is under way.
pub(super) fn forget() {
    if FILLED.load(Ordering::Relaxed) {
        FILLED.store(false, Ordering::Relaxed);
        *RECORD.lock() = Record::default();
    }
}

/// Reports a wrapper's edges as the pass asks. Not zero: `report` has said to stop.
pub(super) fn of(wrapper: *mut ffi::PyObject, pass: Pass, report: impl Fn(*mut ffi::PyObject) -> c_int) -> c_int {
    let edges = match pass {
        Pass::Subtracting => RECORD.lock().subtract(wrapper),
        Pass::Marking => RECORD.lock().repeat(wrapper),
        Pass::Other => look(wrapper, &mut HashSet::new()),
        Pass::Unknown => Vec::new(),
    };
    edges.into_iter().map(|edge| report(ptr::with_exposed_provenance_mut(edge))).find(|stop| *stop != 0).unwrap_or(0)
}

impl Record {
    fn subtract(&mut self, wrapper: *mut ffi::PyObject) -> Vec<usize> {
        // Another collection, or the same after finalizers have run. Nothing may have been marked since, if all that was
        // subtracted looked like garbage; then the wrapper was asked before.
        if self.marking || self.places.contains_key(&wrapper.addr()) {
            *self = Self::default();
        }
        FILLED.store(true, Ordering::Relaxed);
        let edges = look(wrapper, &mut self.seen);
        let start = self.edges.len();
        self.edges.extend(&edges);
        self.places.insert(wrapper.addr(), start..self.edges.len());
        edges
    }

    fn repeat(&mut self, wrapper: *mut ffi::PyObject) -> Vec<usize> {
        self.marking = true;
        self.places.get(&wrapper.addr()).map_or_else(Vec::new, |place| self.edges[place.clone()].to_vec())
    }
}

/// A wrapper's edges now, without what was seen already.
fn look(wrapper: *mut ffi::PyObject, seen: &mut HashSet<usize>) -> Vec<usize> {
    let mut edges = Vec::new();
    let mut late = Late::new();
    let edge = |edge: Edge<'_>| {
        let (place, value) = match edge {
            Edge::Value(value) => match value.sole() {
                Some(handle) => (value.place(), handle),
                None => return,
            },
            Edge::Pin(wrapper) => (wrapper.addr().get(), wrapper),
        };
        if seen.insert(place) {
            edges.push(value.as_ptr().expose_provenance());
        }
    };
    // SAFETY: CPython traverses objects that are alive, attached.
    unsafe { walk_wrapper(wrapper, &mut late, edge) };
    put_off(late);
    edges
}
