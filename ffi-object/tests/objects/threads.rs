//! Owners and weak references that many threads use at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{mpsc, Barrier};
use std::thread;

use ffi_object::{live_objects, AnyObj, FfiObject, List, Mut, Obj, WeakObj};

use crate::support::{object, Counted, Drops};

struct Leaf {
    number: usize,
    _counted: Counted,
}
object!(Leaf);

/// Used by one test alone, which counts how many there are.
struct Churned {
    number: usize,
    _counted: Counted,
}
object!(Churned);

/// A generator of choices (xorshift, after Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[test]
fn everything_at_once_drops_everything_once() {
    const SHARED: usize = 8;
    let drops = Drops::default();
    let made = AtomicUsize::new(SHARED);
    let new = |number| Obj::new(Churned { number, _counted: drops.one() });
    let slots: Vec<_> = (0..SHARED).map(|i| Mut::new(new(i))).collect();
    let weak: Vec<_> = slots.iter().map(|slot| Mut::new(slot.read(Obj::downgrade))).collect();
    thread::scope(|scope| {
        for seed in 1..=4 {
            let (slots, weak, new, made) = (&slots, &weak, &new, &made);
            scope.spawn(move || {
                let mut dice = Dice(seed);
                let mut mine: Vec<Obj<Churned>> = Vec::new();
                for _ in 0..30_000 {
                    let i = usize::try_from(dice.roll(SHARED as u64)).unwrap();
                    match dice.roll(8) {
                        0 => mine.push(slots[i].get()),
                        1 => drop(mine.pop()),
                        2 => weak[i].set(slots[i].read(Obj::downgrade)),
                        3 => mine.extend(weak[i].get().upgrade()),
                        4 => {
                            slots[i].set(new(i));
                            made.fetch_add(1, Ordering::Relaxed);
                        }
                        5 => mine.extend(mine.last().cloned()),
                        6 => mine.truncate(4),
                        _ => {
                            // Whether it is exclusive is a matter of luck; that nobody else reads it then is not.
                            if let Some(leaf) = mine.last_mut().and_then(Obj::get_mut) {
                                leaf.number += SHARED;
                            }
                        }
                    }
                    assert!(mine.iter().all(|leaf| leaf.number < usize::MAX / 2));
                }
            });
        }
    });
    assert_eq!(drops.count() + SHARED, made.load(Ordering::Relaxed));
    drop(slots);
    assert_eq!(drops.count(), made.load(Ordering::Relaxed));
    assert!(weak.iter().all(|w| w.get().upgrade().is_none()));
    assert_eq!(live_objects(Churned::TYPE), 0);
}

#[test]
fn the_last_of_two_owners_destroys_whoever_it_is() {
    let drops = Drops::default();
    let (send, receive) = mpsc::channel::<AnyObj>();
    let other = thread::spawn(move || receive.into_iter().for_each(drop));
    for number in 0..20_000 {
        let leaf = Obj::new(Leaf { number, _counted: drops.one() });
        send.send(leaf.clone().into_any()).unwrap();
        drop(leaf);
    }
    drop(send);
    other.join().unwrap();
    assert_eq!(drops.count(), 20_000);
}

#[test]
fn upgrade_against_the_last_drop() {
    let drops = Drops::default();
    let barrier = Barrier::new(2);
    let slot = Mut::new(WeakObj::<Leaf>::new());
    let upgraded = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..3_000 {
                let leaf = Obj::new(Leaf { number, _counted: drops.one() });
                slot.set(leaf.downgrade());
                barrier.wait();
                drop(leaf);
                barrier.wait();
            }
        });
        for number in 0..3_000 {
            barrier.wait();
            let weak = slot.get();
            if let Some(leaf) = weak.upgrade() {
                assert_eq!(leaf.number, number);
                upgraded.fetch_add(1, Ordering::Relaxed);
            }
            barrier.wait();
            assert!(weak.upgrade().is_none());
        }
    });
    assert_eq!(drops.count(), 3_000);
}

#[test]
fn exclusive_access_is_exclusive() {
    struct Cell(usize);
    object!(Cell);
    let stop = AtomicBool::new(false);
    let slot = Mut::new(Obj::new(Cell(0)));
    let grants = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let weak = slot.get().downgrade();
                    if let Some(cell) = weak.upgrade() {
                        let seen = cell.0;
                        std::hint::spin_loop();
                        assert_eq!(seen, cell.0);
                    }
                }
            });
        }
        for _ in 0..20_000 {
            // Under the lock others cannot get a new owner, only upgrade what they have.
            slot.with(|cell| {
                if let Some(cell) = cell.get_mut() {
                    cell.0 += 1;
                    grants.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(slot.get().0, grants.load(Ordering::Relaxed));
}

#[test]
fn lists_are_changed_by_many_threads() {
    let list = Obj::new(List::<usize>::new());
    thread::scope(|scope| {
        for t in 0..4 {
            let list = list.clone();
            scope.spawn(move || {
                for i in 0..5_000 {
                    list.push(t * 5_000 + i);
                    if i % 10 == 9 {
                        list.extend([list.pop().unwrap()]);
                    }
                }
            });
        }
    });
    let mut all = list.to_vec();
    all.sort_unstable();
    assert_eq!(all, (0..20_000).collect::<Vec<_>>());
}
