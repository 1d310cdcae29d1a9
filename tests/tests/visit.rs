//! What objects consist of, the way through a graph of them, and rewriting one. Without any frontend.

use std::collections::HashMap;

use ffi_object::visit::{self, Place, Step};
use ffi_object::{Any, AnyObj, Error, FfiObject, List, Map, Mut, Obj, Set, WeakObj};

#[derive(FfiObject, Default)]
struct Base {
    name: String,
}

#[derive(FfiObject, Default)]
#[repr(C)]
struct Node {
    #[ffi(base)]
    base: Base,
    left: Mut<Option<Obj<Node>>>,
    right: Mut<Option<Obj<Node>>>,
    parent: Mut<WeakObj<Node>>,
    list: Obj<List<Obj<Node>>>,
    map: Obj<Map<String, Obj<Node>>>,
    pairs: Mut<Vec<(i64, Option<Obj<Node>>)>>,
    anything: Mut<Any>,
    #[ffi(skip)]
    hidden: Mut<Option<Obj<Node>>>,
}

fn node(name: &str) -> Obj<Node> {
    Obj::new(Node { base: Base { name: name.into() }, ..Node::default() })
}

/// Its name, if it has one.
fn name(object: &AnyObj) -> Option<String> {
    object.downcast_ref::<Node>().map(|node| node.base.name.clone())
}

fn names(objects: impl Iterator<Item = Result<AnyObj, Error>>) -> String {
    objects.filter_map(|object| name(&object.unwrap())).collect::<Vec<_>>().join(" ")
}

/// a → b → d, a → c → d, and everything leads back to a.
fn diamond() -> [Obj<Node>; 4] {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(node);
    a.left.set(Some(b.clone()));
    a.right.set(Some(c.clone()));
    b.left.set(Some(d.clone()));
    c.left.set(Some(d.clone()));
    for node in [&a, &b, &c, &d] {
        node.anything.set(Any::from(a.clone()));
    }
    [a, b, c, d]
}

/// Breaks the cycles.
fn take_apart(nodes: &[Obj<Node>]) {
    for node in nodes {
        node.anything.set(Any::None);
    }
}

#[test]
fn an_object_consists_of_its_fields() {
    let (parent, child) = (node("parent"), node("child"));
    child.parent.set(parent.downgrade());
    child.hidden.set(Some(node("hidden")));
    let parts = visit::parts(&child).unwrap();
    let places: Vec<_> = parts.iter().map(|(place, _)| place.clone()).collect();
    let fields = ["name", "left", "right", "parent", "list", "map", "pairs", "anything"];
    assert_eq!(places, fields.map(Place::Field));
    assert_eq!(parts[0].1, Any::from("child"));
    assert_eq!(parts[3].1, Any::from(parent));
    assert_eq!(parts[4].1, Any::from(child.list.clone()));
}

#[test]
fn containers_consist_of_what_is_in_them() {
    let list: Obj<List<i64>> = Obj::new([7, 8].into_iter().collect());
    assert_eq!(visit::parts(&list).unwrap(), [(Place::Item(0), 7.into()), (Place::Item(1), 8.into())]);
    let map: Obj<Map<String, f64>> = Obj::default();
    map.insert("k".into(), 0.5);
    assert_eq!(visit::parts(&map).unwrap(), [(Place::Key, "k".into()), (Place::Value("k".into()), 0.5.into())]);
    let set: Obj<Set<i64>> = Obj::new([3, 1].into_iter().collect());
    assert_eq!(visit::parts(&set).unwrap(), [3, 1].map(|n: i64| (Place::Element(n.into()), n.into())));
    visit::set(&set, &Place::Element(3.into()), &2.into()).unwrap();
    assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2]);
    let error = visit::set(&set, &Place::Element(1.into()), &"b".into()).unwrap_err();
    assert_eq!((error.to_string(), set.len()), ("Set[int] element: expected int, got str".into(), 2));
    assert_eq!(visit::parts(&Obj::new(List::<i64>::default())).unwrap(), []);
}

#[test]
fn parts_are_written_with_the_checks_of_assignments() {
    let (a, b) = (node("a"), node("b"));
    visit::set(&a, &Place::Field("left"), &b.clone().into()).unwrap();
    assert_eq!(a.left.get(), Some(b.clone()));
    let list: Obj<List<i64>> = Obj::new([7].into_iter().collect());
    visit::set(&list, &Place::Item(0), &1.into()).unwrap();
    assert_eq!(list.get(0), Some(1));
    visit::set(&a.map, &Place::Value("k".into()), &b.into()).unwrap();
    assert_eq!(a.map.len(), 1);
    let fails = |object: &AnyObj, place, value: Any| visit::set(object, &place, &value).unwrap_err().to_string();
    let (a, list) = (a.into_any(), list.into_any());
    assert_eq!(fails(&a, Place::Field("left"), 1.into()), "Node.left: expected Node, got int");
    assert_eq!(fails(&a, Place::Field("name"), "b".into()), "attribute 'name' of 'Base' objects is not writable");
    assert_eq!(fails(&a, Place::Field("other"), 1.into()), "'Node' objects have no field 'other'");
    assert_eq!(fails(&list, Place::Item(1), 1.into()), "List assignment index out of range");
    assert_eq!(fails(&a, Place::Item(0), 1.into()), "Node assignment index out of range");
    assert_eq!(fails(&a, Place::Value(1.into()), 1.into()), "'Node' objects have no keys");
    assert!(fails(&list, Place::Key, 1.into()).contains("a key cannot be written"));
}

#[test]
fn each_object_comes_once_depth_first() {
    let nodes = diamond();
    assert_eq!(names(visit::walk(&nodes[0]).enters()), "a b d c");
    assert_eq!(names(visit::walk(&nodes[0]).leaves()), "d b c a");
    assert_eq!(names(visit::walk(&nodes[1]).enters()), "b d a c");
    take_apart(&nodes);
}

#[test]
fn enter_and_leave_are_as_brackets() {
    let nodes = diamond();
    let mut open = Vec::new();
    let (mut entered, mut left) = (0, 0);
    for step in visit::walk(&nodes[0]) {
        match step.unwrap() {
            Step::Enter(object) => {
                entered += 1;
                open.push(object);
            }
            Step::Leave(object) => {
                left += 1;
                assert_eq!(open.pop(), Some(object));
            }
        }
    }
    // Each node has a list and a map.
    assert_eq!((entered, left, open.len()), (12, 12, 0));
    take_apart(&nodes);
}

#[test]
fn all_ways_of_owning_are_followed_and_no_others() {
    let root = node("root");
    root.left.set(Some(node("field")));
    root.list.push(node("item"));
    root.map.insert("k".into(), node("value"));
    root.pairs.set(vec![(1, None), (2, Some(node("tuple")))]);
    root.anything.set(vec![Any::from(vec![Any::from(node("nested"))])].into());
    let parent = node("parent");
    root.parent.set(parent.downgrade());
    root.hidden.set(Some(node("hidden")));
    assert_eq!(names(visit::walk(&root).enters()), "root field item value tuple nested");
}

#[test]
fn parts_can_be_left_out() {
    let nodes = diamond();
    let left_only = visit::walk(&nodes[0]).through(|_, place| *place == Place::Field("left"));
    assert_eq!(names(left_only.enters()), "a b d");
    let mut walk = visit::walk(&nodes[0]);
    let mut seen = Vec::new();
    while let Some(step) = walk.next() {
        if let Step::Enter(object) = step.unwrap() {
            if name(&object).as_deref() == Some("b") {
                walk.skip_parts();
            }
            seen.extend(name(&object));
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d"]);
    take_apart(&nodes);
}

#[test]
fn what_changes_while_it_is_walked_is_seen_when_it_is_entered() {
    let (a, b) = (node("a"), node("b"));
    let mut walk = visit::walk(&a);
    assert!(matches!(walk.next(), Some(Ok(Step::Enter(_)))));
    a.left.set(Some(b.clone()));
    assert_eq!(names(walk.enters()), "b");
    assert_eq!(b.owners(), 2);
}

#[test]
fn a_long_chain_is_no_deeper_than_a_short_one() {
    let root = node("root");
    let mut last = root.clone();
    for _ in 0..200_000 {
        let next = Obj::new(Base { name: "x".into() });
        last.anything.set(vec![Any::from(next), Any::from(node("n"))].into());
        let Any::Tuple(items) = last.anything.get() else { unreachable!() };
        last = items[1].to::<Obj<Node>>().unwrap();
    }
    assert_eq!(visit::walk(&root).count(), 2 * (4 * 200_000 + 3));
    assert_eq!(visit::walk(&root).leaves().count(), 4 * 200_000 + 3);
}

#[test]
fn rewriting_goes_from_the_bottom_up() {
    let root = node("root");
    let shared = node("shared");
    root.left.set(Some(shared.clone()));
    root.list.push(shared.clone());
    root.map.insert("k".into(), shared.clone());
    root.pairs.set(vec![(1, Some(shared.clone())), (2, None)]);
    root.anything.set(shared.into());
    let mut asked = Vec::new();
    let other = node("other");
    let result = visit::rewrite(&root, |object| {
        asked.extend(name(object));
        Ok((name(object).as_deref() == Some("shared")).then(|| other.clone().into_any()))
    });
    assert_eq!(result.unwrap(), root.clone().into_any());
    assert_eq!(asked, ["shared", "root"]);
    assert_eq!(root.left.get(), Some(other.clone()));
    assert_eq!((root.list.get(0), root.map.get("k")), (Some(other.clone()), Some(other.clone())));
    assert_eq!(root.pairs.get(), [(1, Some(other.clone())), (2, None)]);
    assert_eq!(root.anything.get(), Any::from(other));
}

#[test]
fn the_root_may_give_way() {
    let (a, b) = (node("a"), node("b"));
    assert_eq!(visit::rewrite(&a, |_| Ok(None)).unwrap(), a.clone().into_any());
    let result = visit::rewrite(&a, |object| Ok(object.is::<Node>().then(|| b.clone().into_any())));
    assert_eq!(result.unwrap(), b.into_any());
}

#[test]
fn what_leads_back_is_written_too() {
    let nodes = diamond();
    let copies: HashMap<String, Obj<Node>> = nodes.iter().map(|n| (n.base.name.clone(), node(&n.base.name))).collect();
    let root = visit::rewrite(&nodes[0], |object| {
        Ok((name(object).as_deref() == Some("a")).then(|| copies["a"].clone().into_any()))
    });
    assert_eq!(root.unwrap(), copies["a"].clone().into_any());
    for node in &nodes {
        assert_eq!(node.anything.get(), Any::from(copies["a"].clone()), "{}", node.base.name);
    }
}

#[test]
fn a_rewriting_that_does_not_fit_is_an_error() {
    let root = node("root");
    root.left.set(Some(node("child")));
    let number = Obj::new(Base { name: "no node".into() }).into_any();
    let replace = |object: &AnyObj| Ok((name(object).as_deref() == Some("child")).then(|| number.clone()));
    let error = visit::rewrite(&root, replace).unwrap_err();
    assert_eq!(error.to_string(), "Node.left: expected Node, got Base");
    assert_eq!(name(root.left.get().unwrap().as_any()).as_deref(), Some("child"));
    let error = visit::rewrite(&root, |_| Err(Error::value("mine"))).unwrap_err();
    assert_eq!(error.to_string(), "mine");
    let error = visit::rewrite(&root, |object| Ok(object.is::<List<Obj<Node>>>().then(|| number.clone())));
    assert_eq!(error.unwrap_err().to_string(), "attribute 'list' of 'Node' objects is not writable");
}
