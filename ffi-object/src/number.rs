//! Numbers as they stand in memory, one after the other: what crosses in bulk, without a value of the frontend's language
//! for each.

use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::any::Any;
use crate::error::Error;
use crate::frontend::Decoder;
use crate::value::Value;

/// How a number stands in memory, in the machine's byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are Rust's own names")]
pub enum Number {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
}

impl Number {
    /// The whole number of so many bytes.
    #[must_use]
    pub const fn integer(size: usize, signed: bool) -> Option<Self> {
        Some(match (size, signed) {
            (1, true) => Self::I8,
            (2, true) => Self::I16,
            (4, true) => Self::I32,
            (8, true) => Self::I64,
            (1, false) => Self::U8,
            (2, false) => Self::U16,
            (4, false) => Self::U32,
            (8, false) => Self::U64,
            _ => return None,
        })
    }

    /// How many bytes it takes. It is aligned to as many.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }
}

/// The [`Number`] that a `T` is. The parameter keeps a type from taking over what is said of another.
pub struct NumberOf<T>(Number, PhantomData<fn() -> T>);

impl<T> NumberOf<T> {
    /// # Safety
    ///
    /// A `T` is such a number and nothing else.
    pub(crate) const unsafe fn new(number: Number) -> Self {
        Self(number, PhantomData)
    }

    /// # Safety
    ///
    /// A `T` is one of Rust's whole numbers, `signed` or not.
    pub(crate) const unsafe fn integer(signed: bool) -> Option<Self> {
        match Number::integer(size_of::<T>(), signed) {
            Some(number) => Some(Self(number, PhantomData)),
            None => None,
        }
    }

    pub(crate) const fn get(&self) -> Number {
        self.0
    }
}

impl<T> std::fmt::Debug for NumberOf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Numbers of one kind that the frontend's language has in memory, to be copied.
pub struct Numbers<'a> {
    number: Number,
    len: usize,
    copy: &'a mut dyn FnMut(NonNull<u8>) -> Result<(), Error>,
}

impl<'a> Numbers<'a> {
    /// Numbers that `copy` writes one after the other to where it is told.
    ///
    /// # Safety
    ///
    /// `copy` writes `len` of them, in the machine's byte order, truth values as 0 or 1, unless it fails.
    #[must_use]
    pub unsafe fn new(number: Number, len: usize, copy: &'a mut dyn FnMut(NonNull<u8>) -> Result<(), Error>) -> Self {
        Self { number, len, copy }
    }

    /// What they are.
    #[must_use]
    pub fn number(&self) -> Number {
        self.number
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes them.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language; part of them may be written.
    ///
    /// # Safety
    ///
    /// There is room for all.
    pub(crate) unsafe fn copy_to(&mut self, place: NonNull<u8>) -> Result<(), Error> {
        (self.copy)(place)
    }

    /// A copy of them as values of any type.
    pub(crate) fn into_any(self) -> Result<Option<Vec<Any>>, Error> {
        fn all<T: Value>(numbers: Numbers<'_>, any: fn(T) -> Any) -> Result<Option<Vec<Any>>, Error> {
            Ok(numbers.into_vec::<T>()?.map(|all| all.into_iter().map(any).collect()))
        }
        match self.number {
            Number::Bool => all(self, Any::Bool),
            Number::I8 => all(self, |n: i8| Any::Int(n.into())),
            Number::I16 => all(self, |n: i16| Any::Int(n.into())),
            Number::I32 => all(self, |n: i32| Any::Int(n.into())),
            Number::I64 => all(self, Any::Int),
            Number::U8 => all(self, |n: u8| Any::Int(n.into())),
            Number::U16 => all(self, |n: u16| Any::Int(n.into())),
            Number::U32 => all(self, |n: u32| Any::Int(n.into())),
            Number::U64 => all(self, |n: u64| Any::from(i128::from(n))),
            Number::F32 => all(self, |n: f32| Any::Float(n.into())),
            Number::F64 => all(self, Any::Float),
        }
    }

    /// A copy of them, if they are `T`s.
    fn into_vec<T: Value>(mut self) -> Result<Option<Vec<T>>, Error> {
        if T::NUMBER.is_none_or(|number| number.get() != self.number) {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(self.len);
        // SAFETY: room for so many `T`s, which the numbers are.
        unsafe { self.copy_to(NonNull::from(items.spare_capacity_mut()).cast()) }?;
        // SAFETY: written just now.
        unsafe { items.set_len(self.len) };
        Ok(Some(items))
    }
}

impl std::fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {:?}", self.len, self.number)
    }
}

/// The numbers of a value that has them in memory, if they are `T`s.
pub(crate) fn read<T: Value>(from: Decoder<'_>) -> Result<Option<Vec<T>>, Error> {
    if T::NUMBER.is_none() {
        return Ok(None);
    }
    let mut items = None;
    from.numbers(|numbers| {
        items = numbers.into_vec()?;
        Ok(())
    })?;
    Ok(items)
}

/// Runs code for the type that a number is.
macro_rules! by_number {
    ($number:expr, $ty:ident => $run:expr) => {
        $crate::number::by_number!($number, $ty => $run;
            Bool bool, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, F32 f32, F64 f64)
    };
    ($number:expr, $ty:ident => $run:expr; $($name:ident $rust:ident),*) => {
        match $number {
            $($crate::number::Number::$name => {
                type $ty = $rust;
                $run
            })*
        }
    };
}
pub(crate) use by_number;

/// The numbers of a value that has them in memory, whatever they are.
pub(crate) fn read_any(from: Decoder<'_>) -> Result<Option<Vec<Any>>, Error> {
    let mut items = None;
    from.numbers(|numbers| {
        items = numbers.into_any()?;
        Ok(())
    })?;
    Ok(items)
}
