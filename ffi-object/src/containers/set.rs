//! `Set<T>`.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::erased::Rebound;
use super::map::Key;
use super::ordered_map::OrderedMap;
use super::raw_set::{shared, Elements, RawSet, SetOperation};
use crate::any::Any;
use crate::census::TypeCell;
use crate::error::Error;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Object};
use crate::trace::{Reach, Tracer};

/// A shared, mutable set that keeps the order of insertion: the object that a Python user sees as a `Set`.
///
/// ```
/// use ffi_object::{Obj, Set};
///
/// let words: Obj<Set<String>> = Obj::new(["sea", "sky"].map(String::from).into_iter().collect());
/// assert!(words.insert("sand".into()));
/// assert!(!words.insert("sky".into()));
/// assert!(words.contains("sand"));
/// assert_eq!(words.to_vec(), ["sea", "sky", "sand"]);
/// ```
#[repr(transparent)]
pub struct Set<T: Key = Any> {
    raw: RawSet,
    _elements: PhantomData<fn() -> T>,
}

impl<T: Key> Set<T> {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::from(OrderedMap::default())
    }

    /// Runs `look` with the elements borrowed mutably, as the keys of a map to nothing, under the set's lock.
    ///
    /// `look` should be short, and must not use the same set again: that would wait for itself, forever.
    pub fn with<R>(&self, look: impl FnOnce(&mut OrderedMap<T, ()>) -> R) -> R {
        Self::expect_bound(self.raw.with(look))
    }

    fn read<R>(&self, look: impl FnOnce(&Elements<T>) -> R) -> R {
        Self::expect_bound(self.raw.read(look))
    }

    fn expect_bound<R>(result: Result<R, Rebound>) -> R {
        // `admit` has bound the set before anyone got it as one of `T`.
        result.unwrap_or_else(|Rebound| unreachable!("a set that was not bound"))
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

    /// Whether an element is there.
    #[must_use]
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.read(|elements| elements.get(element).is_some())
    }

    /// A copy of the element that equals a value.
    #[must_use]
    pub fn get<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        self.read(|elements| elements.get_key(element).cloned())
    }

    /// Puts an element in, at the end. Says whether it is new: if not, the one that is there stays.
    pub fn insert(&self, element: T) -> bool {
        // One that is known already is dropped outside the lock.
        self.with(|elements| elements.add(element)).is_none()
    }

    /// Drops an element; whether it was there.
    pub fn remove<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.take(element).is_some()
    }

    /// Takes an element out.
    pub fn take<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        self.with(|elements| elements.remove(element)).map(|(element, ())| element)
    }

    /// Takes the last element out.
    #[must_use = "dropping the last element on purpose reads better as `drop(set.pop())`"]
    pub fn pop(&self) -> Option<T> {
        self.with(OrderedMap::pop).map(|(element, ())| element)
    }

    /// Removes everything.
    pub fn clear(&self) {
        drop(self.with(OrderedMap::take));
    }

    /// Puts elements in. They are all made before the set is locked.
    pub fn extend(&self, elements: impl IntoIterator<Item = T>) {
        self.combine(SetOperation::Union, &mut collect(elements));
    }

    /// Keeps the elements that `keep` says yes to.
    ///
    /// `keep` may use the set and take its time: it looks at a copy, under no lock. If another thread changes the set
    /// meanwhile, it is asked again.
    ///
    /// ```
    /// use ffi_object::Set;
    ///
    /// let numbers: Set<i64> = (1..=6).collect();
    /// numbers.retain(|n| n % 2 == 0);
    /// assert_eq!(numbers.to_vec(), [2, 4, 6]);
    /// ```
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        loop {
            let version = self.raw.version();
            let mut gone = collect(self.iter().filter(|element| !keep(element)));
            // What comes out is dropped outside the lock.
            let old = self.raw.with_version(version, |elements| SetOperation::Difference.apply(elements, &mut gone));
            if Self::expect_bound(old).is_some() {
                return;
            }
        }
    }

    /// The elements of this set, and then those of the other one that are not in it.
    ///
    /// ```
    /// use ffi_object::Set;
    ///
    /// let (a, b): (Set<i64>, Set<i64>) = ((1..=3).collect(), (2..=4).collect());
    /// assert_eq!(a.union(&b).to_vec(), [1, 2, 3, 4]);
    /// assert_eq!(a.intersection(&b).to_vec(), [2, 3]);
    /// assert_eq!(a.difference(&b).to_vec(), [1]);
    /// assert_eq!(a.symmetric_difference(&b).to_vec(), [1, 4]);
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combined(SetOperation::Union, other)
    }

    /// The elements of this set that are in the other one.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combined(SetOperation::Intersection, other)
    }

    /// The elements of this set that are not in the other one.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combined(SetOperation::Difference, other)
    }

    /// The elements of this set that are not in the other one, and then those of the other one that are not in this.
    #[must_use]
    pub fn symmetric_difference(&self, other: &Self) -> Self {
        self.combined(SetOperation::SymmetricDifference, other)
    }

    /// Whether all elements are in the other set.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let theirs = other.read(Elements::clone);
        self.read(|ours| ours.len() <= theirs.len() && shared(ours, &theirs) == ours.len())
    }

    /// Whether all elements of the other set are in this one.
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }

    /// Whether the sets have nothing in common.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let theirs = other.read(Elements::clone);
        self.read(|ours| shared(ours, &theirs) == 0)
    }

    // One set after the other: nobody holds two locks.
    fn combined(&self, how: SetOperation, other: &Self) -> Self {
        let mut theirs = other.read(Elements::clone);
        let mut ours = self.read(Elements::clone);
        drop(how.apply(&mut ours, &mut theirs));
        Self::from(ours)
    }

    fn combine(&self, how: SetOperation, others: &mut Elements<T>) {
        // What comes out is dropped outside the lock.
        drop(self.with(|elements| how.apply(elements, others)));
    }

    /// A copy of all elements, in order.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        self.read(|elements| elements.keys().cloned().collect())
    }

    /// The elements as they are now; later changes do not show.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<T> {
        self.to_vec().into_iter()
    }
}

fn collect<T: Key>(elements: impl IntoIterator<Item = T>) -> Elements<T> {
    let mut all = Elements::default();
    for element in elements {
        all.add(element);
    }
    all
}

impl<T: Key> From<OrderedMap<T, ()>> for Set<T> {
    fn from(elements: OrderedMap<T, ()>) -> Self {
        Self::of_raw(RawSet::bound(elements))
    }
}

impl<T: Key> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(collect(items))
    }
}

impl<T: Key> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        Self::extend(self, items);
    }
}

impl<T: Key> IntoIterator for &Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Key> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Key> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T: Key> Set<T> {
    /// The set of what is one of `T`, or open.
    pub(super) fn of_raw(raw: RawSet) -> Self {
        Self { raw, _elements: PhantomData }
    }

    /// The set without its type.
    #[doc(hidden)]
    #[must_use]
    pub fn as_raw(&self) -> &RawSet {
        &self.raw
    }
}

static SET_CELL: TypeCell = TypeCell::new();
pub(crate) static SET: TypeInfo = TypeInfo {
    key: "ffi_object::Set",
    name: "Set",
    module: None,
    doc: "A set that lives in Rust, keeps the order of insertion and hands out its elements, never copies.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: Some(trace),
    options: TypeOptions::NONE,
    cell: &SET_CELL,
    memory: Memory::of::<RawSet>(),
};

/// # Safety
///
/// A set is there.
unsafe fn trace(set: NonNull<()>, tracer: &mut Tracer<'_>) {
    // SAFETY: by the caller; sets are transparent over this.
    let set: &RawSet = unsafe { set.cast().as_ref() };
    set.trace(tracer);
}

// SAFETY: extends the root, which has no fields. All sets are transparent over `RawSet`, which `SET` describes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Key> FfiObject for Set<T> {
    type Base = Object;
    const TYPE: &'static TypeInfo = &SET;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &SET];

    fn admit(&self) -> Result<(), Error> {
        self.raw.bind::<T>()
    }

    fn reach(reach: &mut Reach) {
        reach.of::<T>();
    }
}
