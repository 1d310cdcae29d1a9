//! Models of a cell's lock: loom runs each with every interleaving, and every value that a weak memory may show.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --release --test loom_lock
//! ```
#![cfg(loom)]

use ffi_object::lock::{CountingLock, Held};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// A value under the lock. Loom ends a model in which two threads use it at the same time, or one after the other without
/// an ordering between them.
struct Cell {
    lock: CountingLock,
    value: UnsafeCell<u32>,
}

impl Cell {
    fn lock(&self) -> Held<'_> {
        loop {
            if let Some(held) = self.lock.try_lock() {
                return held;
            }
            thread::yield_now();
        }
    }

    fn add(&self) {
        let mut held = self.lock();
        held.count_write();
        // SAFETY: under the lock.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    /// The value, and how often it was written.
    fn look(&self) -> (u32, u32) {
        let held = self.lock();
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
