//! `Set`: what sets do, how open ones are bound, and that nothing of the user's runs while one is locked.

use std::collections::HashSet;
use std::sync::Barrier;

use ffi_object::__private::{RawList, RawMap, RawSet};
use ffi_object::visit::{self, Place};
use ffi_object::{structural, Any, AnyObj, Error, FfiObject, List, Obj, Set, WeakObj};

use crate::support::object;

fn bind<T: FfiObject>(object: &AnyObj) -> Result<&T, Error> {
    // SAFETY: the owner keeps the object alive as long as it is borrowed.
    unsafe { object.as_raw().cast_ref::<T>() }
}

fn open_set(elements: impl IntoIterator<Item = Any>) -> AnyObj {
    let set = RawSet::open_value();
    set.extend(elements);
    Obj::new(set).into_any()
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn sets_do_what_sets_do() {
    let set: Obj<Set<i64>> = Obj::new([3, 1, 2, 1].into_iter().collect());
    assert_eq!((set.to_vec(), set.len(), set.is_empty()), (vec![3, 1, 2], 3, false));
    assert_eq!((set.insert(9), set.insert(3), set.contains(&9), set.get(&7)), (true, false, true, None));
    assert_eq!((set.remove(&3), set.remove(&3), set.take(&1), set.pop()), (true, false, Some(1), Some(9)));
    set.extend([5, 2, 5]);
    assert_eq!(set.into_iter().rev().collect::<Vec<_>>(), [5, 2]);
    assert_eq!(set.with(|elements| elements.pop()), Some((5, ())));
    assert_eq!(format!("{:?}", *set), "Set[int] of 1");
    set.clear();
    assert_eq!((set.pop(), Set::<i64>::default().len()), (None, 0));
    let mut words: Set<String> = Set::new();
    Extend::extend(&mut words, ["sea".into(), "sky".into()]);
    assert!(words.contains("sea") && words.remove("sky") && words.get("sea").is_some());
}

#[test]
fn operations_keep_the_order_and_the_elements_of_the_first() {
    let (a, b): (Set<i64>, Set<i64>) = ([4, 3, 2, 1].into_iter().collect(), [1, 9, 3].into_iter().collect());
    assert_eq!(a.union(&b).to_vec(), [4, 3, 2, 1, 9]);
    assert_eq!(a.intersection(&b).to_vec(), [3, 1]);
    assert_eq!(a.difference(&b).to_vec(), [4, 2]);
    assert_eq!(a.symmetric_difference(&b).to_vec(), [4, 2, 9]);
    assert_eq!((a.union(&a).len(), a.difference(&a).len(), a.symmetric_difference(&a).len()), (4, 0, 0));
    let part: Set<i64> = [3, 4].into_iter().collect();
    assert!(part.is_subset(&a) && a.is_superset(&part) && !a.is_subset(&part) && a.is_subset(&a));
    assert!(part.is_disjoint(&a.difference(&part)) && !part.is_disjoint(&a) && Set::new().is_subset(&b));

    let numbers: Set<Any> = [Any::from(1)].into_iter().collect();
    assert!(!numbers.insert(Any::from(1.0)));
    let same = numbers.intersection(&[Any::from(true)].into_iter().collect());
    assert_eq!((same.pop().unwrap().type_name(), numbers.pop().unwrap().type_name()), ("int", "int"));
}

#[test]
fn an_open_set_is_bound_by_the_first_who_wants_its_type() {
    let set = open_set(["b".into(), "a".into(), "b".into()]);
    let raw = RawSet::of(&set).unwrap();
    assert_eq!((raw.type_name(), raw.len(), raw.is_empty()), ("Set[object]".into(), 2, false));
    assert_eq!(message(bind::<Set<i64>>(&set)), "Set[int] element: expected int, got str");
    let copy = raw.copy().unwrap();
    let words = bind::<Set<String>>(&set).unwrap();
    assert_eq!((words.to_vec(), raw.type_name()), (vec!["b".into(), "a".into()], "Set[str]".into()));
    assert_eq!(message(bind::<Set<i64>>(&set)), "expected Set[int], got Set[str]");
    assert_eq!(message(bind::<List<Any>>(&set)), "expected List, got Set");
    assert!(bind::<Set<Any>>(&copy).is_ok(), "the copy was open");
    assert!(RawList::of(&set).is_none() && RawMap::of(&set).is_none());
}

#[test]
fn many_threads_may_bind_at_once() {
    for _ in 0..100 {
        let set = open_set((0..50).map(Any::from));
        let barrier = Barrier::new(3);
        let bound = std::thread::scope(|scope| {
            let whole = scope.spawn(|| {
                barrier.wait();
                bind::<Set<i64>>(&set).is_ok()
            });
            let any = scope.spawn(|| {
                barrier.wait();
                bind::<Set<Any>>(&set).is_ok()
            });
            barrier.wait();
            (whole.join().unwrap(), any.join().unwrap())
        });
        assert!(bound.0 != bound.1, "one of them wins");
        assert_eq!(RawSet::of(&set).unwrap().len(), 50);
    }
}

#[test]
fn sets_are_structurally_equal_in_any_order() {
    let make = |elements: &[i64]| Obj::new(elements.iter().copied().collect::<Set<i64>>());
    let (a, b, c) = (make(&[1, 2, 3]), make(&[3, 1, 2]), make(&[1, 2]));
    assert!(structural::equal(&a, &b).unwrap() && !structural::equal(&a, &c).unwrap());
    assert_eq!(structural::hash(&a).unwrap(), structural::hash(&b).unwrap());
    assert_ne!(structural::hash(&a).unwrap(), structural::hash(&c).unwrap());
    // Objects are elements by identity.
    let of = |row: &Obj<Row>| Obj::new([row.clone()].into_iter().collect::<Set<_>>());
    let (one, other) = (Obj::new(Row { of: None }), Obj::new(Row { of: None }));
    assert!(structural::equal(&of(&one), &of(&one)).unwrap() && !structural::equal(&of(&one), &of(&other)).unwrap());
}

#[test]
fn passes_see_elements_and_write_others_in_their_places() {
    let set = Obj::new([1, 2].into_iter().collect::<Set<i64>>());
    let parts = visit::parts(&set).unwrap();
    assert_eq!(parts, [1, 2].map(|i| (Place::Element(Any::from(i)), Any::from(i))));
    visit::set(&set, &parts[0].0, &Any::from(7)).unwrap();
    visit::set(&set, &parts[1].0, &Any::from(2.0)).unwrap();
    assert_eq!(set.to_vec(), [2, 7]);
    assert!(message(visit::set(&set, &parts[1].0, &Any::from("x"))).contains("Set[int] element: expected int, got str"));
    assert!(message(visit::set(&Obj::new(Row { of: None }), &parts[1].0, &Any::from(1))).contains("have no elements"));
    assert_eq!(set.to_vec(), [2, 7]);
    // What is walked leads through sets.
    let row = Obj::new(Row { of: None });
    let rows = Obj::new([row.clone()].into_iter().collect::<Set<_>>());
    let met = visit::walk(&rows).filter(|step| matches!(step, Ok(visit::Step::Enter(_)))).count();
    assert_eq!(met, 2);
}

type Rows = Obj<Set<Obj<Row>>>;

/// An element that looks at its set when it ends.
struct Row {
    of: Option<WeakObj<Set<Obj<Row>>>>,
}
object!(Row);

impl Drop for Row {
    fn drop(&mut self) {
        if let Some(rows) = self.of.as_ref().and_then(WeakObj::upgrade) {
            // Waits forever if the set is locked.
            let _ = rows.len();
        }
    }
}

#[test]
fn elements_end_while_nothing_is_locked() {
    let rows: Rows = Obj::default();
    let fill = || rows.extend((0..20).map(|_| Obj::new(Row { of: Some(rows.downgrade()) })));
    fill();
    rows.retain(|_| false);
    assert!(rows.is_empty());
    fill();
    let first = rows.iter().next().unwrap();
    rows.remove(&first);
    drop((first, rows.pop(), rows.pop()));
    let mut left = rows.len();
    rows.retain(|row| {
        left -= 1;
        assert!(rows.contains(row));
        left % 2 == 0
    });
    assert_eq!(rows.len(), 9);
    rows.with(|rows| assert_eq!(rows.keys().count(), 9));
    rows.clear();
}

#[test]
fn what_other_threads_change_meanwhile_is_not_lost() {
    let set: Set<i64> = Set::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let set = &set;
            scope.spawn(move || {
                for i in 0..500 {
                    set.insert(thread * 1000 + i);
                    if i % 10 == 0 {
                        set.retain(|n| n % 10 != 9);
                        let _ = (set.union(set), set.is_subset(set), set.is_disjoint(set));
                    }
                }
            });
        }
    });
    set.retain(|n| n % 10 != 9);
    let expected: HashSet<i64> =
        (0..4).flat_map(|thread| (0..500).map(move |i| thread * 1000 + i)).filter(|n| n % 10 != 9).collect();
    assert_eq!(set.iter().collect::<HashSet<_>>(), expected);
}
