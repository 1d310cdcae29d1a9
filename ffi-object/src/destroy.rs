//! The end of an object, without recursion to speak of.
//!
//! Dropping an object drops the owners in its fields, which may destroy their objects in turn. Up to [`MAX_DEPTH`] deep
//! that simply recurses, which is fast. Deeper, an object is put on the thread's list, through its own slot, and the
//! outermost destruction of the thread works the list off. A list of a million nodes thus needs no more stack than one
//! of a hundred.

use std::any::Any as StdAny;
use std::cell::Cell;
use std::mem::needs_drop;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::{self, NonNull};

use crate::alloc::{self, Block};
use crate::header::RawObject;
use crate::info::TypeInfo;
use crate::thread;

/// How many destructions may stand on one another on a thread's stack.
const MAX_DEPTH: u32 = 64;

struct Reaper {
    depth: Cell<u32>,
    /// The first of the dead objects that wait, linked through their slots.
    waiting: Cell<*mut ()>,
}

thread_local! {
    // Const and without a destructor: usable while the thread's other locals are destroyed.
    static REAPER: Reaper = const { Reaper { depth: Cell::new(0), waiting: Cell::new(ptr::null_mut()) } };
}

/// Destroys an object of exactly the type `T`: drops its value, and frees its memory unless weak references still need
/// the header.
///
/// What is compiled for each type is little more than the dropping.
///
/// # Safety
///
/// The object is dead by the protocol (`DropOwner::Destroy`), its value is still there, and its type is that of `T`.
#[inline]
pub(crate) unsafe fn destroy_exact<T>(object: RawObject) {
    let block = const { Block::of::<T>() };
    if !needs_drop::<T>() {
        // SAFETY: by the caller; there is nothing to drop, and so nothing to recurse into.
        return unsafe { free(object, block) };
    }
    // SAFETY: by the caller.
    if unsafe { enter(object) } {
        let _leave = Leave { object, block };
        // SAFETY: by the caller.
        unsafe { object.value().cast::<T>().drop_in_place() };
    }
}

/// Destroys an object of any type.
///
/// # Safety
///
/// The object is dead by the protocol (`DropOwner::Destroy`, or `State::wrapper_died`), and its value is still there.
pub(crate) unsafe fn destroy_erased(object: RawObject) {
    // SAFETY: by the caller.
    if unsafe { free_plain(object) } {
        return;
    }
    // SAFETY: by the caller.
    let (info, block) = unsafe { shape(object) };
    // SAFETY: by the caller.
    if unsafe { enter(object) } {
        let _leave = Leave { object, block };
        info.drop_value(object.value());
    }
}

/// Destroys an object whose value has nothing to drop; says whether it is one.
///
/// # Safety
///
/// As for [`destroy_erased`].
#[inline]
pub(crate) unsafe fn free_plain(object: RawObject) -> bool {
    // SAFETY: by the caller.
    let is_plain = !unsafe { object.info() }.needs_drop();
    if is_plain {
        // SAFETY: by the caller.
        let (_, block) = unsafe { shape(object) };
        // SAFETY: as in `destroy_exact`.
        unsafe { free(object, block) };
    }
    is_plain
}

/// The type of an object, and its block.
///
/// # Safety
///
/// As for [`destroy_erased`].
#[inline]
unsafe fn shape(object: RawObject) -> (&'static TypeInfo, Block) {
    // SAFETY: the object is dead and not freed, so its header is there.
    let info = unsafe { object.info() };
    // SAFETY: its value is still there.
    (info, unsafe { info.block_of(object.value()) })
}

/// Goes one level deeper. False: nothing is left to do, since the object is destroyed, or waits for the outermost level.
///
/// # Safety
///
/// As for [`destroy_erased`].
unsafe fn enter(object: RawObject) -> bool {
    REAPER.with(|reaper| {
        let depth = reaper.depth.get();
        if depth >= MAX_DEPTH {
            // SAFETY: the object is dead and not freed, so its header is there.
            unsafe { object.state() }.link_dead(reaper.waiting.get());
            reaper.waiting.set(object.as_ptr());
            return false;
        }
        reaper.depth.set(depth + 1);
        if std::thread::panicking() {
            // SAFETY: by the caller.
            unsafe { destroy_in_panic(object) };
            return false;
        }
        true
    })
}

/// Destroys an object, whose level was entered, while a panic is under way: another one that left a destructor would end
/// the process. The first goes on; the panic hook has told of this one.
///
/// # Safety
///
/// As for [`destroy_erased`].
#[cold]
unsafe fn destroy_in_panic(object: RawObject) {
    // SAFETY: by the caller.
    let (info, block) = unsafe { shape(object) };
    let _leave = Leave { object, block };
    let _ = catch_unwind(|| info.drop_value(object.value()));
}

/// The end of a level, also when a destructor panics: the memory is freed, and whatever waits is destroyed.
struct Leave {
    object: RawObject,
    block: Block,
}

impl Drop for Leave {
    // One function for all types.
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: whoever made this has dropped the value, or its destructor panicked; the block is the object's.
        unsafe { free(self.object, self.block) };
        REAPER.with(|reaper| {
            let depth = reaper.depth.get();
            // Only the outermost level works the list off.
            if depth == 1 && !reaper.waiting.get().is_null() {
                work_off(reaper);
            } else {
                reaper.depth.set(depth - 1);
            }
        });
    }
}

/// Destroys what waits, all of it, also when a destructor panics; then goes on with the first panic.
#[cold]
fn work_off(reaper: &Reaper) {
    let mut panic: Option<Box<dyn StdAny + Send>> = None;
    // The depth stays 1 meanwhile, so that what dies recurses again.
    while let Some(next) = NonNull::new(reaper.waiting.get()) {
        // SAFETY: the list holds pointers that came from `as_ptr`.
        let object = unsafe { RawObject::from_ptr(next) };
        // SAFETY: the objects on the list are dead and not freed.
        reaper.waiting.set(unsafe { object.state() }.dead_link());
        // SAFETY: dead, its value still there; it was put on the list instead of being destroyed.
        let (info, block) = unsafe { shape(object) };
        panic = panic.or(catch_unwind(AssertUnwindSafe(|| info.drop_value(object.value()))).err());
        // SAFETY: as in `Leave`.
        unsafe { free(object, block) };
    }
    reaper.depth.set(0);
    if let Some(payload) = panic.filter(|_| !std::thread::panicking()) {
        resume_unwind(payload);
    }
}

/// Frees the memory of an object whose value is gone, unless weak references still need the header.
///
/// # Safety
///
/// The value was dropped, its destructor panicked, or there is nothing to drop; `block` is the object's.
#[inline]
unsafe fn free(object: RawObject, block: Block) {
    // SAFETY: the header lives as long as the weak count that the object holds until the next line.
    thread::died(unsafe { object.info() });
    // SAFETY: as above.
    if unsafe { object.state() }.destroyed() {
        // SAFETY: by the caller, and no weak reference is left.
        unsafe { alloc::free(object, block) };
    }
}
