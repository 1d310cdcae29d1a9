//! `Any`, and all values through it and back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;

use ffi_object::{Any, Bytes, ErrorKind, List, Obj, Str, Value, WeakObj};

use crate::support::object;

struct Leaf(u8);
object!(Leaf);
struct Other;
object!(Other);

fn goes_through<T: Value + PartialEq + Debug>(value: T, name: &str) -> Any {
    let any = Any::of(&value).unwrap();
    assert_eq!(any.to::<T>().unwrap(), value);
    assert_eq!(any.clone().to::<T>().unwrap(), value);
    assert_eq!(any.type_name(), name);
    any
}

fn fails<T: Value + Debug>(any: impl Into<Any>) -> (ErrorKind, String) {
    let error = any.into().to::<T>().unwrap_err();
    (error.kind(), error.to_string())
}

fn type_error(message: &str) -> (ErrorKind, String) {
    (ErrorKind::Type, message.into())
}

#[test]
fn plain_values() {
    goes_through((), "None");
    goes_through(true, "bool");
    goes_through(1.5_f64, "float");
    goes_through(1.5_f32, "float");
    goes_through(String::from("ü"), "str");
    goes_through(Str::new("ü"), "str");
    goes_through(Bytes::new(&[0, 255]), "bytes");
    goes_through('ü', "str");
    goes_through(Any::from("x"), "str");
    assert!(Any::of(&f64::NAN).unwrap().to::<f64>().unwrap().is_nan());
    assert_eq!(fails::<()>(0), type_error("expected None, got int"));
    assert_eq!(fails::<bool>(1), type_error("expected bool, got int"));
    assert_eq!(fails::<String>(()), type_error("expected str, got None"));
    assert_eq!(fails::<Bytes>("x"), type_error("expected bytes, got str"));
    assert_eq!(fails::<f64>("x"), type_error("expected float, got str"));
    assert_eq!(fails::<char>("xy"), type_error("expected str of length 1, got str of length 2"));
    assert_eq!(fails::<char>(""), type_error("expected str of length 1, got str of length 0"));
    assert_eq!(fails::<char>(1), type_error("expected str of length 1, got int"));
}

#[test]
fn numbers_convert_as_python_does() {
    assert_eq!(Any::from(true).to::<i64>().unwrap(), 1);
    assert_eq!(Any::from(3).to::<f64>().unwrap(), 3.0);
    assert_eq!(Any::from(true).to::<f32>().unwrap(), 1.0);
    assert_eq!(Any::from(0.1).to::<f32>().unwrap(), 0.1_f32);
    assert_eq!(fails::<i64>(1.0), type_error("expected int, got float"));
}

macro_rules! whole_numbers {
    ($($ty:ident)*) => {
        $(
            for value in [$ty::MIN, $ty::MIN + 1, 0, 1, $ty::MAX - 1, $ty::MAX] {
                goes_through(value, "int");
            }
            let below = i128::from($ty::MIN) - 1;
            let above = i128::from($ty::MAX) + 1;
            for out in [below, above, i128::MIN, i128::MAX] {
                let expected = (ErrorKind::Overflow, concat!("int out of range for ", stringify!($ty)).to_owned());
                assert_eq!(fails::<$ty>(out), expected);
            }
            assert_eq!(fails::<$ty>("1"), type_error("expected int, got str"));
        )*
    };
}

#[test]
fn whole_numbers_of_all_widths() {
    whole_numbers!(i8 i16 i32 i64 u8 u16 u32 u64);
    for value in [isize::MIN, 0, isize::MAX] {
        goes_through(value, "int");
    }
    for value in [usize::MIN, usize::MAX] {
        goes_through(value, "int");
    }
    for value in [i128::MIN, i128::from(i64::MIN) - 1, -1, i128::from(u64::MAX), i128::MAX] {
        goes_through(value, "int");
    }
    goes_through(u128::try_from(i128::MAX).unwrap(), "int");
    assert_eq!(fails::<u128>(-1), (ErrorKind::Overflow, "int out of range for u128".into()));
    assert_eq!(fails::<usize>(-1), (ErrorKind::Overflow, "int out of range for usize".into()));
    let too_wide = Any::of(&u128::MAX).unwrap_err();
    assert_eq!((too_wide.kind(), too_wide.to_string().as_str()), (ErrorKind::Overflow, "int out of range for Any"));
}

#[test]
fn options_and_tuples() {
    goes_through(None::<i64>, "None");
    goes_through(Some(1), "int");
    goes_through((1_i64,), "tuple");
    goes_through((1_u8, String::from("a"), Some(2.5), (), 'x', vec![(true, 1_i8)]), "tuple");
    assert_eq!(fails::<(i64, i64)>(vec![1.into()]), (ErrorKind::Value, "expected 2 items, got 1".into()));
    let three = vec![1.into(), 2.into(), 3.into()];
    assert_eq!(fails::<(i64, i64)>(three), (ErrorKind::Value, "expected 2 items, got 3".into()));
    assert_eq!(fails::<(i64, i64)>(1), type_error("expected tuple[int, int], got int"));
    let nested = vec![1.into(), Any::from(vec![2.into(), "x".into()])];
    assert_eq!(fails::<(i64, (u8, u8))>(nested), type_error("item 1: item 1: expected int, got str"));
}

#[test]
fn collections() {
    goes_through(Vec::<i64>::new(), "tuple");
    goes_through(vec![vec![1_i64], vec![2, 3]], "tuple");
    goes_through([1.5, 2.5], "tuple");
    goes_through(HashMap::from([(1_i64, String::from("a")), (2, "b".into())]), "tuple");
    goes_through(BTreeMap::from([(String::from("k"), vec![1_u8])]), "tuple");
    goes_through(HashSet::from([1_i64, 2]), "tuple");
    goes_through(BTreeSet::from(['a', 'b']), "tuple");
    assert_eq!(fails::<[i64; 2]>(vec![1.into()]), (ErrorKind::Value, "expected 2 items, got 1".into()));
    assert_eq!(fails::<Vec<i64>>("abc"), type_error("expected a sequence, got str"));
    assert_eq!(fails::<Vec<u8>>(vec![1.into(), (-1).into()]).1, "item 1: int out of range for u8");
    assert_eq!(fails::<BTreeSet<i64>>(()), type_error("expected a set, got None"));
    assert_eq!(fails::<BTreeMap<i64, i64>>(1), type_error("expected a mapping, got int"));
    let pair = vec![Any::from(vec!["k".into(), "v".into()])];
    assert_eq!(fails::<BTreeMap<String, i64>>(pair.clone()), type_error("value: expected int, got str"));
    assert_eq!(fails::<BTreeMap<i64, String>>(pair), type_error("key: expected int, got str"));
}

#[test]
fn objects_go_through_as_themselves() {
    let leaf = Obj::new(Leaf(1));
    let any = goes_through(leaf.clone(), "Leaf");
    assert_eq!((leaf.owners(), any.to::<Obj<Leaf>>().unwrap().0), (2, 1));
    assert_eq!(fails::<Obj<Other>>(leaf.clone()), type_error("expected Other, got Leaf"));
    assert_eq!(fails::<Obj<Leaf>>(1), type_error("expected Leaf, got int"));
    goes_through(Some(leaf.clone()), "Leaf");
    goes_through(vec![leaf.clone(), leaf.clone()], "tuple");
    drop(any);
    assert_eq!(leaf.owners(), 1);
    assert_eq!((Any::from(leaf.clone()), Any::from(leaf.clone().upcast())), (leaf.clone().into(), leaf.clone().into()));
    assert_ne!(Any::from(leaf), Any::from(Obj::new(Leaf(1))));
}

#[test]
fn weak_references_go_through_while_the_object_lives() {
    let leaf = Obj::new(Leaf(1));
    let weak = leaf.downgrade();
    let any = Any::of(&weak).unwrap();
    assert!(any.to::<WeakObj<Leaf>>().unwrap().ptr_eq(&weak));
    assert_eq!(leaf.owners(), 2, "an `Any` is an owner");
    drop((leaf, any));
    assert_eq!(Any::of(&weak).unwrap(), Any::None);
    assert!(Any::None.to::<WeakObj<Leaf>>().unwrap().upgrade().is_none());
}

#[test]
fn an_open_list_is_bound_on_its_way_in() {
    let list = ffi_object::__private::RawList::open_value();
    list.push(1.into());
    let any = Any::from(Obj::new(list));
    assert_eq!(any.to::<Obj<List<f64>>>().unwrap().to_vec(), [1.0]);
    assert_eq!(fails::<Obj<List<String>>>(any), type_error("expected List[str], got List[float]"));
}

#[test]
fn names_are_those_that_a_python_user_writes() {
    fn name<T: Value>() -> String {
        <T as Value>::type_name().into_owned()
    }
    assert_eq!(name::<Option<Vec<(u8, f32)>>>(), "tuple[tuple[int, float], ...] | None");
    assert_eq!(name::<HashMap<String, BTreeSet<char>>>(), "Mapping[str, frozenset[str of length 1]]");
    assert_eq!(name::<[Any; 2]>(), "tuple[object, object]");
    assert_eq!((name::<Obj<Leaf>>(), name::<WeakObj<Leaf>>()), ("Leaf".into(), "Leaf | None".into()));
}

#[test]
fn debug_reads_like_the_value() {
    let any = Any::of(&(1, "a\n".to_owned(), None::<u8>, vec![2.0, 0.5], true, i128::MAX)).unwrap();
    assert_eq!(format!("{any:?}"), r#"[1, "a\n", None, [2.0, 0.5], true, 170141183460469231731687303715884105727]"#);
    assert_eq!(format!("{:?} {:?}", Any::of(&Bytes::new(&[1])).unwrap(), Any::default()), "[1] None");
}
