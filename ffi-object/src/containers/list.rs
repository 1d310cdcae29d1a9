//! `List<T>`.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::erased::Rebound;
use super::raw_list::RawList;
use crate::any::Any;
use crate::census::TypeCell;
use crate::error::Error;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, FromNumbers, Obj, Object};
use crate::trace::{Reach, Tracer};
use crate::value::Value;

/// A shared, mutable sequence: the object that a Python user sees as a `List`.
///
/// Elements come out as copies in Rust (an owner for objects), and as the canonical wrappers in the frontend.
///
/// ```
/// use ffi_object::{List, Obj};
///
/// let numbers: Obj<List<f64>> = Obj::new([1.0, 2.0].into_iter().collect());
/// numbers.push(3.0);
/// assert_eq!(numbers.get(2), Some(3.0));
/// assert_eq!(numbers.iter().sum::<f64>(), 6.0);
/// ```
#[repr(transparent)]
pub struct List<T = Any> {
    raw: RawList,
    _items: PhantomData<fn() -> T>,
}

impl<T: Value + Clone> List<T> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::from(Vec::new())
    }

    /// Runs `look` with the elements borrowed mutably, under the list's lock.
    ///
    /// `look` should be short, and must not use the same list again: that would wait for itself, forever.
    pub fn with<R>(&self, look: impl FnOnce(&mut Vec<T>) -> R) -> R {
        Self::expect_bound(self.raw.with(look))
    }

    fn read<R>(&self, look: impl FnOnce(&Vec<T>) -> R) -> R {
        Self::expect_bound(self.raw.read(look))
    }

    fn expect_bound<R>(result: Result<R, Rebound>) -> R {
        // `admit` has bound the list before anyone got it as one of `T`.
        result.unwrap_or_else(|Rebound| unreachable!("a List<{}> that was not bound", T::type_name()))
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// A copy of an element.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        self.read(|items| items.get(index).cloned())
    }

    /// Replaces an element and gives the old one, or gives `item` back if there is none at this index.
    ///
    /// # Errors
    ///
    /// `item`, if `index` is not less than the length.
    pub fn replace(&self, index: usize, item: T) -> Result<T, T> {
        self.with(|items| match items.get_mut(index) {
            Some(old) => Ok(std::mem::replace(old, item)),
            None => Err(item),
        })
    }

    /// Appends an element.
    pub fn push(&self, item: T) {
        self.with(|items| items.push(item));
    }

    /// Takes the last element out.
    #[must_use = "dropping the last element on purpose reads better as `drop(list.pop())`"]
    pub fn pop(&self) -> Option<T> {
        self.with(Vec::pop)
    }

    /// Inserts an element before the one at `index`, or at the end.
    pub fn insert(&self, index: usize, item: T) {
        self.with(|items| items.insert(index.min(items.len()), item));
    }

    /// Takes an element out.
    pub fn remove(&self, index: usize) -> Option<T> {
        self.with(|items| (index < items.len()).then(|| items.remove(index)))
    }

    /// Appends elements. They are all made before the list is locked.
    pub fn extend(&self, items: impl IntoIterator<Item = T>) {
        let mut more: Vec<T> = items.into_iter().collect();
        self.with(|items| items.append(&mut more));
    }

    /// Whether an element is there that equals a value.
    #[must_use]
    pub fn contains(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.iter().any(|item| item == *value)
    }

    /// Keeps the elements that `keep` says yes to.
    ///
    /// `keep` may use the list and take its time: it looks at a copy, under no lock. If another thread changes the list
    /// meanwhile, it is asked again. The same is true of all functions that sort.
    ///
    /// ```
    /// use ffi_object::List;
    ///
    /// let numbers: List<i64> = (1..=6).collect();
    /// numbers.retain(|n| n % 2 == 0);
    /// assert_eq!(numbers.to_vec(), [2, 4, 6]);
    /// ```
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.rearrange(|items| (0..items.len()).filter(|&index| keep(&items[index])).collect());
    }

    /// Sorts the elements by a comparison. Equal ones stay in their order.
    ///
    /// ```
    /// use ffi_object::List;
    ///
    /// let numbers = List::from(vec![2.5, -1.0, 0.5]);
    /// numbers.sort_by(f64::total_cmp);
    /// assert_eq!(numbers.to_vec(), [-1.0, 0.5, 2.5]);
    /// ```
    pub fn sort_by(&self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        self.rearrange(|items| {
            let mut order: Vec<usize> = (0..items.len()).collect();
            order.sort_by(|&a, &b| compare(&items[a], &items[b]));
            order
        });
    }

    /// Sorts the elements by a key of each. Equal ones stay in their order.
    ///
    /// ```
    /// use ffi_object::List;
    ///
    /// let words: List<String> = ["pear", "fig", "apple"].map(String::from).into_iter().collect();
    /// words.sort_by_key(String::len);
    /// assert_eq!(words.to_vec(), ["fig", "pear", "apple"]);
    /// ```
    pub fn sort_by_key<K: Ord>(&self, mut key: impl FnMut(&T) -> K) {
        self.rearrange(|items| {
            let keys: Vec<K> = items.iter().map(&mut key).collect();
            let mut order: Vec<usize> = (0..items.len()).collect();
            order.sort_by(|&a, &b| keys[a].cmp(&keys[b]));
            order
        });
    }

    /// Sorts the elements. Equal ones stay in their order.
    pub fn sort(&self)
    where
        T: Ord,
    {
        self.sort_by(Ord::cmp);
    }

    /// Leaves the elements at these indices, in this order. They are of a copy: again, if the list changes meanwhile.
    fn rearrange(&self, mut order: impl FnMut(&[T]) -> Vec<usize>) {
        loop {
            let version = self.raw.version();
            let order = order(&self.to_vec());
            // What is left out is dropped outside the lock.
            if Self::expect_bound(self.raw.rearrange::<T>(version, &order)).is_some() {
                return;
            }
        }
    }

    /// Removes everything.
    pub fn clear(&self) {
        drop(self.with(std::mem::take));
    }

    /// A copy of all elements.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        self.read(Vec::clone)
    }

    /// The elements as they are now; later changes do not show.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<T> {
        self.to_vec().into_iter()
    }
}

impl<T: Value + Clone> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self::of_raw(RawList::bound(items))
    }
}

impl<T: Value + Clone> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<_>>())
    }
}

impl<T: Value + Clone> IntoIterator for &List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Value + Clone> Default for List<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> List<T> {
    /// The list of what is one of `T`, or open.
    pub(super) fn of_raw(raw: RawList) -> Self {
        Self { raw, _items: PhantomData }
    }

    /// The list without its types.
    #[doc(hidden)]
    #[must_use]
    pub fn as_raw(&self) -> &RawList {
        &self.raw
    }
}

static LIST_CELL: TypeCell = TypeCell::new();
pub(crate) static LIST: TypeInfo = TypeInfo {
    key: "ffi_object::List",
    name: "List",
    module: None,
    doc: "A sequence that lives in Rust and hands out its elements, never copies.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: Some(trace),
    options: TypeOptions::NONE,
    cell: &LIST_CELL,
    memory: Memory::of::<RawList>(),
};

/// # Safety
///
/// A list is there.
unsafe fn trace(list: NonNull<()>, tracer: &mut Tracer<'_>) {
    // SAFETY: by the caller; lists are transparent over this.
    let list: &RawList = unsafe { list.cast().as_ref() };
    list.trace(tracer);
}

// SAFETY: extends the root, which has no fields. All lists are transparent over `RawList`, which `LIST` describes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Value + Clone> FfiObject for List<T> {
    type Base = Object;
    const TYPE: &'static TypeInfo = &LIST;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &LIST];
    // An open list, of values of any type, is not made of numbers: it would have to give them up.
    const FROM_NUMBERS: Option<FromNumbers> = match T::NUMBER {
        Some(_) => Some(|from| Ok(T::decode_numbers(from)?.map(|items| Obj::new(Self::from(items)).into_any()))),
        None => None,
    };

    fn admit(&self) -> Result<(), Error> {
        self.raw.bind::<T>()
    }

    fn reach(reach: &mut Reach) {
        reach.of::<T>();
    }
}
