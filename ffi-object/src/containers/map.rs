//! `Map<K, V>`.

use std::any::{Any as StdAny, TypeId};
use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::erased::{retry, Contents, Op, Rebound};
use super::ordered_map::OrderedMap;
use crate::any::Any;
use crate::cell::Mut;
use crate::census::TypeCell;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{AnyObj, FfiObject, Obj, Object};
use crate::trace::{Reach, Tracer};
use crate::value::Value;

/// A value that a map's key may be.
pub trait Key: Value + Clone + Eq + Hash {}

impl<K: Value + Clone + Eq + Hash> Key for K {}

/// A shared, mutable mapping that keeps the order of insertion: the object that a Python user sees as a `Map`.
///
/// ```
/// use ffi_object::{Map, Obj};
///
/// let ages: Obj<Map<String, i64>> = Obj::new([("Ada".into(), 36)].into_iter().collect());
/// ages.insert("Alan".into(), 41);
/// assert_eq!(ages.get("Alan"), Some(41));
/// assert_eq!(ages.keys(), ["Ada", "Alan"]);
/// ```
#[repr(transparent)]
pub struct Map<K = Any, V = Any> {
    raw: RawMap,
    _entries: PhantomData<fn() -> (K, V)>,
}

/// A map whose types are known at run time only: how frontends see all maps.
pub struct RawMap {
    /// What can be done with keys and values of this map's types. Changes once at most, when an open map is bound.
    ops: AtomicPtr<Ops>,
    /// An `OrderedMap<K, V>`.
    entries: Mut<Box<dyn Contents>>,
}

/// The place after an entry, its key and its value.
type Next<'py> = (usize, Handle<'py>, Handle<'py>);

/// The operations on maps of one pair of types. Conversions run outside the map's lock.
struct Ops {
    entry: fn() -> TypeId,
    bound: bool,
    names: fn() -> String,
    get: for<'py> fn(&RawMap, Decoder<'_>, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    set: fn(&RawMap, Decoder<'_>, Decoder<'_>) -> Op<()>,
    remove: for<'py> fn(&RawMap, Decoder<'_>, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    delete: fn(&RawMap, Decoder<'_>) -> Op<bool>,
    next: for<'py> fn(&RawMap, usize, Encoder<'py>) -> Op<Option<Next<'py>>>,
    extend: fn(&RawMap, Decoder<'_>) -> Op<()>,
    clear: fn(&RawMap) -> Op<()>,
    copy: fn(&RawMap) -> Op<AnyObj>,
    trace: Option<fn(&RawMap, &mut Tracer<'_>)>,
}

struct OpsFor<K, V>(PhantomData<(K, V)>);

macro_rules! try_op {
    ($value:expr) => {
        match $value {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

impl<K: Key, V: Value + Clone> OpsFor<K, V> {
    const BOUND: &'static Ops = &Self::ops(true);
    const OPEN: &'static Ops = &Self::ops(false);

    const fn ops(bound: bool) -> Ops {
        Ops {
            entry: TypeId::of::<(K, V)>,
            bound,
            names: || format!("Map[{}, {}]", K::type_name(), V::type_name()),
            get: |map, key, out| {
                // A key of another type is a key that is not there, as it is for `dict`.
                let Ok(key) = K::decode(key) else { return Ok(Ok(None)) };
                let value = map.with::<K, V, _>(|entries| entries.get(&key).cloned())?;
                Ok(value.map(|value| value.encode(out)).transpose())
            },
            set: |map, key, value| {
                let key = try_op!(map.key::<K>(key));
                let value = try_op!(map.part::<V>(value, "value"));
                // What comes out is dropped outside the lock.
                let old = map.with::<K, V, _>(|entries| entries.insert(key, value))?;
                drop(old);
                Ok(Ok(()))
            },
            remove: |map, key, out| {
                let Ok(key) = K::decode(key) else { return Ok(Ok(None)) };
                let entry = map.with::<K, V, _>(|entries| entries.remove(&key))?;
                Ok(entry.map(|(_, value)| value.encode(out)).transpose())
            },
            delete: |map, key| {
                let Ok(key) = K::decode(key) else { return Ok(Ok(false)) };
                // What comes out is dropped outside the lock.
                let entry = map.with::<K, V, _>(|entries| entries.remove(&key))?;
                Ok(Ok(entry.is_some()))
            },
            next: |map, place, out| {
                let found = map.with::<K, V, _>(|entries| {
                    entries.next_from(place).map(|(place, key, value)| (place, key.clone(), value.clone()))
                })?;
                let Some((place, key, value)) = found else { return Ok(Ok(None)) };
                Ok(Ok(Some((place, try_op!(key.encode(out)), try_op!(value.encode(out))))))
            },
            extend: |map, from| {
                let mut more = Vec::new();
                let read = from.for_each_pair(|key, value| {
                    more.push((map.key::<K>(key)?, map.part::<V>(value, "value")?));
                    Ok(())
                });
                if let Err(mismatch) = read {
                    return Ok(Err(from.error(mismatch, "a mapping or an iterable of pairs")));
                }
                let old = map.with::<K, V, _>(|entries| {
                    more.into_iter().map(|(key, value)| entries.insert(key, value)).collect::<Vec<_>>()
                })?;
                drop(old);
                Ok(Ok(()))
            },
            clear: |map| {
                let all = map.with::<K, V, _>(std::mem::take)?;
                drop(all);
                Ok(Ok(()))
            },
            copy: |map| {
                let copy = map.with::<K, V, _>(|entries| copy_of(entries))?;
                Ok(Ok(Obj::new(Map::from(copy)).into_any()))
            },
            trace: match <(K, V)>::TRACE {
                Some(_) => {
                    Some(|map, tracer| map.entries.try_read(|entries| trace_entries::<K, V>(&**entries, tracer)))
                }
                None => None,
            },
        }
    }
}

fn trace_entries<K: Key, V: Value>(entries: &dyn Contents, tracer: &mut Tracer<'_>) {
    // Of another type while the map is being bound.
    let Some(entries) = entries.as_any().downcast_ref::<OrderedMap<K, V>>() else { return };
    for (key, value) in entries.iter() {
        tracer.trace(key);
        tracer.trace(value);
    }
}

fn copy_of<K: Key, V: Value + Clone>(entries: &OrderedMap<K, V>) -> OrderedMap<K, V> {
    let mut copy = OrderedMap::default();
    for (key, value) in entries.iter() {
        copy.insert(key.clone(), value.clone());
    }
    copy
}

impl RawMap {
    fn new<K: Key, V: Value>(entries: OrderedMap<K, V>, ops: &'static Ops) -> Self {
        Self { ops: AtomicPtr::new(ptr::from_ref(ops).cast_mut()), entries: Mut::new(Box::new(entries)) }
    }

    fn ops(&self) -> &'static Ops {
        // Acquire: pairs with the release in `bind`.
        // SAFETY: only `new` and `bind` write the pointer, both from a `&'static`.
        unsafe { &*self.ops.load(Ordering::Acquire) }
    }

    fn with<K: 'static, V: 'static, R>(&self, look: impl FnOnce(&mut OrderedMap<K, V>) -> R) -> Result<R, Rebound> {
        self.entries.with(|entries| entries.as_any_mut().downcast_mut().map(look).ok_or(Rebound))
    }

    fn part<T: Value>(&self, from: Decoder<'_>, part: &str) -> Result<T, Error> {
        T::decode(from).map_err(|error| error.at(format_args!("{} {part}", self.type_name())))
    }

    /// A key, if it is one whose equality Rust knows.
    fn key<K: Key>(&self, from: Decoder<'_>) -> Result<K, Error> {
        let key = self.part::<K>(from, "key")?;
        if (&key as &dyn StdAny).downcast_ref().is_some_and(Any::is_opaque) {
            let message = format!("expected a key that Rust can compare, got {}", from.class_name());
            return Err(Error::type_error(message).at(format_args!("{} key", self.type_name())));
        }
        Ok(key)
    }

    fn run<R>(&self, op: impl Fn(&'static Ops) -> Op<R>) -> Result<R, Error> {
        retry(|| op(self.ops()))
    }

    /// Binds an open map to these types, or checks that it is bound to them.
    fn bind<K: Key, V: Value + Clone>(&self) -> Result<(), Error> {
        let names = OpsFor::<K, V>::BOUND.names;
        loop {
            let ops = self.ops();
            if ops.bound {
                if (ops.entry)() == TypeId::of::<(K, V)>() {
                    return Ok(());
                }
                return Err(Error::expected(&names(), &(ops.names)()));
            }
            // Converted outside the lock: a value may be a map that is bound in turn, even this one.
            let Ok(before) = self.with(|entries: &mut OrderedMap<Any, Any>| pairs(entries)) else { continue };
            let mut converted = OrderedMap::default();
            for (key, value) in &before {
                let key = key.to::<K>().map_err(|e| e.at(format_args!("{} key", names())))?;
                converted.insert(key, value.to::<V>().map_err(|e| e.at(format_args!("{} value", names())))?);
            }
            self.entries.with(|now| {
                let unchanged = now.as_any().downcast_ref().is_some_and(|now| pairs(now) == before);
                if unchanged && !self.ops().bound {
                    *now = Box::new(std::mem::take(&mut converted));
                    let ops = ptr::from_ref(OpsFor::<K, V>::BOUND).cast_mut();
                    // Release: pairs with the acquire in `ops`. Under the lock, so that only one binding wins.
                    self.ops.store(ops, Ordering::Release);
                }
            });
        }
    }

    /// A map that the frontend made, to be built in place: open.
    #[must_use]
    pub fn open_value() -> Map<Any, Any> {
        Map { raw: Self::new(OrderedMap::<Any, Any>::default(), OpsFor::<Any, Any>::OPEN), _entries: PhantomData }
    }

    /// The same as an object.
    #[must_use]
    pub fn open() -> AnyObj {
        Obj::new(Self::open_value()).into_any()
    }

    /// The map in an object.
    #[must_use]
    pub fn of(object: &AnyObj) -> Option<&Self> {
        if !object.type_info().is_a(&MAP) {
            return None;
        }
        // SAFETY: the object is a map of some types, and maps are transparent over this.
        Some(unsafe { object.as_raw().value().cast().as_ref() })
    }

    /// The type as a Python user would write it.
    #[must_use]
    pub fn type_name(&self) -> String {
        (self.ops().names)()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.read(|entries| entries.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn get<'py>(&self, key: Decoder<'_>, out: Encoder<'py>) -> Result<Option<Handle<'py>>, Error> {
        self.run(|ops| (ops.get)(self, key, out))
    }

    /// Puts a value in.
    ///
    /// # Errors
    ///
    /// A key or a value that is not of the map's types.
    pub fn set(&self, key: Decoder<'_>, value: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.set)(self, key, value))
    }

    /// Takes an entry out and gives its value.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn remove<'py>(&self, key: Decoder<'_>, out: Encoder<'py>) -> Result<Option<Handle<'py>>, Error> {
        self.run(|ops| (ops.remove)(self, key, out))
    }

    /// Drops an entry, which the frontend does not see; whether it was there.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn delete(&self, key: Decoder<'_>) -> Result<bool, Error> {
        self.run(|ops| (ops.delete)(self, key))
    }

    /// The first entry at or after a place, and the place after it. Iteration starts at 0.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn next<'py>(
        &self,
        place: usize,
        out: Encoder<'py>,
    ) -> Result<Option<(usize, Handle<'py>, Handle<'py>)>, Error> {
        self.run(|ops| (ops.next)(self, place, out))
    }

    /// Puts all entries of a mapping or an iterable of pairs in, or none if one does not fit.
    ///
    /// # Errors
    ///
    /// A key or a value that is not of the map's types.
    pub fn extend(&self, from: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.extend)(self, from))
    }

    /// Removes everything.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn clear(&self) -> Result<(), Error> {
        self.run(|ops| (ops.clear)(self))
    }

    /// A new map of the same types with the same entries.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn copy(&self) -> Result<AnyObj, Error> {
        self.run(|ops| (ops.copy)(self))
    }
}

fn pairs<K: Key, V: Value + Clone>(entries: &OrderedMap<K, V>) -> Vec<(K, V)> {
    entries.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}

impl fmt::Debug for RawMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.type_name(), self.len())
    }
}

impl<K: Key, V: Value + Clone> Map<K, V> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::from(OrderedMap::default())
    }

    /// Runs `look` with the entries borrowed mutably, under the map's lock.
    ///
    /// `look` should be short, and must not use the same map again: that would wait for itself, forever.
    pub fn with<R>(&self, look: impl FnOnce(&mut OrderedMap<K, V>) -> R) -> R {
        match self.raw.with(look) {
            Ok(result) => result,
            // `admit` has bound the map before anyone got it as one of these types.
            Err(Rebound) => unreachable!("a map that was not bound"),
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// A copy of a key's value.
    #[must_use]
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.with(|entries| entries.get(key).cloned())
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.with(|entries| entries.get(key).is_some())
    }

    /// Puts a value in, at the end if the key is new. Gives the old value.
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        self.with(|entries| entries.insert(key, value))
    }

    /// Takes an entry out and gives its value.
    pub fn remove<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.with(|entries| entries.remove(key)).map(|(_, value)| value)
    }

    /// Removes everything.
    pub fn clear(&self) {
        drop(self.with(std::mem::take));
    }

    /// A copy of the keys, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<K> {
        self.with(|entries| entries.iter().map(|(k, _)| k.clone()).collect())
    }

    /// A copy of the values, in order.
    #[must_use]
    pub fn values(&self) -> Vec<V> {
        self.with(|entries| entries.iter().map(|(_, v)| v.clone()).collect())
    }

    /// The entries as they are now; later changes do not show.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<(K, V)> {
        self.with(|entries| pairs(entries)).into_iter()
    }
}

impl<K: Key, V: Value + Clone> From<OrderedMap<K, V>> for Map<K, V> {
    fn from(entries: OrderedMap<K, V>) -> Self {
        Self { raw: RawMap::new(entries, OpsFor::<K, V>::BOUND), _entries: PhantomData }
    }
}

impl<K: Key, V: Value + Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut entries = OrderedMap::default();
        for (key, value) in items {
            entries.insert(key, value);
        }
        Self::from(entries)
    }
}

impl<K: Key, V: Value + Clone> IntoIterator for &Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Key, V: Value + Clone> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<K, V> Map<K, V> {
    /// The map without its types.
    #[doc(hidden)]
    #[must_use]
    pub fn as_raw(&self) -> &RawMap {
        &self.raw
    }
}

static MAP_CELL: TypeCell = TypeCell::new();
pub(crate) static MAP: TypeInfo = TypeInfo {
    key: "ffi_object::Map",
    name: "Map",
    module: None,
    doc: "A mapping that lives in Rust, keeps the order of insertion and hands out its values, never copies.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: Some(trace),
    options: TypeOptions::NONE,
    cell: &MAP_CELL,
    memory: Memory::of::<RawMap>(),
};

/// # Safety
///
/// A map is there.
unsafe fn trace(map: NonNull<()>, tracer: &mut Tracer<'_>) {
    // SAFETY: by the caller; maps are transparent over this.
    let map: &RawMap = unsafe { map.cast().as_ref() };
    if let Some(trace) = map.ops().trace {
        trace(map, tracer);
    }
}

// SAFETY: extends the root, which has no fields. All maps are transparent over `RawMap`, which `MAP` describes.
#[diagnostic::do_not_recommend]
unsafe impl<K: Key, V: Value + Clone> FfiObject for Map<K, V> {
    type Base = Object;
    const TYPE: &'static TypeInfo = &MAP;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &MAP];

    fn admit(&self) -> Result<(), Error> {
        self.raw.bind::<K, V>()
    }

    fn reach(reach: &mut Reach) {
        reach.of::<(K, V)>();
    }
}
