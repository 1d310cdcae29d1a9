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

use crate::free_list::ListIndex;
use crate::header::{Header, RawObject, VALUE_OFFSET};
use crate::info::TypeInfo;
use crate::state::State;
use crate::thread;

const TOO_LARGE: &str = "an object larger than an allocation can be";

/// The memory of an object with its header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    layout: Layout,
    /// How far the object stands behind the start.
    prefix: usize,
    /// Where a thread keeps such blocks.
    list: ListIndex,
}

#[cfg(not(loom))]
const _: () = assert!(VALUE_OFFSET.is_power_of_two());

impl Block {
    /// That of an object of this layout. `None`: larger than an allocation can be.
    pub(crate) const fn new(value: Layout) -> Option<Self> {
        // An alignment is a power of two, and so is the header's size: if the header does not stand at the start, the object's
        // alignment is a multiple of the header's size.
        match Layout::new::<Header>().extend(value) {
            // No allocator gives less than whole words, and so there are fewer sizes.
            Ok((layout, prefix)) => {
                let layout = layout.pad_to_align();
                Some(Self { layout, prefix, list: ListIndex::of(layout) })
            }
            Err(_) => None,
        }
    }

    /// That of an object of type `T`.
    pub(crate) const fn of<T>() -> Self {
        match Self::new(Layout::new::<T>()) {
            Some(block) => block,
            None => panic!("{}", TOO_LARGE),
        }
    }

    /// The bytes that it takes.
    pub(crate) const fn size(&self) -> usize {
        self.layout.size()
    }
}

/// Memory for an object, with its header written and the object itself still to be.
#[inline]
pub(crate) fn allocate(info: &'static TypeInfo, block: Block, state: State) -> RawObject {
    try_allocate(info, block, state).unwrap_or_else(|none| none.fail(TOO_LARGE))
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
pub(crate) fn try_allocate(info: &'static TypeInfo, block: Block, state: State) -> Result<RawObject, NoMemory> {
    let Block { layout, prefix, list } = block;
    let start = thread::take_block(list).or_else(|| {
        // SAFETY: the block holds at least the header, so its size is not 0.
        NonNull::new(unsafe { alloc(layout) })
    });
    let start = start.ok_or(NoMemory::Refused(layout))?;
    thread::born(info);
    // SAFETY: the prefix is at least the header's size, and the block is larger.
    let header = unsafe { start.add(prefix - VALUE_OFFSET) }.cast::<Header>();
    // SAFETY: the header lies in the block, aligned: the block's alignment is at least the header's, and the distance
    // is 0 or a difference of two larger powers of two.
    Ok(unsafe { RawObject::init(header, state, info) })
}

/// Frees the memory of an object that was never built or is destroyed.
///
/// # Safety
///
/// `object` came from [`allocate`] with the same block, its value is not alive, and no one uses it afterwards.
#[inline]
pub(crate) unsafe fn free(object: RawObject, block: Block) {
    let Block { layout, prefix, list } = block;
    // SAFETY: undoes the step in `allocate`.
    let start = unsafe { object.value().byte_sub(prefix) }.cast();
    // SAFETY: by the caller; the block's start and layout are those of `allocate`, and the list is that of the layout.
    if !unsafe { thread::keep_block(start, list) } {
        // SAFETY: as above.
        unsafe { dealloc(start.as_ptr(), layout) };
    }
}

/// Takes back an allocation whose object could not be built.
///
/// # Safety
///
/// `object` came from [`allocate`] with the same block, its value was never written, and no one uses it afterwards.
pub(crate) unsafe fn abandon(object: RawObject, block: Block) {
    // SAFETY: the header was written by `allocate` and is still there.
    thread::died(unsafe { object.info() });
    // SAFETY: by the caller.
    unsafe { free(object, block) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_stands_at_one_distance_from_its_header_whatever_its_alignment() {
        for align in [1, 2, 8, 16, 32, 64, 4096] {
            let value = Layout::from_size_align(24_usize.next_multiple_of(align), align).unwrap();
            let block = Block::new(value).unwrap();
            assert_eq!(block.prefix, align.max(VALUE_OFFSET));
            assert_eq!((block.prefix - VALUE_OFFSET) % align_of::<Header>(), 0);
            assert_eq!(block.size(), block.prefix + value.size());
        }
    }

    #[test]
    fn a_layout_without_a_block_is_refused() {
        assert!(Block::new(Layout::from_size_align(isize::MAX as usize - 7, 8).unwrap()).is_none());
    }
}
