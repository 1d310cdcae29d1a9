//! The end of an object, without recursion to speak of.
//!
//! Dropping an object drops the owners in its fields, which may destroy their objects in turn. Up to [`MAX_DEPTH`] deep
//! that simply recurses, which is fast. Deeper, an object is put on the thread's list, through its own slot, and the
//! outermost destruction of the thread works the list off. A list of a million nodes thus needs no more stack than one
//! of a hundred.

use std::alloc::Layout;
use std::any::Any as StdAny;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::{self, NonNull};

use crate::alloc;
use crate::census;
use crate::header::RawObject;

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

/// Destroys an object: drops its value, and frees its memory unless weak references still need the header.
///
/// `layout` and `drop` are those of the object's type. They are arguments so that owners of an exact type pass
/// constants, which the compiler inlines.
///
/// # Safety
///
/// The object is dead by the protocol (`DropOwner::Destroy`, or `State::wrapper_died`), and its value is still there.
#[inline]
pub(crate) unsafe fn destroy(object: RawObject, layout: Layout, drop: impl FnOnce(NonNull<()>)) {
    REAPER.with(|reaper| {
        let depth = reaper.depth.get();
        if depth >= MAX_DEPTH {
            // SAFETY: the object is dead and not freed, so its header is there.
            unsafe { object.state() }.link_dead(reaper.waiting.get());
            reaper.waiting.set(object.as_ptr());
            return;
        }
        reaper.depth.set(depth + 1);
        // Also when a destructor panics: whatever waits is still destroyed, and the memory is freed.
        let _leave = Leave(reaper);
        // SAFETY: by the caller.
        let end = || unsafe { destroy_now(object, layout, drop) };
        if std::thread::panicking() {
            // A panic that leaves a destructor during another one ends the process. The first goes on; the panic hook
            // has told of this one.
            let _ = catch_unwind(AssertUnwindSafe(end));
        } else {
            end();
        }
    });
}

struct Leave<'a>(&'a Reaper);

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        let Self(reaper) = self;
        let depth = reaper.depth.get();
        // Only the outermost level works the list off.
        if depth == 1 && !reaper.waiting.get().is_null() {
            work_off(reaper);
        } else {
            reaper.depth.set(depth - 1);
        }
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
        // SAFETY: as above.
        let info = unsafe { object.info() };
        // SAFETY: dead, its value still there; it was put on the list instead of being destroyed.
        let layout = unsafe { info.layout_of(object.value()) };
        // SAFETY: as above, and this layout and function are those of the object's type.
        let end = || unsafe { destroy_now(object, layout, |value| info.drop_value(value)) };
        panic = panic.or(catch_unwind(AssertUnwindSafe(end)).err());
    }
    reaper.depth.set(0);
    if let Some(payload) = panic.filter(|_| !std::thread::panicking()) {
        resume_unwind(payload);
    }
}

/// Destroys an object whose value has nothing to drop, and so nothing to recurse into.
///
/// # Safety
///
/// As for [`destroy`].
#[inline]
pub(crate) unsafe fn destroy_plain(object: RawObject, layout: Layout) {
    // SAFETY: by the caller.
    unsafe { destroy_now(object, layout, |_| ()) };
}

/// # Safety
///
/// As for [`destroy`].
#[inline]
unsafe fn destroy_now(object: RawObject, layout: Layout, drop: impl FnOnce(NonNull<()>)) {
    struct Free(RawObject, Layout);
    impl Drop for Free {
        fn drop(&mut self) {
            // SAFETY: the header lives as long as the weak count that the object holds until the next line.
            census::died(unsafe { self.0.info() });
            // SAFETY: as above.
            if unsafe { self.0.state() }.destroyed() {
                // SAFETY: the value was dropped (or its destructor panicked), and no weak reference is left.
                unsafe { alloc::free(self.0, self.1) };
            }
        }
    }
    let _free = Free(object, layout);
    drop(object.value());
}

/// Destroys an object of any type.
///
/// # Safety
///
/// As for [`destroy`].
pub(crate) unsafe fn destroy_erased(object: RawObject) {
    // SAFETY: the object is dead and not freed, so its header is there.
    let info = unsafe { object.info() };
    // SAFETY: its value is still there.
    let layout = unsafe { info.layout_of(object.value()) };
    if !info.needs_drop() {
        // SAFETY: by the caller; the layout is that of the object's type.
        return unsafe { destroy_plain(object, layout) };
    }
    // SAFETY: by the caller; layout and function are those of the object's type.
    unsafe { destroy(object, layout, |value| info.drop_value(value)) };
}
