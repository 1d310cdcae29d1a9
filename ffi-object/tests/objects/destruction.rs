//! The end of objects: without recursion, past panics, and while other things end.

use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;
use std::thread;

use ffi_object::{live_objects, AnyObj, FfiObject, List, Mut, Obj, WeakObj};

use crate::support::{object, on_a_small_stack, Counted, Drops};

struct Link {
    next: Option<AnyObj>,
    _counted: Counted,
}
object!(Link);

fn chain(length: usize, drops: &Drops) -> Obj<Link> {
    let mut head = Obj::new(Link { next: None, _counted: drops.one() });
    for _ in 1..length {
        head = Obj::new(Link { next: Some(head.into_any()), _counted: drops.one() });
    }
    head
}

#[test]
fn a_long_list_drops_on_a_small_stack() {
    struct Node(#[expect(dead_code, reason = "dropped")] Option<Obj<Node>>);
    object!(Node);
    on_a_small_stack(|| {
        let head = (0..1_000_000).fold(None, |next, _| Some(Obj::new(Node(next))));
        assert_eq!(live_objects(Node::TYPE), 1_000_000);
        drop(head);
        assert_eq!(live_objects(Node::TYPE), 0);
    });
}

#[test]
fn a_long_list_of_mixed_types_drops_on_a_small_stack() {
    struct Fat {
        _next: Mut<Option<AnyObj>>,
        _bulk: [u64; 60],
        _counted: Counted,
    }
    object!(Fat);
    on_a_small_stack(|| {
        let drops = Drops::default();
        let mut head: AnyObj = chain(1, &drops).into_any();
        for i in 0..100_000 {
            head = match i % 3 {
                0 => Obj::new(Fat { _next: Mut::new(Some(head)), _bulk: [0; 60], _counted: drops.one() }).into_any(),
                1 => Obj::new(Link { next: Some(head), _counted: drops.one() }).into_any(),
                _ => Obj::new(List::from(vec![head])).into_any(),
            };
        }
        drop(head);
        assert_eq!(drops.count(), 66_668);
    });
}

#[test]
fn a_tree_both_wide_and_deep_drops_whole() {
    struct Tree(
        #[expect(dead_code, reason = "dropped")] Vec<Obj<Tree>>,
        #[expect(dead_code, reason = "dropped")] Counted,
    );
    object!(Tree);
    on_a_small_stack(|| {
        let drops = Drops::default();
        let mut tree = Obj::new(Tree(vec![], drops.one()));
        for depth in 0..10_000 {
            let mut children: Vec<_> = (0..depth % 7).map(|_| Obj::new(Tree(vec![], drops.one()))).collect();
            children.insert(children.len() / 2, tree);
            tree = Obj::new(Tree(children, drops.one()));
        }
        let all = 10_001 + (0..10_000).map(|d| d % 7).sum::<usize>();
        assert_eq!(live_objects(Tree::TYPE), all);
        drop(tree);
        assert_eq!((drops.count(), live_objects(Tree::TYPE)), (all, 0));
    });
}

#[test]
fn a_list_that_weak_references_point_into_drops_whole() {
    on_a_small_stack(|| {
        let drops = Drops::default();
        let head = chain(10_000, &drops);
        let mut weak = Vec::new();
        let mut here = Some(head.clone());
        while let Some(link) = here {
            weak.push(link.downgrade());
            here = link.next.clone().map(|next| next.downcast().unwrap());
        }
        let middle = weak[5_000].upgrade().unwrap();
        drop(head);
        assert_eq!(drops.count(), 5_000);
        assert!(weak[4_999].upgrade().is_none() && weak[5_001].upgrade().is_some());
        drop(middle);
        assert_eq!(drops.count(), 10_000);
        assert!(weak.iter().all(|w| w.upgrade().is_none()));
    });
}

struct Bomb {
    rest: Option<AnyObj>,
    _counted: Counted,
}
object!(Bomb);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor");
    }
}

#[test]
fn a_destructor_that_panics_drops_and_frees_the_rest() {
    let drops = Drops::default();
    let bomb = Obj::new(Bomb { rest: Some(chain(1_000, &drops).into_any()), _counted: drops.one() });
    let weak = bomb.downgrade();
    assert!(bomb.rest.is_some());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(bomb))).is_err());
    assert_eq!(drops.count(), 1_001);
    assert!(weak.upgrade().is_none());
    assert_eq!(live_objects(Bomb::TYPE), 0);
}

#[test]
fn destructors_that_panic_during_a_panic_do_not_end_the_process() {
    let drops = Drops::default();
    let bomb = |rest| Obj::new(Bomb { rest, _counted: drops.one() }).into_any();
    let nested = bomb(Some(bomb(Some(chain(1, &drops).into_any()))));
    let all = vec![bomb(None), nested, chain(1, &drops).into_any(), bomb(None)];
    let weak: Vec<_> = all.iter().map(Obj::downgrade).collect();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(all))).is_err());
    assert!(weak.iter().all(|weak| weak.upgrade().is_none()));
    let among = catch_unwind(AssertUnwindSafe(|| {
        let _owners = (bomb(None), bomb(None));
        panic!("among owners");
    }));
    assert_eq!(among.unwrap_err().downcast_ref(), Some(&"among owners"));
    assert_eq!((drops.count(), live_objects(Bomb::TYPE)), (8, 0));
}

/// Where the panic comes from the list of those that wait, the rest of the list waits for the thread's next destruction.
#[test]
fn a_destructor_that_panics_deep_down_loses_nothing() {
    struct Deep(#[expect(dead_code, reason = "dropped")] Vec<AnyObj>);
    object!(Deep);
    struct Loud(#[expect(dead_code, reason = "dropped")] Counted);
    object!(Loud);
    impl Drop for Loud {
        fn drop(&mut self) {
            panic!("a destructor, deep down");
        }
    }
    on_a_small_stack(|| {
        let drops = Drops::default();
        // Deeper than destruction recurses, there is one that panics with one behind it that waits, and one before.
        let quiet = || chain(500, &drops).into_any();
        let mut all: AnyObj = Obj::new(Deep(vec![quiet(), Obj::new(Loud(drops.one())).into_any(), quiet()])).into_any();
        for _ in 0..200 {
            all = Obj::new(Deep(vec![all])).into_any();
        }
        assert!(catch_unwind(AssertUnwindSafe(|| drop(all))).is_err());
        drop(chain(1, &drops));
        assert_eq!((drops.count(), live_objects(Deep::TYPE)), (1_002, 0));
    });
}

#[test]
fn a_destructor_may_create_and_drop_objects() {
    struct Busy {
        more: usize,
        drops: Drops,
        kept: Obj<List<AnyObj>>,
        _counted: Counted,
    }
    object!(Busy);
    impl Drop for Busy {
        fn drop(&mut self) {
            drop(chain(200, &self.drops));
            if let Some(more) = self.more.checked_sub(1) {
                drop(Obj::new(Busy {
                    more,
                    drops: self.drops.clone(),
                    kept: self.kept.clone(),
                    _counted: self.drops.one(),
                }));
                self.kept.push(chain(1, &self.drops).into_any());
            }
        }
    }
    let drops = Drops::default();
    let kept = Obj::new(List::new());
    drop(Obj::new(Busy { more: 100, drops: drops.clone(), kept: kept.clone(), _counted: drops.one() }));
    assert_eq!((drops.count(), kept.len(), kept.owners()), (101 * 201, 100, 1));
    kept.clear();
    assert_eq!(drops.count(), 101 * 201 + 100);
}

#[test]
fn an_object_may_take_itself_out_of_a_registry() {
    static REGISTRY: Mutex<Vec<WeakObj<Entry>>> = Mutex::new(Vec::new());
    struct Entry;
    object!(Entry);
    impl Drop for Entry {
        fn drop(&mut self) {
            REGISTRY.lock().unwrap().retain(|weak| weak.upgrade().is_some());
        }
    }
    let mut all: Vec<_> = (0..100).map(|_| Obj::new(Entry)).collect();
    REGISTRY.lock().unwrap().extend(all.iter().map(Obj::downgrade));
    for left in (0..100).rev() {
        drop(all.swap_remove(left / 2));
        assert_eq!(REGISTRY.lock().unwrap().len(), left);
    }
}

#[test]
fn threads_that_end_drop_what_their_locals_hold() {
    thread_local!(static KEPT: RefCell<Vec<AnyObj>> = const { RefCell::new(Vec::new()) });
    struct Last(Drops, #[expect(dead_code, reason = "dropped")] Counted);
    object!(Last);
    impl Drop for Last {
        fn drop(&mut self) {
            // Creates, drops and counts objects while the thread's locals are destroyed.
            drop(chain(10_000, &self.0));
        }
    }
    let drops = Drops::default();
    for before in [true, false] {
        let given = drops.clone();
        thread::spawn(move || {
            if before {
                // The thread's first object comes before its local, so its counters go after, or the other way round.
                drop(chain(1, &given));
            }
            KEPT.with_borrow_mut(|kept| {
                kept.push(Obj::new(Last(given.clone(), given.one())).into_any());
                kept.push(chain(10_000, &given).into_any());
            });
        })
        .join()
        .unwrap();
    }
    assert_eq!(drops.count(), 2 * 20_001 + 1);
    assert_eq!(live_objects(Last::TYPE), 0);
}
