//! Options of types and fields, without a frontend.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;

use ffi_object::info::ParamKind;
use ffi_object::{Any, AnyObj, FfiObject, List, Map, Mut, Obj, structural};
use ffi_object_tests::construct;

#[derive(FfiObject)]
struct Base {
    a: i64,
    #[ffi(kw_only)]
    k: i64,
    #[ffi(default = 2)]
    b: i64,
    #[ffi(init = false, default = 10)]
    hidden: i64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Middle {
    #[ffi(base)]
    base: Base,
    #[ffi(init = false, default = 20, repr = false)]
    more: i64,
    #[ffi(kw_only, default = 5)]
    l: i64,
}

#[derive(FfiObject)]
#[repr(C)]
struct Last {
    #[ffi(base)]
    middle: Middle,
    #[ffi(kw_only)]
    m: i64,
    #[ffi(default = 3)]
    c: i64,
}

#[test]
fn parameters_are_ordered_by_kind_and_then_by_base() {
    let params = Last::TYPE.constructor().unwrap().signature.params;
    let names: Vec<_> = params.iter().map(|p| (p.name, p.kind)).collect();
    let (position, keyword) = (ParamKind::Standard, ParamKind::KeywordOnly);
    let expected = [
        ("a", position),
        ("b", position),
        ("c", position),
        ("k", keyword),
        ("l", keyword),
        ("m", keyword),
        ("hidden", ParamKind::Hidden),
        ("more", ParamKind::Hidden),
    ];
    assert_eq!(names, expected);
    let fields: Vec<_> = Last::TYPE.all_fields().map(|(_, f)| (f.name, f.param != ParamKind::Hidden, f.repr)).collect();
    let expected = [
        ("a", true, true),
        ("k", true, true),
        ("b", true, true),
        ("hidden", false, true),
        ("more", false, false),
        ("l", true, true),
        ("m", true, true),
        ("c", true, true),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn every_argument_reaches_its_field() {
    let all: Vec<_> = (1..=8).map(|i| Some(Any::Int(i))).collect();
    construct(&all, |made: &Last| {
        let base = &made.middle.base;
        assert_eq!((base.a, base.b, made.c, base.k, made.middle.l, made.m), (1, 2, 3, 4, 5, 6));
        assert_eq!((base.hidden, made.middle.more), (7, 8));
    })
    .unwrap();

    let few = [Some(Any::Int(1)), None, None, Some(Any::Int(4)), None, Some(Any::Int(6)), None, None];
    construct(&few, |made: &Last| {
        let base = &made.middle.base;
        assert_eq!((base.b, made.c, made.middle.l, base.hidden, made.middle.more), (2, 3, 5, 10, 20));
    })
    .unwrap();

    let one = [Some(Any::Int(1)), None, None, None, None, None, None, None];
    let error = construct(&one, |_: &Last| ()).unwrap_err();
    assert_eq!(error.to_string(), "Last() missing required argument: 'k'");
}

#[derive(FfiObject, Debug, PartialEq, PartialOrd, Hash)]
#[ffi(eq, ord, hash, str, repr)]
struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

fn version(major: u32, minor: u32) -> AnyObj {
    Obj::new(Version { major, minor }).into_any()
}

#[test]
fn options_call_the_traits() {
    let (a, b, c) = (version(1, 2), version(1, 2), version(1, 3));
    let other = Obj::new(Chain::default()).into_any();
    let [a, b, c, other] = [&a, &b, &c, &other].map(Obj::as_raw);
    // SAFETY: owned above, and borrowed by no one.
    let equals = |x, y| unsafe { ffi_object::__private::RawObject::equals(x, y) };
    assert_eq!(
        (equals(a, b), equals(a, c), equals(a, other), equals(other, other)),
        (Some(true), Some(false), None, None)
    );
    // SAFETY: as above.
    let compare = |x, y| unsafe { ffi_object::__private::RawObject::compare(x, y) };
    assert_eq!((compare(a, c), compare(b, a)), (Some(Some(Ordering::Less)), Some(Some(Ordering::Equal))));
    // SAFETY: as above.
    let hash = |x| unsafe { ffi_object::__private::RawObject::hash_value(x) };
    assert!(hash(a) == hash(b) && hash(a) != hash(c) && hash(other).is_none());
    // SAFETY: as above.
    let display = |x| unsafe { ffi_object::__private::RawObject::display(x) };
    assert_eq!((display(a), display(other)), (Some("v1.2".into()), None));
    // SAFETY: as above.
    let debug = |x| unsafe { ffi_object::__private::RawObject::debug(x) };
    assert_eq!((debug(a), debug(other)), (Some("Version { major: 1, minor: 2 }".into()), None));
}

#[test]
fn cells_compare_by_value() {
    let (a, b) = (Mut::new(1.5), Mut::new(2.5));
    assert!(a < b && a == Mut::new(1.5) && a != b && a == a);
    assert_eq!(Mut::new(f64::NAN).partial_cmp(&a), None);
}

#[derive(FfiObject, Default)]
struct Chain {
    value: Mut<i64>,
    next: Mut<Option<Obj<Chain>>>,
}

#[derive(FfiObject, Default)]
struct Tables {
    by_name: HashMap<String, Option<Obj<Chain>>>,
    names: HashSet<(i64, String)>,
    map: Obj<Map<i64, Obj<List<i64>>>>,
    keys: Obj<Map<Obj<Chain>, i64>>,
}

fn chain(values: impl DoubleEndedIterator<Item = i64>) -> Obj<Chain> {
    let end = None;
    values
        .rev()
        .fold(end, |next, value| Some(Obj::new(Chain { value: Mut::new(value), next: Mut::new(next) })))
        .unwrap()
}

fn equal(a: &Obj<impl FfiObject>, b: &Obj<impl FfiObject>) -> bool {
    let equal = structural::equal(a, b).unwrap();
    assert_eq!(structural::equal(b, a).unwrap(), equal);
    if equal {
        assert_eq!(structural::hash(a).unwrap(), structural::hash(b).unwrap());
    }
    equal
}

#[test]
fn structures_are_compared_through_references() {
    assert!(equal(&chain(0..5), &chain(0..5)));
    assert!(!equal(&chain(0..5), &chain(0..6)) && !equal(&chain(0..5), &chain(1..6)));
    assert_ne!(structural::hash(&chain(0..5)).unwrap(), structural::hash(&chain(1..6)).unwrap());
    assert!(!equal(&chain(0..1), &version(0, 0)));
}

#[test]
fn a_structure_of_a_million_objects_is_compared_on_a_small_stack() {
    let run = || {
        let (a, b) = (chain(0..1_000_000), chain(0..1_000_000));
        assert!(structural::equal(&a, &b).unwrap());
        assert_eq!(structural::hash(&a).unwrap(), structural::hash(&b).unwrap());
    };
    std::thread::Builder::new().stack_size(128 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn rings_are_compared_by_their_length() {
    let ring = |len| {
        let nodes: Vec<_> = (0..len).map(|_| Obj::new(Chain::default())).collect();
        for (i, node) in nodes.iter().enumerate() {
            node.next.set(Some(nodes[(i + 1) % len].clone()));
        }
        nodes
    };
    let rings = [ring(1), ring(2), ring(3), ring(3)];
    for (i, a) in rings.iter().enumerate() {
        for (j, b) in rings.iter().enumerate() {
            assert_eq!(equal(&a[0], &b[0]), i == j || i + j == 5, "{i} {j}");
        }
    }
    for node in rings.iter().flatten() {
        node.next.set(None);
    }
}

#[test]
fn mappings_and_sets_have_no_order() {
    let key = Obj::new(Chain::default());
    let tables = |order: &mut dyn Iterator<Item = i64>, key: &Obj<Chain>| {
        let mut tables = Tables::default();
        for i in order {
            tables.by_name.insert(i.to_string(), Some(chain(0..i + 1)));
            tables.names.insert((i, i.to_string()));
            tables.map.insert(i, Obj::new([i].into_iter().collect()));
        }
        tables.keys.insert(key.clone(), 1);
        Obj::new(tables)
    };
    let (a, b) = (tables(&mut (0..40), &key), tables(&mut (0..40).rev(), &key));
    assert!(equal(&a, &b));
    assert!(!equal(&a, &tables(&mut (0..41), &key)));
    b.map.get(&7).unwrap().push(1);
    assert!(!equal(&a, &b));
    // A key is the object itself, not one like it.
    assert!(!equal(&a, &tables(&mut (0..40), &Obj::new(Chain::default()))));
}
