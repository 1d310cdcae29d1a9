//! The funnel: the one place that allocates objects, the one place that frees them, and nothing else knows the layout.
//!
//! ```text
//! block                 header            object        trailing items
//!  │ padding, if the     │ 32 bytes        │ T            │ [I; n], if the type has a tail
//!  ▼ object is aligned   ▼                 ▼              ▼
//!  └─ to more than 32 ───┴─────────────────┴──────────────┴─────────
//! ```

use std::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use std::ptr::NonNull;

use crate::census;
use crate::header::{Header, RawObject, VALUE_OFFSET};
use crate::info::TypeInfo;
use crate::state::State;

/// How far the object stands behind the start of its block.
const fn prefix(value: Layout) -> usize {
    // An alignment is a power of two, and so is the header's size: the larger is a multiple of the smaller.
    if value.align() > VALUE_OFFSET {
        value.align()
    } else {
        VALUE_OFFSET
    }
}

#[cfg(not(loom))]
const _: () = assert!(VALUE_OFFSET.is_power_of_two());

/// The block for an object of this layout. `None`: larger than an allocation can be.
const fn block(value: Layout) -> Option<Layout> {
    let align = if value.align() > align_of::<Header>() { value.align() } else { align_of::<Header>() };
    let Some(size) = value.size().checked_add(prefix(value)) else { return None };
    match Layout::from_size_align(size, align) {
        Ok(layout) => Some(layout),
        Err(_) => None,
    }
}

/// The bytes that an object of this layout takes.
pub(crate) const fn block_size(value: Layout) -> usize {
    match block(value) {
        Some(block) => block.size(),
        None => usize::MAX,
    }
}

/// Memory for an object, with its header written and the object itself still to be.
///
/// # Panics
///
/// If `value` is larger than an allocation can be.
#[inline]
pub(crate) fn allocate(info: &'static TypeInfo, value: Layout, state: State) -> RawObject {
    try_allocate(info, value, state).unwrap_or_else(|none| none.fail("an object larger than an allocation can be"))
}

/// Why there is no memory.
#[derive(Debug)]
pub(crate) enum NoMemory {
    /// No allocation can be as large.
    TooLarge,
    /// The allocator has none of this layout.
    Refused(Layout),
}

impl NoMemory {
    /// Ends the attempt as the standard library's collections do: with a panic that says `too_large`, or with the process.
    #[cold]
    pub(crate) fn fail(self, too_large: &str) -> ! {
        match self {
            Self::TooLarge => panic!("{too_large}"),
            Self::Refused(block) => handle_alloc_error(block),
        }
    }
}

/// The same, where so much may be asked for that there is not enough.
#[inline]
pub(crate) fn try_allocate(info: &'static TypeInfo, value: Layout, state: State) -> Result<RawObject, NoMemory> {
    let block = block(value).ok_or(NoMemory::TooLarge)?;
    // SAFETY: the block holds at least the header, so its size is not 0.
    let start = unsafe { alloc(block) };
    let start = NonNull::new(start).ok_or(NoMemory::Refused(block))?;
    // SAFETY: `prefix` is at least the header's size, and the block is larger.
    let header = unsafe { start.add(prefix(value) - VALUE_OFFSET) }.cast::<Header>();
    census::born(info);
    // SAFETY: the header lies in the block, aligned: the block's alignment is at least the header's, and the distance
    // is 0 or a difference of two larger powers of two.
    Ok(unsafe { RawObject::init(header, state, info) })
}

/// Frees the memory of an object that was never built or is destroyed.
///
/// # Safety
///
/// `object` came from [`allocate`] with the same layout, its value is not alive, and no one uses it afterwards.
#[inline]
pub(crate) unsafe fn free(object: RawObject, value: Layout) {
    // SAFETY: `allocate` has checked that this layout has a block.
    let block = unsafe { block(value).unwrap_unchecked() };
    // SAFETY: undoes the step in `allocate`.
    let start = unsafe { object.value().byte_sub(prefix(value)) };
    // SAFETY: by the caller; the block's start and layout are those of `allocate`.
    unsafe { dealloc(start.as_ptr().cast(), block) };
}

/// Takes back an allocation whose object could not be built.
///
/// # Safety
///
/// `object` came from [`allocate`] with the same layout, its value was never written, and no one uses it afterwards.
pub(crate) unsafe fn abandon(object: RawObject, value: Layout) {
    // SAFETY: the header was written by `allocate` and is still there.
    census::died(unsafe { object.info() });
    // SAFETY: by the caller.
    unsafe { free(object, value) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_stands_at_one_distance_from_its_header_whatever_its_alignment() {
        for align in [1, 2, 8, 16, 32, 64, 4096] {
            let value = Layout::from_size_align(24, align).unwrap();
            assert_eq!(prefix(value) % align, 0);
            assert!(prefix(value) >= VALUE_OFFSET);
            assert_eq!((prefix(value) - VALUE_OFFSET) % align_of::<Header>(), 0);
            assert_eq!(block(value).unwrap().size(), prefix(value) + 24);
        }
    }

    #[test]
    fn a_layout_without_a_block_is_refused() {
        assert_eq!(block(Layout::from_size_align(isize::MAX as usize - 7, 8).unwrap()), None);
    }
}
