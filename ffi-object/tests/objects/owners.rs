//! `Obj<T>` as an owner: counts, identity, exclusive access, casts.

use std::collections::HashSet;

use ffi_object::{AnyObj, FfiObject, Obj, Object};

use crate::support::{object, Counted, Drops};

struct Leaf {
    number: i64,
    _counted: Option<Counted>,
}
object!(Leaf);

fn leaf(number: i64) -> Obj<Leaf> {
    Obj::new(Leaf { number, _counted: None })
}

#[test]
fn the_last_owner_drops_the_object_once() {
    let drops = Drops::default();
    let a = Obj::new(Leaf { number: 1, _counted: Some(drops.one()) });
    assert_eq!(a.owners(), 1);
    let b = a.clone();
    let all: Vec<_> = (0..100).map(|_| b.clone()).collect();
    assert_eq!(a.owners(), 102);
    drop(all);
    drop(a);
    assert_eq!((b.owners(), drops.count(), b.number), (1, 0, 1));
    drop(b);
    assert_eq!(drops.count(), 1);
}

#[test]
fn an_owner_may_go_through_a_raw_pointer() {
    let drops = Drops::default();
    let raw = Obj::new(Leaf { number: 5, _counted: Some(drops.one()) }).into_raw();
    assert_eq!(drops.count(), 0);
    // SAFETY: the owner was just given away.
    let back: Obj<Leaf> = unsafe { Obj::from_raw(raw) };
    assert_eq!((back.number, back.owners(), back.as_raw() == raw), (5, 1, true));
    drop(back);
    assert_eq!(drops.count(), 1);
}

#[test]
fn equality_and_hash_are_those_of_identity() {
    let (a, b) = (leaf(1), leaf(1));
    assert_eq!(a, a.clone());
    assert_ne!(a, b);
    assert!(a.ptr_eq(a.clone().as_any()));
    let set: HashSet<_> = [a.clone(), a.clone(), b].into();
    assert_eq!(set.len(), 2);
    assert!(set.contains(&a));
}

#[test]
fn exclusive_access_needs_the_only_owner_and_no_weak_reference() {
    let mut a = leaf(1);
    a.get_mut().unwrap().number = 2;
    let b = a.clone();
    assert!(a.get_mut().is_none());
    drop(b);
    let weak = a.downgrade();
    assert!(a.get_mut().is_none());
    let also = weak.clone();
    drop(weak);
    assert!(a.get_mut().is_none());
    drop(also);
    a.get_mut().unwrap().number += 1;
    assert_eq!(a.number, 3);
    assert!(!a.is_wrapped());
}

#[test]
fn debug_says_type_and_address() {
    let a = leaf(1);
    assert_eq!(format!("{a:?}"), format!("Leaf at {:?}", a.as_raw()));
    assert_eq!(format!("{:?}", a.as_any()), format!("{a:?}"));
}

#[repr(C)]
struct Shape {
    name: String,
}
object!(Shape);

#[repr(C)]
struct Circle {
    shape: Shape,
    radius: f64,
    _counted: Counted,
}
object!(Circle: Shape);

#[repr(C)]
struct Disc {
    circle: Circle,
    filled: bool,
}
object!(Disc: Circle);

fn circle(drops: &Drops) -> Circle {
    Circle { shape: Shape { name: "unit".into() }, radius: 1.0, _counted: drops.one() }
}

#[test]
fn casts_go_up_freely_and_down_to_what_the_object_is() {
    let drops = Drops::default();
    let disc = Obj::new(Disc { circle: circle(&drops), filled: true });
    let raw = disc.as_raw();
    let circle: Obj<Circle> = disc.upcast();
    let shape: Obj<Shape> = circle.upcast();
    assert_eq!((shape.name.as_str(), shape.type_info().name, shape.owners()), ("unit", "Disc", 1));
    let root: Obj<Object> = shape.upcast();
    let any: AnyObj = root.upcast().into_any();
    assert!(any.is::<Object>() && any.is::<Shape>() && any.is::<Circle>() && any.is::<Disc>() && !any.is::<Leaf>());
    let any = any.downcast::<Leaf>().unwrap_err();
    let disc = any.downcast::<Disc>().unwrap();
    assert!(disc.filled && disc.circle.radius == 1.0 && disc.as_raw() == raw && disc.owners() == 1);
    drop(disc.upcast().upcast());
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_base_is_not_what_extends_it() {
    let shape = Obj::new(Shape { name: "plain".into() });
    assert!(shape.downcast_ref::<Circle>().is_none());
    assert!(shape.clone().downcast::<Disc>().is_err());
    assert_eq!(shape.owners(), 1);
}

#[test]
fn an_owner_without_type_drops_the_whole_object() {
    let drops = Drops::default();
    drop(Obj::new(Disc { circle: circle(&drops), filled: false }).into_any());
    assert_eq!(drops.count(), 1);
}

#[test]
fn lineage_starts_at_the_root() {
    let names: Vec<_> = Disc::LINEAGE.iter().map(|t| t.name).collect();
    assert_eq!(names, ["Object", "Shape", "Circle", "Disc"]);
    assert_eq!(Disc::TYPE.base().map(|t| t.name), Some("Circle"));
    assert!(Object::TYPE.base().is_none());
    assert!(Disc::TYPE.is_a(Shape::TYPE) && !Shape::TYPE.is_a(Disc::TYPE) && !Leaf::TYPE.is_a(Shape::TYPE));
}

#[test]
fn a_root_object_is_an_object_like_any_other() {
    #[derive(Default)]
    struct Empty;
    object!(Empty);
    let empty: Obj<Empty> = Obj::default();
    let from = Obj::from(Empty);
    assert_ne!(empty, from);
    assert!(std::ptr::eq(empty.as_ref(), &raw const *empty));
}
