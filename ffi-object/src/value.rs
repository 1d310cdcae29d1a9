//! What crosses: values both ways, results outwards, borrowed arguments inwards.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};
use std::path::PathBuf;
use std::sync::Arc;

use crate::any::Any;
use crate::bytes::{Bytes, Str};
use crate::containers::{Key, List, Map};
use crate::error::{Error, IntoError};
use crate::frontend::{Decoder, Encoder, Handle, Mismatch};
use crate::info::{FieldKind, Kind};
use crate::obj::{FfiObject, Obj};
use crate::trace::{Tracer, Tracing};
use crate::weak::WeakObj;

/// A value that crosses by copy, or an owner of an object.
///
/// Implemented for `bool`, all integers, floats, `char`, `String`, [`Str`], [`Bytes`], `PathBuf`, [`Any`], [`Obj`], [`WeakObj`],
/// [`Function`](crate::Function), [`PyValue`](crate::PyValue), `Option`, tuples, arrays, `Vec`, and the maps and sets of `std`. Collections arrive as immutable values of the
/// frontend's language, so that no one edits a copy by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross to a frontend",
    label = "no `Value`",
    note = "an object crosses as `Obj<…>`; arguments may also be `&…` of an object, `&str` or `&[u8]`"
)]
pub trait Value: Send + Sync + Sized + 'static {
    /// How a frontend may read a plain field of this type by itself.
    const KIND: Kind<Self> = Kind::OPAQUE;
    /// How a collector sees what it consists of.
    #[doc(hidden)]
    const TRACE: Option<Tracing<Self>> = None;

    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Makes a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
    /// Reads a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// Another type, or a number out of range.
    fn decode(from: Decoder<'_>) -> Result<Self, Error>;
    /// The value that means nothing, if there is one.
    #[must_use]
    fn nothing() -> Option<Self> {
        None
    }
}

/// What a function may give back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function that a frontend calls",
    label = "no `Return`",
    note = "a result is a `Value`, a struct with `#[derive(FfiObject)]`, or an `Option`, `Vec`, tuple or `Result` of one"
)]
pub trait Return {
    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Makes a value of the frontend's language.
    ///
    /// # Errors
    ///
    /// The function's own error, or what goes wrong in the frontend's language.
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
}

/// What a function may take by reference.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` cannot be an argument of a function that a frontend calls",
    label = "no object",
    note = "borrowed arguments are `&str`, `&[u8]`, `&Obj<…>` and `&` of a struct with `#[derive(FfiObject)]`"
)]
pub trait RefArg {
    /// What is kept during the call.
    type Held<'py>: Borrow<Self>;
    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// Reads the argument.
    ///
    /// # Errors
    ///
    /// Another type.
    fn hold(from: Decoder<'_>) -> Result<Self::Held<'_>, Error>;
}

macro_rules! returns {
    ($($ty:ty),* $(,)?) => {
        $(impl Return for $ty {
            fn type_name() -> Cow<'static, str> {
                <$ty as Value>::type_name()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                self.encode(out)
            }
        })*
    };
}

macro_rules! scalars {
    ($($ty:ty, $name:literal, $kind:ident, |$this:ident, $out:ident| $encode:expr, |$from:ident| $decode:expr;)*) => {
        $(impl Value for $ty {
            const KIND: Kind<Self> = Kind::new(FieldKind::$kind);
            fn type_name() -> Cow<'static, str> {
                $name.into()
            }
            fn encode<'py>(&self, $out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let $this = self;
                $encode
            }
            fn decode($from: Decoder<'_>) -> Result<Self, Error> {
                $decode.map_err(|mismatch| $from.error(mismatch, $name))
            }
        }
        returns!($ty);)*
    };
}

scalars! {
    bool, "bool", Bool, |v, out| Ok(out.bool(*v)), |from| from.bool();
    f64, "float", F64, |v, out| out.float(*v), |from| from.float();
    f32, "float", Opaque, |v, out| out.float(f64::from(*v)), |from| from.float().map(round);
    String, "str", String, |v, out| out.str(v), |from| from.str().map(String::from);
    Str, "str", Opaque, |v, out| out.str(v), |from| from.str().map(Str::new);
    Bytes, "bytes", Opaque, |v, out| out.bytes(v), |from| from.bytes().map(Bytes::new);
    PathBuf, "str | os.PathLike", Opaque, |v, out| out.path(v), |from| from.path();
    char, "str of length 1", Opaque, |v, out| out.str(v.encode_utf8(&mut [0; 4])), |from| decode_char(from);
}

#[expect(clippy::cast_possible_truncation, reason = "a float rounds")]
fn round(value: f64) -> f32 {
    value as f32
}

fn decode_char(from: Decoder<'_>) -> Result<char, Mismatch> {
    let text = from.str()?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(Mismatch::Error(Error::type_error(format!(
            "expected str of length 1, got str of length {}",
            text.chars().count()
        )))),
    }
}

impl Value for Any {
    const TRACE: Option<Tracing<Self>> =
        // SAFETY: a tuple is looked into if it has no other owner.
        Some(unsafe { Tracing::new(trace_any, |reach| reach.anything = true) });

    fn type_name() -> Cow<'static, str> {
        "object".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        encode_any(self, out)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        from.any().map_err(|mismatch| from.error(mismatch, "object"))
    }
}
returns!(Any);

fn trace_any(any: &Any, tracer: &mut Tracer<'_>) {
    match any {
        Any::Foreign(value) => tracer.value(value),
        Any::Object(object) => tracer.object(object.as_raw()),
        Any::Tuple(items) if Arc::strong_count(items) == 1 => items.iter().for_each(|item| trace_any(item, tracer)),
        _ => {}
    }
}

fn encode_any<'py>(any: &Any, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
    match any {
        Any::None => Ok(out.none()),
        Any::Bool(b) => Ok(out.bool(*b)),
        Any::Int(i) => out.int(*i),
        Any::WideInt(i) => out.wide_int(**i),
        Any::Float(f) => out.float(*f),
        Any::Str(s) => out.str(s),
        Any::Bytes(b) => out.bytes(b),
        Any::Tuple(items) => out.tuple(items.len(), |i| encode_any(&items[i], out)),
        Any::Object(object) => out.object(object),
        Any::Foreign(value) => out.foreign(value),
    }
}

macro_rules! integers {
    ($($ty:ident, $kind:ident, $wide:ty, $encode:ident, $decode:ident;)*) => {
        $(impl Value for $ty {
            const KIND: Kind<Self> = Kind::new(FieldKind::$kind);
            fn type_name() -> Cow<'static, str> {
                "int".into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "one macro for all widths")]
                out.$encode(*self as $wide)
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let number = from.$decode().and_then(|n| <$ty>::try_from(n).map_err(|_| Mismatch::Range));
                number.map_err(|mismatch| match mismatch {
                    Mismatch::Range => Error::overflow(concat!("int out of range for ", stringify!($ty))),
                    other => from.error(other, "int"),
                })
            }
        }
        returns!($ty);)*
    };
}

integers! {
    i8, Opaque, i64, int, int;
    i16, Opaque, i64, int, int;
    i32, Opaque, i64, int, int;
    i64, I64, i64, int, int;
    isize, Opaque, i64, int, int;
    u8, Opaque, i64, int, int;
    u16, Opaque, i64, int, int;
    u32, Opaque, i64, int, int;
    u64, Opaque, u128, wide_uint, wide_uint;
    usize, Opaque, u128, wide_uint, wide_uint;
    i128, Opaque, i128, wide_int, wide_int;
    u128, Opaque, u128, wide_uint, wide_uint;
}

impl Value for () {
    fn type_name() -> Cow<'static, str> {
        "None".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        Ok(out.none())
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        if from.is_none() {
            Ok(())
        } else {
            Err(from.error(Mismatch::Type, "None"))
        }
    }
}
returns!(());

impl<T: FfiObject> Value for Obj<T> {
    const KIND: Kind<Self> = Kind::new(FieldKind::Object);
    const TRACE: Option<Tracing<Self>> =
        // SAFETY: an owner reports itself.
        Some(unsafe { Tracing::new(|object, tracer| tracer.object(object.as_raw()), T::reach) });

    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.object(self)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        let object = match from.owned_object() {
            // A plain list where a `List` is wanted.
            Err(Mismatch::Type) => from.convert_object(T::TYPE),
            other => other,
        };
        let object = object.map_err(|mismatch| from.error(mismatch, T::TYPE.name))?;
        // SAFETY: the owner keeps the object alive meanwhile.
        unsafe { object.as_raw().cast_ref::<T>() }?;
        // SAFETY: just checked.
        Ok(unsafe { Obj::from_raw(object.into_raw()) })
    }
}

impl<T: FfiObject> Return for Obj<T> {
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.owned_object(self)
    }
}

/// A list or map that is given back becomes an object of its own.
macro_rules! container_returns {
    ($($container:ident<$($param:ident: $bound:path),+>),*) => {
        $(impl<$($param: $bound + Clone),+> Return for $container<$($param),+> {
            fn type_name() -> Cow<'static, str> {
                Self::TYPE.name.into()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                out.owned_object(Obj::new(self))
            }
        })*
    };
}

container_returns!(List<T: Value>, Map<K: Key, V: Value>);

impl<T: FfiObject> Value for WeakObj<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{} | None", T::TYPE.name).into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.upgrade().map_or_else(|| Ok(out.none()), |object| out.object(&object))
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        Ok(Option::<Obj<T>>::decode(from)?.map(|object| object.downgrade()).unwrap_or_default())
    }
    fn nothing() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: FfiObject> Return for WeakObj<T> {
    fn type_name() -> Cow<'static, str> {
        <Self as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind<Self> =
        if matches!(T::KIND.get(), FieldKind::Object) { Kind::new(FieldKind::OptionalObject) } else { Kind::OPAQUE };
    const TRACE: Option<Tracing<Self>> =
        // SAFETY: it owns what is in it.
        unsafe { Tracing::of_parts::<T>(|option, tracer| tracer.trace_all(option)) };

    fn type_name() -> Cow<'static, str> {
        format!("{} | None", T::type_name()).into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.as_ref().map_or_else(|| Ok(out.none()), |value| value.encode(out))
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        if from.is_none() {
            Ok(None)
        } else {
            T::decode(from).map(Some)
        }
    }
    fn nothing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Return> Return for Option<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{} | None", T::type_name()).into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.map_or_else(|| Ok(out.none()), |value| value.give(out))
    }
}

impl<T: Return, E: IntoError> Return for Result<T, E> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.map_err(IntoError::into_error)?.give(out)
    }
}

impl Return for &str {
    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.str(self)
    }
}

impl Return for Cow<'_, str> {
    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.str(&self)
    }
}

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

macro_rules! tuples {
    ($($len:literal: $($name:ident $index:tt),+;)*) => {
        $(impl<$($name: Value),+> Value for ($($name,)+) {
            const TRACE: Option<Tracing<Self>> = if $($name::TRACE.is_some())||+ {
                // SAFETY: it owns its parts.
                Some(unsafe {
                    Tracing::new(
                        |parts, tracer| { $(tracer.trace(&parts.$index);)+ },
                        |reach| { $(reach.of::<$name>();)+ },
                    )
                })
            } else {
                None
            };

            fn type_name() -> Cow<'static, str> {
                format!("tuple[{}]", [$($name::type_name()),+].join(", ")).into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                out.tuple($len, |i| match i {
                    $($index => self.$index.encode(out),)+
                    _ => Ok(out.none()),
                })
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                let mut parts = ($(None::<$name>,)+);
                let mut count = 0;
                let read = from.for_each(|item| {
                    match count {
                        $($index => parts.$index =
                            Some($name::decode(item).map_err(|error| error.at(concat!("item ", $index)))?),)+
                        _ => {}
                    }
                    count += 1;
                    Ok(())
                });
                read.map_err(|mismatch| from.error(mismatch, &<Self as Value>::type_name()))?;
                match parts {
                    ($(Some($name),)+) if count == $len => Ok(($($name,)+)),
                    _ => Err(Error::value(format!("expected {} items, got {count}", $len))),
                }
            }
        }
        impl<$($name: Return),+> Return for ($($name,)+) {
            fn type_name() -> Cow<'static, str> {
                format!("tuple[{}]", [$($name::type_name()),+].join(", ")).into()
            }
            fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let mut parts = ($(Some(self.$index),)+);
                out.tuple($len, |i| match i {
                    $($index => parts.$index.take().map_or_else(|| Ok(out.none()), |part| part.give(out)),)+
                    _ => Ok(out.none()),
                })
            }
        })*
    };
}

#[allow(non_snake_case, reason = "the macro names its variables as the type parameters")]
mod tuples {
    use super::*;

    tuples! {
        1: A 0;
        2: A 0, B 1;
        3: A 0, B 1, C 2;
        4: A 0, B 1, C 2, D 3;
        5: A 0, B 1, C 2, D 3, E 4;
        6: A 0, B 1, C 2, D 3, E 4, F 5;
    }
}

impl RefArg for str {
    type Held<'py> = &'py str;
    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn hold(from: Decoder<'_>) -> Result<&str, Error> {
        from.str().map_err(|mismatch| from.error(mismatch, "str"))
    }
}

impl RefArg for [u8] {
    type Held<'py> = &'py [u8];
    fn type_name() -> Cow<'static, str> {
        "bytes".into()
    }
    fn hold(from: Decoder<'_>) -> Result<&[u8], Error> {
        from.bytes().map_err(|mismatch| from.error(mismatch, "bytes"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: FfiObject> RefArg for T {
    type Held<'py> = &'py T;
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn hold(from: Decoder<'_>) -> Result<&T, Error> {
        from.object()
    }
}

/// A real owner for the duration of the call, so that a closure which runs detached may clone it.
impl<T: FfiObject> RefArg for Obj<T> {
    type Held<'py> = Obj<T>;
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn hold(from: Decoder<'_>) -> Result<Obj<T>, Error> {
        Value::decode(from)
    }
}
