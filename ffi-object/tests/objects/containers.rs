//! `List` and `Map`, and how open ones are bound.

use ffi_object::__private::{RawList, RawMap};
use ffi_object::{Any, AnyObj, Error, FfiObject, List, Map, Obj, Slice};

use crate::support::{object, Counted, Drops};

struct Leaf(#[expect(dead_code, reason = "dropped")] Counted);
object!(Leaf);

/// What a frontend does when Rust wants an open container as one of certain types.
fn bind<T: FfiObject>(object: &AnyObj) -> Result<&T, Error> {
    // SAFETY: the owner keeps the object alive as long as it is borrowed.
    unsafe { object.as_raw().cast_ref::<T>() }
}

fn open_list(items: impl IntoIterator<Item = Any>) -> AnyObj {
    let list = RawList::open_value();
    list.extend(items);
    Obj::new(list).into_any()
}

fn open_map(entries: impl IntoIterator<Item = (Any, Any)>) -> AnyObj {
    let map = RawMap::open_value();
    for (key, value) in entries {
        map.insert(key, value);
    }
    Obj::new(map).into_any()
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn lists_do_what_vectors_do() {
    let list: Obj<List<i64>> = Obj::new((0..5).collect());
    list.push(5);
    list.insert(0, -1);
    list.insert(100, 6);
    assert_eq!(list.to_vec(), [-1, 0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((list.get(1), list.get(8), list.len(), list.is_empty()), (Some(0), None, 8, false));
    assert_eq!((list.replace(0, 9), list.replace(8, 9)), (Ok(-1), Err(9)));
    assert_eq!((list.remove(0), list.remove(7), list.pop()), (Some(9), None, Some(6)));
    list.extend(list.iter().map(|i| i * 10));
    assert_eq!(list.into_iter().rev().take(2).collect::<Vec<_>>(), [50, 40]);
    assert_eq!(list.with(|items| items.drain(2..).count()), 10);
    assert_eq!(format!("{:?}", *list), "List[int] of 2");
    list.clear();
    assert_eq!((list.pop(), List::<f64>::default().len()), (None, 0));
}

#[test]
fn lists_own_their_elements() {
    let drops = Drops::default();
    let list: Obj<List<Obj<Leaf>>> = Obj::default();
    for _ in 0..10 {
        list.push(Obj::new(Leaf(drops.one())));
    }
    let kept = list.get(3).unwrap();
    assert!(kept.owners() == 2 && list.get(3) == Some(kept.clone()));
    drop(list.remove(0));
    assert_eq!(drops.count(), 1);
    drop(list);
    assert_eq!((drops.count(), kept.owners()), (9, 1));
}

#[test]
fn maps_keep_the_order_of_insertion() {
    let map: Obj<Map<String, i64>> = Obj::new([("b".into(), 1), ("a".into(), 2)].into_iter().collect());
    assert_eq!((map.insert("c".into(), 3), map.insert("b".into(), 4)), (None, Some(1)));
    assert_eq!((map.keys(), map.values()), (vec!["b".into(), "a".into(), "c".into()], vec![4, 2, 3]));
    assert_eq!((map.remove("a"), map.remove("a"), map.get("a"), map.contains_key("b")), (Some(2), None, None, true));
    assert_eq!(map.into_iter().last(), Some(("c".into(), 3)));
    assert_eq!(format!("{:?}", *map), "Map[str, int] of 2");
    map.clear();
    assert!(map.is_empty() && map.iter().next().is_none());
}

#[test]
fn an_open_list_is_bound_by_the_first_who_wants_a_type() {
    let list = open_list([1.into(), 2.5.into(), true.into()]);
    let raw = RawList::of(&list).unwrap();
    assert_eq!(raw.item_name(), "object");
    let numbers = list.clone().downcast::<List<f64>>().unwrap();
    assert_eq!(numbers.to_vec(), [1.0, 2.5, 1.0]);
    assert_eq!((raw.item_name(), raw.len()), ("float".into(), 3));
    numbers.push(4.0);
    assert!(list.downcast_ref::<List<f64>>().is_some() && list.downcast_ref::<List<Any>>().is_none());
    assert_eq!(message(bind::<List<i64>>(&list)), "expected List[int], got List[float]");
    assert_eq!((raw.len(), list.owners()), (4, 2));
}

#[test]
fn a_list_that_does_not_fit_stays_open() {
    let list = open_list(["a".into(), 1.into()]);
    assert_eq!(message(bind::<List<String>>(&list)), "List[str] item 1: expected str, got int");
    assert_eq!(message(bind::<List<Obj<Leaf>>>(&list)), "List[Leaf] item 0: expected Leaf, got str");
    assert_eq!(RawList::of(&list).unwrap().item_name(), "object");
    assert_eq!(bind::<List<Any>>(&list).unwrap().to_vec(), ["a".into(), Any::from(1)]);
    assert_eq!(message(bind::<List<String>>(&list)), "expected List[str], got List[object]");
    assert_eq!(message(bind::<Map<Any, Any>>(&list)), "expected Map, got List");
    let large = open_list([300.into()]);
    assert_eq!(message(bind::<List<u8>>(&large)), "List[int] item 0: int out of range for u8");
}

#[test]
fn an_empty_open_list_fits_everything_once() {
    let list = RawList::open();
    bind::<List<Obj<Leaf>>>(&list).unwrap();
    assert_eq!(message(bind::<List<String>>(&list)), "expected List[str], got List[Leaf]");
    let more = RawList::of(&list).unwrap().empty_like().unwrap();
    assert_eq!(RawList::of(&more).unwrap().item_name(), "Leaf");
}

#[test]
fn elements_that_are_open_are_bound_too() {
    let inner = open_list([1.into(), 2.into()]);
    let outer = open_list([Any::Object(inner.clone())]);
    let rows = outer.downcast::<List<Obj<List<f64>>>>().unwrap();
    assert_eq!(rows.get(0).unwrap().to_vec(), [1.0, 2.0]);
    assert!(rows.get(0).unwrap().ptr_eq(&inner));
    assert_eq!(RawList::of(&inner).unwrap().item_name(), "float");
}

/// No type of lists has itself for an element, so this binds to `object` only; it must not wait for itself either.
#[test]
fn a_list_may_contain_itself() {
    let list = open_list([]);
    let open: Obj<List<Any>> = {
        // SAFETY: open lists are lists of `Any`, and the owner is new.
        unsafe { Obj::from_raw(list.clone().into_raw()) }
    };
    open.push(Any::Object(list.clone()));
    assert_eq!(
        message(bind::<List<Obj<List<f64>>>>(&list)),
        "List[List] item 0: List[float] item 0: expected float, got List"
    );
    assert_eq!(RawList::of(&list).unwrap().item_name(), "object");
    let bound = list.downcast::<List<Any>>().unwrap();
    assert_eq!(bound.get(0), Some(bound.clone().into()));
    assert_eq!(bound.owners(), 3);
    bound.clear();
    drop(open);
    assert_eq!(bound.owners(), 1);
}

#[test]
fn slices_and_copies_have_the_type_of_what_they_come_from() {
    let list: Obj<List<f64>> = Obj::new([1.0, 2.0, 3.0].into_iter().collect());
    let any = list.clone().into_any();
    let raw = RawList::of(&any).unwrap();
    let slice = raw.slice(Slice::new(None, None, -2).unwrap()).unwrap();
    assert_eq!(bind::<List<f64>>(&slice).unwrap().to_vec(), [3.0, 1.0]);
    raw.reverse().unwrap();
    assert_eq!(list.to_vec(), [3.0, 2.0, 1.0]);
    raw.clear().unwrap();
    assert!(raw.is_empty() && !RawList::of(&slice).unwrap().is_empty());
    let map: Obj<Map<i64, Obj<List<f64>>>> = Obj::default();
    map.insert(1, list);
    let any = map.clone().into_any();
    let copy = RawMap::of(&any).unwrap().copy().unwrap().downcast::<Map<i64, Obj<List<f64>>>>().unwrap();
    map.clear();
    assert_eq!(copy.len(), 1);
    assert!(RawMap::of(copy.get(&1).unwrap().as_any()).is_none() && RawList::of(&any).is_none());
}

#[test]
fn an_open_map_is_bound_by_the_first_who_wants_its_types() {
    let map = open_map([("b".into(), 1.into()), ("a".into(), 2.into())]);
    let raw = RawMap::of(&map).unwrap();
    assert_eq!(raw.type_name(), "Map[object, object]");
    assert_eq!(message(bind::<Map<i64, i64>>(&map)), "Map[int, int] key: expected int, got str");
    assert_eq!(message(bind::<Map<String, String>>(&map)), "Map[str, str] value: expected str, got int");
    let numbers = bind::<Map<String, f64>>(&map).unwrap();
    assert_eq!((numbers.keys(), numbers.get("a")), (vec!["b".into(), "a".into()], Some(2.0)));
    assert_eq!((raw.type_name(), raw.len(), raw.is_empty()), ("Map[str, float]".into(), 2, false));
    assert_eq!(message(bind::<Map<String, i64>>(&map)), "expected Map[str, int], got Map[str, float]");
    assert_eq!(message(bind::<List<Any>>(&map)), "expected List, got Map");
}

#[test]
fn keys_that_are_equal_as_values_are_equal_as_keys() {
    let map = RawMap::open_value();
    map.insert(1.into(), "int".into());
    assert_eq!(map.insert(1.0.into(), "float".into()), Some("int".into()));
    assert_eq!((map.len(), map.get(&Any::from(true))), (1, Some("float".into())));
    let object = Obj::new(map).into_any();
    assert_eq!(bind::<Map<i64, String>>(&object).unwrap().get(&1), Some("float".into()));
}

#[test]
fn many_threads_may_bind_at_once() {
    use std::sync::Barrier;
    for _ in 0..200 {
        let list = open_list((0..50).map(Any::from));
        let barrier = Barrier::new(3);
        let bound = std::thread::scope(|scope| {
            let floats = scope.spawn(|| {
                barrier.wait();
                bind::<List<f64>>(&list).map(|l| l.iter().sum::<f64>()).is_ok_and(|sum| sum == 1225.0)
            });
            let ints = scope.spawn(|| {
                barrier.wait();
                bind::<List<i64>>(&list).map(|l| l.iter().sum::<i64>()).is_ok_and(|sum| sum == 1225)
            });
            barrier.wait();
            let copy = RawList::of(&list).unwrap().slice(Slice::ALL).unwrap();
            assert_eq!(RawList::of(&copy).unwrap().len(), 50);
            [floats.join().unwrap(), ints.join().unwrap()]
        });
        assert!(bound[0] != bound[1], "one of them, and only one");
    }
}
