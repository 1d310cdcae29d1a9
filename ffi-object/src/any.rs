//! `Any`, a value of any type that crosses.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::bytes::{Bytes, Str};
use crate::enumeration::EnumInfo;
use crate::foreign::PyValue;
use crate::obj::AnyObj;
use crate::standard::Standard;

/// A value of any type that crosses, in two words.
///
/// Copies of it allocate nothing, but those of a foreign value. Equality and hash are those of Python: `Int(1)`,
/// `Float(1.0)` and `Bool(true)` are equal; objects and foreign values are equal when they are the same.
///
/// What comes from Python is one of Rust's values only if nothing is lost: an `int`, `float`, `str`, `bytes` or `tuple`
/// itself. Instances of their subclasses, numbers of libraries (`Decimal`, `numpy.int64`) and everything else are
/// [`Foreign`](Self::Foreign), and go back as the same objects; [`to`](Self::to) converts them.
///
/// ```
/// use ffi_object::Any;
///
/// assert_eq!(Any::from(1), Any::from(1.0));
/// assert_ne!(Any::from("1"), Any::from(1));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Any {
    /// Nothing.
    #[default]
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number of one word.
    Int(i64),
    /// A whole number of up to two words.
    WideInt(Arc<i128>),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Str(Str),
    /// Bytes.
    Bytes(Bytes),
    /// A fixed sequence.
    Tuple(Arc<Vec<Any>>),
    /// An object.
    Object(AnyObj),
    /// A member of an enum, by its place.
    Member(&'static EnumInfo, u32),
    /// A span or point of time, or an identifier.
    Standard(Arc<Standard>),
    /// A value of the frontend's language that is none of these.
    Foreign(PyValue),
}

const _: () = assert!(size_of::<Any>() <= 2 * size_of::<u64>());

/// What equality and hash look at: numbers of all kinds are one kind.
#[derive(PartialEq, Hash)]
enum Key<'a> {
    None,
    Whole(i128),
    /// The bits of a float that is not a whole number.
    Fraction(u64),
    Str(&'a str),
    Bytes(&'a [u8]),
    Tuple(&'a [Any]),
    Object(&'a AnyObj),
    Member(&'static str, u32),
    Standard(&'a Standard),
    Foreign(usize),
}

impl Any {
    fn key(&self) -> Key<'_> {
        match self {
            Self::None => Key::None,
            Self::Bool(b) => Key::Whole(i128::from(*b)),
            Self::Int(i) => Key::Whole(i128::from(*i)),
            Self::WideInt(i) => Key::Whole(**i),
            #[expect(clippy::cast_possible_truncation, reason = "compared with what it came from")]
            Self::Float(f) => {
                let whole = *f as i128;
                // The upper end of the range is not an `i128` itself, and would come back as one less.
                if whole as f64 == *f && whole != i128::MAX {
                    Key::Whole(whole)
                } else {
                    Key::Fraction(f.to_bits())
                }
            }
            Self::Str(s) => Key::Str(s),
            Self::Bytes(b) => Key::Bytes(b),
            Self::Tuple(t) => Key::Tuple(t),
            Self::Object(o) => Key::Object(o),
            // As Python's `IntEnum` has it.
            Self::Member(info, index) if info.int => {
                info.members.get(*index as usize).map_or(Key::None, |member| Key::Whole(member.value))
            }
            Self::Member(info, index) => Key::Member(info.key, *index),
            Self::Standard(s) => Key::Standard(s),
            Self::Foreign(v) => Key::Foreign(v.address()),
        }
    }

    /// Whether there is a value in it whose equality only the frontend's language knows.
    pub(crate) fn is_opaque(&self) -> bool {
        match self {
            Self::Foreign(_) => true,
            Self::Tuple(items) => items.iter().any(Self::is_opaque),
            _ => false,
        }
    }

    /// The name of the type that a Python user would call it by.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::WideInt(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::Tuple(_) => "tuple",
            Self::Object(o) => o.type_info().name,
            Self::Member(info, _) => info.name,
            Self::Standard(s) => s.kind().type_name(),
            Self::Foreign(_) => "object",
        }
    }
}

impl PartialEq for Any {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

/// A NaN equals itself, as it does for `in` in Python.
impl Eq for Any {}

impl Hash for Any {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(b) => fmt::Debug::fmt(b, f),
            Self::Int(i) => fmt::Debug::fmt(i, f),
            Self::WideInt(i) => fmt::Debug::fmt(i, f),
            Self::Float(x) => fmt::Debug::fmt(x, f),
            Self::Str(s) => fmt::Debug::fmt(s, f),
            Self::Bytes(b) => fmt::Debug::fmt(b, f),
            Self::Tuple(t) => f.debug_list().entries(t.iter()).finish(),
            Self::Object(o) => fmt::Debug::fmt(o, f),
            Self::Member(info, index) => {
                write!(f, "{}.{}", info.name, info.members.get(*index as usize).map_or("?", |member| member.name))
            }
            Self::Standard(s) => fmt::Debug::fmt(s, f),
            Self::Foreign(v) => fmt::Debug::fmt(v, f),
        }
    }
}

macro_rules! from {
    ($($ty:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$ty> for Any {
            fn from($value: $ty) -> Self {
                $make
            }
        })*
    };
}

from! {
    () => |_unit| Self::None;
    bool => |b| Self::Bool(b);
    i64 => |i| Self::Int(i);
    i32 => |i| Self::Int(i.into());
    f64 => |f| Self::Float(f);
    &str => |s| Self::Str(s.into());
    String => |s| Self::Str(s.as_str().into());
    &[u8] => |b| Self::Bytes(b.into());
    Vec<Any> => |items| Self::Tuple(Arc::new(items));
    i128 => |i| i64::try_from(i).map_or_else(|_| Self::WideInt(Arc::new(i)), Self::Int);
}

impl<T: crate::FfiObject> From<crate::Obj<T>> for Any {
    fn from(object: crate::Obj<T>) -> Self {
        Self::Object(object.into_any())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    #[expect(clippy::mutable_key_type, reason = "what changes in a foreign value has no part in equality")]
    fn numbers_are_equal_across_kinds_and_hash_alike() {
        let set: HashSet<Any> = [Any::from(1), Any::from(1.0), Any::from(true), Any::from(1.5)].into();
        assert_eq!(set.len(), 2);
        assert_eq!(Any::from(-0.0), Any::from(0));
        assert_ne!(Any::from(i64::MAX), Any::from(i64::MAX as f64));
        assert_ne!(Any::from(i128::MAX), Any::from(i128::MAX as f64));
        assert_eq!(Any::from(f64::NAN), Any::from(f64::NAN));
    }
}
