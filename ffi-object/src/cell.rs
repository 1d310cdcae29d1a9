//! `Mut<T>`, the cell of a field that changes.

use std::cell::UnsafeCell;
use std::cmp;
use std::fmt;

use crate::frontend;
use crate::lock::{CountingLock, Held};
use crate::word;

/// A small thread-safe cell: what makes a field of an object mutable, in Rust and in the frontend.
///
/// Values go in and out whole ([`get`](Self::get), [`set`](Self::set), [`replace`](Self::replace)) or are looked at
/// under the cell's lock ([`with`](Self::with)). No guard leaves the cell, and a value that is replaced is dropped
/// outside the lock. Numbers, truth values and characters are read and set without it, as `SeqCst` atomics are.
///
/// ```
/// use ffi_object::Mut;
///
/// let label = Mut::new(String::from("a"));
/// assert_eq!(label.replace("b".into()), "a");
/// label.with(|s| s.push('c'));
/// assert_eq!(label.get(), "bc");
/// ```
// The layout of a cell does not depend on what the compiler makes of its type: all cells of owners look the same.
#[repr(C)]
pub struct Mut<T> {
    /// Counts the writes as well, so that a collector can tell whether what it read is still there.
    lock: CountingLock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached under the lock, by one thread at a time, which may take it away: as in a `Mutex`. What
// `word` reads and writes is reached as an atomic is.
unsafe impl<T: Send> Sync for Mut<T> {}

impl<T> Mut<T> {
    /// A cell that holds `value`.
    #[cfg(not(loom))]
    pub const fn new(value: T) -> Self {
        Self { lock: CountingLock::new(), value: UnsafeCell::new(value) }
    }

    /// A cell that holds `value`. A model's atomics cannot be made when it is compiled.
    #[cfg(loom)]
    pub fn new(value: T) -> Self {
        Self { lock: CountingLock::default(), value: UnsafeCell::new(value) }
    }

    /// The value, if it is one that is read without the lock.
    #[inline]
    fn word(&self) -> Option<T> {
        // SAFETY: the value is reached here, by `set`, by `change`, and by who has the cell for itself.
        unsafe { word::load(&self.value) }
    }

    #[inline]
    fn lock(&self) -> Held<'_> {
        self.lock.try_lock().unwrap_or_else(|| self.wait())
    }

    /// The thread that holds the lock may be waiting for the interpreter that this thread holds.
    #[cold]
    fn wait(&self) -> Held<'_> {
        self.lock.spin().unwrap_or_else(|| {
            let mut held = None;
            frontend::wait(|| held = Some(self.lock.wait()));
            held.unwrap_or_else(|| self.lock.wait())
        })
    }

    /// Runs `look` with the value borrowed mutably, under the lock.
    ///
    /// `look` should be short, and must not use the same cell again: that would wait for itself, forever. Who waits for the
    /// lock looks whether it is free at least every millisecond, and is not woken when it is.
    #[inline]
    pub fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        self.with_version(|value, _| look(value))
    }

    /// The same, with the number of writes before this one.
    #[inline]
    pub(crate) fn with_version<R>(&self, look: impl FnOnce(&mut T, u32) -> R) -> R {
        let mut held = self.lock();
        let version = held.writes();
        held.count_write();
        self.change(|value| look(value, version))
    }

    /// Runs `look` with the value borrowed mutably. The caller has the lock.
    #[inline]
    fn change<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: as in `word`; and under the lock.
        match unsafe { word::Change::of(&self.value) } {
            Some(mut change) => look(&mut change.new),
            // SAFETY: under the lock.
            None => look(unsafe { &mut *self.value.get() }),
        }
    }

    /// The number of writes so far, of which every [`with`](Self::with) may be one. Those of numbers are not all counted.
    pub(crate) fn version(&self) -> u32 {
        // The lock is what orders it with the writes.
        self.lock().writes()
    }

    /// Runs `look` with the value borrowed mutably, under the lock, unless someone else has it at this moment: then there is
    /// no result.
    ///
    /// For a cell that is only used in this way `look` may take its time, and even come back to the same cell. Who comes
    /// meanwhile gets `None`, and can say so. All other uses wait until it is done, such as Python's of a field that is not
    /// skipped; on the same thread that is forever.
    ///
    /// ```
    /// use ffi_object::Mut;
    ///
    /// let steps = Mut::new(1..=3);
    /// let first = steps.try_with(|steps| (steps.next(), steps.sum::<i32>()));
    /// assert_eq!(first, Some((Some(1), 5)));
    /// assert_eq!(steps.try_with(|_| steps.try_with(|steps| steps.next())), Some(None));
    /// ```
    #[inline]
    pub fn try_with<R>(&self, look: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut held = self.lock.try_lock()?;
        held.count_write();
        Some(self.change(look))
    }

    /// Runs `look` with the value borrowed, under the lock, unless someone else has it at this moment: then there is no result.
    /// With a number `look` always runs, on a copy and without the lock.
    ///
    /// `look` should be short. Who comes to the same cell meanwhile waits until it is done, or gets `None` for trying; on the same
    /// thread only the latter ends.
    ///
    /// ```
    /// use ffi_object::Mut;
    ///
    /// let name = Mut::new(String::from("a name"));
    /// assert_eq!(name.try_read(|name| name.len()), Some(6));
    /// assert_eq!(name.with(|_| name.try_read(|name| name.len())), None);
    /// ```
    #[inline]
    pub fn try_read<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        if let Some(value) = self.word() {
            return Some(look(&value));
        }
        let _held = self.lock.try_lock()?;
        // SAFETY: under the lock.
        Some(look(unsafe { &*self.value.get() }))
    }

    /// Runs `look` with the value borrowed, under the lock: a number is copied instead.
    ///
    /// `look` should be short, and must not use the same cell again: that would wait for itself, forever.
    #[inline]
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        if let Some(value) = self.word() {
            return look(&value);
        }
        let _held = self.lock();
        // SAFETY: under the lock.
        look(unsafe { &*self.value.get() })
    }

    /// A copy of the value.
    #[inline]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.read(T::clone)
    }

    /// Puts a value in. The old one is dropped. A number never waits.
    #[inline]
    pub fn set(&self, value: T) {
        // SAFETY: as in `word`.
        if !unsafe { word::store(&self.value, &value) } {
            drop(self.replace(value));
        }
    }

    /// Puts a value in and gives the old one.
    #[inline]
    pub fn replace(&self, value: T) -> T {
        self.with(|old| std::mem::replace(old, value))
    }

    /// Takes the value out and leaves the default one.
    #[inline]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.replace(T::default())
    }

    /// The value, borrowed mutably without the lock: the cell is borrowed mutably too.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: Default> Default for Mut<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mut<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Clone> Clone for Mut<T> {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

/// By the values, of which copies are compared: no two cells are locked at the same time. There is no `Hash`, since a
/// hash must not change.
impl<T: PartialEq + Clone> PartialEq for Mut<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq + Clone> Eq for Mut<T> {}

/// As equality.
impl<T: PartialOrd + Clone> PartialOrd for Mut<T> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

impl<T: fmt::Debug> fmt::Debug for Mut<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.try_read(|value| f.debug_tuple("Mut").field(value).finish())
            .unwrap_or_else(|| f.write_str("Mut(<locked>)"))
    }
}
