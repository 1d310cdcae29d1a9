//! What was seen of a list's or an array's items, by an iterator or an index, so that not each of them is a look under the
//! list's lock, or at what an array is of.
//!
//! What is seen are wrappers, and there are no references on them: an item that leaves the list dies as soon as if no one
//! had looked, and so does the list. That is sound where there is a GIL:
//!
//! 1. An item that is in the container has an owner, so its wrapper is pinned, and canonical until [`instance::unhook`] takes it
//!    off. The list says how often it was changed (`RawList::changes`), before each change, and an array never is, as long as it
//!    lives; `instance` says how often a wrapper was taken off, or died if the collector tracked it, as it does a container's.
//! 2. While the second number is what it was before the look, a container's wrapper is the one that was at its address then,
//!    of the same container. While the first is, too, the wrapper of an item that was there then is still what it was. They
//!    are compared attached, and then a reference is taken, without detaching between the two.
//! 3. Another thread may take the item out after the comparison. Then the pin is given back by someone who is attached,
//!    and so after this thread has its reference. Had it been given back before, what counted the change would have
//!    happened before the comparison, which would have seen it.
//!
//! Without a GIL nothing orders 3, and no one looks ahead: [`MANY`] is 0, so that nothing is ever seen or written. The models
//! `look_ahead_…` in `ffi-object/tests/loom_protocol.rs` check all of this.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use ffi_object::__private::{Handle, RawArray, RawList, RawObject};
use ffi_object::frontend::RawHandle;
use ffi_object::state::Wrapper;
use pyo3::ffi;
use pyo3::prelude::*;

use super::method::{known, out};
use crate::instance;
use crate::platform::HAS_GIL;

/// How many items are looked at ahead. Most of what a look costs is gone with this many, and a walk that ends early
/// has touched no more of them for nothing.
const MANY: usize = if HAS_GIL { 8 } else { 0 };

/// A list or an array.
pub(super) trait Items {
    /// How often it was changed.
    fn changes(&self) -> &AtomicU64;
    /// An item, or the wrappers from there on, if there is room for any.
    fn look<'py>(&self, index: usize, py: Python<'py>, wrappers: &mut [Option<Wrapper>]) -> Option<Handle<'py>>;
}

impl Items for RawList {
    fn changes(&self) -> &AtomicU64 {
        self.changes()
    }
    #[inline]
    fn look<'py>(&self, index: usize, py: Python<'py>, wrappers: &mut [Option<Wrapper>]) -> Option<Handle<'py>> {
        self.get_known(index, out(py), wrappers)
    }
}

impl Items for RawArray {
    fn changes(&self) -> &AtomicU64 {
        static NEVER: AtomicU64 = AtomicU64::new(0);
        &NEVER
    }
    #[inline]
    fn look<'py>(&self, index: usize, py: Python<'py>, wrappers: &mut [Option<Wrapper>]) -> Option<Handle<'py>> {
        self.get_known(index, out(py), wrappers)
    }
}

/// What was seen of a container's items, from one index on. Only written attached, with a GIL: there is one thread at a time.
pub(super) struct Ahead {
    /// The container's wrapper, which may have died since. Null before the first look.
    of: Cell<*mut ffi::PyObject>,
    /// The index of the first item that was seen.
    first: Cell<usize>,
    wrappers: [Cell<Option<Wrapper>>; MANY],
    /// Where the container counts its changes, and what it was.
    changes_of: Cell<*const AtomicU64>,
    changes: Cell<u64>,
    /// How many wrappers were unlinked.
    unlinked: Cell<u64>,
}

impl Ahead {
    pub(super) const fn new() -> Self {
        Self {
            of: Cell::new(ptr::null_mut()),
            first: Cell::new(0),
            wrappers: [const { Cell::new(None) }; MANY],
            changes_of: Cell::new(ptr::null()),
            changes: Cell::new(0),
            unlinked: Cell::new(0),
        }
    }

    /// The wrapper of an item, if it was seen, and is still what it was: pinned.
    #[inline]
    fn seen(&self, of: &Bound<'_, PyAny>, index: usize) -> Option<Wrapper> {
        let wrapper = self.wrappers.get(index.wrapping_sub(self.first.get()))?.get()?;
        if self.of.get() != of.as_ptr() || self.unlinked.get() != instance::unlinked() {
            return None;
        }
        // SAFETY: the container is alive: see 2.
        let changes = unsafe { &*self.changes_of.get() };
        (changes.load(Ordering::Relaxed) == self.changes.get()).then_some(wrapper)
    }

    /// An item, if it was seen, and is still what it was: a new reference.
    #[inline]
    pub(super) fn take(&self, of: &Bound<'_, PyAny>, index: usize) -> Option<RawHandle> {
        self.seen(of, index).map(count)
    }

    /// An item that can be had without running anyone's code: a new reference. Those behind it are looked at, too, if the
    /// one before it was seen and nothing has changed since: else it is one index of many, or what is seen would not last.
    pub(super) fn look(&self, of: &Bound<'_, PyAny>, index: usize, items: &impl Items) -> Option<RawHandle> {
        let (changes, unlinked) = (items.changes().load(Ordering::Relaxed), instance::unlinked());
        let many = if self.seen(of, index.wrapping_sub(1)).is_some() { MANY } else { MANY.min(1) };
        let mut seen = [None; MANY];
        if let Some(item) = items.look(index, of.py(), &mut seen[..many]) {
            return Some(item.into_raw());
        }
        // Nothing, as ever without a GIL, where another thread may be here, too.
        let wrapper = (*seen.first()?)?;
        self.of.set(of.as_ptr());
        self.first.set(index);
        self.changes_of.set(items.changes());
        self.changes.set(changes);
        self.unlinked.set(unlinked);
        for (place, wrapper) in self.wrappers.iter().zip(seen) {
            place.set(wrapper);
        }
        Some(count(wrapper))
    }
}

/// Takes a reference on a wrapper that was just seen.
#[inline]
fn count(wrapper: Wrapper) -> RawHandle {
    // SAFETY: pinned, and the thread has been attached since: see 3.
    unsafe { ffi::Py_INCREF(wrapper.as_ptr().cast()) };
    wrapper
}

/// What was seen of the container that was indexed last.
struct Last(Ahead);

// SAFETY: only written attached, with a GIL: there is one thread at a time.
unsafe impl Sync for Last {}

static LAST: Last = Last(Ahead::new());

/// An item that can be had without running anyone's code: a new reference.
#[inline]
pub(super) fn item<'a, T: Items + 'a>(
    of: &'a Bound<'_, PyAny>,
    index: usize,
    raw: fn(RawObject) -> Option<&'a T>,
) -> Option<RawHandle> {
    LAST.0.take(of, index).or_else(|| LAST.0.look(of, index, known(of, raw)?))
}
