//! The collections of `std`, by value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle, Mismatch};
use crate::trace::Tracing;
use crate::value::{Return, Value};

/// Reads a collection's parts, naming the place of one that does not fit.
fn collect<T: Value>(from: Decoder<'_>, name: &str, mut take: impl FnMut(T)) -> Result<usize, Error> {
    // Text can be iterated, but who passes it for a collection has made a mistake.
    if from.str().is_ok() {
        return Err(from.error(Mismatch::Type, name));
    }
    let mut index = 0;
    let read = from.for_each(|item| {
        take(T::decode(item).map_err(|error| error.at(format_args!("item {index}")))?);
        index += 1;
        Ok(())
    });
    read.map_err(|mismatch| from.error(mismatch, name))?;
    Ok(index)
}

impl<T: Value> Value for Vec<T> {
    // SAFETY: it owns its items.
    const TRACE: Option<Tracing<Self>> = unsafe { Tracing::of_parts::<T>(|items, tracer| tracer.trace_all(items)) };

    fn type_name() -> Cow<'static, str> {
        format!("tuple[{}, ...]", T::type_name()).into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.tuple(self.len(), |i| self[i].encode(out))
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        if let Some(items) = T::decode_numbers(from)? {
            return Ok(items);
        }
        let mut items = Vec::new();
        collect(from, "a sequence", |item| items.push(item))?;
        Ok(items)
    }
}

impl<T: Return> Return for Vec<T> {
    fn type_name() -> Cow<'static, str> {
        format!("tuple[{}, ...]", T::type_name()).into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        let len = self.len();
        let mut items = self.into_iter();
        out.tuple(len, |_| items.next().map_or_else(|| Ok(out.none()), |item| item.give(out)))
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    // SAFETY: it owns its items.
    const TRACE: Option<Tracing<Self>> = unsafe { Tracing::of_parts::<T>(|items, tracer| tracer.trace_all(items)) };

    fn type_name() -> Cow<'static, str> {
        format!("tuple[{}]", vec![T::type_name(); N].join(", ")).into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.tuple(N, |i| self[i].encode(out))
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        Self::try_from(Vec::<T>::decode(from)?)
            .map_err(|items| Error::value(format!("expected {N} items, got {}", items.len())))
    }
}

impl<T: Value, const N: usize> Return for [T; N] {
    fn type_name() -> Cow<'static, str> {
        <Self as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
}

macro_rules! maps {
    ($($map:ident<K: $($bound:path),+ $(; $hasher:ident: $($hbound:path),+)?>),*) => {
        $(impl<K, V $(, $hasher)?> Value for $map<K, V $(, $hasher)?>
        where
            K: Value $(+ $bound)+,
            V: Value,
            $($hasher: $($hbound +)+ Send + Sync + 'static,)?
        {
            // SAFETY: it owns its entries.
            const TRACE: Option<Tracing<Self>> = unsafe {
                Tracing::of_parts::<(K, V)>(|map, tracer| {
                    tracer.trace_all(map.keys());
                    tracer.trace_all(map.values());
                })
            };

            fn type_name() -> Cow<'static, str> {
                format!("Mapping[{}, {}]", K::type_name(), V::type_name()).into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let mut items = self.iter();
                out.mapping(self.len(), |_| match items.next() {
                    Some((key, value)) => Ok((key.encode(out)?, value.encode(out)?)),
                    None => Err(Error::runtime("a map became shorter while it was read")),
                })
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let mut map = Self::default();
                let read = from.for_each_pair(|key, value| {
                    map.insert(
                        K::decode(key).map_err(|error| error.at("key"))?,
                        V::decode(value).map_err(|error| error.at("value"))?,
                    );
                    Ok(())
                });
                read.map_err(|mismatch| from.error(mismatch, "a mapping"))?;
                Ok(map)
            }
        }
        impl<K, V $(, $hasher)?> Return for $map<K, V $(, $hasher)?>
        where
            Self: Value,
        {
            fn type_name() -> Cow<'static, str> {
                <Self as Value>::type_name()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                self.encode(out)
            }
        })*
    };
}

maps!(HashMap<K: Eq, Hash; S: BuildHasher, Default>, BTreeMap<K: Ord>);

macro_rules! sets {
    ($($set:ident<T: $($bound:path),+ $(; $hasher:ident: $($hbound:path),+)?>),*) => {
        $(impl<T $(, $hasher)?> Value for $set<T $(, $hasher)?>
        where
            T: Value $(+ $bound)+,
            $($hasher: $($hbound +)+ Send + Sync + 'static,)?
        {
            fn type_name() -> Cow<'static, str> {
                format!("frozenset[{}]", T::type_name()).into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let mut items = self.iter();
                out.set(self.len(), |_| items.next().map_or_else(|| Ok(out.none()), |item| item.encode(out)))
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let mut set = Self::default();
                collect(from, "a set", |item| {
                    set.insert(item);
                })?;
                Ok(set)
            }
        }
        impl<T $(, $hasher)?> Return for $set<T $(, $hasher)?>
        where
            Self: Value,
        {
            fn type_name() -> Cow<'static, str> {
                <Self as Value>::type_name()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                self.encode(out)
            }
        })*
    };
}

sets!(HashSet<T: Eq, Hash; S: BuildHasher, Default>, BTreeSet<T: Ord>);
