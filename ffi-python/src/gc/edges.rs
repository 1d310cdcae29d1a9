//! What wrappers report to the collector: recorded when references are subtracted, repeated when they are marked.

use std::ffi::c_int;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::LazyLock;

use ffi_object::__private::{Edge, Late};
use parking_lot::Mutex;
use pyo3::ffi;
use rustc_hash::{FxHashMap, FxHashSet};

use super::passes::Pass;
use super::{put_off, walk_wrapper};

/// What was reported in the latest subtracting pass. Only the collector's thread uses it, and a collection has no other
/// beside it; the lock is never waited for.
static RECORD: LazyLock<Mutex<Record>> = LazyLock::new(Mutex::default);
/// Whether there is something in it. A hint, read without the lock.
static FILLED: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct Record {
    /// The number of the pass, so that values can tell whether they were reported in it: what moves meanwhile may be met
    /// twice, but has only one reference to be subtracted.
    pass: u32,
    /// The same for children that have wrappers, by the wrappers' addresses.
    children: FxHashSet<usize>,
    /// The addresses of Python objects, one wrapper's after the other's.
    edges: Vec<usize>,
    /// Where a wrapper's are. All wrappers that were asked are here.
    places: FxHashMap<usize, Range<usize>>,
    /// The marking pass has begun.
    marking: bool,
}

/// Forgets what was reported: a wrapper is cleared or dies, so no pass is under way.
pub(super) fn forget() {
    if FILLED.load(Ordering::Relaxed) {
        FILLED.store(false, Ordering::Relaxed);
        let mut record = RECORD.lock();
        *record = Record { pass: record.pass, ..Record::default() };
    }
}

/// Reports a wrapper's edges as the pass asks. Not zero: `report` has said to stop.
pub(super) fn of(wrapper: *mut ffi::PyObject, pass: Pass, report: impl Fn(*mut ffi::PyObject) -> c_int) -> c_int {
    let report_all = |edges: &[usize]| {
        let stops = edges.iter().map(|edge| report(ptr::with_exposed_provenance_mut(*edge)));
        stops.into_iter().find(|stop| *stop != 0).unwrap_or(0)
    };
    match pass {
        Pass::Subtracting => report_all(RECORD.lock().subtract(wrapper)),
        Pass::Marking => report_all(RECORD.lock().repeat(wrapper)),
        Pass::Other => {
            let mut edges = Vec::new();
            look(wrapper, |edge| edges.extend(target(&edge)));
            report_all(&edges)
        }
        Pass::Unknown => 0,
    }
}

impl Record {
    fn subtract(&mut self, wrapper: *mut ffi::PyObject) -> &[usize] {
        // Another collection, or the same after finalizers have run. Nothing may have been marked since, if all that was
        // subtracted looked like garbage; then the wrapper was asked before.
        if self.marking || self.places.contains_key(&wrapper.addr()) {
            self.marking = false;
            self.children.clear();
            self.edges.clear();
            self.places.clear();
        }
        if self.places.is_empty() {
            self.pass = self.pass.wrapping_add(1);
            FILLED.store(true, Ordering::Relaxed);
        }
        let start = self.edges.len();
        look(wrapper, |edge| {
            let first = match edge {
                Edge::Value(value) => value.is_first_report(self.pass),
                Edge::Pin(child) => self.children.insert(child.addr().get()),
            };
            self.edges.extend(target(&edge).filter(|_| first));
        });
        self.places.insert(wrapper.addr(), start..self.edges.len());
        &self.edges[start..]
    }

    fn repeat(&mut self, wrapper: *mut ffi::PyObject) -> &[usize] {
        self.marking = true;
        self.places.get(&wrapper.addr()).map_or(&[], |place| &self.edges[place.clone()])
    }
}

/// The address of the Python object that an edge leads to, if there is one that belongs to it alone.
fn target(edge: &Edge<'_>) -> Option<usize> {
    let object = match edge {
        Edge::Value(value) => value.sole()?,
        Edge::Pin(wrapper) => *wrapper,
    };
    Some(object.as_ptr().expose_provenance())
}

/// Looks at a wrapper's edges now.
fn look(wrapper: *mut ffi::PyObject, edge: impl FnMut(Edge<'_>)) {
    let mut late = Late::new();
    // SAFETY: CPython traverses objects that are alive, attached.
    unsafe { walk_wrapper(wrapper, &mut late, edge) };
    put_off(late);
}
