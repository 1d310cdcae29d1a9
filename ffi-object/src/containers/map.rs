//! `Map<K, V>`.

use std::any::Any as StdAny;
use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::erased::Rebound;
use super::ordered_map::OrderedMap;
use super::raw_map::RawMap;
use crate::any::Any;
use crate::census::TypeCell;
use crate::error::Error;
use crate::frontend::Decoder;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Object};
use crate::trace::{Reach, Tracer};
use crate::value::Value;

/// A value that a map's key, or an element of a set, may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can be neither a key of a `Map` nor an element of a `Set`",
    label = "not a value with `Clone`, `Eq` and `Hash`",
    note = "a key of any type, floats among them, is an `ffi_object::Any`"
)]
pub trait Key: Value + Clone + Eq + Hash {}

#[diagnostic::do_not_recommend]
impl<K: Value + Clone + Eq + Hash> Key for K {}

/// A key that Rust can compare: for an instance of a subclass of `str`, say, the text that it equals.
pub(super) fn decode_key<K: Key>(from: Decoder<'_>, what: &str) -> Result<K, Error> {
    let mut key = K::decode(from)?;
    let opaque = (&mut key as &mut dyn StdAny).downcast_mut::<Any>().filter(|any| any.is_opaque());
    if let Some(any) = opaque {
        *any = from.key().map_err(|mismatch| from.error(mismatch, "object"))?;
        if any.is_opaque() {
            let message = format!("expected {what} that Rust can compare, got {}", from.class_name());
            return Err(Error::type_error(message));
        }
    }
    Ok(key)
}

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
pub struct Map<K: Key = Any, V = Any> {
    raw: RawMap,
    _entries: PhantomData<fn() -> (K, V)>,
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
        Self::expect_bound(self.raw.with(look))
    }

    fn read<R>(&self, look: impl FnOnce(&OrderedMap<K, V>) -> R) -> R {
        Self::expect_bound(self.raw.read(look))
    }

    fn expect_bound<R>(result: Result<R, Rebound>) -> R {
        // `admit` has bound the map before anyone got it as one of these types.
        result.unwrap_or_else(|Rebound| unreachable!("a map that was not bound"))
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
        self.read(|entries| entries.get(key).cloned())
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.read(|entries| entries.get(key).is_some())
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

    /// Takes the last entry out.
    #[must_use = "dropping the last entry on purpose reads better as `drop(map.pop())`"]
    pub fn pop(&self) -> Option<(K, V)> {
        self.with(OrderedMap::pop)
    }

    /// A copy of a key's value, which is made and put in if the key is not there.
    ///
    /// `make` may use the map and take its time: it runs under no lock. If another thread is faster, its value stays.
    ///
    /// ```
    /// use ffi_object::{List, Map, Obj};
    ///
    /// let pages: Map<String, Obj<List<i64>>> = Map::new();
    /// for (word, page) in [("sea", 1), ("sky", 2), ("sea", 3)] {
    ///     pages.get_or_insert_with(word.into(), Obj::default).push(page);
    /// }
    /// assert_eq!(pages.get("sea").unwrap().to_vec(), [1, 3]);
    /// ```
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> V {
        if let Some(found) = self.read(|entries| entries.get(&key).cloned()) {
            return found;
        }
        let value = make();
        self.with(|entries| entries.get_or_insert(&key, &value)).unwrap_or(value)
    }

    /// Replaces a key's value by what `change` makes of it, `None` for no value, and gives a copy of that.
    ///
    /// `change` may use the map and take its time: it runs under no lock. If another thread changes the map meanwhile, it is
    /// asked again.
    ///
    /// ```
    /// use ffi_object::Map;
    ///
    /// let counts: Map<char, i64> = Map::new();
    /// for letter in "abba".chars() {
    ///     counts.update(letter, |count| Some(count.unwrap_or(0) + 1));
    /// }
    /// assert_eq!((counts.get(&'a'), counts.get(&'b')), (Some(2), Some(2)));
    /// assert_eq!(counts.update('a', |_| None), None);
    /// assert_eq!(counts.keys(), ['b']);
    /// ```
    pub fn update(&self, key: K, mut change: impl FnMut(Option<V>) -> Option<V>) -> Option<V> {
        loop {
            let version = self.raw.version();
            let new = change(self.read(|entries| entries.get(&key).cloned()));
            // What comes out is dropped outside the lock.
            let old = self.with_version(version, |entries| match &new {
                Some(value) => entries.insert(key.clone(), value.clone()),
                None => entries.remove(&key).map(|(_, value)| value),
            });
            if old.is_some() {
                return new;
            }
        }
    }

    /// Keeps the entries that `keep` says yes to.
    ///
    /// `keep` may use the map and take its time: it looks at a copy, under no lock. If another thread changes the map
    /// meanwhile, it is asked again.
    ///
    /// ```
    /// use ffi_object::Map;
    ///
    /// let ages: Map<String, i64> = [("Ada".into(), 36), ("Alan".into(), 41)].into_iter().collect();
    /// ages.retain(|_, age| *age > 40);
    /// assert_eq!(ages.keys(), ["Alan"]);
    /// ```
    pub fn retain(&self, mut keep: impl FnMut(&K, &V) -> bool) {
        loop {
            let version = self.raw.version();
            let gone: Vec<K> = self.iter().filter(|(key, value)| !keep(key, value)).map(|(key, _)| key).collect();
            // What comes out is dropped outside the lock.
            let old = self
                .with_version(version, |entries| gone.iter().filter_map(|key| entries.remove(key)).collect::<Vec<_>>());
            if old.is_some() {
                return;
            }
        }
    }

    /// Puts entries in. They are all made before the map is locked.
    pub fn extend(&self, entries: impl IntoIterator<Item = (K, V)>) {
        let more: Vec<(K, V)> = entries.into_iter().collect();
        // What comes out is dropped outside the lock.
        let old = self
            .with(|entries| more.into_iter().filter_map(|(key, value)| entries.insert(key, value)).collect::<Vec<_>>());
        drop(old);
    }

    /// Runs `look` under the lock, unless the map has changed since it had this version.
    fn with_version<R>(&self, version: u32, look: impl FnOnce(&mut OrderedMap<K, V>) -> R) -> Option<R> {
        Self::expect_bound(self.raw.with_version(version, look))
    }

    /// Removes everything.
    pub fn clear(&self) {
        drop(self.with(OrderedMap::take));
    }

    /// A copy of the keys, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<K> {
        self.read(|entries| entries.iter().map(|(k, _)| k.clone()).collect())
    }

    /// A copy of the values, in order.
    #[must_use]
    pub fn values(&self) -> Vec<V> {
        self.read(|entries| entries.iter().map(|(_, v)| v.clone()).collect())
    }

    /// The entries as they are now; later changes do not show.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<(K, V)> {
        self.read(OrderedMap::to_vec).into_iter()
    }
}

impl<K: Key, V: Value + Clone> From<OrderedMap<K, V>> for Map<K, V> {
    fn from(entries: OrderedMap<K, V>) -> Self {
        Self::of_raw(RawMap::bound(entries))
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

impl<K: Key, V> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<K: Key, V> Map<K, V> {
    /// The map of what is one of these types, or open.
    pub(super) fn of_raw(raw: RawMap) -> Self {
        Self { raw, _entries: PhantomData }
    }

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
    map.trace(tracer);
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
