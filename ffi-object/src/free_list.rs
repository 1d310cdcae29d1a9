//! Small blocks that a thread has freed, kept for its next objects.
//!
//! Who makes and drops one object after the other, as a loop in Python does with what it computes, gets back the block that
//! was just given away. CPython keeps such lists for its floats and tuples, for the same reason: an allocator that serves all
//! sizes and all threads takes several times as long. There are up to [`KEPT`] blocks of each size in them, none larger than
//! [`LARGEST`], nor aligned to more than a header.

use std::alloc::{dealloc, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

/// How many blocks of one size are kept. None where a tool watches each allocation, or threads are modelled.
const KEPT: usize = if cfg!(any(asan, tsan, miri, loom, fuzzing)) { 0 } else { 64 };

/// The bytes of the largest blocks that are kept.
const LARGEST: usize = 128;

/// What sizes are multiples of, and the alignment of all blocks that are kept: that of a header, with its 64-bit atomic.
const STEP: usize = 8;

const _: () = assert!(size_of::<Free>() <= STEP && align_of::<Free>() <= STEP);

/// A block that is kept.
#[derive(Debug)]
struct Free {
    next: *mut Free,
}

/// Blocks of one size.
#[derive(Debug)]
struct FreeList {
    first: Cell<*mut Free>,
    /// How many more it may keep.
    room: Cell<usize>,
}

impl FreeList {
    #[inline]
    fn pop(&self) -> Option<NonNull<u8>> {
        let first = NonNull::new(self.first.get())?;
        // SAFETY: it was pushed, and is only used from here.
        self.first.set(unsafe { first.as_ref() }.next);
        self.room.set(self.room.get() + 1);
        Some(first.cast())
    }
}

/// Whether blocks are to be kept. Not if the environment says `FFI_OBJECT_FREE_LISTS=0`, so that a tool like valgrind sees the end of
/// each.
pub(crate) fn are_wanted() -> bool {
    static ARE_WANTED: OnceLock<bool> = OnceLock::new();
    *ARE_WANTED.get_or_init(|| std::env::var_os("FFI_OBJECT_FREE_LISTS").is_none_or(|value| value != "0"))
}

/// Where blocks of a layout are kept, if they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListIndex(usize);

impl ListIndex {
    pub(crate) const fn of(block: Layout) -> Self {
        let is_kept = KEPT > 0 && block.align() == STEP && block.size() % STEP == 0;
        // The last is no list's.
        Self(if is_kept { block.size() / STEP } else { usize::MAX })
    }
}

/// A list for each size. They begin closed, and keep nothing.
#[derive(Debug)]
pub(crate) struct FreeLists([FreeList; LARGEST / STEP + 1]);

impl FreeLists {
    pub(crate) const fn new() -> Self {
        Self([const { FreeList { first: Cell::new(ptr::null_mut()), room: Cell::new(0) } }; LARGEST / STEP + 1])
    }

    /// Begins to keep blocks.
    pub(crate) fn open(&self) {
        self.0.iter().for_each(|list| list.room.set(KEPT));
    }

    /// Gives all blocks back to the allocator, and keeps no more.
    pub(crate) fn close(&self) {
        for (index, list) in self.0.iter().enumerate() {
            while let Some(block) = list.pop() {
                // SAFETY: the layout of a block that there is.
                let layout = unsafe { Layout::from_size_align_unchecked(index * STEP, STEP) };
                // SAFETY: `keep` was given a block of this layout, which no one else has since.
                unsafe { dealloc(block.as_ptr(), layout) };
            }
            list.room.set(0);
        }
    }

    /// A block that was kept; what it contains is arbitrary.
    #[inline]
    pub(crate) fn take(&self, index: ListIndex) -> Option<NonNull<u8>> {
        self.0.get(index.0)?.pop()
    }

    /// Keeps a block. False: the caller frees it.
    ///
    /// # Safety
    ///
    /// The allocator gave it for a layout with this index, and no one uses it afterwards.
    #[inline]
    pub(crate) unsafe fn keep(&self, block: NonNull<u8>, index: ListIndex) -> bool {
        let Some(list) = self.0.get(index.0) else { return false };
        let Some(room) = list.room.get().checked_sub(1) else { return false };
        let block = block.cast::<Free>();
        // SAFETY: the block has the pointer's alignment and at least its size, and is by the caller this function's.
        unsafe { block.write(Free { next: list.first.get() }) };
        list.first.set(block.as_ptr());
        list.room.set(room);
        true
    }
}

#[cfg(all(test, not(any(asan, tsan, miri, loom, fuzzing))))]
mod tests {
    use std::alloc::alloc;

    use super::*;

    fn new_block(layout: Layout) -> NonNull<u8> {
        // SAFETY: the tests' layouts are larger than nothing.
        NonNull::new(unsafe { alloc(layout) }).unwrap()
    }

    /// Keeps a block, or frees it and says so.
    fn keep(lists: &FreeLists, block: NonNull<u8>, layout: Layout) -> bool {
        // SAFETY: the tests pass on what `new_block` or `take` gave for this layout.
        let is_kept = unsafe { lists.keep(block, ListIndex::of(layout)) };
        if !is_kept {
            // SAFETY: as above.
            unsafe { dealloc(block.as_ptr(), layout) };
        }
        is_kept
    }

    fn take(lists: &FreeLists, layout: Layout) -> Option<NonNull<u8>> {
        lists.take(ListIndex::of(layout))
    }

    #[test]
    fn the_last_block_of_a_size_comes_back_first_and_none_of_another_size() {
        let lists = FreeLists::new();
        lists.open();
        let (small, large) = (Layout::new::<[usize; 3]>(), Layout::new::<[usize; 4]>());
        let (a, b) = (new_block(small), new_block(small));
        assert_eq!(take(&lists, small), None);
        assert!(keep(&lists, a, small) && keep(&lists, b, small));
        assert_eq!(take(&lists, large), None);
        assert_eq!((take(&lists, small), take(&lists, small), take(&lists, small)), (Some(b), Some(a), None));
        assert!(keep(&lists, a, small) && keep(&lists, b, small));
        lists.close();
        assert_eq!(take(&lists, small), None);
    }

    #[test]
    fn so_many_are_kept_and_no_more_and_none_by_lists_that_are_closed() {
        let lists = FreeLists::new();
        let layout = Layout::new::<[usize; 5]>();
        assert!(!keep(&lists, new_block(layout), layout));
        lists.open();
        assert!((0..KEPT).all(|_| keep(&lists, new_block(layout), layout)));
        assert!(!keep(&lists, new_block(layout), layout));
        let taken = take(&lists, layout).unwrap();
        assert!(keep(&lists, taken, layout));
        lists.close();
        assert!(!keep(&lists, new_block(layout), layout));
    }

    #[test]
    fn what_is_large_or_aligned_otherwise_is_not_kept() {
        let lists = FreeLists::new();
        lists.open();
        for (size, align) in [(LARGEST + STEP, STEP), (64, 64), (2 * STEP + 1, STEP), (16, 1)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            assert!(!keep(&lists, new_block(layout), layout), "{layout:?}");
            assert_eq!(take(&lists, layout), None);
        }
    }
}
