//! Arrays in memory: what their words say, how large they are, and how they are filled.

use std::alloc::Layout;
use std::any::TypeId;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use super::array::ARRAY;
use super::raw_array::{Ops, OpsFor, RawArray};
use crate::alloc::{self, Block, NoMemory};
use crate::any::Any;
use crate::header::RawObject;
use crate::obj::{AnyObj, Obj};
use crate::state::State;
use crate::value::Value;

/// The bit of the mode that says that the array is open.
const OPEN: usize = 8;
/// The bits that say where the items are: 0: behind the array. Otherwise in a block of their own, and what was behind
/// the array was so large.
const LEFT: usize = 7;
const MODE: usize = OPEN | LEFT;
/// How large the items of open arrays are, which are numbers and `Any`s.
const SIZES: [usize; 6] = [0, 1, 2, 4, 8, size_of::<Any>()];
const _: () = assert!(align_of::<Ops>() > MODE);

/// The word of an array, taken apart.
#[derive(Clone, Copy)]
pub(super) struct Kind(pub(super) *mut Ops);

impl Kind {
    pub(super) fn new(ops: &'static Ops, open: bool) -> Self {
        let ops = ptr::from_ref(ops).cast_mut();
        Self(ops.map_addr(|address| address | if open { OPEN } else { 0 }))
    }

    pub(super) fn ops(self) -> &'static Ops {
        let ops: *mut Ops = self.0.map_addr(|address| address & !MODE);
        // SAFETY: a word comes from `new`, and so from a `&'static`, whose low bits are 0.
        unsafe { &*ops }
    }

    pub(super) fn is_open(self) -> bool {
        self.0.addr() & OPEN != 0
    }

    #[inline]
    pub(super) fn is_of<T: Value + Clone>(self) -> bool {
        // The same operations may be there more than once, but mostly are not.
        ptr::eq(self.ops(), OpsFor::<T>::OPS) || (self.ops().item)() == TypeId::of::<T>()
    }

    /// The layout of one of the items that stand, or stood, behind the array; and whether they stand there.
    fn unit(self) -> (Layout, bool) {
        match self.0.addr() & LEFT {
            0 => (self.ops().unit, true),
            // SAFETY: sizes of types, and an alignment of 1.
            left => (unsafe { Layout::from_size_align_unchecked(SIZES[left], 1) }, false),
        }
    }

    /// Bound to this type, when the items have left the room of an array that was of this kind and open.
    pub(super) fn of_items_that_left(self, ops: &'static Ops) -> Self {
        let size = self.ops().unit.size();
        let left = SIZES.iter().rposition(|known| *known == size).expect("an open array holds numbers or `Any`s");
        Self(Self::new(ops, false).0.map_addr(|address| address | left))
    }
}

/// The block of an array with room for so many items, and where in the array they begin. `None`: more than there can be.
fn block_for(unit: Layout, len: usize) -> Option<(Block, usize)> {
    let size = unit.size().checked_mul(len)?;
    let items = Layout::from_size_align(size, unit.align()).ok()?;
    let (layout, offset) = Layout::new::<RawArray>().extend(items).ok()?;
    Some((Block::new(layout)?, offset))
}

/// # Safety
///
/// `array` is one, or was until it was dropped.
pub(super) unsafe fn block_of(array: NonNull<()>) -> Block {
    // SAFETY: by the caller; its words are still there.
    let array: &RawArray = unsafe { array.cast().as_ref() };
    // No room was larger than an allocation can be when it was made. The alignment of an array is that of its pointers
    // at least, so that of items that left does not matter.
    block_for(array.kind().unit().0, array.len()).expect("an array that was allocated").0
}

/// # Safety
///
/// `array` is one that no one else uses, and its items are dropped here and never again.
pub(super) unsafe fn drop_items(array: NonNull<()>) {
    // SAFETY: by the caller.
    let array: &RawArray = unsafe { array.cast().as_ref() };
    let kind = array.kind();
    let items = array.slice_ptr::<()>();
    // SAFETY: by the caller; these are the array's items, in a block of their own if they are not behind it.
    unsafe { (kind.ops().drop)(items.cast(), items.len(), !kind.unit().1) };
}

/// An array that is being filled. Dropped, it takes back what there is of it.
pub(super) struct Unfilled<T: Value + Clone> {
    object: RawObject,
    block: Block,
    items: NonNull<T>,
    filled: usize,
    room: usize,
}

impl<T: Value + Clone> Unfilled<T> {
    pub(super) fn new(room: usize, state: State) -> Result<Self, NoMemory> {
        let (block, offset) = block_for(Layout::new::<T>(), room).ok_or(NoMemory::TooLarge)?;
        let object = alloc::try_allocate(&ARRAY, block, state)?;
        // SAFETY: within the object, or at its end.
        let items = unsafe { object.value().byte_add(offset) }.cast();
        Ok(Self { object, block, items, filled: 0, room })
    }

    pub(super) fn push(&mut self, item: T) {
        assert!(self.filled < self.room, "more items than there is room for");
        // SAFETY: there is room for this one.
        let place = unsafe { self.items.add(self.filled) };
        // SAFETY: as above, and nothing is there.
        unsafe { place.write(item) };
        self.filled += 1;
    }

    /// Moves items in.
    pub(super) fn append(&mut self, mut items: Vec<T>) {
        let count = items.len();
        assert!(count <= self.room - self.filled, "more items than there is room for");
        // SAFETY: there is room for so many.
        let place = unsafe { self.items.add(self.filled) };
        let from = NonNull::from(items.as_mut_slice()).cast();
        // SAFETY: the allocation is new, so it is another one than the vector's.
        unsafe { place.copy_from_nonoverlapping(from, count) };
        // SAFETY: they are in the array now, and in the vector no longer.
        unsafe { items.set_len(0) };
        self.filled += count;
    }

    /// Has the rest written.
    ///
    /// # Errors
    ///
    /// What `write` says.
    ///
    /// # Safety
    ///
    /// `write` writes so many items that no one has written yet, unless it fails.
    pub(super) unsafe fn fill<E>(&mut self, write: impl FnOnce(NonNull<u8>) -> Result<(), E>) -> Result<(), E> {
        // SAFETY: within the array, or at its end.
        write(unsafe { self.items.add(self.filled) }.cast())?;
        self.filled = self.room;
        Ok(())
    }

    pub(super) fn finish(self, open: bool) -> RawObject {
        let this = ManuallyDrop::new(self);
        assert_eq!(this.filled, this.room, "as many items as there is room for");
        let kind = Kind::new(OpsFor::<T>::OPS, open);
        let array = RawArray::new(kind, this.room, this.items.cast());
        // SAFETY: the object begins with an array that is not written yet.
        unsafe { this.object.value().cast().write(array) };
        this.object
    }
}

impl<T: Value + Clone> Drop for Unfilled<T> {
    fn drop(&mut self) {
        // Also if the destructor of an item panics.
        struct Abandon(RawObject, Block);
        impl Drop for Abandon {
            fn drop(&mut self) {
                // SAFETY: no array was written, and no one else knows the object.
                unsafe { alloc::abandon(self.0, self.1) };
            }
        }
        let _abandon = Abandon(self.object, self.block);
        // SAFETY: so many were written.
        unsafe { NonNull::slice_from_raw_parts(self.items, self.filled).drop_in_place() };
    }
}

/// An array of these items.
fn make<T: Value + Clone>(items: Vec<T>, open: bool, state: State) -> Result<RawObject, NoMemory> {
    let mut array = Unfilled::new(items.len(), state)?;
    array.append(items);
    Ok(array.finish(open))
}

/// What is said of more items than there can be, as of a `Vec`.
pub(super) const OVERFLOW: &str = "capacity overflow";

pub(super) fn make_bound<T: Value + Clone>(items: Vec<T>) -> AnyObj {
    let array = make(items, false, State::bare()).unwrap_or_else(|none| none.fail(OVERFLOW));
    // SAFETY: the state was born with one owner, which this is; every object is an `Object`.
    unsafe { Obj::from_raw(array) }
}

/// An open array of these items. Where all are numbers of one kind, they are kept as these.
pub(super) fn make_open(items: Vec<Any>, state: State) -> Result<RawObject, NoMemory> {
    fn all<T>(items: &[Any], number: impl Fn(&Any) -> Option<T>) -> Option<Vec<T>> {
        items.iter().map(number).collect()
    }
    match items.first() {
        Some(Any::Float(_)) => {
            if let Some(numbers) = all(&items, |item| if let Any::Float(n) = item { Some(*n) } else { None }) {
                return make(numbers, true, state);
            }
        }
        Some(Any::Int(_)) => {
            if let Some(numbers) = all(&items, |item| if let Any::Int(n) = item { Some(*n) } else { None }) {
                return make(numbers, true, state);
            }
        }
        Some(Any::Bool(_)) => {
            if let Some(numbers) = all(&items, |item| if let Any::Bool(n) = item { Some(*n) } else { None }) {
                return make(numbers, true, state);
            }
        }
        _ => {}
    }
    make(items, true, state)
}
