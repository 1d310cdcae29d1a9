//! `Array<T>`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

use super::array_block::{block_of, drop_items, make_bound};
use super::raw_array::RawArray;
use crate::any::Any;
use crate::census::TypeCell;
use crate::error::Error;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Obj, Object};
use crate::trace::{Reach, Tracer};
use crate::value::Value;

/// A shared, immutable sequence, whose items follow the object's header in one block: the object that a Python user sees as
/// an `Array`.
///
/// It is a slice to Rust: no lock, no copies. Since its size is known only when it is made, it is always made as an
/// object: by [`Array::new`], or by `collect` into an `Obj<Array<T>>`.
///
/// Two arrays are equal, and hash alike, when their items do; two owners of arrays, as all [`Obj`]s, when they own the same
/// array.
///
/// ```
/// use ffi_object::{Array, Obj};
///
/// let squares: Obj<Array<i64>> = (1..=3).map(|n| n * n).collect();
/// assert_eq!(squares[1], 4);
/// assert_eq!(squares.iter().sum::<i64>(), 14);
/// assert_eq!(**squares, [1, 4, 9]);
///
/// let same = Array::new([1, 4, 9]);
/// assert!(*squares == *same && squares != same);
/// ```
#[repr(transparent)]
pub struct Array<T = Any> {
    raw: RawArray,
    _items: PhantomData<fn() -> T>,
}

impl<T: Value + Clone> Array<T> {
    /// An array of these items.
    ///
    /// # Panics
    ///
    /// If there are more than fit into an allocation. Where the iterator panics, the items that it has given are dropped.
    pub fn new(items: impl IntoIterator<Item = T>) -> Obj<Self> {
        Self::of_vec(items.into_iter().collect())
    }

    fn of_vec(items: Vec<T>) -> Obj<Self> {
        let array = make_bound(items);
        // SAFETY: an array of `T`s, as it was made.
        unsafe { Obj::from_raw(array.into_raw()) }
    }

    /// The items, if this owner is all that refers to the array: no other owner, no weak reference, no wrapper.
    ///
    /// ```
    /// use ffi_object::{Array, Obj};
    ///
    /// let mut row = Array::new([0.0; 3]);
    /// Array::get_mut(&mut row).unwrap()[1] = 0.5;
    /// let shared = row.clone();
    /// assert!(Array::get_mut(&mut row).is_none() && shared[1] == 0.5);
    /// ```
    pub fn get_mut(this: &mut Obj<Self>) -> Option<&mut [T]> {
        if !this.is_exclusive() {
            return None;
        }
        // SAFETY: bound to `T`, as for `as_slice`. Nothing else refers to the object, and nothing can as long as this owner is
        // borrowed.
        Some(unsafe { this.raw.slice_ptr::<T>().as_mut() })
    }

    /// The items.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `admit` has bound the array before anyone got it as one of `T`, and `new` makes no other.
        unsafe { self.raw.slice() }
    }
}

impl<T> Array<T> {
    /// The array without its types.
    #[doc(hidden)]
    #[must_use]
    pub fn as_raw(&self) -> &RawArray {
        &self.raw
    }
}

impl<T: Value + Clone> Deref for Array<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T: Value + Clone> FromIterator<T> for Obj<Array<T>> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Array::new(items)
    }
}

/// Of no items.
impl<T: Value + Clone> Default for Obj<Array<T>> {
    fn default() -> Self {
        Array::of_vec(Vec::new())
    }
}

impl<'a, T: Value + Clone> IntoIterator for &'a Array<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Value + Clone + PartialEq> PartialEq for Array<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Value + Clone + Eq> Eq for Array<T> {}

impl<T: Value + Clone + PartialOrd> PartialOrd for Array<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Value + Clone + Ord> Ord for Array<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Value + Clone + Hash> Hash for Array<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Value + Clone + fmt::Debug> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

static ARRAY_CELL: TypeCell = TypeCell::new();
pub(crate) static ARRAY: TypeInfo = TypeInfo {
    key: "ffi_object::Array",
    name: "Array",
    module: None,
    doc: "An immutable sequence that lives in Rust and hands out its elements, never copies.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: Some(trace),
    options: TypeOptions::NONE,
    cell: &ARRAY_CELL,
    memory: Memory::with_tail::<RawArray>(block_of, Some(drop_items)),
};

/// # Safety
///
/// An array is there.
unsafe fn trace(array: NonNull<()>, tracer: &mut Tracer<'_>) {
    // SAFETY: by the caller; arrays are transparent over this.
    let array: &RawArray = unsafe { array.cast().as_ref() };
    array.trace(tracer);
}

// SAFETY: extends the root, which has no fields. All arrays are transparent over `RawArray`, which `ARRAY` describes with
// what follows it. There is no value of this type outside of an object, and `Obj::get_mut` gives none that has a tail.
#[diagnostic::do_not_recommend]
unsafe impl<T: Value + Clone> FfiObject for Array<T> {
    type Base = Object;
    const TYPE: &'static TypeInfo = &ARRAY;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &ARRAY];

    fn admit(&self) -> Result<(), Error> {
        self.raw.bind::<T>()
    }

    fn reach(reach: &mut Reach) {
        reach.of::<T>();
    }
}
