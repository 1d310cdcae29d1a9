//! What was seen of a list's or an array's items, by an iterator or an index, so that not each of them is a look under the
//! list's lock, or at what an array is of.
//!
//! What is seen are wrappers, and there are no references on them: an item that leaves the list dies as soon as if no one
//! had looked, and so does the list. That is sound where there is a GIL:
//!
//! 1. An item that is in the container has an owner, so its wrapper is pinned, and canonical until [`instance::unhook`] takes it
//!    off. The list says how often it was changed (`RawList::changes`), before each change, and an array of which there is
//!    anything to see never is; `instance` says how often a wrapper was taken off.
//! 2. While both numbers are what they were before the look, the wrapper of an item that was there then is still what it was,
//!    and so is the container's own. They are compared attached, and then a reference is taken, without detaching between the two.
//! 3. Another thread may take the item out after the comparison. Then the pin is given back by someone who is attached,
//!    and so after this thread has its reference. Had it been given back before, what counted the change would have
//!    happened before the comparison, which would have seen it.
//! 4. Whoever looks keeps the container while it uses what was seen: an iterator holds its wrapper, and what was seen by an index is
//!    of the wrapper that [`instance::watched`] names, which no longer does so once that one dies.
//!
//! Without a GIL nothing orders 3, and no one looks ahead: [`MANY`] is 0, so that nothing is ever seen or written. The models
//! `look_ahead_…` in `ffi-object/tests/loom_protocol.rs` check 1 to 3.

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

/// What was seen of a container's items, from one index on. Only used attached, and only written with a GIL: there is one thread at
/// a time.
pub(super) struct Ahead {
    /// The index of the first item that was seen.
    first: Cell<usize>,
    wrappers: [Cell<Option<Wrapper>>; MANY],
    /// Where the container counts its changes, and what it was. Null before the first look.
    changes_of: Cell<*const AtomicU64>,
    changes: Cell<u64>,
    /// How many wrappers had been taken off their objects.
    unhooked: Cell<u64>,
}

impl Ahead {
    pub(super) const fn new() -> Self {
        Self {
            first: Cell::new(0),
            wrappers: [const { Cell::new(None) }; MANY],
            changes_of: Cell::new(ptr::null()),
            changes: Cell::new(0),
            unhooked: Cell::new(0),
        }
    }

    /// The wrapper of an item, if it was seen, and is still what it was: pinned.
    ///
    /// # Safety
    ///
    /// The container is the one that was looked at last, and is there.
    #[inline]
    unsafe fn seen(&self, index: usize) -> Option<Wrapper> {
        let wrapper = self.wrappers.get(index.wrapping_sub(self.first.get()))?.get()?;
        if self.unhooked.get() != instance::unhooked() {
            return None;
        }
        // SAFETY: there is a wrapper, so there was a look; by the caller.
        let changes = unsafe { &*self.changes_of.get() };
        (changes.load(Ordering::Relaxed) == self.changes.get()).then_some(wrapper)
    }

    /// An item, if it was seen, and is still what it was: a new reference.
    ///
    /// # Safety
    ///
    /// As for [`seen`](Self::seen).
    #[inline]
    pub(super) unsafe fn take(&self, index: usize, _: Python<'_>) -> Option<RawHandle> {
        // SAFETY: by the caller.
        unsafe { self.seen(index) }.map(count)
    }

    /// An item that can be had without running anyone's code: a new reference. Those behind it are looked at, too, if the
    /// one before it was seen and nothing has changed since: else it is one index of many, or what is seen would not last.
    ///
    /// Who does not keep the container has its wrapper watched from then on.
    ///
    /// # Safety
    ///
    /// The container is the one that was looked at last, unless it is to be watched and is not yet.
    pub(super) unsafe fn look(
        &self,
        items: &impl Items,
        index: usize,
        watch: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> Option<RawHandle> {
        let (changes, unhooked) = (items.changes().load(Ordering::Relaxed), instance::unhooked());
        let is_known = watch.is_none_or(|of| of.as_ptr() == instance::watched());
        // SAFETY: by the caller.
        let follows = is_known && unsafe { self.seen(index.wrapping_sub(1)) }.is_some();
        let mut seen = [None; MANY];
        // May wait for a lock, detached.
        if let Some(item) = items.look(index, py, &mut seen[..if follows { MANY } else { MANY.min(1) }]) {
            return Some(item.into_raw());
        }
        // Nothing, as ever without a GIL, where another thread may be here, too.
        let wrapper = (*seen.first()?)?;
        self.first.set(index);
        self.changes_of.set(items.changes());
        self.changes.set(changes);
        self.unhooked.set(unhooked);
        for (place, wrapper) in self.wrappers.iter().zip(seen) {
            place.set(wrapper);
        }
        if let Some(of) = watch {
            // SAFETY: a container's wrapper, attached; with a GIL, since something was seen.
            unsafe { instance::watch(of.as_ptr()) };
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

/// What was seen of the container that was indexed last, whose wrapper is watched.
struct Last(Ahead);

// SAFETY: only used attached, with a GIL: there is one thread at a time. Without one it is never written.
unsafe impl Sync for Last {}

static LAST: Last = Last(Ahead::new());

/// An item that can be had without running anyone's code: a new reference.
#[inline]
pub(super) fn item<'a, T: Items + 'a>(
    of: &'a Bound<'_, PyAny>,
    index: usize,
    raw: fn(RawObject) -> Option<&'a T>,
) -> Option<RawHandle> {
    if instance::watched() == of.as_ptr() {
        // SAFETY: the caller holds the container's wrapper, which has been watched since it was looked at.
        if let Some(item) = unsafe { LAST.0.take(index, of.py()) } {
            return Some(item);
        }
    }
    // SAFETY: as above, or it is not watched.
    unsafe { LAST.0.look(known(of, raw)?, index, Some(of), of.py()) }
}
