//! Conversions: what comes in as a type is what was given, goes out as it came in, and else is an error that says so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

use arbitrary::Arbitrary;
use ffi_object::{Any, AnyObj, Bytes, Error, ErrorKind, List, Map, Obj, Str, Value, WeakObj};

use crate::given::{same, Given, Thing};

/// What a value that does not fit may be: of another type, of another length, a number out of range.
const KINDS: [ErrorKind; 3] = [ErrorKind::Type, ErrorKind::Value, ErrorKind::Overflow];

/// Two values.
#[derive(Debug, Arbitrary)]
pub struct Input {
    one: Given,
    other: Given,
}

/// All properties of values.
pub fn check(Input { one, other }: Input) {
    equality(&one.any(), &other.any());
    for given in [&one, &other] {
        scalars(given);
        whatever_comes_in_goes_out(given);
        open_containers(given);
    }
}

/// Equality is symmetric, and what is equal hashes alike.
fn equality(one: &Any, other: &Any) {
    let state = RandomState::new();
    let (forth, back) = (one == other, other == one);
    assert_eq!(forth, back, "{one:?} {other:?}");
    for (a, b) in [(one, other), (one, one), (other, other)] {
        assert!(a != b || state.hash_one(a) == state.hash_one(b), "{a:?} == {b:?}, but they do not hash alike");
    }
    assert!([one, other].into_iter().all(|any| *any == any.clone()));
}

/// Against what the value is known to be.
fn scalars(given: &Given) {
    let any = given.any();
    macro_rules! integers {
        ($($ty:ty)*) => {
            $(match given.whole() {
                None => assert_type_error(any.to::<$ty>(), "int", &any),
                Some(whole) => match <$ty>::try_from(whole) {
                    Ok(number) => assert_eq!(any.to::<$ty>().ok(), Some(number)),
                    Err(_) => {
                        let error = any.to::<$ty>().unwrap_err();
                        assert_eq!(error.kind(), ErrorKind::Overflow);
                        assert_eq!(error.to_string(), concat!("int out of range for ", stringify!($ty)));
                    }
                },
            })*
        };
    }
    integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
    match given {
        Given::Bool(b) => assert_eq!(any.to::<bool>().ok(), Some(*b)),
        _ => assert_type_error(any.to::<bool>(), "bool", &any),
    }
    match (given, given.whole()) {
        (Given::Float(f), _) => assert_eq!(any.to::<f64>().map(f64::to_bits).ok(), Some(f.to_bits())),
        (_, Some(whole)) => assert_eq!(any.to::<f64>().ok(), Some(whole as f64)),
        _ => assert_type_error(any.to::<f64>(), "float", &any),
    }
    match given {
        Given::Str(s) => {
            assert_eq!(any.to::<String>().ok().as_ref(), Some(s));
            assert_eq!(any.to::<char>().ok(), s.parse().ok());
            assert_eq!(any.to::<PathBuf>().ok(), Some(PathBuf::from(s)));
        }
        _ => {
            assert_type_error(any.to::<String>(), "str", &any);
            assert_type_error(any.to::<char>(), "str of length 1", &any);
        }
    }
    match given {
        Given::Bytes(b) => assert_eq!(any.to::<Bytes>().ok().as_deref(), Some(&b[..])),
        _ => assert_type_error(any.to::<Bytes>(), "bytes", &any),
    }
    match given {
        Given::Thing(number) => assert_eq!(any.to::<Obj<Thing>>().ok().map(|thing| thing.number), Some(*number)),
        _ => assert_type_error(any.to::<Obj<Thing>>(), "Thing", &any),
    }
    assert_eq!(any.to::<()>().is_ok(), matches!(given, Given::None));
    assert_eq!(any.to::<AnyObj>().is_ok(), matches!(any, Any::Object(_)));
}

fn assert_type_error<T: Debug>(result: Result<T, Error>, expected: &str, any: &Any) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Type);
    assert_eq!(error.to_string(), format!("expected {expected}, got {}", any.type_name()));
}

/// For every type: what comes in goes out as an equal value, and comes in again.
fn whatever_comes_in_goes_out(given: &Given) {
    let any = given.any();
    assert!(same(&any.to().unwrap(), &any) && same(&Any::of(&any).unwrap(), &any));
    macro_rules! round_trip {
        ($($ty:ty),*) => {
            $(round_trip::<$ty>(&any, true);)*
        };
    }
    round_trip!(bool, i8, i64, i128, u64, u128, f64, char, String, Str, Bytes, PathBuf, (), Obj<Thing>, AnyObj);
    round_trip!(Option<i64>, Option<String>, Option<Obj<Thing>>, WeakObj<Thing>);
    round_trip!(Vec<Any>, Vec<i64>, Vec<Vec<u8>>, Vec<Option<bool>>, [i64; 2], [Any; 0], (i64,), (Any, String));
    round_trip!((bool, i128, Bytes), Vec<(Any, Any)>, Vec<(String, Vec<i64>)>);
    // These lose something: precision, order, what is there twice.
    macro_rules! lossy {
        ($($ty:ty),*) => {
            $(round_trip::<$ty>(&any, false);)*
        };
    }
    lossy!(f32, Vec<f64>, HashMap<Any, Any>, HashMap<String, i64>, BTreeMap<i64, Vec<String>>);
    lossy!(HashSet<Any>, HashSet<i128>, BTreeSet<String>, BTreeSet<(i64, bool)>);
}

fn round_trip<T: Value>(any: &Any, exact: bool) {
    let value = match any.to::<T>() {
        Ok(value) => value,
        Err(error) => {
            assert!(KINDS.contains(&error.kind()), "{error:?}");
            assert_eq!(any.to::<T>().err().map(|e| e.to_string()), Some(error.to_string()));
            return;
        }
    };
    let out = Any::of(&value).unwrap();
    // A float has room for all whole numbers, but not exactly.
    let rounded = matches!((any, &out), (Any::Int(_) | Any::WideInt(_), Any::Float(_)));
    assert!(!exact || rounded || out == *any, "{any:?} came out as {out:?}");
    let again = Any::of(&out.to::<T>().unwrap()).unwrap();
    // A set or a map has no order of its own.
    let parts = |any: &Any| match any {
        Any::Tuple(items) => items.iter().cloned().collect::<HashSet<_>>(),
        other => HashSet::from([other.clone()]),
    };
    assert!(if exact { again == out } else { parts(&again) == parts(&out) }, "{out:?} came out as {again:?}");
}

/// An open container becomes one of the type that Rust asks for first, if all that is in it fits, and stays open else.
fn open_containers(given: &Given) {
    if let Given::List(_) = given {
        opens_as::<i64>(given);
        opens_as::<f64>(given);
        opens_as::<String>(given);
        opens_as::<Obj<Thing>>(given);
        opens_as::<Vec<Any>>(given);
        opens_as::<Obj<List<i64>>>(given);
        opens_as::<Obj<Map<String, i64>>>(given);
    }
    if let Given::Map(_) = given {
        map_opens_as::<i64, i64>(given);
        map_opens_as::<String, Any>(given);
        map_opens_as::<Any, Obj<List<Any>>>(given);
    } else {
        assert!(given.any().to::<Obj<Map<i64, i64>>>().is_err());
    }
}

fn opens_as<T: Value + Clone>(given: &Given) {
    let Given::List(items) = given else { return };
    let fits = items.iter().all(|item| item.any().to::<T>().is_ok());
    let any = given.any();
    match any.to::<Obj<List<T>>>() {
        Ok(list) => {
            assert!(fits && list.len() == items.len());
            assert_eq!(Any::of(&list).unwrap(), any);
            assert!(any.to::<Obj<List<T>>>().unwrap().ptr_eq(&list), "bound once, bound for good");
            assert_eq!(list.push_and_pop(), list.len());
        }
        Err(error) => {
            assert!(!fits, "{error} in {given:?}");
            assert!(KINDS.contains(&error.kind()), "{error:?}");
            assert_eq!(any.to::<Obj<List<Any>>>().unwrap().len(), items.len(), "still open");
        }
    }
}

/// What a bound list can do with its elements.
trait PushAndPop {
    fn push_and_pop(&self) -> usize;
}

impl<T: Value + Clone> PushAndPop for List<T> {
    fn push_and_pop(&self) -> usize {
        if let Some(first) = self.get(0) {
            self.push(first);
            drop(self.pop());
        }
        self.iter().count()
    }
}

fn map_opens_as<K: ffi_object::Key, V: Value + Clone>(given: &Given) {
    let Given::Map(pairs) = given else { return };
    let any = given.any();
    // The last value of a key is what is in the map, under the first of equal keys.
    let mut entries: Vec<(Any, &Given)> = Vec::new();
    for (key, value) in pairs {
        let key = key.any();
        match entries.iter_mut().find(|(other, _)| *other == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
    }
    let fits = entries.iter().all(|(key, value)| key.to::<K>().is_ok() && value.any().to::<V>().is_ok());
    match any.to::<Obj<Map<K, V>>>() {
        Ok(map) => {
            assert!(fits && map.len() == entries.len());
            assert!(map.keys().iter().all(|key| map.contains_key(key)));
        }
        Err(error) => {
            assert!(!fits, "{error} in {given:?}");
            assert_eq!(any.to::<Obj<Map<Any, Any>>>().unwrap().len(), entries.len(), "still open");
        }
    }
}
