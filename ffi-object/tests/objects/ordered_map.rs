//! `OrderedMap` against a model: a vector of pairs.

use ffi_object::OrderedMap;
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u8, u32),
    Remove(u8),
    Get(u8),
    Clear,
    Walk(usize),
}

fn op() -> impl Strategy<Value = Op> {
    // Few enough keys that they meet, more than enough that holes are closed.
    let key = 0_u8..60;
    prop_oneof![
        8 => (key.clone(), any::<u32>()).prop_map(|(k, v)| Op::Insert(k, v)),
        7 => key.clone().prop_map(Op::Remove),
        2 => key.prop_map(Op::Get),
        1 => (0_usize..100).prop_map(Op::Walk),
        1 => (0_u8..10).prop_map(|n| if n == 0 { Op::Clear } else { Op::Walk(0) }),
    ]
}

/// All entries that iteration by places gives from the start on.
fn walk(map: &OrderedMap<u8, u32>) -> Vec<(u8, u32)> {
    let mut all = Vec::new();
    let mut place = 0;
    while let Some((next, k, v)) = map.next_from(place) {
        assert!(next > place);
        place = next;
        all.push((*k, *v));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn behaves_as_a_vector_of_pairs(ops in vec(op(), 0..400)) {
        let mut map = OrderedMap::default();
        let mut model: Vec<(u8, u32)> = Vec::new();
        for op in ops {
            match op {
                Op::Insert(key, value) => {
                    let old = model.iter_mut().find(|(k, _)| *k == key).map(|(_, v)| std::mem::replace(v, value));
                    if old.is_none() {
                        model.push((key, value));
                    }
                    prop_assert_eq!(map.insert(key, value), old);
                }
                Op::Remove(key) => {
                    let place = model.iter().position(|(k, _)| *k == key);
                    prop_assert_eq!(map.remove(&key), place.map(|p| model.remove(p)));
                }
                Op::Get(key) => {
                    prop_assert_eq!(map.get(&key), model.iter().find(|(k, _)| *k == key).map(|(_, v)| v));
                }
                Op::Clear => {
                    map.clear();
                    model.clear();
                }
                Op::Walk(place) => {
                    prop_assert_eq!(walk(&map), model.clone());
                    if let Some((next, ..)) = map.next_from(place) {
                        prop_assert!(next > place);
                    }
                }
            }
            prop_assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
        }
        prop_assert_eq!(map.iter().rev().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(),
            model.iter().rev().copied().collect::<Vec<_>>());
        prop_assert_eq!(map.into_iter().collect::<Vec<_>>(), model);
    }
}

#[test]
fn a_removal_that_closes_holes_drops_what_it_should() {
    let drops = crate::support::Drops::default();
    let mut map = OrderedMap::default();
    for i in 0..1_000 {
        map.insert(i, drops.one());
    }
    for i in 0..1_000 {
        drop(map.remove(&i));
        assert_eq!(drops.count(), i + 1);
    }
    map.insert(1, drops.one());
    drop(map);
    assert_eq!(drops.count(), 1_001);
}

#[test]
fn a_queue_stays_small_and_fast() {
    let mut map = OrderedMap::default();
    for i in 0..200_000_u32 {
        map.insert(i, ());
        if i >= 10 {
            assert!(map.remove(&(i - 10)).is_some());
        }
        assert!(map.next_from(0).is_some_and(|(place, ..)| place < 40));
    }
}

#[test]
fn borrowed_keys_find_owned_ones() {
    let mut map = OrderedMap::default();
    map.insert(String::from("a"), 1);
    assert_eq!((map.get("a"), map.get("b")), (Some(&1), None));
    assert_eq!(map.remove("a"), Some(("a".into(), 1)));
}
