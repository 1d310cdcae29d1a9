//! Owners of objects, and what may be missing.

use std::borrow::Cow;

use crate::containers::{Key, List, Map, Set};
use crate::error::{Error, IntoError};
use crate::frontend::{Decoder, Encoder, Handle, Mismatch};
use crate::info::{FieldKind, Kind, TypeInfo};
use crate::obj::{AnyObj, FfiObject, FromNumbers, Obj};
use crate::state::Wrapper;
use crate::trace::Tracing;
use crate::value::{Return, Value};
use crate::weak::WeakObj;

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
    fn encode_known<'py>(&self, out: Encoder<'py>) -> Option<Handle<'py>> {
        out.known_object(self.as_any())
    }
    fn known_wrapper(&self) -> Option<Wrapper> {
        self.wrapper()
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        let object = decode_object(from, T::TYPE, T::FROM_NUMBERS)?;
        // SAFETY: the owner keeps the object alive meanwhile, and it is a `T`, as `cast_ref` says.
        unsafe { object.as_raw().value().cast::<T>().as_ref() }.admit()?;
        // SAFETY: just checked.
        Ok(unsafe { Obj::from_raw(object.into_raw()) })
    }
}

/// An owner of an object whose type is `info` or extends it. One function for all types.
fn decode_object(
    from: Decoder<'_>,
    info: &'static TypeInfo,
    from_numbers: Option<FromNumbers>,
) -> Result<AnyObj, Error> {
    let object = match from.owned_object() {
        Ok(object) if object.type_info().is_a(info) => object,
        other => decode_other(from, info, from_numbers, other)?,
    };
    if !object.type_info().is_a(info) {
        return Err(Error::expected(info.name, object.type_info().name));
    }
    Ok(object)
}

/// What stands for an object, converted, or the error.
#[cold]
fn decode_other(
    from: Decoder<'_>,
    info: &'static TypeInfo,
    from_numbers: Option<FromNumbers>,
    found: Result<AnyObj, Mismatch>,
) -> Result<AnyObj, Error> {
    let found = match found {
        Ok(object) => Some(object.type_info().name),
        Err(Mismatch::Type) => None,
        Err(other) => return Err(from.error(other, info.name)),
    };
    if let Some(object) = from_numbers.map_or(Ok(None), |make| make(from))? {
        return Ok(object);
    }
    // A plain list where a `List` is wanted, or an `Array`.
    from.convert_object(info).map_err(|mismatch| match (mismatch, found) {
        (Mismatch::Type, Some(found)) => Error::expected(info.name, found),
        (mismatch, _) => from.error(mismatch, info.name),
    })
}

/// The name of what may be missing.
fn or_none(name: &str) -> Cow<'static, str> {
    format!("{name} | None").into()
}

impl<T: FfiObject> Return for Obj<T> {
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.owned_object(self)
    }
}

/// A container that is given back becomes an object of its own.
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

container_returns!(List<T: Value>, Map<K: Key, V: Value>, Set<T: Key>);

impl<T: FfiObject> Value for WeakObj<T> {
    fn type_name() -> Cow<'static, str> {
        or_none(T::TYPE.name)
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.upgrade().map_or_else(|| Ok(out.none()), |object| out.weak_object(&object))
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
        or_none(&T::type_name())
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.as_ref().map_or_else(|| Ok(out.none()), |value| value.encode(out))
    }
    fn encode_known<'py>(&self, out: Encoder<'py>) -> Option<Handle<'py>> {
        self.as_ref().map_or_else(|| Some(out.none()), |value| value.encode_known(out))
    }
    fn known_wrapper(&self) -> Option<Wrapper> {
        self.as_ref()?.known_wrapper()
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
        or_none(&T::type_name())
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
