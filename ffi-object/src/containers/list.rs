//! `List<T>`.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::erased::{retry, Contents, Op, Rebound};
use crate::any::Any;
use crate::cell::Mut;
use crate::census::TypeCell;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{AnyObj, FfiObject, Obj, Object};
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

/// A list whose element type is known at run time only: how frontends see all lists.
pub struct RawList {
    /// What can be done with elements of this list's type. Changes once at most, when an open list is bound.
    ops: AtomicPtr<Ops>,
    /// A `Vec<T>`.
    items: Mut<Box<dyn Contents>>,
}

/// The operations on lists of one element type. Conversions run outside the list's lock.
struct Ops {
    item: fn() -> TypeId,
    bound: bool,
    item_name: fn() -> Cow<'static, str>,
    get: for<'py> fn(&RawList, usize, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    set: fn(&RawList, usize, Decoder<'_>) -> Op<bool>,
    insert: fn(&RawList, usize, Decoder<'_>) -> Op<()>,
    remove: for<'py> fn(&RawList, usize, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    delete: fn(&RawList, Range<usize>, usize) -> Op<usize>,
    extend: fn(&RawList, Decoder<'_>) -> Op<()>,
    assign: fn(&RawList, Decoder<'_>) -> Op<()>,
    slice: fn(&RawList, &mut dyn Iterator<Item = usize>) -> Op<AnyObj>,
    clear: fn(&RawList) -> Op<()>,
    reverse: fn(&RawList) -> Op<()>,
    trace: Option<fn(&RawList, &mut Tracer<'_>)>,
}

struct OpsFor<T>(PhantomData<T>);

impl<T: Value + Clone> OpsFor<T> {
    const BOUND: &'static Ops = &Self::ops(true);
    const OPEN: &'static Ops = &Self::ops(false);

    const fn ops(bound: bool) -> Ops {
        Ops {
            item: TypeId::of::<T>,
            bound,
            item_name: T::type_name,
            get: |list, index, out| {
                let item = list.with::<T, _>(|items| items.get(index).cloned())?;
                Ok(item.map(|item| item.encode(out)).transpose())
            },
            set: |list, index, from| {
                let item = match list.item::<T>(from, index) {
                    Ok(item) => item,
                    Err(error) => return Ok(Err(error)),
                };
                // What comes out is dropped outside the lock.
                let old = list.with::<T, _>(|items| items.get_mut(index).map(|old| std::mem::replace(old, item)))?;
                Ok(Ok(old.is_some()))
            },
            insert: |list, index, from| {
                let item = match list.item::<T>(from, index.min(list.len())) {
                    Ok(item) => item,
                    Err(error) => return Ok(Err(error)),
                };
                list.with::<T, _>(|items| items.insert(index.min(items.len()), item))?;
                Ok(Ok(()))
            },
            remove: |list, index, out| {
                let item = list.with::<T, _>(|items| (index < items.len()).then(|| items.remove(index)))?;
                Ok(item.map(|item| item.encode(out)).transpose())
            },
            delete: |list, range, step| {
                // What comes out is dropped outside the lock.
                let gone = list.with::<T, _>(|items| take_out(items, range, step))?;
                Ok(Ok(gone.len()))
            },
            extend: |list, from| match list.items::<T>(from) {
                Ok(mut more) => list.with::<T, _>(|items| items.append(&mut more)).map(Ok),
                Err(error) => Ok(Err(error)),
            },
            assign: |list, from| match list.items::<T>(from) {
                Ok(new) => {
                    // What was there is dropped outside the lock.
                    let old = list.with::<T, _>(|items| std::mem::replace(items, new))?;
                    drop(old);
                    Ok(Ok(()))
                }
                Err(error) => Ok(Err(error)),
            },
            slice: |list, indices| {
                let items =
                    list.with::<T, _>(|items| indices.map_while(|i| items.get(i).cloned()).collect::<Vec<T>>())?;
                Ok(Ok(Obj::new(List::from(items)).into_any()))
            },
            clear: |list| {
                let all = list.with::<T, _>(std::mem::take)?;
                drop(all);
                Ok(Ok(()))
            },
            reverse: |list| {
                list.with::<T, _>(|items| items.reverse())?;
                Ok(Ok(()))
            },
            trace: match T::TRACE {
                Some(_) => Some(|list, tracer| {
                    list.items.try_read(|items| {
                        tracer.trace_all(items.as_any().downcast_ref::<Vec<T>>().into_iter().flatten())
                    });
                }),
                None => None,
            },
        }
    }
}

/// Takes each `step`th element of a range out, as far as they are there.
fn take_out<T>(items: &mut Vec<T>, range: Range<usize>, step: usize) -> Vec<T> {
    let range = range.start..range.end.min(items.len());
    if range.is_empty() {
        return Vec::new();
    }
    if step == 1 {
        return items.drain(range).collect();
    }
    let (mut gone, mut kept) = (Vec::new(), Vec::with_capacity(items.len()));
    for (index, item) in items.drain(..).enumerate() {
        let out = range.contains(&index) && (index - range.start) % step == 0;
        if out { &mut gone } else { &mut kept }.push(item);
    }
    *items = kept;
    gone
}

impl RawList {
    fn new<T: Value + Clone>(items: Vec<T>, ops: &'static Ops) -> Self {
        Self { ops: AtomicPtr::new(ptr::from_ref(ops).cast_mut()), items: Mut::new(Box::new(items)) }
    }

    fn ops(&self) -> &'static Ops {
        // Acquire: pairs with the release in `bind`.
        // SAFETY: only `new` and `bind` write the pointer, both from a `&'static`.
        unsafe { &*self.ops.load(Ordering::Acquire) }
    }

    fn with<T: 'static, R>(&self, look: impl FnOnce(&mut Vec<T>) -> R) -> Result<R, Rebound> {
        self.items.with(|items| items.as_any_mut().downcast_mut().map(look).ok_or(Rebound))
    }

    fn item<T: Value>(&self, from: Decoder<'_>, index: usize) -> Result<T, Error> {
        T::decode(from).map_err(|error| error.at(format_args!("List[{}] item {index}", (self.ops().item_name)())))
    }

    fn items<T: Value>(&self, from: Decoder<'_>) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        let read = from.for_each(|item| {
            items.push(self.item(item, items.len())?);
            Ok(())
        });
        read.map_err(|mismatch| from.error(mismatch, "an iterable"))?;
        Ok(items)
    }

    fn run<R>(&self, op: impl Fn(&'static Ops) -> Op<R>) -> Result<R, Error> {
        retry(|| op(self.ops()))
    }

    /// Binds an open list to elements of type `T`, or checks that it is bound to them.
    fn bind<T: Value + Clone>(&self) -> Result<(), Error> {
        loop {
            let ops = self.ops();
            if ops.bound {
                if (ops.item)() == TypeId::of::<T>() {
                    return Ok(());
                }
                let name = |item: Cow<'_, str>| format!("List[{item}]");
                return Err(Error::expected(&name(T::type_name()), &name((ops.item_name)())));
            }
            // Converted outside the lock: an element may be a list that is bound in turn, even this one.
            let Ok(before) = self.with(|items: &mut Vec<Any>| items.clone()) else { continue };
            let mut items = before
                .iter()
                .enumerate()
                .map(|(i, item)| item.to::<T>().map_err(|e| e.at(format_args!("List[{}] item {i}", T::type_name()))))
                .collect::<Result<Vec<T>, _>>()?;
            let swapped = self.items.with(|now| {
                let unchanged = now.as_any().downcast_ref::<Vec<Any>>().is_some_and(|now| *now == before);
                if unchanged && !self.ops().bound {
                    *now = Box::new(std::mem::take(&mut items));
                    let ops = ptr::from_ref(OpsFor::<T>::BOUND).cast_mut();
                    // Release: pairs with the acquire in `ops`. Under the lock, so that only one binding wins.
                    self.ops.store(ops, Ordering::Release);
                }
                unchanged
            });
            if swapped {
                // Someone may have bound it to another type: the next round looks.
                continue;
            }
        }
    }

    /// A list that the frontend made: open.
    #[must_use]
    pub fn open() -> AnyObj {
        let raw = Self::new(Vec::<Any>::new(), OpsFor::<Any>::OPEN);
        Obj::new(List::<Any> { raw, _items: PhantomData }).into_any()
    }

    /// The same as a value, to be built in place.
    #[must_use]
    pub fn open_value() -> List<Any> {
        List { raw: Self::new(Vec::<Any>::new(), OpsFor::<Any>::OPEN), _items: PhantomData }
    }

    /// An empty list of the same element type as this one.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn empty_like(&self) -> Result<AnyObj, Error> {
        self.slice(&mut std::iter::empty())
    }

    /// The list in an object.
    #[must_use]
    pub fn of(object: &AnyObj) -> Option<&Self> {
        if !object.type_info().is_a(&LIST) {
            return None;
        }
        // SAFETY: the object is a list of some type, and lists are transparent over this.
        Some(unsafe { object.as_raw().value().cast().as_ref() })
    }

    /// The type of the elements as a Python user would write it.
    #[must_use]
    pub fn item_name(&self) -> Cow<'static, str> {
        (self.ops().item_name)()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.read(|items| items.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An element.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn get<'py>(&self, index: usize, out: Encoder<'py>) -> Result<Option<Handle<'py>>, Error> {
        self.run(|ops| (ops.get)(self, index, out))
    }

    /// Replaces an element. False: there is none at this index.
    ///
    /// # Errors
    ///
    /// A value that is not of the element type.
    pub fn set(&self, index: usize, from: Decoder<'_>) -> Result<bool, Error> {
        self.run(|ops| (ops.set)(self, index, from))
    }

    /// Inserts an element before the one at `index`, or at the end.
    ///
    /// # Errors
    ///
    /// A value that is not of the element type.
    pub fn insert(&self, index: usize, from: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.insert)(self, index, from))
    }

    /// Takes an element out.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn remove<'py>(&self, index: usize, out: Encoder<'py>) -> Result<Option<Handle<'py>>, Error> {
        self.run(|ops| (ops.remove)(self, index, out))
    }

    /// Drops each `step`th element of a range, as far as they are there, and says how many. The frontend sees none.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    ///
    /// # Panics
    ///
    /// If `step` is 0.
    pub fn delete(&self, range: Range<usize>, step: usize) -> Result<usize, Error> {
        self.run(|ops| (ops.delete)(self, range.clone(), step))
    }

    /// Appends all elements of an iterable, or none if one does not fit.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated, or an element that is not of the element type.
    pub fn extend(&self, from: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.extend)(self, from))
    }

    /// Replaces all elements by those of an iterable, or none if one does not fit.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated, or an element that is not of the element type.
    pub fn assign(&self, from: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.assign)(self, from))
    }

    /// A new list, of the same type, of the elements at `indices`.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn slice(&self, indices: &mut (impl Iterator<Item = usize> + Clone)) -> Result<AnyObj, Error> {
        self.run(|ops| (ops.slice)(self, &mut indices.clone()))
    }

    /// Removes everything.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn clear(&self) -> Result<(), Error> {
        self.run(|ops| (ops.clear)(self))
    }

    /// Turns the order around.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn reverse(&self) -> Result<(), Error> {
        self.run(|ops| (ops.reverse)(self))
    }
}

impl fmt::Debug for RawList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List[{}] of {}", self.item_name(), self.len())
    }
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
        match self.raw.with(look) {
            Ok(result) => result,
            // `admit` has bound the list before anyone got it as one of `T`.
            Err(Rebound) => unreachable!("a List<{}> that was not bound", T::type_name()),
        }
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
        self.with(|items| items.get(index).cloned())
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

    /// Removes everything.
    pub fn clear(&self) {
        drop(self.with(std::mem::take));
    }

    /// A copy of all elements.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        self.with(|items| items.clone())
    }

    /// The elements as they are now; later changes do not show.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<T> {
        self.to_vec().into_iter()
    }
}

impl<T: Value + Clone> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self { raw: RawList::new(items, OpsFor::<T>::BOUND), _items: PhantomData }
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
    if let Some(trace) = list.ops().trace {
        trace(list, tracer);
    }
}

// SAFETY: extends the root, which has no fields. All lists are transparent over `RawList`, which `LIST` describes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Value + Clone> FfiObject for List<T> {
    type Base = Object;
    const TYPE: &'static TypeInfo = &LIST;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &LIST];

    fn admit(&self) -> Result<(), Error> {
        self.raw.bind::<T>()
    }

    fn reach(reach: &mut Reach) {
        reach.of::<T>();
    }
}
