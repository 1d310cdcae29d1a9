//! Instantiations of generic structs.

use ffi_object::{
    ffi_function, ffi_methods, register, Error, FfiObject, Function, Iter, List, Mut, Obj, PyValue, Return, Value,
};

/// Two values.
#[derive(FfiObject)]
pub(crate) struct Pair<A, B> {
    /// The first one.
    first: A,
    #[ffi(default)]
    second: Mut<B>,
    #[ffi(skip)]
    _reads: std::sync::atomic::AtomicUsize,
}

register!(Pair<i64, f64> as "PairIF");
register!(Pair<String, Option<Obj<Pair<i64, f64>>>> as "PairSP");
register!(Pair<Option<i64>, Option<PyValue>> as "PairAny");

/// A row of a fixed length.
#[derive(FfiObject)]
pub(crate) struct Row<T: Clone, const N: usize>
where
    T: std::fmt::Debug,
{
    items: [T; N],
    #[ffi(default = N as i64)]
    length: i64,
    #[ffi(default)]
    more: Obj<List<i64>>,
}

register!(Row<f64, 2> as "Row2");
register!(Row<f64, 3> as "Row3");

#[ffi_function]
fn swap(pair: &Pair<i64, f64>) -> Pair<i64, f64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small numbers")]
    Pair { first: pair.second.get() as i64, second: Mut::new(pair.first as f64), _reads: 0.into() }
}

#[ffi_function]
fn row_sum(row: &Obj<Row<f64, 3>>) -> f64 {
    row.items.iter().sum()
}

/// The methods of all pairs.
#[ffi_methods]
impl<A: Value + Return + Clone, B> Pair<A, B>
where
    B: Value + Return + Clone,
    Self: FfiObject,
{
    /// How many values there are.
    #[ffi(const)]
    const SIZE: usize = 2;

    /// Both values.
    fn both(&self) -> (A, B) {
        (self.first.clone(), self.second.get())
    }

    /// Another with this second value.
    fn with_second(&self, second: B) -> Self {
        Self { first: self.first.clone(), second: Mut::new(second), _reads: Self::SIZE.into() }
    }

    fn size_with(
        &self,
        #[ffi(default = Option::None)] other: Option<Obj<Self>>,
        #[ffi(kw_only, default = Self::SIZE)] size: usize,
    ) -> usize {
        other.map_or(size, |other| other.__len__() + size)
    }

    fn itself(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }

    #[ffi(classmethod)]
    fn of(class: Function, first: A) -> Result<Obj<Self>, Error> {
        class.call((first,))
    }

    fn len_of(of: &Self) -> usize {
        of.__len__()
    }

    /// The second value.
    #[ffi(getter)]
    fn last(&self) -> B {
        self.second.get()
    }

    #[ffi(setter)]
    fn set_last(&self, last: B) {
        self.second.set(last);
    }

    fn __len__(&self) -> usize {
        Self::SIZE
    }

    fn __contains__(&self, name: &str) -> bool {
        ["first", "second"].contains(&name)
    }

    #[cfg(any())]
    fn nowhere(&self) -> Nowhere {
        Nowhere
    }
}

/// The methods of one of them.
#[ffi_methods]
impl Pair<i64, f64> {
    /// Both together.
    fn sum(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let first = self.first as f64;
        first + self.second.get()
    }
}

/// A run of values.
#[derive(FfiObject)]
pub(crate) struct Run<T, const N: usize> {
    items: Vec<T>,
}

register!(Run<i64, 2> as "Run2");
register!(Run<String, 3> as "RunS3");
register!(Run<PyValue, 1> as "RunAny");

#[ffi_methods]
impl<T: Value + Return + Clone + PartialOrd, const N: usize> Run<T, N> {
    /// Takes the items one by one.
    #[ffi(new)]
    fn new(#[ffi(args)] items: Vec<T>) -> Result<Self, Error> {
        if items.len() != N {
            return Err(Error::value(format!("expected {N} items, got {}", items.len())));
        }
        Ok(Self { items })
    }

    fn __iter__(&self) -> Iter<T> {
        Iter::new(self.items.clone())
    }

    fn __lt__(&self, other: &Self) -> bool {
        self.items < other.items
    }
}
