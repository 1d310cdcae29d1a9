//! Containers: any sequence of operations does what it does to a vector.

use std::ptr::NonNull;

use arbitrary::Arbitrary;
use ffi_object::__private::{RawList, RawMap, WrongSize, REFLECTION};
use ffi_object::frontend::{Decoder, Encoder, Policy};
use ffi_object::{Any, AnyObj, Error, List, Map, Obj, OrderedMap, Slice};

use crate::arrays::{self, ArrayOp};
use crate::given::{anys, same, Given};
use crate::sets::{sets, SetOp};

/// What a container is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
pub enum Kind {
    /// `object`
    Any,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `str`
    Str,
}

impl Kind {
    pub(crate) fn convert(self, any: &Any) -> Result<Any, Error> {
        match self {
            Self::Any => Ok(any.clone()),
            Self::Int => any.to::<i64>().map(Any::from),
            Self::Float => any.to::<f64>().map(Any::from),
            Self::Str => any.to::<String>().map(Any::from),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "object",
            Self::Int => "int",
            Self::Float => "float",
            Self::Str => "str",
        }
    }
}

/// An operation on a list.
#[derive(Debug, Arbitrary)]
#[expect(missing_docs, reason = "the methods that they name say it")]
pub enum ListOp {
    Get(u8),
    Set(u8, Given),
    Insert(u8, Given),
    Remove(u8),
    Extend(Vec<Given>),
    ExtendBy(Given),
    Splice(Option<i8>, Option<i8>, i8, Vec<Given>),
    Slice(Option<i8>, Option<i8>, i8),
    Delete(Option<i8>, Option<i8>, i8),
    Repeat(u8),
    Clear,
    Reverse,
    Bind(Kind),
}

/// An operation on a map.
#[derive(Debug, Arbitrary)]
#[expect(missing_docs, reason = "the methods that they name say it")]
pub enum MapOp {
    Get(Given),
    Set(Given, Given),
    Remove(Given),
    Extend(Vec<(Given, Given)>),
    Walk(u8),
    Clear,
    Bind(Kind, Kind),
}

/// An operation on the map that `Map` is made of. Few keys, so that they meet.
#[derive(Debug, Arbitrary)]
#[expect(missing_docs, reason = "the methods that they name say it")]
pub enum OrderedOp {
    Insert(u8, u16),
    Remove(u8),
    Get(u8),
    Clear,
}

/// Operations.
#[derive(Debug, Arbitrary)]
pub enum Input {
    /// On a list.
    List(Vec<ListOp>),
    /// On a map.
    Map(Vec<MapOp>),
    /// On a set.
    Set(Vec<SetOp>),
    /// On the map below.
    Ordered(Vec<OrderedOp>),
    /// On an array.
    Array(Vec<ArrayOp>),
}

/// All properties of containers.
pub fn check(input: Input) {
    match input {
        Input::List(ops) => lists(ops),
        Input::Map(ops) => maps(ops),
        Input::Set(ops) => sets(ops),
        Input::Ordered(ops) => ordered(ops),
        Input::Array(ops) => arrays::check(ops),
    }
}

pub(crate) fn decoder(any: &Any) -> Decoder<'_> {
    // SAFETY: what this frontend's handles are, and it has no interpreter to be attached to.
    unsafe { Decoder::new(REFLECTION, NonNull::from(any).cast()) }
}

pub(crate) fn encoder<'e>() -> Encoder<'e> {
    // SAFETY: this frontend has no interpreter to be attached to.
    unsafe { Encoder::new(REFLECTION, Policy::Cached) }
}

/// What is in a list, through a copy of it, which is bound to what the list is bound to, or to `object`.
fn items_of(copy: AnyObj, kind: Kind) -> Vec<Any> {
    fn all<T: ffi_object::Value + Clone>(copy: AnyObj) -> Vec<Any> {
        copy.downcast::<List<T>>().unwrap().iter().map(|item| Any::of(&item).unwrap()).collect()
    }
    match kind {
        Kind::Any => all::<Any>(copy),
        Kind::Int => all::<i64>(copy),
        Kind::Float => all::<f64>(copy),
        Kind::Str => all::<String>(copy),
    }
}

fn bind_list(list: &AnyObj, kind: Kind) -> Result<(), Error> {
    let any = Any::Object(list.clone());
    match kind {
        Kind::Any => any.to::<Obj<List<Any>>>().map(drop),
        Kind::Int => any.to::<Obj<List<i64>>>().map(drop),
        Kind::Float => any.to::<Obj<List<f64>>>().map(drop),
        Kind::Str => any.to::<Obj<List<String>>>().map(drop),
    }
}

pub(crate) fn slice(start: Option<i8>, stop: Option<i8>, step: i8) -> Slice {
    Slice::new(start.map(isize::from), stop.map(isize::from), isize::from(if step == 0 { 1 } else { step })).unwrap()
}

/// Where a slice begins, also one that has no items.
fn start_of(start: Option<i8>, len: usize) -> usize {
    let start = isize::from(start.unwrap_or(0));
    let start = if start < 0 { start + len as isize } else { start };
    start.clamp(0, len as isize) as usize
}

fn lists(ops: Vec<ListOp>) {
    let object = RawList::open();
    let list = RawList::of(&object).unwrap();
    let mut model: Vec<Any> = Vec::new();
    let mut bound = None;
    for op in ops {
        let kind = bound.unwrap_or(Kind::Any);
        let at = |index: u8| index as usize;
        match op {
            ListOp::Get(index) => {
                assert_eq!(list.get(at(index), encoder()).unwrap().is_some(), at(index) < model.len());
            }
            ListOp::Set(index, item) => {
                let item = item.any();
                let set = list.set(at(index), decoder(&item));
                match kind.convert(&item) {
                    Err(_) => assert!(set.is_err()),
                    Ok(item) => {
                        assert_eq!(set.unwrap(), at(index) < model.len());
                        model.get_mut(at(index)).map(|old| *old = item).unwrap_or_default();
                    }
                }
            }
            ListOp::Insert(index, item) => {
                let item = item.any();
                let inserted = list.insert(at(index), decoder(&item));
                let item = kind.convert(&item);
                assert_eq!(inserted.is_ok(), item.is_ok());
                item.map(|item| model.insert(at(index).min(model.len()), item)).unwrap_or_default();
            }
            ListOp::Remove(index) => {
                let removed = list.remove(at(index), encoder()).unwrap().is_some();
                assert_eq!(removed, at(index) < model.len());
                if removed {
                    model.remove(at(index));
                }
            }
            ListOp::Extend(items) if items.is_empty() => (),
            ListOp::Extend(items) => {
                let items = anys(&items);
                let extended = list.extend(decoder(&Any::from(items.clone())));
                let items = items.iter().map(|item| kind.convert(item)).collect::<Result<Vec<_>, _>>();
                assert_eq!(extended.is_ok(), items.is_ok());
                model.extend(items.unwrap_or_default());
            }
            ListOp::ExtendBy(value) => {
                let value = value.any();
                if !matches!(value, Any::Tuple(_)) {
                    assert!(list.extend(decoder(&value)).is_err());
                }
            }
            ListOp::Splice(start, stop, step, items) => {
                let (slice, items) = (slice(start, stop, step), anys(&items));
                let done = list.splice(slice, decoder(&Any::from(items.clone())));
                let items = items.iter().map(|item| kind.convert(item)).collect::<Result<Vec<_>, _>>();
                assert_eq!(done.is_ok(), items.is_ok());
                let (Ok(done), Ok(items)) = (done, items) else { continue };
                let mut places = slice.indices(model.len());
                if slice.step() == 1 {
                    assert_eq!(done, Ok(()));
                    let start = start_of(start, model.len());
                    model.splice(start..start + places.len(), items);
                } else if items.len() == places.len() {
                    assert_eq!(done, Ok(()));
                    items.into_iter().for_each(|item| model[places.next().unwrap()] = item);
                } else {
                    assert_eq!(done, Err(WrongSize { items: items.len(), places: places.len() }));
                }
            }
            ListOp::Slice(start, stop, step) => {
                let part = slice(start, stop, step);
                let expected: Vec<_> = part.indices(model.len()).map(|i| model[i].clone()).collect();
                assert_eq!(items_of(list.slice(part).unwrap(), kind), expected);
            }
            ListOp::Delete(start, stop, step) => {
                let gone = slice(start, stop, step);
                let indices: Vec<_> = gone.indices(model.len()).collect();
                assert_eq!(list.delete(gone).unwrap(), indices.len());
                let mut index = 0..;
                model.retain(|_| !indices.contains(&index.next().unwrap()));
            }
            ListOp::Repeat(times) => {
                let times = times as usize % 4;
                let expected: Vec<_> = std::iter::repeat_n(&model, times).flatten().cloned().collect();
                assert_eq!(items_of(list.repeat(times).unwrap().unwrap(), kind), expected);
                if expected.len() < 200 {
                    assert!(list.repeat_in_place(times).unwrap());
                    model = expected;
                }
            }
            ListOp::Clear => {
                list.clear().unwrap();
                model.clear();
            }
            ListOp::Reverse => {
                list.reverse().unwrap();
                model.reverse();
            }
            ListOp::Bind(to) => {
                let converted = model.iter().map(|item| to.convert(item)).collect::<Result<Vec<_>, _>>();
                let fits = bound.map_or(converted.is_ok(), |kind| kind == to);
                assert_eq!(bind_list(&object, to).is_ok(), fits);
                if fits {
                    (bound, model) = (Some(to), converted.unwrap());
                }
            }
        }
        assert_eq!((list.len(), list.is_empty()), (model.len(), model.is_empty()));
        assert_eq!(list.item_name(), bound.unwrap_or(Kind::Any).name());
        let items = items_of(list.slice(Slice::ALL).unwrap(), bound.unwrap_or(Kind::Any));
        assert!(items.iter().zip(&model).all(|(a, b)| same(a, b)), "{items:?} should be {model:?}");
    }
}

/// Binds a map, or looks at a copy of one that is bound to these types; keys are what has an equality of its own.
fn entries_of(map: &AnyObj, key: Kind, value: Kind) -> Result<Vec<(Any, Any)>, Error> {
    fn all<K: ffi_object::Key, V: ffi_object::Value + Clone>(map: &AnyObj) -> Result<Vec<(Any, Any)>, Error> {
        let map = Any::Object(map.clone()).to::<Obj<Map<K, V>>>()?;
        Ok(map.iter().map(|(k, v)| (Any::of(&k).unwrap(), Any::of(&v).unwrap())).collect())
    }
    fn by_value<K: ffi_object::Key>(map: &AnyObj, value: Kind) -> Result<Vec<(Any, Any)>, Error> {
        match value {
            Kind::Any => all::<K, Any>(map),
            Kind::Int => all::<K, i64>(map),
            Kind::Float => all::<K, f64>(map),
            Kind::Str => all::<K, String>(map),
        }
    }
    match key {
        Kind::Any | Kind::Float => by_value::<Any>(map, value),
        Kind::Int => by_value::<i64>(map, value),
        Kind::Str => by_value::<String>(map, value),
    }
}

fn maps(ops: Vec<MapOp>) {
    let object = RawMap::open();
    let map = RawMap::of(&object).unwrap();
    let mut model: Vec<(Any, Any)> = Vec::new();
    let mut bound = None;
    for op in ops {
        let (of_key, of_value) = bound.unwrap_or((Kind::Any, Kind::Any));
        let place = |model: &[(Any, Any)], key: &Any| {
            let key = of_key.convert(key).ok()?;
            model.iter().position(|(other, _)| *other == key)
        };
        let put = |model: &mut Vec<(Any, Any)>, key: Any, value: Any| match place(model, &key) {
            Some(place) => model[place].1 = value,
            None => model.push((key, value)),
        };
        match op {
            MapOp::Get(key) => {
                let key = key.any();
                let found = map.get(decoder(&key), encoder()).unwrap().is_some();
                assert_eq!(found, place(&model, &key).is_some());
            }
            MapOp::Set(key, value) => {
                let (key, value) = (key.any(), value.any());
                let set = map.set(decoder(&key), decoder(&value));
                let entry = of_key.convert(&key).and_then(|key| Ok((key, of_value.convert(&value)?)));
                assert_eq!(set.is_ok(), entry.is_ok());
                if let Ok((key, value)) = entry {
                    put(&mut model, key, value);
                }
            }
            MapOp::Remove(key) => {
                let key = key.any();
                let removed = map.remove(decoder(&key), encoder()).unwrap().is_some();
                let place = place(&model, &key);
                assert_eq!(removed, place.is_some());
                place.map(|place| model.remove(place));
            }
            MapOp::Extend(pairs) => {
                let any = Given::Pairs(pairs).any();
                let extended = map.extend(decoder(&any));
                let Any::Tuple(pairs) = &any else { unreachable!() };
                let convert = |pair: &Any| {
                    let Any::Tuple(pair) = pair else { unreachable!() };
                    Ok((of_key.convert(&pair[0])?, of_value.convert(&pair[1])?))
                };
                let pairs = pairs.iter().map(convert).collect::<Result<Vec<_>, Error>>();
                assert_eq!(extended.is_ok(), pairs.is_ok());
                for (key, value) in pairs.unwrap_or_default() {
                    put(&mut model, key, value);
                }
            }
            MapOp::Walk(from) => {
                // Places are the map's own business, but a walk ends, and sees each entry once.
                let (mut place, mut seen) = (0, 0);
                while let Some((next, ..)) = map.next(place, encoder()).unwrap() {
                    assert!(next > place);
                    (place, seen) = (next, seen + 1);
                }
                assert_eq!(seen, model.len());
                let _ = map.next(from as usize, encoder()).unwrap();
            }
            MapOp::Clear => {
                map.clear().unwrap();
                model.clear();
            }
            MapOp::Bind(key, value) => {
                let key = if key == Kind::Float { Kind::Any } else { key };
                let convert = |(k, v): &(Any, Any)| Ok((key.convert(k)?, value.convert(v)?));
                let converted = model.iter().map(convert).collect::<Result<Vec<_>, Error>>();
                let fits = bound.map_or(converted.is_ok(), |bound| bound == (key, value));
                assert_eq!(entries_of(&object, key, value).is_ok(), fits);
                if fits {
                    (bound, model) = (Some((key, value)), converted.unwrap());
                }
            }
        }
        assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
        let (key, value) = bound.unwrap_or((Kind::Any, Kind::Any));
        assert_eq!(map.type_name(), format!("Map[{}, {}]", key.name(), value.name()));
        let entries = entries_of(&map.copy().unwrap(), key, value).unwrap();
        // An equal key that came later does not take the place of the first.
        let same = |((k, v), (l, w)): (&(Any, Any), &(Any, Any))| same(k, l) && same(v, w);
        assert!(entries.iter().zip(&model).all(same), "{entries:?} should be {model:?}");
    }
}

fn ordered(ops: Vec<OrderedOp>) {
    let mut map = OrderedMap::<u8, u16>::default();
    let mut model: Vec<(u8, u16)> = Vec::new();
    for op in ops {
        let place = |model: &[(u8, u16)], key| model.iter().position(|(other, _)| *other == key);
        match op {
            OrderedOp::Insert(key, value) => {
                let old = match place(&model, key) {
                    Some(place) => Some(std::mem::replace(&mut model[place].1, value)),
                    None => {
                        model.push((key, value));
                        None
                    }
                };
                assert_eq!(map.insert(key, value), old);
            }
            OrderedOp::Remove(key) => {
                let old = place(&model, key).map(|place| model.remove(place));
                assert_eq!(map.remove(&key), old);
            }
            OrderedOp::Get(key) => {
                assert_eq!(map.get(&key), place(&model, key).map(|place| &model[place].1));
            }
            OrderedOp::Clear => {
                map.clear();
                model.clear();
            }
        }
        assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
        assert!(map.iter().eq(model.iter().map(|(k, v)| (k, v))));
        assert!(map.iter().rev().eq(model.iter().rev().map(|(k, v)| (k, v))));
    }
}
