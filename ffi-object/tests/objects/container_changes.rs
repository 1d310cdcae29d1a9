//! Functions of containers that take closures, and what runs while a container is locked: nothing of the user's.

use ffi_object::{List, Map, Obj, OrderedMap, WeakObj};

use crate::support::object;

type Rows = Obj<List<Obj<Row>>>;

/// An element that looks at its list when it ends.
struct Row {
    of: Option<WeakObj<List<Obj<Row>>>>,
}
object!(Row);

impl Drop for Row {
    fn drop(&mut self) {
        if let Some(rows) = self.of.as_ref().and_then(WeakObj::upgrade) {
            // Waits forever if the list is locked.
            let _ = rows.len();
        }
    }
}

fn row(rows: &Rows) -> Obj<Row> {
    Obj::new(Row { of: Some(rows.downgrade()) })
}

#[test]
fn elements_end_while_nothing_is_locked() {
    let rows: Rows = Obj::default();
    rows.extend((0..20).map(|_| row(&rows)));
    rows.retain(|_| false);
    rows.extend((0..20).map(|_| row(&rows)));
    drop(rows.replace(0, row(&rows)));
    assert!(rows.replace(100, row(&rows)).is_err());
    drop((rows.remove(0), rows.pop()));
    let mut left = rows.len();
    rows.retain(|_| {
        left -= 1;
        left % 2 == 0
    });
    assert_eq!(rows.len(), 9);
    rows.clear();
}

#[test]
fn closures_may_use_the_container() {
    let list: Obj<List<i64>> = Obj::new([3, 1, 2].into_iter().collect());
    list.sort_by(|a, b| {
        assert_eq!(list.len(), 3);
        b.cmp(a)
    });
    assert_eq!(list.to_vec(), [3, 2, 1]);
    list.sort_by_key(|n| (list.contains(n), *n));
    list.retain(|n| list.get(0).is_some_and(|first| *n > first));
    assert_eq!(list.to_vec(), [2, 3]);
    list.sort();

    let map: Obj<Map<String, i64>> = Obj::default();
    assert_eq!(map.get_or_insert_with("a".into(), || map.len() as i64), 0);
    assert_eq!(map.get_or_insert_with("a".into(), || unreachable!()), 0);
    // What the closure itself puts in stays.
    let made = map.get_or_insert_with("b".into(), || {
        map.insert("b".into(), 7);
        8
    });
    assert_eq!((made, map.len()), (7, 2));
    map.retain(|key, _| map.contains_key(key) && key != "a");
    assert_eq!(map.update("b".into(), |old| old.map(|n| n + map.len() as i64)), Some(8));
    map.extend([("c".into(), 1), ("b".into(), 2)]);
    assert_eq!((map.keys(), map.values()), (vec!["b".into(), "c".into()], vec![2, 1]));
    assert_eq!((map.pop(), map.len()), (Some(("c".into(), 1)), 1));
}

#[test]
fn what_other_threads_change_meanwhile_is_not_lost() {
    let counts: Obj<Map<i64, i64>> = Obj::default();
    let list: Obj<List<i64>> = Obj::default();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (counts, list) = (&counts, &list);
            scope.spawn(move || {
                for i in 0..500 {
                    counts.update(i % 7, |count| Some(count.unwrap_or(0) + 1));
                    list.push(thread * 1000 + i);
                    if i % 10 == 0 {
                        list.sort_by(|a, b| b.cmp(a));
                        list.retain(|n| n % 10 != 9);
                        counts.retain(|_, count| *count > 0);
                    }
                }
            });
        }
    });
    assert_eq!(counts.values().iter().sum::<i64>(), 2000);
    list.retain(|n| n % 10 != 9);
    list.sort();
    let expected: Vec<i64> =
        (0..4).flat_map(|thread| (0..500).map(move |i| thread * 1000 + i)).filter(|n| n % 10 != 9).collect();
    assert_eq!(list.to_vec(), expected);
}

#[test]
fn the_last_entry_comes_out_whatever_holes_there_are() {
    let mut map: OrderedMap<i64, i64> = OrderedMap::default();
    for i in 0..40 {
        map.insert(i, i);
    }
    for i in [39, 38, 5, 20] {
        map.remove(&i);
    }
    assert_eq!((map.pop(), map.get(&37)), (Some((37, 37)), None));
    map.insert(39, 0);
    assert_eq!((map.pop(), map.pop(), map.len()), (Some((39, 0)), Some((36, 36)), 34));
    let keys: Vec<_> = map.clone().iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, (0..36).filter(|i| ![5, 20].contains(i)).collect::<Vec<_>>());
    while map.pop().is_some() {}
    assert!(map.is_empty() && map.get(&0).is_none());
}
