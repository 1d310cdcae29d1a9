//! `Mut<T>`.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::thread;

use ffi_object::{Mut, Obj};

use crate::support::{object, Counted, Drops};

#[test]
fn values_go_in_and_out_whole() {
    let cell = Mut::new(vec![1]);
    assert_eq!(cell.replace(vec![2]), [1]);
    cell.set(vec![3]);
    cell.with(|v| v.push(4));
    assert_eq!((cell.get(), cell.read(Vec::len), cell.clone().into_inner()), (vec![3, 4], 2, vec![3, 4]));
    assert_eq!((cell.take(), cell.get()), (vec![3, 4], vec![]));
    let mut cell = Mut::from(1);
    *cell.get_mut() += 1;
    assert_eq!(format!("{cell:?} {:?}", Mut::<String>::default()), r#"Mut(2) Mut("")"#);
    assert_eq!(cell.with(|_| format!("{:?}", Mut::new(1).with(|_| ()))), "()");
}

#[test]
fn debug_does_not_wait() {
    let cell = Mut::new([1]);
    assert_eq!(cell.read(|_| format!("{cell:?}")), "Mut(<locked>)");
}

#[test]
fn what_fits_a_word_is_read_without_the_lock_and_written_when_the_change_is_done() {
    fn check<T: Copy + PartialEq + std::fmt::Debug + 'static>(old: T, new: T) {
        let cell = Mut::new(old);
        cell.with(|value| {
            assert_eq!((*value, cell.get(), cell.try_read(|value| *value)), (old, old, Some(old)));
            *value = new;
            assert_eq!((*value, cell.get(), cell.try_with(|_| ())), (new, old, None));
        });
        assert_eq!((cell.get(), cell.replace(old), cell.into_inner()), (new, new, old));
    }
    check(false, true);
    check('a', '\u{10ffff}');
    check(i8::MIN, i8::MAX);
    check(i16::MIN, i16::MAX);
    check(i32::MIN, i32::MAX);
    check(i64::MIN, i64::MAX);
    check(isize::MIN, isize::MAX);
    check(0, u8::MAX);
    check(0, u16::MAX);
    check(0, u32::MAX);
    check(0, u64::MAX);
    check(0, usize::MAX);
    check(0.5, f32::INFINITY);
    check(-0.5, f64::MAX);
}

#[test]
fn what_does_not_is_read_under_the_lock() {
    let (wide, pair, maybe) = (Mut::new(1_u128), Mut::new((1_u8, 2_u32)), Mut::new(Some(1_i32)));
    assert_eq!(wide.with(|_| wide.try_read(|value| *value)), None);
    assert_eq!(pair.with(|_| pair.try_read(|value| *value)), None);
    assert_eq!(maybe.with(|_| maybe.try_read(|value| *value)), None);
}

#[test]
fn of_two_writes_to_two_cells_one_is_seen_by_the_other_s_thread() {
    const ROUNDS: u64 = 20_000;
    let cells = [Mut::new(0_u64), Mut::new(0_u64)];
    let run = |own: &Mut<u64>, other: &Mut<u64>| {
        let round = |number| {
            own.set(number);
            let seen = other.get();
            while other.get() < number {
                std::hint::spin_loop();
            }
            seen
        };
        (1..=ROUNDS).map(round).collect::<Vec<_>>()
    };
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| run(&cells[0], &cells[1]));
        let second = run(&cells[1], &cells[0]);
        (first.join().unwrap(), second)
    });
    for ((number, first), second) in (1..).zip(first).zip(second) {
        assert!(first >= number || second >= number, "round {number}");
    }
}

#[test]
fn numbers_of_many_threads_are_all_counted_and_what_was_done_before_one_is_seen() {
    let (cell, told) = (Mut::new(0_u64), [const { AtomicU64::new(0) }; 4]);
    thread::scope(|scope| {
        for index in 0..4 {
            let (cell, told) = (&cell, &told);
            scope.spawn(move || {
                let mut last = 0;
                for _ in 0..20_000 {
                    cell.with(|value| {
                        told[index].fetch_add(1, Relaxed);
                        *value += 1;
                    });
                    let seen = cell.get();
                    assert!(seen > last);
                    assert!(told.iter().map(|told| told.load(Relaxed)).sum::<u64>() >= seen);
                    last = seen;
                }
            });
        }
    });
    assert_eq!(cell.get(), 80_000);
}

#[test]
fn what_is_set_while_a_number_is_changed_stays() {
    let cell = Mut::new(1);
    let changed = cell.with(|value| {
        cell.set(5);
        *value += 10;
        *value
    });
    assert_eq!((changed, cell.get()), (11, 5));
}

#[test]
fn who_sets_a_number_that_others_add_to_finds_no_less() {
    let (cell, done) = (Mut::new(0_u64), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    cell.with(|value| *value += 1);
                }
            });
        }
        let found: Vec<_> = (1..=20_000_u64).map(|round| (round << 32, cell.set(round << 32), cell.get())).collect();
        done.store(true, Relaxed);
        assert!(found.iter().all(|(set, (), found)| found >= set));
    });
}

#[test]
fn writes_of_many_threads_are_all_there() {
    let cell = Arc::new(Mut::new((0_u64, 0_u64)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    cell.with(|(a, b)| {
                        *a += 1;
                        *b += 2;
                    });
                    let (a, b) = cell.get();
                    assert_eq!(b, 2 * a);
                }
            });
        }
    });
    assert_eq!(cell.get(), (80_000, 160_000));
}

#[test]
fn a_panic_under_the_lock_leaves_the_cell_usable() {
    let cell = Mut::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        cell.with(|v| {
            *v = 2;
            panic!("in with");
        })
    }));
    assert!(panicked.is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| cell.read(|_| panic!("in read")))).is_err());
    assert_eq!(cell.replace(3), 2);
}

#[test]
fn what_is_replaced_is_dropped_outside_the_lock() {
    struct Back {
        cell: Arc<Mut<Option<Back>>>,
        _counted: Counted,
    }
    impl Drop for Back {
        fn drop(&mut self) {
            // Would wait for itself under the lock.
            self.cell.read(|now| assert!(now.is_none()));
        }
    }
    let drops = Drops::default();
    let cell = Arc::new(Mut::new(None));
    cell.set(Some(Back { cell: Arc::clone(&cell), _counted: drops.one() }));
    cell.set(None);
    cell.set(Some(Back { cell: Arc::clone(&cell), _counted: drops.one() }));
    drop(cell.take());
    assert_eq!((drops.count(), Arc::strong_count(&cell)), (2, 1));
}

#[test]
fn owners_go_through_a_cell_from_many_threads() {
    struct Leaf(#[expect(dead_code, reason = "dropped")] Counted);
    object!(Leaf);
    let drops = Drops::default();
    let cell = Mut::new(Obj::new(Leaf(drops.one())));
    thread::scope(|scope| {
        let churn = || {
            for i in 0..2_000 {
                let got = cell.get();
                if i % 3 == 0 {
                    cell.set(Obj::new(Leaf(drops.one())));
                }
                assert!(got.owners() > 0);
            }
        };
        let threads = [(); 4].map(|()| scope.spawn(churn));
        // ThreadSanitizer sees a thread that is joined, but not the end of a scope inside the standard library.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    drop(cell);
    assert_eq!(drops.count(), 1 + 4 * 667);
}
