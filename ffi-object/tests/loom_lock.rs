//! Models of a cell's lock: loom runs each with every interleaving, and every value that a weak memory may show.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release --test loom_lock
//! ```
#![cfg(loom)]

use ffi_object::lock::{CountingLock, Held};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, Ordering::SeqCst};
use loom::sync::Arc;
use loom::thread;

/// A value under the lock. Loom ends a model in which two threads use it at the same time, or one after the other without
/// an ordering between them.
struct Cell {
    lock: CountingLock,
    value: UnsafeCell<u32>,
}

fn lock(lock: &CountingLock) -> Held<'_> {
    loop {
        if let Some(held) = lock.try_lock() {
            return held;
        }
        thread::yield_now();
    }
}

impl Cell {
    fn add(&self) {
        let mut held = lock(&self.lock);
        held.count_write();
        // SAFETY: under the lock.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    /// The value, and how often it was written.
    fn look(&self) -> (u32, u32) {
        let held = lock(&self.lock);
        // SAFETY: under the lock.
        (self.value.with(|value| unsafe { *value }), held.writes())
    }
}

fn model(run: impl Fn(&Cell) + Send + Sync + Copy + 'static) {
    loom::model(move || {
        let cell = Arc::new(Cell { lock: CountingLock::default(), value: UnsafeCell::new(0) });
        let other = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || run(&cell))
        };
        run(&cell);
        other.join().unwrap();
        assert_eq!(cell.look(), (2, 2));
    });
}

/// No write is lost, and each is counted.
#[test]
fn writers_exclude_each_other() {
    model(Cell::add);
}

/// The count tells which writes a reader has seen.
#[test]
fn the_count_belongs_to_the_value() {
    model(|cell| {
        let (value, writes) = cell.look();
        assert_eq!(value, writes);
        cell.add();
        let (value, writes) = cell.look();
        assert!(value == writes && value >= 1);
    });
}

/// A number, which is changed under the lock, and set and read without it, as by the functions of `word.rs`.
#[derive(Default)]
struct Number {
    lock: CountingLock,
    value: AtomicU32,
}

impl Number {
    fn add(&self) -> u32 {
        let _held = lock(&self.lock);
        let old = self.value.load(SeqCst);
        let _ = self.value.compare_exchange(old, old + 1, SeqCst, SeqCst);
        old
    }

    /// A swap, since a thread may not see its own store in loom: <https://github.com/tokio-rs/loom/issues/282>.
    fn set(&self, value: u32) {
        self.value.swap(value, SeqCst);
    }
}

/// What one thread sets is not undone by another that was changing the number, whose change is as if it had been before.
#[test]
fn what_is_set_during_a_change_stays() {
    loom::model(|| {
        let number = Arc::new(Number::default());
        let adders = [(); 2].map(|()| {
            let number = Arc::clone(&number);
            thread::spawn(move || number.add())
        });
        number.set(10);
        assert!(number.value.load(SeqCst) >= 10);
        let olds = adders.map(|adder| adder.join().unwrap());
        let after = olds.iter().filter(|old| **old >= 10).count();
        assert_eq!(number.value.load(SeqCst), 10 + after as u32);
        assert_ne!(olds[0], olds[1]);
    });
}
