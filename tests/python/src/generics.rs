//! Instantiations of generic structs.

use ffi_object::{ffi_function, register, FfiObject, List, Mut, Obj, PyValue};

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
