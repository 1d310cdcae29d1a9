//! Values as Python would give them.

use arbitrary::Arbitrary;
use ffi_object::__private::{RawList, RawMap};
use ffi_object::{Any, FfiObject, Obj};

/// An object without anything in it.
#[derive(Debug, FfiObject)]
pub struct Thing {
    /// Any number.
    pub number: i64,
}

/// A value that Python might give.
#[derive(Debug, Clone, Arbitrary)]
pub enum Given {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A small `int`, so that the same ones come again.
    Small(i8),
    /// An `int` of one word.
    Int(i64),
    /// An `int` of two.
    Wide(i128),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(String),
    /// `bytes`
    Bytes(Vec<u8>),
    /// A `tuple`.
    Tuple(Vec<Given>),
    /// A tuple of pairs, as mappings come.
    Pairs(Vec<(Given, Given)>),
    /// An object.
    Thing(i64),
    /// A `List` that no one has bound to a type.
    List(Vec<Given>),
    /// A `Map` that no one has bound to types.
    Map(Vec<(Given, Given)>),
}

impl Given {
    /// The value, with new objects.
    #[must_use]
    pub fn any(&self) -> Any {
        match self {
            Self::None => Any::None,
            Self::Bool(b) => Any::Bool(*b),
            Self::Small(i) => Any::Int(i64::from(*i)),
            Self::Int(i) => Any::Int(*i),
            Self::Wide(i) => Any::from(*i),
            Self::Float(f) => Any::Float(*f),
            Self::Str(s) => Any::from(s.as_str()),
            Self::Bytes(b) => Any::from(&b[..]),
            Self::Tuple(items) => Any::from(anys(items)),
            Self::Pairs(pairs) => {
                Any::from(pairs.iter().map(|(k, v)| Any::from(vec![k.any(), v.any()])).collect::<Vec<_>>())
            }
            Self::Thing(number) => Any::from(Obj::new(Thing { number: *number })),
            Self::List(items) => {
                let list = RawList::open_value();
                list.extend(anys(items));
                Any::from(Obj::new(list))
            }
            Self::Map(pairs) => {
                let map = RawMap::open_value();
                for (key, value) in pairs {
                    map.insert(key.any(), value.any());
                }
                Any::from(Obj::new(map))
            }
        }
    }

    /// The whole number that it is, if it is one.
    #[must_use]
    pub fn whole(&self) -> Option<i128> {
        match self {
            Self::Bool(b) => Some(i128::from(*b)),
            Self::Small(i) => Some(i128::from(*i)),
            Self::Int(i) => Some(i128::from(*i)),
            Self::Wide(i) => Some(*i),
            _ => None,
        }
    }
}

/// Values, one by one.
#[must_use]
pub fn anys(items: &[Given]) -> Vec<Any> {
    items.iter().map(Given::any).collect()
}

/// Whether two values are equal and of one type, which is more than Python's equality asks.
#[must_use]
pub fn same(a: &Any, b: &Any) -> bool {
    a == b && a.type_name() == b.type_name()
}
