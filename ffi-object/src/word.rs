//! Values that the machine reads and writes at once: numbers, truth values, characters.
//!
//! A [`Mut`](crate::Mut) of one is read and set without its lock, as an atomic is. What is made of the old value is made under the
//! lock, so that such changes come one after the other, and is written only if the old value is still there. If another was set
//! meanwhile, it is as if it had been right after the change, of which no one sees anything then. All is `SeqCst`: as under a
//! lock, all threads see the writes of several cells in one order. On x86 that costs a write, and no read.

use std::cell::UnsafeCell;
use std::mem;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, AtomicU8, Ordering};

/// Whether a `T` is such a value: known to the optimizer.
#[inline]
fn is_word<T>() -> bool {
    let this = typeid::of::<T>();
    macro_rules! is_one_of {
        ($($ty:ty),*) => { $(this == typeid::of::<$ty>())||* };
    }
    // None has bytes that are not set, nor a destructor. On some machines a number is less aligned than its atomic.
    is_one_of!(bool, char, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64)
        && align_of::<T>() == size_of::<T>()
}

macro_rules! by_size {
    ($T:ty, $place:expr, |$atomic:ident| $access:expr) => {{
        let place = $place.get();
        match size_of::<$T>() {
            1 => by_size!(AtomicU8, place, $atomic, $access),
            2 => by_size!(AtomicU16, place, $atomic, $access),
            4 => by_size!(AtomicU32, place, $atomic, $access),
            8 => by_size!(AtomicU64, place, $atomic, $access),
            _ => unreachable!("no machine's word is as large"),
        }
    }};
    ($Atomic:ident, $place:ident, $atomic:ident, $access:expr) => {{
        // SAFETY: the place is as large, and aligned to it; it is there as long as it is borrowed, and by the caller all who share it
        // meanwhile are here.
        let $atomic = unsafe { $Atomic::from_ptr($place.cast()) };
        $access
    }};
}

/// The value, if it is one that is read at once.
///
/// # Safety
///
/// Then all other accesses to the place are made by the functions here, or happen before or after this one.
#[inline]
pub(crate) unsafe fn load<T>(place: &UnsafeCell<T>) -> Option<T> {
    if !is_word::<T>() {
        return None;
    }
    Some(by_size!(T, place, |atomic| {
        let word = atomic.load(Ordering::SeqCst);
        // SAFETY: as many bytes, those of a `T`, which has no destructor.
        unsafe { mem::transmute_copy(&word) }
    }))
}

/// Writes a value, if it is one that is written at once. False: it is not.
///
/// # Safety
///
/// As for [`load`].
#[inline]
pub(crate) unsafe fn store<T>(place: &UnsafeCell<T>, value: &T) -> bool {
    if is_word::<T>() {
        by_size!(T, place, |atomic| {
            // SAFETY: as many bytes, which are all set.
            let word = unsafe { mem::transmute_copy(value) };
            atomic.store(word, Ordering::SeqCst);
        });
    }
    is_word::<T>()
}

/// A value that is being changed, and is written when this is dropped.
pub(crate) struct Change<'c, T> {
    place: &'c UnsafeCell<T>,
    old: T,
    pub(crate) new: T,
}

impl<'c, T> Change<'c, T> {
    /// The value there, if it is one that is read and written at once.
    ///
    /// # Safety
    ///
    /// As for [`load`], as long as this lives. No one else changes the value meanwhile, but for [`store`].
    #[inline]
    pub(crate) unsafe fn of(place: &'c UnsafeCell<T>) -> Option<Self> {
        // SAFETY: by the caller.
        let old = unsafe { load(place) }?;
        // SAFETY: it has no destructor, and may be copied.
        let new = unsafe { mem::transmute_copy(&old) };
        Some(Self { place, old, new })
    }
}

impl<T> Drop for Change<'_, T> {
    #[inline]
    fn drop(&mut self) {
        by_size!(T, self.place, |atomic| {
            // SAFETY: as many bytes, which are all set.
            let old = unsafe { mem::transmute_copy(&self.old) };
            // SAFETY: as above.
            let new = unsafe { mem::transmute_copy(&self.new) };
            // `SeqCst` also for what was set meanwhile: whatever this thread does next comes after it.
            let _ = atomic.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst);
        });
    }
}
