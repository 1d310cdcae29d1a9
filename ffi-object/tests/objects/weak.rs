//! `WeakObj<T>`.

use std::sync::{Mutex, OnceLock};

use ffi_object::{Obj, WeakObj};

use crate::support::{object, Counted, Drops};

struct Node {
    parent: WeakObj<Node>,
    children: Mutex<Vec<Obj<Node>>>,
    _counted: Counted,
}
object!(Node);

fn node(drops: &Drops, parent: WeakObj<Node>) -> Obj<Node> {
    Obj::new(Node { parent, children: Mutex::default(), _counted: drops.one() })
}

#[test]
fn upgrades_while_the_object_lives() {
    let drops = Drops::default();
    let a = node(&drops, WeakObj::new());
    let weak = a.downgrade();
    let b = weak.upgrade().unwrap();
    assert_eq!((b.owners(), &a), (2, &b));
    drop((a, b));
    assert_eq!(drops.count(), 1);
    assert!(weak.upgrade().is_none() && weak.clone().upgrade().is_none());
}

#[test]
fn refers_to_nothing_at_first() {
    let none = WeakObj::<Node>::new();
    assert!(none.upgrade().is_none() && none.clone().upgrade().is_none());
    assert!(none.ptr_eq(&WeakObj::default()));
    assert_eq!(format!("{none:?}"), "(weak, to nothing)");
    let drops = Drops::default();
    let a = node(&drops, WeakObj::new());
    let weak = a.downgrade();
    assert!(weak.ptr_eq(&weak.clone()) && weak.ptr_eq(&a.downgrade()) && !weak.ptr_eq(&none));
    let text = format!("{weak:?}");
    assert_eq!(text, format!("(weak Node at {:?})", a.as_raw()));
    drop(a);
    assert_eq!(format!("{weak:?}"), text);
}

#[test]
fn a_cycle_with_a_weak_edge_is_freed() {
    let drops = Drops::default();
    let root = node(&drops, WeakObj::new());
    for _ in 0..10 {
        let child = node(&drops, root.downgrade());
        child.children.lock().unwrap().push(node(&drops, child.downgrade()));
        root.children.lock().unwrap().push(child);
    }
    let grandchild = root.children.lock().unwrap()[3].children.lock().unwrap()[0].clone();
    assert_eq!(grandchild.parent.upgrade().unwrap().parent.upgrade().unwrap(), root);
    drop(root);
    assert_eq!(drops.count(), 20);
    assert!(grandchild.parent.upgrade().is_none());
    drop(grandchild);
    assert_eq!(drops.count(), 21);
}

#[test]
fn an_object_that_refers_to_itself_finds_itself_dead_while_it_is_dropped() {
    static SEEN: OnceLock<(bool, bool)> = OnceLock::new();
    struct Me(OnceLock<WeakObj<Me>>);
    object!(Me);
    impl Drop for Me {
        fn drop(&mut self) {
            let me = self.0.get().unwrap();
            // References that are made and dropped now must not free the memory under this destructor.
            let more: Vec<_> = (0..10).map(|_| me.clone()).collect();
            let alive = more.iter().any(|w| w.upgrade().is_some());
            drop(more);
            drop(self.0.take());
            SEEN.set((alive, true)).unwrap();
        }
    }
    let me = Obj::new(Me(OnceLock::new()));
    me.0.set(me.downgrade()).ok().unwrap();
    drop(me);
    assert_eq!(SEEN.get(), Some(&(false, true)));
}

#[test]
fn a_derived_object_is_freed_by_a_weak_reference_to_its_base() {
    #[repr(C)]
    struct Base(u64);
    object!(Base);
    #[repr(C, align(64))]
    struct Derived(Base, [u8; 1000]);
    object!(Derived: Base);
    let derived = Obj::new(Derived(Base(1), [2; 1000]));
    let base = derived.clone().upcast();
    let weak = base.downgrade();
    assert!(weak.upgrade().is_some_and(|o| o.0 == 1));
    assert_eq!(derived.1[999], 2);
    drop((derived, base));
    assert!(weak.upgrade().is_none());
}
