//! `RawMap`: a map whose types are known at run time.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use parking_lot::Mutex;

use super::erased::{try_op, Erased, Op, Rebound};
use super::map::{decode_key, Key, Map, MAP};
use super::ordered_map::{OrderedMap, Position, Step};
use crate::any::Any;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::obj::{AnyObj, Obj};
use crate::trace::Tracer;
use crate::value::{Looked, Value};

/// A map whose types are known at run time only: how frontends see all maps.
pub struct RawMap {
    /// The contents are an `OrderedMap<K, V>`.
    erased: Erased<Ops>,
}

/// The place after an entry, its key and its value.
type Next<'py> = (usize, Handle<'py>, Handle<'py>);

/// A key and its value.
type Entry<'py> = (Handle<'py>, Handle<'py>);

/// The parts of an entry that were asked for.
type Parts<'py> = (Option<Handle<'py>>, Option<Handle<'py>>);

/// The way through a map, of someone who lets others do what they want meanwhile.
#[derive(Debug)]
pub struct Cursor {
    /// Locked under the map's lock, and while nothing else runs.
    pub(super) position: Mutex<Position>,
    /// Whether keys and values are asked for.
    parts: (bool, bool),
}

impl Cursor {
    pub(super) fn new(position: Position, parts: (bool, bool)) -> Self {
        Self { position: Mutex::new(position), parts }
    }
}

impl Clone for Cursor {
    fn clone(&self) -> Self {
        Self::new(*self.position.lock(), self.parts)
    }
}

/// The operations on maps of one pair of types. Conversions run outside the map's lock, and so does the end of what comes
/// out.
struct Ops {
    entry: fn() -> TypeId,
    bound: bool,
    names: fn() -> String,
    get: for<'py> fn(&RawMap, Decoder<'_>, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    contains: fn(&RawMap, Decoder<'_>) -> Op<bool>,
    set: fn(&RawMap, Decoder<'_>, Decoder<'_>) -> Op<()>,
    set_default: for<'py> fn(&RawMap, Decoder<'_>, Decoder<'_>, Encoder<'py>) -> Op<Handle<'py>>,
    remove: for<'py> fn(&RawMap, Decoder<'_>, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    delete: fn(&RawMap, Decoder<'_>) -> Op<bool>,
    pop: for<'py> fn(&RawMap, Encoder<'py>) -> Op<Option<Entry<'py>>>,
    next: for<'py> fn(&RawMap, usize, Encoder<'py>) -> Op<Option<Next<'py>>>,
    beginning: fn(&RawMap, bool) -> Op<Position>,
    step: for<'py> fn(&RawMap, &Cursor, Encoder<'py>) -> Op<Step<Parts<'py>>>,
    extend: fn(&RawMap, Decoder<'_>) -> Op<()>,
    clear: fn(&RawMap) -> Op<()>,
    copy: fn(&RawMap) -> Op<AnyObj>,
    trace: Option<fn(&RawMap, &mut Tracer<'_>)>,
}

struct OpsFor<K, V>(PhantomData<(K, V)>);

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
                let Ok(key) = decode_key::<K>(key, "a key") else { return Ok(Ok(None)) };
                let value = map.read::<K, V, _>(|entries| entries.get(&key).map(|value| Looked::at(value, out)))?;
                Ok(value.map(|value| value.encode(out)).transpose())
            },
            contains: |map, key| {
                let Ok(key) = decode_key::<K>(key, "a key") else { return Ok(Ok(false)) };
                map.read::<K, V, _>(|entries| entries.get(&key).is_some()).map(Ok)
            },
            set: |map, key, value| {
                let key = try_op!(map.key::<K>(key));
                let value = try_op!(map.part::<V>(value, "value"));
                let old = map.with::<K, V, _>(|entries| entries.insert(key, value))?;
                drop(old);
                Ok(Ok(()))
            },
            set_default: |map, key, default, out| {
                let key = try_op!(map.key::<K>(key));
                let found = map.read::<K, V, _>(|entries| entries.get(&key).cloned())?;
                let value = match found {
                    Some(value) => value,
                    None => {
                        let value = try_op!(map.part::<V>(default, "value"));
                        // Someone may have been faster.
                        let found = map.with::<K, V, _>(|entries| entries.get_or_insert(&key, &value))?;
                        found.unwrap_or(value)
                    }
                };
                Ok(value.encode(out))
            },
            remove: |map, key, out| {
                let Ok(key) = decode_key::<K>(key, "a key") else { return Ok(Ok(None)) };
                let entry = map.with::<K, V, _>(|entries| entries.remove(&key))?;
                Ok(entry.map(|(_, value)| value.encode(out)).transpose())
            },
            delete: |map, key| {
                let Ok(key) = decode_key::<K>(key, "a key") else { return Ok(Ok(false)) };
                let entry = map.with::<K, V, _>(|entries| entries.remove(&key))?;
                Ok(Ok(entry.is_some()))
            },
            pop: |map, out| {
                let Some((key, value)) = map.with::<K, V, _>(OrderedMap::pop)? else { return Ok(Ok(None)) };
                Ok(Ok(Some((try_op!(key.encode(out)), try_op!(value.encode(out))))))
            },
            next: |map, place, out| {
                let found = map.read::<K, V, _>(|entries| {
                    let found = entries.next_from(place);
                    found.map(|(place, key, value)| (place, Looked::at(key, out), Looked::at(value, out)))
                })?;
                let Some((place, key, value)) = found else { return Ok(Ok(None)) };
                Ok(Ok(Some((place, try_op!(key.encode(out)), try_op!(value.encode(out))))))
            },
            beginning: |map, backwards| map.read::<K, V, _>(|entries| entries.beginning(backwards)).map(Ok),
            step: |map, cursor, out| {
                let (keys, values) = cursor.parts;
                let step = map.read::<K, V, _>(|entries| {
                    let step = entries.step(&mut cursor.position.lock());
                    step.map(|(key, value)| {
                        (keys.then(|| Looked::at(key, out)), values.then(|| Looked::at(value, out)))
                    })
                })?;
                Ok(step.try_map(|(key, value)| {
                    let key = key.map(|key| key.encode(out)).transpose()?;
                    Ok((key, value.map(|value| value.encode(out)).transpose()?))
                }))
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
                    more.drain(..).map(|(key, value)| entries.insert(key, value)).collect::<Vec<_>>()
                })?;
                drop(old);
                Ok(Ok(()))
            },
            clear: |map| {
                let all = map.with::<K, V, _>(OrderedMap::take)?;
                drop(all);
                Ok(Ok(()))
            },
            copy: |map| {
                let copy = map.read::<K, V, _>(OrderedMap::clone)?;
                // An open map's entries are `Any`. It may have been bound to other types since they were copied.
                let (ops, any) = (map.ops(), TypeId::of::<(Any, Any)>());
                let open = TypeId::of::<(K, V)>() == any && !(ops.bound && (ops.entry)() == any);
                let raw = RawMap::new(copy, if open { Self::OPEN } else { Self::BOUND });
                Ok(Ok(Obj::new(Map::<K, V>::of_raw(raw)).into_any()))
            },
            trace: match <(K, V)>::TRACE {
                Some(_) => Some(|map, tracer| {
                    map.erased.try_read(|entries: &OrderedMap<K, V>| {
                        for (key, value) in entries.iter() {
                            tracer.trace(key);
                            tracer.trace(value);
                        }
                    });
                }),
                None => None,
            },
        }
    }
}

impl RawMap {
    /// A map of its types for good.
    pub(super) fn bound<K: Key, V: Value + Clone>(entries: OrderedMap<K, V>) -> Self {
        Self::new(entries, OpsFor::<K, V>::BOUND)
    }

    fn new<K: Key, V: Value>(entries: OrderedMap<K, V>, ops: &'static Ops) -> Self {
        Self { erased: Erased::new(entries, ops) }
    }

    fn ops(&self) -> &'static Ops {
        self.erased.ops()
    }

    pub(super) fn with<K: 'static, V: 'static, R>(
        &self,
        look: impl FnOnce(&mut OrderedMap<K, V>) -> R,
    ) -> Result<R, Rebound> {
        self.erased.with(look)
    }

    pub(super) fn read<K: 'static, V: 'static, R>(
        &self,
        look: impl FnOnce(&OrderedMap<K, V>) -> R,
    ) -> Result<R, Rebound> {
        self.erased.read(look)
    }

    /// The same as `with`, unless the map has changed since it had this version.
    pub(super) fn with_version<K: 'static, V: 'static, R>(
        &self,
        version: u32,
        look: impl FnOnce(&mut OrderedMap<K, V>) -> R,
    ) -> Result<Option<R>, Rebound> {
        self.erased.with_version(version, look)
    }

    /// A number that is another one after each change of the map.
    pub(super) fn version(&self) -> u32 {
        self.erased.version()
    }

    /// Tells a collector what is in the map.
    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(trace) = self.ops().trace {
            trace(self, tracer);
        }
    }

    fn part<T: Value>(&self, from: Decoder<'_>, part: &str) -> Result<T, Error> {
        T::decode(from).map_err(|error| error.at(format_args!("{} {part}", self.type_name())))
    }

    fn key<K: Key>(&self, from: Decoder<'_>) -> Result<K, Error> {
        decode_key(from, "a key").map_err(|error| error.at(format_args!("{} key", self.type_name())))
    }

    fn run<R>(&self, op: impl Fn(&'static Ops) -> Op<R>) -> Result<R, Error> {
        self.erased.run(op)
    }

    /// Binds an open map to these types, or checks that it is bound to them.
    pub(super) fn bind<K: Key, V: Value + Clone>(&self) -> Result<(), Error> {
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
            let Ok(before) = self.read(OrderedMap::<Any, Any>::to_vec) else { continue };
            let mut converted = OrderedMap::default();
            for (key, value) in &before {
                let key = key.to::<K>().map_err(|e| e.at(format_args!("{} key", names())))?;
                converted.insert(key, value.to::<V>().map_err(|e| e.at(format_args!("{} value", names())))?);
            }
            self.erased.replace(OpsFor::<K, V>::BOUND, |open: &OrderedMap<Any, Any>| {
                let unchanged = open.to_vec() == before && !self.ops().bound;
                unchanged.then(|| {
                    converted.replaces(open);
                    std::mem::take(&mut converted)
                })
            });
        }
    }

    /// A map that the frontend made, to be built in place: open.
    #[must_use]
    pub fn open_value() -> Map<Any, Any> {
        Map::of_raw(Self::new(OrderedMap::<Any, Any>::default(), OpsFor::<Any, Any>::OPEN))
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
        self.erased.len()
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

    /// Whether a key is there. The frontend does not see its value.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn contains(&self, key: Decoder<'_>) -> Result<bool, Error> {
        self.run(|ops| (ops.contains)(self, key))
    }

    /// Puts a value in.
    ///
    /// # Errors
    ///
    /// A key or a value that is not of the map's types.
    pub fn set(&self, key: Decoder<'_>, value: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.set)(self, key, value))
    }

    /// The value of a key, which is put in if it is not there.
    ///
    /// # Errors
    ///
    /// A key or a value that is not of the map's types.
    pub fn set_default<'py>(
        &self,
        key: Decoder<'_>,
        default: Decoder<'_>,
        out: Encoder<'py>,
    ) -> Result<Handle<'py>, Error> {
        self.run(|ops| (ops.set_default)(self, key, default, out))
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

    /// Takes the last entry out.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn pop<'py>(&self, out: Encoder<'py>) -> Result<Option<Entry<'py>>, Error> {
        self.run(|ops| (ops.pop)(self, out))
    }

    /// The beginning of the way through the map, from the first entry to the last or the other way round, of someone who
    /// asks for keys and for values.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn cursor(&self, backwards: bool, parts: (bool, bool)) -> Result<Cursor, Error> {
        let position = self.run(|ops| (ops.beginning)(self, backwards))?;
        Ok(Cursor::new(position, parts))
    }

    /// The parts of the next entry that are asked for.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn step<'py>(&self, cursor: &Cursor, out: Encoder<'py>) -> Result<Step<Parts<'py>>, Error> {
        self.run(|ops| (ops.step)(self, cursor, out))
    }

    /// How many entries are still to come.
    #[must_use]
    pub fn left(&self, cursor: &Cursor) -> usize {
        let len = self.len();
        cursor.position.lock().left(len)
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

impl fmt::Debug for RawMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.type_name(), self.len())
    }
}
