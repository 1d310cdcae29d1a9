//! `RawList`: a list whose element type is known at run time.

use std::any::{Any as StdAny, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use super::erased::{see, try_op, Erased, Op, Rebound};
use super::list::{List, LIST};
use crate::any::Any;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::number::Number;
use crate::obj::{AnyObj, Obj};
use crate::reflect::decoder;
use crate::slice::Slice;
use crate::state::Wrapper;
use crate::trace::Tracer;
use crate::value::{Looked, Value};

/// A list whose element type is known at run time only: how frontends see all lists.
pub struct RawList {
    /// The contents are a `Vec<T>`.
    erased: Erased<Ops>,
    /// Counted up under the lock, before each change. (The lock's own count of writes comes to the same number again after
    /// 2³¹ of them, and goes up after the change.)
    changes: AtomicU64,
}

/// The operations on lists of one element type. Conversions run outside the list's lock, and so does the end of what
/// comes out.
struct Ops {
    item: fn() -> TypeId,
    bound: bool,
    item_name: fn() -> Cow<'static, str>,
    get: for<'py> fn(&RawList, usize, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    get_known: GetKnown,
    /// Only of what may be an object.
    wrappers: Option<Wrappers>,
    set: fn(&RawList, usize, Decoder<'_>) -> Op<bool>,
    insert: fn(&RawList, usize, Decoder<'_>) -> Op<()>,
    remove: for<'py> fn(&RawList, usize, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    extend: fn(&RawList, Decoder<'_>) -> Op<()>,
    slice: fn(&RawList, Slice) -> Op<AnyObj>,
    splice: fn(&RawList, Slice, Decoder<'_>) -> Op<Result<(), WrongSize>>,
    delete: fn(&RawList, Slice) -> Op<usize>,
    repeat: fn(&RawList, usize) -> Op<Option<AnyObj>>,
    repeat_in_place: fn(&RawList, usize) -> Op<bool>,
    clear: fn(&RawList) -> Op<()>,
    reverse: fn(&RawList) -> Op<()>,
    reorder: fn(&RawList, u32, &[usize]) -> Op<bool>,
    /// Looks at the bytes of the elements, if they are numbers.
    numbers: Option<(Number, LookAtBytes)>,
    trace: Option<fn(&RawList, &mut Tracer<'_>)>,
}

// Called under the lock, with the list's contents, which are the `Vec<T>` that the table is for.
type GetKnown = for<'py> unsafe fn(NonNull<()>, usize, Encoder<'py>) -> Option<Handle<'py>>;
type Wrappers = unsafe fn(NonNull<()>, usize, &mut [Option<Wrapper>]);
type LookAtBytes = fn(&RawList, &mut dyn FnMut(&[u8])) -> Result<(), Rebound>;

/// As many items as places are needed where the places are not neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongSize {
    /// How many items there were.
    pub items: usize,
    /// How many places.
    pub places: usize,
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
                let item = list.read::<T, _>(|items| items.get(index).map(|item| Looked::at(item, out)))?;
                Ok(item.map(|item| item.encode(out)).transpose())
            },
            get_known: |items, index, out| {
                // SAFETY: by the caller.
                let items = unsafe { items.cast::<Vec<T>>().as_ref() };
                items.get(index)?.encode_known(out)
            },
            wrappers: match T::TRACE {
                Some(_) => Some(|items, index, wrappers| {
                    // SAFETY: by the caller.
                    let items = unsafe { items.cast::<Vec<T>>().as_ref() };
                    see(items.get(index..).unwrap_or_default(), wrappers);
                }),
                None => None,
            },
            set: |list, index, from| {
                let mut item = try_op!(list.item::<T>(from, index));
                let done = list.with::<T, _>(|items| items.get_mut(index).map(|old| std::mem::swap(old, &mut item)))?;
                Ok(Ok(done.is_some()))
            },
            insert: |list, index, from| {
                let item = try_op!(list.item::<T>(from, index.min(list.len())));
                list.with::<T, _>(|items| items.insert(index.min(items.len()), item))?;
                Ok(Ok(()))
            },
            remove: |list, index, out| {
                let item = list.with::<T, _>(|items| (index < items.len()).then(|| items.remove(index)))?;
                Ok(item.map(|item| item.encode(out)).transpose())
            },
            extend: |list, from| {
                let mut more = try_op!(list.items::<T>(from));
                let append = |items: &mut Vec<T>| match items.is_empty() {
                    // Nothing to move, where there may be much.
                    true => std::mem::swap(items, &mut more),
                    false => items.append(&mut more),
                };
                match list.with::<T, _>(append) {
                    Ok(()) => Ok(Ok(())),
                    Err(Rebound) => read_already(&mut more, |more| list.extend(more)),
                }
            },
            slice: |list, slice| {
                let copy = list.read::<T, _>(|items| {
                    slice.indices(items.len()).map(|index| items[index].clone()).collect::<Vec<_>>()
                })?;
                Ok(Ok(Self::like(list, copy)))
            },
            splice: |list, slice, from| {
                // As `list` does: where a run of neighbours is, is decided before the items are read, which may run any
                // code; it is fitted to the length once more after that.
                let slice = if slice.step() == 1 { slice.fitted(list.len()) } else { slice };
                let mut new = try_op!(list.items::<T>(from));
                match list.with::<T, _>(|items| replace(items, slice, &mut new)) {
                    Ok(done) => Ok(Ok(done)),
                    Err(Rebound) => read_already(&mut new, |new| list.splice(slice, new)),
                }
            },
            delete: |list, slice| {
                let gone = list.with::<T, _>(|items| take_out(items, slice))?;
                Ok(Ok(gone.len()))
            },
            repeat: |list, times| {
                let copy = list.read::<T, _>(|items| {
                    let mut copy = Vec::new();
                    append_times(&mut copy, items, times).then_some(copy)
                })?;
                Ok(Ok(copy.map(|copy| Self::like(list, copy))))
            },
            repeat_in_place: |list, times| {
                let done = list.with::<T, _>(|items| match times.checked_sub(1) {
                    None => Ok(std::mem::take(items)),
                    Some(more) => {
                        let once = items.clone();
                        if append_times(items, &once, more) {
                            Ok(once)
                        } else {
                            Err(once)
                        }
                    }
                })?;
                Ok(Ok(done.map(drop).is_ok()))
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
            reorder: |list, version, order| {
                let left_out = list.rearrange::<T>(version, order)?;
                Ok(Ok(left_out.is_some()))
            },
            numbers: match T::NUMBER {
                Some(number) => Some((number.get(), |list, look| {
                    list.read::<T, _>(|items| {
                        let bytes = NonNull::from(items.as_slice()).cast();
                        let bytes = NonNull::slice_from_raw_parts(bytes, size_of_val(items.as_slice()));
                        // SAFETY: the bytes of the items, all of which are initialized in numbers.
                        look(unsafe { bytes.as_ref() })
                    })
                })),
                None => None,
            },
            trace: match T::TRACE {
                Some(_) => Some(|list, tracer| {
                    list.erased.try_read(|items: &Vec<T>| tracer.trace_all(items));
                }),
                None => None,
            },
        }
    }

    /// A new list of these items, open if the other one is.
    fn like(list: &RawList, items: Vec<T>) -> AnyObj {
        // An open list's items are `Any`. It may have been bound to another type since they were copied.
        let ops = list.ops();
        let open = TypeId::of::<T>() == TypeId::of::<Any>() && !(ops.bound && (ops.item)() == TypeId::of::<Any>());
        let raw = RawList::new(items, if open { Self::OPEN } else { Self::BOUND });
        Obj::new(List::<T>::of_raw(raw)).into_any()
    }
}

/// Goes on with items that were read, when the list was bound meanwhile. An iterator would not give them again.
fn read_already<R>(items: &mut dyn StdAny, go_on: impl FnOnce(Decoder<'_>) -> Result<R, Error>) -> Op<R> {
    // Only an open list is bound, and its items are these.
    let items = items.downcast_mut::<Vec<Any>>().map(std::mem::take).ok_or(Rebound)?;
    Ok(go_on(decoder(&Any::from(items))))
}

/// Takes the items of a slice out.
fn take_out<T>(items: &mut Vec<T>, slice: Slice) -> Vec<T> {
    let indices = slice.indices(items.len()).ascending();
    let (Some(first), step) = (indices.clone().next(), indices.step().unsigned_abs()) else { return Vec::new() };
    let end = first + (indices.len() - 1) * step + 1;
    if step == 1 {
        return items.drain(first..end).collect();
    }
    let (mut gone, mut kept) = (Vec::with_capacity(indices.len()), Vec::with_capacity(items.len()));
    for (index, item) in items.drain(..).enumerate() {
        let out = (first..end).contains(&index) && (index - first) % step == 0;
        if out { &mut gone } else { &mut kept }.push(item);
    }
    *items = kept;
    gone
}

/// Puts items in the places of a slice, and what was there in theirs.
fn replace<T>(items: &mut Vec<T>, slice: Slice, new: &mut Vec<T>) -> Result<(), WrongSize> {
    let indices = slice.indices(items.len());
    if slice.step() == 1 {
        let start = indices.start();
        *new = items.splice(start..start + indices.len(), new.drain(..)).collect();
        return Ok(());
    }
    if indices.len() != new.len() {
        return Err(WrongSize { items: new.len(), places: indices.len() });
    }
    for (index, item) in indices.zip(new) {
        std::mem::swap(&mut items[index], item);
    }
    Ok(())
}

/// Appends copies of items so many times. False, and nothing is done: there is no memory for so many.
fn append_times<T: Clone>(to: &mut Vec<T>, items: &[T], times: usize) -> bool {
    let enough = items.len().checked_mul(times).is_some_and(|more| to.try_reserve_exact(more).is_ok());
    if enough {
        (0..times).for_each(|_| to.extend_from_slice(items));
    }
    enough
}

/// Puts items in an order of their indices, and gives those that the order leaves out.
fn put_in_order<T>(items: &mut Vec<T>, order: &[usize]) -> Vec<T> {
    let mut old: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.iter().filter_map(|&index| old.get_mut(index)?.take()));
    old.into_iter().flatten().collect()
}

impl RawList {
    /// A list of one type for good.
    pub(super) fn bound<T: Value + Clone>(items: Vec<T>) -> Self {
        Self::new(items, OpsFor::<T>::BOUND)
    }

    fn new<T: Value + Clone>(items: Vec<T>, ops: &'static Ops) -> Self {
        Self { erased: Erased::new(items, ops), changes: AtomicU64::new(0) }
    }

    fn ops(&self) -> &'static Ops {
        self.erased.ops()
    }

    pub(super) fn with<T: 'static, R>(&self, look: impl FnOnce(&mut Vec<T>) -> R) -> Result<R, Rebound> {
        self.erased.with(|items| {
            self.count_change();
            look(items)
        })
    }

    pub(super) fn read<T: 'static, R>(&self, look: impl FnOnce(&Vec<T>) -> R) -> Result<R, Rebound> {
        self.erased.read(look)
    }

    /// Puts the items in an order of their indices, and gives those that the order leaves out, unless the list has changed
    /// since it had this version.
    pub(super) fn rearrange<T: 'static>(&self, version: u32, order: &[usize]) -> Result<Option<Vec<T>>, Rebound> {
        self.erased.with_version(version, |items| {
            self.count_change();
            put_in_order(items, order)
        })
    }

    /// Under the lock, before the change.
    fn count_change(&self) {
        // Relaxed: the lock orders it with other changes; see `changes` for those who read it without.
        self.changes.store(self.changes.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Tells a collector what is in the list.
    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(trace) = self.ops().trace {
            trace(self, tracer);
        }
    }

    fn item<T: Value>(&self, from: Decoder<'_>, index: usize) -> Result<T, Error> {
        T::decode(from).map_err(|error| error.at(format_args!("List[{}] item {index}", (self.ops().item_name)())))
    }

    fn items<T: Value>(&self, from: Decoder<'_>) -> Result<Vec<T>, Error> {
        if let Some(items) = T::decode_numbers(from)? {
            return Ok(items);
        }
        let mut items = Vec::new();
        let read = from.for_each(|item| {
            items.push(self.item(item, items.len())?);
            Ok(())
        });
        read.map_err(|mismatch| from.error(mismatch, "an iterable"))?;
        Ok(items)
    }

    fn run<R>(&self, op: impl Fn(&'static Ops) -> Op<R>) -> Result<R, Error> {
        self.erased.run(op)
    }

    /// Binds an open list to elements of type `T`, or checks that it is bound to them.
    pub(super) fn bind<T: Value + Clone>(&self) -> Result<(), Error> {
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
            let Ok(before) = self.read(|items: &Vec<Any>| items.clone()) else { continue };
            let mut items = before
                .iter()
                .enumerate()
                .map(|(i, item)| item.to::<T>().map_err(|e| e.at(format_args!("List[{}] item {i}", T::type_name()))))
                .collect::<Result<Vec<T>, _>>()?;
            // Someone may have changed it, or bound it to another type: the next round looks.
            self.erased.replace(OpsFor::<T>::BOUND, |now: &Vec<Any>| {
                let unchanged = *now == before && !self.ops().bound;
                unchanged.then(|| {
                    self.count_change();
                    std::mem::take(&mut items)
                })
            });
        }
    }

    /// A list that the frontend made: open.
    #[must_use]
    pub fn open() -> AnyObj {
        Obj::new(Self::open_value()).into_any()
    }

    /// The same as a value, to be built in place.
    #[must_use]
    pub fn open_value() -> List<Any> {
        List::of_raw(Self::new(Vec::<Any>::new(), OpsFor::<Any>::OPEN))
    }

    /// An empty list of the same element type as this one.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn empty_like(&self) -> Result<AnyObj, Error> {
        self.slice(Slice::NONE)
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

    /// Whether the list may be bound to a type yet. While it may, an operation may have to read its items again.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.ops().bound
    }

    /// The type of the elements as a Python user would write it.
    #[must_use]
    pub fn item_name(&self) -> Cow<'static, str> {
        (self.ops().item_name)()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.erased.len()
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

    /// An element that the frontend has without running anyone's code, such as an object that it has seen. Does not panic.
    ///
    /// If `wrappers` is not empty, the canonical wrappers of the elements from `index` on go there instead, up to the first that
    /// is not an object that the frontend has seen. They stay pinned, and canonical if none is taken off its object, as long
    /// as [`changes`](Self::changes) is what it was before this call.
    #[inline]
    #[must_use]
    pub fn get_known<'py>(
        &self,
        index: usize,
        out: Encoder<'py>,
        wrappers: &mut [Option<Wrapper>],
    ) -> Option<Handle<'py>> {
        self.erased.look(|ops, items| {
            if let (Some(look), [_, ..]) = (ops.wrappers, &wrappers) {
                // SAFETY: under the lock, with the contents that belong to the table.
                unsafe { look(items, index, wrappers) };
                if wrappers[0].is_some() {
                    return None;
                }
            }
            // SAFETY: as above.
            unsafe { (ops.get_known)(items, index, out) }
        })
    }

    /// How often the list was changed. It is counted before each change, and never comes to the same number again as long as
    /// anyone else has the list: who has it alone may exchange it for another.
    ///
    /// To be loaded relaxed: who sees what came of a change, by whatever way, sees that it was counted.
    #[inline]
    #[must_use]
    pub fn changes(&self) -> &AtomicU64 {
        &self.changes
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

    /// Drops the elements of a slice and says how many they were. The frontend sees none.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn delete(&self, slice: Slice) -> Result<usize, Error> {
        self.run(|ops| (ops.delete)(self, slice))
    }

    /// Appends all elements of an iterable, or none if one does not fit.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated, or an element that is not of the element type.
    pub fn extend(&self, from: Decoder<'_>) -> Result<(), Error> {
        self.run(|ops| (ops.extend)(self, from))
    }

    /// Replaces the elements of a slice by those of an iterable, or none if one does not fit.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated, or an element that is not of the element type. Within the result: the slice has a
    /// step, and another number of elements.
    pub fn splice(&self, slice: Slice, from: Decoder<'_>) -> Result<Result<(), WrongSize>, Error> {
        self.run(|ops| (ops.splice)(self, slice, from))
    }

    /// Lets `look` see the elements as they stand in memory, if they are numbers, under the list's lock: it should be short,
    /// and use no list.
    pub fn numbers<R>(&self, mut look: impl FnMut(Number, &[u8]) -> R) -> Option<R> {
        let (number, read) = self.ops().numbers?;
        let mut result = None;
        // Numbers are of a bound list, which stays bound.
        read(self, &mut |bytes| result = Some(look(number, bytes))).ok()?;
        result
    }

    /// A new list, of the same type, of the elements of a slice.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn slice(&self, slice: Slice) -> Result<AnyObj, Error> {
        self.run(|ops| (ops.slice)(self, slice))
    }

    /// A new list, of the same type, of the elements so many times. `None`: there is no memory for so many.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn repeat(&self, times: usize) -> Result<Option<AnyObj>, Error> {
        self.run(|ops| (ops.repeat)(self, times))
    }

    /// The same in this list. False, and nothing is done: there is no memory for so many.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn repeat_in_place(&self, times: usize) -> Result<bool, Error> {
        self.run(|ops| (ops.repeat_in_place)(self, times))
    }

    /// A number that is another one after each change of the list.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.erased.version()
    }

    /// Puts the elements in an order of their indices, which has them all, unless the list has changed since it had this version; whether it
    /// has not.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn reorder(&self, version: u32, order: &[usize]) -> Result<bool, Error> {
        self.run(|ops| (ops.reorder)(self, version, order))
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
