//! `RawArray`: an array whose element type is known at run time.
//!
//! ```text
//! header │ ops and mode │ length │ items ─┐ │ [T; length]
//!                                         └──▲
//! ```
//!
//! An array is immutable, so whoever knows its element type reads it without a lock. What can change, once, is the type:
//! an array that the frontend made is open, and is bound at its first use where Rust wants a type. Its items may have to
//! become others then; these go to a block of their own, since someone may be reading the old ones. So:
//!
//! 1. Once the mode is not open, nothing of the array changes until it dies.
//! 2. While it is open, its items are `Any`s, or numbers. They stand behind the array, at its own alignment at most.
//! 3. The words of an open array change only under its lock. `Any`s of an open array are read only under its lock.
//! 4. Numbers behind an array are never overwritten. So they can be read without a lock, also by who is late.
//! 5. The room behind an array has the size that it was born with: the mode says what it is when the items have left it.

use std::alloc::Layout;
use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::array::ARRAY;
use super::array_block::{make_open, Kind, Unfilled, OVERFLOW};
use super::erased::{retry, see, try_op, Op, Rebound};
use crate::alloc::NoMemory;
use crate::any::Any;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::header::RawObject;
use crate::info::{Constructor, Param, ParamKind, Signature};
use crate::number::{by_number, Number, Numbers};
use crate::obj::{AnyObj, Obj};
use crate::reflect::decoder;
use crate::slice::Slice;
use crate::state::{State, Wrapper};
use crate::trace::Tracer;
use crate::value::Value;

/// An array whose element type is known at run time only: how frontends see all arrays. It has no destructor: the type's
/// descriptor sees to the items.
// No number, and no `Any`, asks for a larger alignment, so these follow at once.
#[repr(C, align(8))]
pub struct RawArray {
    /// What can be done with items of this array's type, and the mode in the low bits.
    kind: AtomicPtr<Ops>,
    len: usize,
    /// Derived from a pointer to the whole block, or to a block of their own.
    items: AtomicPtr<()>,
}

const _: () = assert!(align_of::<Any>() <= align_of::<RawArray>());

/// The operations on arrays of one element type. The end of what comes out is outside the array's lock.
#[repr(align(16))]
pub(super) struct Ops {
    pub(super) item: fn() -> TypeId,
    item_name: fn() -> Cow<'static, str>,
    pub(super) unit: Layout,
    number: Option<Number>,
    get: for<'py> fn(&RawArray, usize, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    get_known: for<'py> fn(&RawArray, usize, Encoder<'py>) -> Option<Handle<'py>>,
    /// Only of what may be an object.
    wrappers: Option<Wrappers>,
    pick: fn(&RawArray, usize, &mut Indices<'_>) -> Op<Result<AnyObj, NoMemory>>,
    join: fn(&RawArray, Decoder<'_>, bool) -> Op<AnyObj>,
    /// Drops items, of which there are so many, and their block if they have one of their own.
    pub(super) drop: unsafe fn(NonNull<()>, usize, bool),
    trace: Option<fn(&RawArray, &mut Tracer<'_>)>,
}

type Wrappers = fn(&RawArray, usize, &mut [Option<Wrapper>]);

/// Indices, all of which are below the length of the array that they are used for.
type Indices<'a> = dyn Iterator<Item = usize> + 'a;

/// What a frontend makes an array of: an open one.
fn read(from: Option<Decoder<'_>>, state: State) -> Result<RawObject, Error> {
    let Some(from) = from else {
        return Ok(make_open(Vec::new(), state).unwrap_or_else(|none| none.fail(OVERFLOW)));
    };
    let (mut state, mut array) = (Some(state), None);
    from.numbers(|mut numbers| {
        let Some(state) = state.take() else { return Ok(()) };
        array = Some(by_number!(numbers.number(), T => {
            let mut new = Unfilled::<T>::new(numbers.len(), state).unwrap_or_else(|none| none.fail(OVERFLOW));
            // SAFETY: room for so many `T`s, which the numbers are.
            let write = |place| unsafe { numbers.copy_to(place) };
            // SAFETY: all of them are written.
            unsafe { new.fill(write) }?;
            new.finish(true)
        }));
        Ok(())
    })?;
    match (array, state) {
        (Some(array), _) => Ok(array),
        (None, Some(state)) => {
            let items = items::<Any>(from, "object")?;
            Ok(make_open(items, state).unwrap_or_else(|none| none.fail(OVERFLOW)))
        }
        (None, None) => Err(Error::runtime("numbers were given twice")),
    }
}

/// The items of an iterable.
fn items<T: Value>(from: Decoder<'_>, name: &str) -> Result<Vec<T>, Error> {
    if let Some(items) = T::decode_numbers(from)? {
        return Ok(items);
    }
    let mut items = Vec::new();
    let read = from.for_each(|item| {
        let item = T::decode(item).map_err(|error| error.at(format_args!("Array[{name}] item {}", items.len())))?;
        items.push(item);
        Ok(())
    });
    read.map_err(|mismatch| from.error(mismatch, "an iterable"))?;
    Ok(items)
}

pub(super) struct OpsFor<T>(PhantomData<T>);

impl<T: Value + Clone> OpsFor<T> {
    pub(super) const OPS: &'static Ops = &Ops {
        item: TypeId::of::<T>,
        item_name: T::type_name,
        unit: Layout::new::<T>(),
        number: match T::NUMBER {
            Some(number) => Some(number.get()),
            None => None,
        },
        get: |array, index, out| {
            if array.kind().is_open() {
                // Converted outside the lock, and not moved on the way: to move an `Option` of an `Any` is what takes time.
                let mut item = None;
                array.read::<T, _>(|items| item = items.get(index).cloned())?;
                return Ok(item.as_ref().map(|item| item.encode(out)).transpose());
            }
            array.read::<T, _>(|items| items.get(index).map(|item| item.encode(out)).transpose())
        },
        get_known: |array, index, out| {
            array.read::<T, _>(|items| items.get(index)?.encode_known(out)).unwrap_or_default()
        },
        wrappers: match T::TRACE {
            Some(_) => Some(|array, index, wrappers| {
                let _ = array.read::<T, _>(|items| see(items.get(index..).unwrap_or_default(), wrappers));
            }),
            None => None,
        },
        pick: |array, len, indices| {
            let mut new = match Unfilled::<T>::new(len, State::bare()) {
                Ok(new) => new,
                Err(none) => return Ok(Ok(Err(none))),
            };
            let open = array.kind().is_open();
            array.read::<T, _>(|items| indices.for_each(|index| new.push(items[index].clone())))?;
            // SAFETY: the state was born with one owner, which this is; every object is an `Object`.
            Ok(Ok(Ok(unsafe { Obj::from_raw(new.finish(open)) })))
        },
        join: |array, from, before| {
            let more = try_op!(items::<T>(from, &T::type_name()));
            let len = array.len + more.len();
            let mut new = Unfilled::<T>::new(len, State::bare()).unwrap_or_else(|none| none.fail(OVERFLOW));
            let mut more = Some(more);
            if before {
                more.take().into_iter().for_each(|more| new.append(more));
            }
            array.read::<T, _>(|items| items.iter().for_each(|item| new.push(item.clone())))?;
            more.into_iter().for_each(|more| new.append(more));
            // SAFETY: as above.
            Ok(Ok(unsafe { Obj::from_raw(new.finish(false)) }))
        },
        drop: |items, len, own_block| {
            let items = NonNull::slice_from_raw_parts(items.cast::<T>(), len);
            if own_block {
                // SAFETY: by the caller; `bind` made the block of a box.
                drop(unsafe { Box::from_raw(items.as_ptr()) });
            } else {
                // SAFETY: by the caller.
                unsafe { items.drop_in_place() };
            }
        },
        trace: match T::TRACE {
            Some(_) => Some(|array, tracer| array.try_read::<T>(|items| tracer.trace_all(items))),
            None => None,
        },
    };
}

/// The parameter of the class's constructor, for frontends.
static PARAMS: [Param; 1] = [Param {
    name: "iterable",
    kind: ParamKind::PositionalOnly,
    default: Some("()"),
    type_name: || Cow::Borrowed("Iterable"),
}];

impl RawArray {
    /// How a frontend makes an array: of the items of an iterable, and open.
    pub const CONSTRUCTOR: Constructor =
        Constructor::of_whole(Signature::new("Array", &PARAMS), |args, state| read(args.slot(0), state));

    /// The same, for an owner in Rust.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated.
    pub fn open(from: Decoder<'_>) -> Result<AnyObj, Error> {
        let array = read(Some(from), State::bare())?;
        // SAFETY: the state was born with one owner, which this is; every object is an `Object`.
        Ok(unsafe { Obj::from_raw(array) })
    }

    pub(super) fn new(kind: Kind, len: usize, items: NonNull<()>) -> Self {
        Self { kind: AtomicPtr::new(kind.0), len, items: AtomicPtr::new(items.as_ptr()) }
    }

    pub(super) fn kind(&self) -> Kind {
        // Acquire: pairs with the release in `change`, so that who sees the new type sees the new items.
        Kind(self.kind.load(Ordering::Acquire))
    }

    fn items(&self, order: Ordering) -> NonNull<()> {
        // SAFETY: only `finish` and `bind` write it, and no pointer of theirs is null.
        unsafe { NonNull::new_unchecked(self.items.load(order)) }
    }

    /// The lock of an open array. It is one for many: a lock in each would cost all for what few need.
    fn lock(&self) -> &'static Mutex<()> {
        /// On a cache line of its own.
        #[repr(align(64))]
        struct Stripe(Mutex<()>);
        static STRIPES: [Stripe; 32] = [const { Stripe(Mutex::new(())) }; 32];
        &STRIPES[ptr::from_ref(self).addr() / 64 % STRIPES.len()].0
    }

    /// The items of an array that is not open.
    ///
    /// # Safety
    ///
    /// They are `T`s.
    #[inline]
    pub(super) unsafe fn slice<T>(&self) -> &[T] {
        // SAFETY: by the caller; they are there as long as the array is.
        unsafe { self.slice_ptr().as_ref() }
    }

    /// Where the items are, of an array that is not open.
    #[inline]
    pub(super) fn slice_ptr<T>(&self) -> NonNull<[T]> {
        // Relaxed: whoever knows that the array is not open has loaded its kind. By rule 1 nothing changes after that.
        NonNull::slice_from_raw_parts(self.items(Ordering::Relaxed).cast(), self.len)
    }

    /// The items, if they are of this type, for a short look.
    #[inline]
    fn read<T: Value + Clone, R>(&self, look: impl FnOnce(&[T]) -> R) -> Result<R, Rebound> {
        let kind = self.kind();
        if !kind.is_of::<T>() {
            return Err(Rebound);
        }
        if !kind.is_open() {
            // SAFETY: just checked.
            return Ok(look(unsafe { self.slice() }));
        }
        if T::NUMBER.is_some() {
            // SAFETY: just checked.
            return unsafe { self.numbers_behind(self.len) }.map(look).ok_or(Rebound);
        }
        let locked = self.lock().lock();
        self.read_locked(kind, look, locked)
    }

    /// The same for a collector, which waits for no one.
    fn try_read<T: Value + Clone>(&self, look: impl FnOnce(&[T])) {
        let kind = self.kind();
        if !kind.is_open() {
            let _ = self.read(look);
        } else if let Some(locked) = self.lock().try_lock().filter(|_| kind.is_of::<T>()) {
            let _ = self.read_locked(kind, look, locked);
        }
    }

    /// Looks at the items of an open array that was of this kind, if it still is. They are `T`s.
    #[inline]
    fn read_locked<T, R>(
        &self,
        kind: Kind,
        look: impl FnOnce(&[T]) -> R,
        _locked: MutexGuard<'_, ()>,
    ) -> Result<R, Rebound> {
        if self.kind().0 != kind.0 {
            return Err(Rebound);
        }
        // SAFETY: no word changes under the lock (rule 3), and neither do the items.
        Ok(look(unsafe { self.slice() }))
    }

    /// The numbers behind the array, unless something else has taken their place just now.
    ///
    /// # Safety
    ///
    /// The array was open, its items were numbers, and so many `T`s they are.
    unsafe fn numbers_behind<T>(&self, len: usize) -> Option<&[T]> {
        let items = self.items(Ordering::Acquire);
        // By rule 2.
        let behind = ptr::from_ref(self).addr() + size_of::<Self>();
        if items.addr().get() != behind {
            return None;
        }
        // SAFETY: by the caller and rule 4.
        Some(unsafe { NonNull::slice_from_raw_parts(items.cast::<T>(), len).as_ref() })
    }

    /// Binds an open array to elements of type `T`, or checks that it is bound to them.
    pub(super) fn bind<T: Value + Clone>(&self) -> Result<(), Error> {
        loop {
            let kind = self.kind();
            if !kind.is_open() {
                if kind.is_of::<T>() {
                    return Ok(());
                }
                return Err(Error::expected(&format!("Array[{}]", T::type_name()), &self.type_name()));
            }
            let ops = OpsFor::<T>::OPS;
            if kind.is_of::<T>() {
                self.change(kind, Kind::new(ops, false), None);
                continue;
            }
            // Converted outside the lock: an element may be an array that is bound in turn.
            let Ok(before) = self.to_any() else { continue };
            let items = before
                .iter()
                .enumerate()
                .map(|(i, item)| item.to::<T>().map_err(|e| e.at(format_args!("Array[{}] item {i}", T::type_name()))))
                .collect::<Result<Box<[T]>, _>>()?;
            let items = ManuallyDrop::new(items);
            let new = NonNull::from(&**items).cast();
            match self.change(kind, kind.of_items_that_left(ops), Some(new)) {
                // SAFETY: these have left the array, where they were behind it, and who reads `Any`s has done so under the
                // lock (rule 3).
                Some(old) => unsafe { (kind.ops().drop)(old, self.len, false) },
                // Someone else has bound it: the next round looks to what.
                None => drop(ManuallyDrop::into_inner(items)),
            }
        }
    }

    /// Changes an open array that was of a kind to another one, if it still is of it, and its items to others. Gives the old
    /// ones.
    fn change(&self, from: Kind, to: Kind, items: Option<NonNull<()>>) -> Option<NonNull<()>> {
        let _locked = self.lock().lock();
        if self.kind().0 != from.0 {
            return None;
        }
        let old = self.items(Ordering::Relaxed);
        if let Some(items) = items {
            // Release: pairs with the acquire in `numbers_behind`.
            self.items.store(items.as_ptr(), Ordering::Release);
        }
        // Release: pairs with the acquire in `kind`.
        self.kind.store(to.0, Ordering::Release);
        Some(old)
    }

    /// The items of an open array.
    fn to_any(&self) -> Result<Vec<Any>, Rebound> {
        match self.numbers() {
            Some((number, bytes)) => {
                let mut copy = |place: NonNull<u8>| {
                    // SAFETY: by the caller there is room for all, in an allocation of its own.
                    unsafe { place.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
                    Ok(())
                };
                // SAFETY: the bytes are those of so many numbers.
                let numbers = unsafe { Numbers::new(number, self.len, &mut copy) };
                numbers.into_any().ok().flatten().ok_or(Rebound)
            }
            None => self.read(<[Any]>::to_vec),
        }
    }

    /// Tells a collector what is in the array.
    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(trace) = self.kind().ops().trace {
            trace(self, tracer);
        }
    }

    fn run<R>(&self, mut op: impl FnMut(&'static Ops) -> Op<R>) -> Result<R, Error> {
        retry(|| op(self.kind().ops()))
    }

    /// The array in an object.
    #[must_use]
    pub fn of(object: &AnyObj) -> Option<&Self> {
        if !object.type_info().is_a(&ARRAY) {
            return None;
        }
        // SAFETY: the object is an array of some type, and arrays are transparent over this.
        Some(unsafe { object.as_raw().value().cast().as_ref() })
    }

    /// The type of the elements as a Python user would write it.
    #[must_use]
    pub fn item_name(&self) -> Cow<'static, str> {
        let kind = self.kind();
        if kind.is_open() {
            <Any as Value>::type_name()
        } else {
            (kind.ops().item_name)()
        }
    }

    /// The type of the array as a Python user would write it.
    #[must_use]
    pub fn type_name(&self) -> String {
        format!("Array[{}]", self.item_name())
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Where the number of elements is. It never changes.
    #[must_use]
    pub fn len_ref(&self) -> &usize {
        &self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
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
    /// If `wrappers` is not empty, and the array is not open, the canonical wrappers of the elements from `index` on go there
    /// instead, up to the first that is not an object that the frontend has seen. They stay pinned as long as the array, and canonical if
    /// none is taken off its object.
    #[inline]
    #[must_use]
    pub fn get_known<'py>(
        &self,
        index: usize,
        out: Encoder<'py>,
        wrappers: &mut [Option<Wrapper>],
    ) -> Option<Handle<'py>> {
        let kind = self.kind();
        if let (Some(look), false, [_, ..]) = (kind.ops().wrappers, kind.is_open(), &wrappers) {
            look(self, index, wrappers);
            if wrappers[0].is_some() {
                return None;
            }
        }
        (kind.ops().get_known)(self, index, out)
    }

    /// The elements as they stand in memory, if they are numbers. They stay as long as the array.
    #[must_use]
    pub fn numbers(&self) -> Option<(Number, &[u8])> {
        loop {
            let kind = self.kind();
            let number = kind.ops().number?;
            let size = self.len * number.size();
            if !kind.is_open() {
                let bytes = NonNull::slice_from_raw_parts(self.items(Ordering::Relaxed).cast(), size);
                // SAFETY: all bytes of numbers are initialized. They do not change (rule 1).
                return Some((number, unsafe { bytes.as_ref() }));
            }
            // SAFETY: as above.
            if let Some(bytes) = unsafe { self.numbers_behind(size) } {
                return Some((number, bytes));
            }
        }
    }

    fn pick(&self, len: usize, indices: impl Fn() -> Box<Indices<'static>>) -> Result<Result<AnyObj, NoMemory>, Error> {
        self.run(|ops| (ops.pick)(self, len, &mut *indices()))
    }

    /// A new array, of the same type, of the elements of a slice.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn slice_of(&self, slice: Slice) -> Result<AnyObj, Error> {
        let indices = slice.indices(self.len);
        let new = self.pick(indices.len(), || Box::new(indices.clone()))?;
        Ok(new.unwrap_or_else(|none| none.fail(OVERFLOW)))
    }

    /// A new array, of the same type, of the elements so many times. `None`: there is no memory for so many.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn repeat(&self, times: usize) -> Result<Option<AnyObj>, Error> {
        let Some(len) = self.len.checked_mul(times) else { return Ok(None) };
        let once = self.len;
        Ok(self.pick(len, || Box::new((0..times).flat_map(move |_| 0..once)))?.ok())
    }

    /// A new array, of the same type, of the elements and those of an iterable, which come before them or after.
    ///
    /// # Errors
    ///
    /// A value that cannot be iterated, or an element that is not of the element type.
    pub fn join(&self, from: Decoder<'_>, before: bool) -> Result<AnyObj, Error> {
        let kind = self.kind();
        if !kind.is_open() {
            // It stays what it is, so that nothing is read twice.
            return retry(|| (kind.ops().join)(self, from, before));
        }
        let more = items::<Any>(from, "object")?;
        let own = loop {
            match self.to_any() {
                Ok(own) => break own,
                Err(Rebound) if self.kind().is_open() => {}
                // Bound while the items were read.
                Err(Rebound) => return self.join(decoder(&Any::from(more)), before),
            }
        };
        let (mut first, mut second) = if before { (more, own) } else { (own, more) };
        first.append(&mut second);
        let array = make_open(first, State::bare()).unwrap_or_else(|none| none.fail(OVERFLOW));
        // SAFETY: the state was born with one owner, which this is; every object is an `Object`.
        Ok(unsafe { Obj::from_raw(array) })
    }
}

impl fmt::Debug for RawArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.type_name(), self.len)
    }
}
