//! What an iterator has seen of the items that come next, so that not each of them is a look under the list's lock, or at what an
//! array is of.
//!
//! It sees wrappers, and holds no references on them: an item that leaves the list dies as soon as if no one had looked
//! ahead. That is sound where there is a GIL:
//!
//! 1. An item that is in the container has an owner, so its wrapper is pinned, and canonical until [`instance::unhook`] takes it
//!    off. The list says how often it was changed (`RawList::changes`), before each change, and an array never is, as long as it
//!    lives; `instance` says how often a wrapper was taken off.
//! 2. While both numbers are what they were before the look, the wrapper of an item that was there then is still what it
//!    was. They are compared attached, and then a reference is taken, without detaching between the two.
//! 3. Another thread may take the item out after the comparison. Then the pin is given back by someone who is attached,
//!    and so after this thread has its reference. Had it been given back before, what counted the change would have
//!    happened before the comparison, which would have seen it.
//!
//! Without a GIL nothing orders 3, and no one looks ahead: [`MANY`] is 0, so that nothing is ever seen or written. The models
//! `look_ahead_…` in `ffi-object/tests/loom_protocol.rs` check all of this.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use ffi_object::__private::{Handle, RawArray, RawList};
use ffi_object::frontend::RawHandle;
use ffi_object::state::Wrapper;
use pyo3::ffi;
use pyo3::Python;

use super::method::out;
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

/// The wrappers of the items that come next. Only written attached, with a GIL: there is one thread at a time.
pub(super) struct Ahead {
    wrappers: [Cell<Option<Wrapper>>; MANY],
    /// The next of them.
    at: Cell<usize>,
    /// Where the container counts its changes, and what it was. Null before the first look.
    changes_of: Cell<*const AtomicU64>,
    changes: Cell<u64>,
    /// How many wrappers had been taken off their objects.
    unhooked: Cell<u64>,
}

impl Default for Ahead {
    fn default() -> Self {
        Self {
            wrappers: [const { Cell::new(None) }; MANY],
            at: Cell::new(MANY),
            changes_of: Cell::new(ptr::null()),
            changes: Cell::new(0),
            unhooked: Cell::new(0),
        }
    }
}

impl Ahead {
    /// The next item, if it was seen, and is still what it was: a new reference.
    #[inline]
    pub(super) fn take(&self, _: Python<'_>) -> Option<RawHandle> {
        let at = self.at.get();
        let wrapper = self.wrappers.get(at)?.get()?;
        // SAFETY: there is a wrapper, so there was a look, and whoever looked keeps the container.
        let changes = unsafe { &*self.changes_of.get() };
        if changes.load(Ordering::Relaxed) != self.changes.get() || instance::unhooked() != self.unhooked.get() {
            self.at.set(MANY);
            return None;
        }
        self.at.set(at + 1);
        // SAFETY: pinned: see above.
        unsafe { ffi::Py_INCREF(wrapper.as_ptr().cast()) };
        Some(wrapper)
    }

    /// An item that can be had without running anyone's code. Those behind it are looked at, too.
    ///
    /// # Safety
    ///
    /// The container is there as long as this is used.
    pub(super) unsafe fn look(&self, items: &impl Items, index: usize, py: Python<'_>) -> Option<RawHandle> {
        let (changes, unhooked) = (items.changes().load(Ordering::Relaxed), instance::unhooked());
        let mut seen = [None; MANY];
        if let Some(item) = items.look(index, py, &mut seen) {
            return Some(item.into_raw());
        }
        // Nothing, as ever without a GIL, where another thread may be here, too.
        (*seen.first()?)?;
        self.changes_of.set(items.changes());
        self.changes.set(changes);
        self.unhooked.set(unhooked);
        for (place, wrapper) in self.wrappers.iter().zip(seen) {
            place.set(wrapper);
        }
        self.at.set(0);
        self.take(py)
    }
}

/// An item that can be had without running anyone's code: a new reference.
#[inline]
pub(super) fn item(items: &impl Items, index: usize, py: Python<'_>) -> Option<RawHandle> {
    let mut seen = [None; if MANY == 0 { 0 } else { 1 }];
    if let Some(item) = items.look(index, py, &mut seen) {
        return Some(item.into_raw());
    }
    let wrapper: Wrapper = (*seen.first()?)?;
    // SAFETY: pinned: see above.
    unsafe { ffi::Py_INCREF(wrapper.as_ptr().cast()) };
    Some(wrapper)
}
