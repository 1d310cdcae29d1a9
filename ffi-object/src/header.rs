//! The header before every object, and the pointer that leads to both.

use std::ptr::NonNull;

use crate::info::TypeInfo;
use crate::state::State;

/// What stands before every object: the protocol's words and the type.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Header {
    state: State,
    info: &'static TypeInfo,
}

/// The distance from a header to its object: the same for every type and every alignment.
pub(crate) const VALUE_OFFSET: usize = size_of::<Header>();

#[cfg(not(loom))]
const _: () = assert!(size_of::<Header>() <= 32, "the header is part of the price of every object");
const _: () = assert!(align_of::<Header>() <= 8);

/// A pointer to an object of any type, through its header.
///
/// It owns and borrows nothing; whoever holds one says why the object is there. Frontends keep it in their wrappers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct RawObject(NonNull<Header>);

impl RawObject {
    /// Writes the header. # Safety: `header` is valid for writes.
    pub(crate) unsafe fn init(header: NonNull<Header>, state: State, info: &'static TypeInfo) -> Self {
        // SAFETY: by the caller.
        unsafe { header.write(Header { state, info }) };
        Self(header)
    }

    /// The pointer as a word.
    #[must_use]
    pub fn as_ptr(self) -> *mut () {
        self.0.as_ptr().cast()
    }

    /// The way back from [`as_ptr`](Self::as_ptr).
    ///
    /// # Safety
    ///
    /// `ptr` came from [`as_ptr`](Self::as_ptr).
    #[must_use]
    pub const unsafe fn from_ptr(ptr: NonNull<()>) -> Self {
        Self(ptr.cast())
    }

    /// The protocol's words.
    ///
    /// # Safety
    ///
    /// The header is not freed during `'a`: the object lives, or a weak reference does.
    #[must_use]
    #[inline]
    pub unsafe fn state<'a>(self) -> &'a State {
        // SAFETY: by the caller; the words are atomics, so sharing them is fine.
        unsafe { &(*self.0.as_ptr()).state }
    }

    /// The object's type.
    ///
    /// # Safety
    ///
    /// As for [`state`](Self::state).
    #[must_use]
    #[inline]
    pub unsafe fn info(self) -> &'static TypeInfo {
        // SAFETY: by the caller; the word is written once, before the pointer is shared.
        unsafe { (*self.0.as_ptr()).info }
    }

    /// Where the object is.
    #[must_use]
    #[inline]
    pub fn value(self) -> NonNull<()> {
        // SAFETY: every header is followed by its object at this distance, in the same allocation.
        unsafe { self.0.byte_add(VALUE_OFFSET).cast() }
    }
}

impl std::fmt::Debug for RawObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Pointer::fmt(&self.0, f)
    }
}
