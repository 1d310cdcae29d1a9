//! The lock of a cell, which also counts the writes: one word.
//!
//! Bit 0 of the word is set while the lock is held; the bits above count the writes. To lock is one compare-exchange, and to
//! unlock a plain store, since no one but the holder changes a word that is locked. That is the point of it: a lock that
//! has to look for sleepers when it unlocks pays for both, and most that is done under it is a copy of an owner. Hence whoever
//! has to wait looks again and again: for a moment at once, then after others have run, then after ever longer sleeps of
//! `LONGEST_SLEEP` at most.
//!
//! # Orderings
//!
//! Locking acquires what the last unlocking released, so that all that was done under the lock happens before all that is
//! done under it later. The first load is only a guess, which the compare-exchange checks. `tests/loom_lock.rs` fails for
//! each that is weaker.

use std::time::Duration;

use crate::sync::{spin_loop, AtomicU32, Ordering};

const LOCKED: u32 = 1;
const WRITE: u32 = 2;

/// How often a lock that is held is looked at before others are let run, and how often that is done before sleeping.
const SPINS: u32 = 64;
const YIELDS: u32 = 16;
const FIRST_SLEEP: Duration = Duration::from_micros(20);
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

/// A lock that counts the writes under it.
#[derive(Debug, Default)]
pub struct CountingLock {
    word: AtomicU32,
}

/// A lock that is held, until this is dropped.
#[derive(Debug)]
pub struct Held<'l> {
    word: &'l AtomicU32,
    /// What the word is when it is unlocked.
    next: u32,
}

impl CountingLock {
    /// A lock that no one holds, with no writes.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(0) }
    }

    /// Locks, unless someone else holds it.
    #[inline]
    pub fn try_lock(&self) -> Option<Held<'_>> {
        let word = self.word.load(Ordering::Relaxed);
        if word & LOCKED != 0 {
            return None;
        }
        self.word.compare_exchange(word, word | LOCKED, Ordering::Acquire, Ordering::Relaxed).ok()?;
        Some(Held { word: &self.word, next: word })
    }

    /// Locks what is probably free again in a moment.
    pub fn spin(&self) -> Option<Held<'_>> {
        (0..SPINS).find_map(|_| {
            spin_loop();
            self.try_lock()
        })
    }

    /// Locks, however long it takes.
    pub fn wait(&self) -> Held<'_> {
        for _ in 0..YIELDS {
            if let Some(held) = self.spin() {
                return held;
            }
            std::thread::yield_now();
        }
        let mut sleep = FIRST_SLEEP;
        loop {
            if let Some(held) = self.spin() {
                return held;
            }
            std::thread::sleep(sleep);
            sleep = LONGEST_SLEEP.min(sleep * 2);
        }
    }
}

impl Held<'_> {
    /// How many writes there were before; wraps after 2³¹.
    #[inline]
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.next / WRITE
    }

    /// Counts a write, whether or not it comes to one.
    #[inline]
    pub fn count_write(&mut self) {
        self.next = self.next.wrapping_add(WRITE);
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.word.store(self.next, Ordering::Release);
    }
}
