//! Numbers, text, bytes, and [`Any`].

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::any::Any;
use crate::bytes::{Bytes, Str};
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle, Mismatch};
use crate::info::{FieldKind, Kind};
use crate::number::{self, Number, NumberOf};
use crate::state::Wrapper;
use crate::trace::{Tracer, Tracing};
use crate::value::{returns, Return, Value};

macro_rules! scalars {
    // `plain`: making one runs no one's code.
    ($($ty:ty $(= $number:ident)?, $name:literal, $kind:ident, $($plain:ident)? |$this:ident, $out:ident| $encode:expr, |$from:ident| $decode:expr;)*) => {
        $(impl Value for $ty {
            const KIND: Kind<Self> = Kind::new(FieldKind::$kind);
            $(
                // SAFETY: the table says so, and is right.
                const NUMBER: Option<NumberOf<Self>> = Some(unsafe { NumberOf::new(Number::$number) });
            )?
            fn type_name() -> Cow<'static, str> {
                $name.into()
            }
            fn encode<'py>(&self, $out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                let $this = self;
                $encode
            }
            $(fn encode_known<'py>(&self, $plain: Encoder<'py>) -> Option<Handle<'py>> {
                self.encode($plain).ok()
            })?
            fn decode($from: Decoder<'_>) -> Result<Self, Error> {
                $decode.map_err(|mismatch| $from.error(mismatch, $name))
            }
        }
        returns!($ty);)*
    };
}

scalars! {
    bool = Bool, "bool", Bool, plain |v, out| Ok(out.bool(*v)), |from| from.bool();
    f64 = F64, "float", F64, plain |v, out| out.float(*v), |from| from.float();
    f32 = F32, "float", Opaque, plain |v, out| out.float(f64::from(*v)), |from| from.float().map(round);
    String, "str", String, plain |v, out| out.str(v), |from| from.str().map(String::from);
    Str, "str", Opaque, plain |v, out| out.str(v), |from| from.str().map(Str::new);
    Bytes, "bytes", Opaque, plain |v, out| out.bytes(v), |from| from.bytes().map(Bytes::new);
    PathBuf, "str | os.PathLike", Opaque, |v, out| out.path(v), |from| from.path();
    char, "str of length 1", Opaque, plain |v, out| out.str(v.encode_utf8(&mut [0; 4])), |from| decode_char(from);
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
    fn encode_known<'py>(&self, out: Encoder<'py>) -> Option<Handle<'py>> {
        match self {
            Self::Object(object) => out.known_object(object),
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Str(_) | Self::Bytes(_) => {
                encode_any(self, out).ok()
            }
            _ => None,
        }
    }
    fn known_wrapper(&self) -> Option<Wrapper> {
        let Self::Object(object) = self else { return None };
        object.wrapper()
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        from.any().map_err(|mismatch| from.error(mismatch, "object"))
    }
    fn decode_numbers(from: Decoder<'_>) -> Result<Option<Vec<Self>>, Error> {
        number::read_any(from)
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
        Any::Member(info, index) => out.member(info, *index as usize),
        Any::Standard(value) => out.standard(**value),
        Any::Foreign(value) => out.foreign(value),
    }
}

macro_rules! integers {
    ($($ty:ident, $kind:ident, $wide:ty, $encode:ident, $decode:ident;)*) => {
        $(impl Value for $ty {
            const KIND: Kind<Self> = Kind::new(FieldKind::$kind);
            // SAFETY: the macro is for whole numbers.
            const NUMBER: Option<NumberOf<Self>> = unsafe { NumberOf::integer(<$ty>::MIN != 0) };
            fn type_name() -> Cow<'static, str> {
                "int".into()
            }
            fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "one macro for all widths")]
                out.$encode(*self as $wide)
            }
            fn encode_known<'py>(&self, out: Encoder<'py>) -> Option<Handle<'py>> {
                self.encode(out).ok()
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
