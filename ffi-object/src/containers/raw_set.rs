//! `RawSet`: a set whose element type is known at run time.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use super::erased::{try_op, Erased, Op, Rebound};
use super::map::{decode_key, Key};
use super::ordered_map::{OrderedMap, Position, Step};
use super::raw_map::Cursor;
use super::set::{Set, SET};
use crate::any::Any;
use crate::error::Error;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::obj::{AnyObj, Obj};
use crate::trace::Tracer;
use crate::value::Looked;

/// A set whose element type is known at run time only: how frontends see all sets.
pub struct RawSet {
    /// The contents are `Elements<T>`.
    erased: Erased<Ops>,
}

/// What is in a set: the keys of a map to nothing.
pub(super) type Elements<T> = OrderedMap<T, ()>;

/// What makes one set of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperation {
    /// What is in one of them. Of equal elements, those of the first stay.
    Union,
    /// What is in both: the elements of the first.
    Intersection,
    /// What is in the first only.
    Difference,
    /// What is in one of them and not in the other.
    SymmetricDifference,
}

/// What a set and other elements have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// How many elements the set has.
    pub ours: usize,
    /// How many elements the others are.
    pub theirs: usize,
    /// How many they share.
    pub both: usize,
}

/// The operations on sets of one element type. Conversions run outside the set's lock, and so does the end of what comes
/// out.
struct Ops {
    element: fn() -> TypeId,
    bound: bool,
    name: fn() -> String,
    contains: fn(&RawSet, Decoder<'_>) -> Op<bool>,
    insert: fn(&RawSet, Decoder<'_>) -> Op<()>,
    remove: fn(&RawSet, Decoder<'_>) -> Op<bool>,
    pop: for<'py> fn(&RawSet, Encoder<'py>) -> Op<Option<Handle<'py>>>,
    beginning: fn(&RawSet) -> Op<Position>,
    step: for<'py> fn(&RawSet, &Cursor, Encoder<'py>) -> Op<Step<Handle<'py>>>,
    /// A new set of the elements in the order of their sets: the other way round if it says so.
    combined: fn(&RawSet, SetOperation, Decoder<'_>, bool) -> Op<AnyObj>,
    combine: fn(&RawSet, SetOperation, Decoder<'_>) -> Op<()>,
    common: fn(&RawSet, Decoder<'_>) -> Op<Common>,
    clear: fn(&RawSet) -> Op<()>,
    copy: fn(&RawSet) -> Op<AnyObj>,
    trace: Option<fn(&RawSet, &mut Tracer<'_>)>,
}

struct OpsFor<T>(PhantomData<T>);

impl<T: Key> OpsFor<T> {
    const BOUND: &'static Ops = &Self::ops(true);
    const OPEN: &'static Ops = &Self::ops(false);

    const fn ops(bound: bool) -> Ops {
        Ops {
            element: TypeId::of::<T>,
            bound,
            name: || format!("Set[{}]", T::type_name()),
            contains: |set, element| {
                // An element of another type is one that is not there, as it is for `set`.
                let Ok(element) = decode_key::<T>(element, "an element") else { return Ok(Ok(false)) };
                set.read::<T, _>(|elements| elements.get(&element).is_some()).map(Ok)
            },
            insert: |set, element| {
                let element = try_op!(set.element::<T>(element));
                let known = set.with::<T, _>(|elements| elements.add(element))?;
                drop(known);
                Ok(Ok(()))
            },
            remove: |set, element| {
                let Ok(element) = decode_key::<T>(element, "an element") else { return Ok(Ok(false)) };
                let gone = set.with::<T, _>(|elements| elements.remove(&element))?;
                Ok(Ok(gone.is_some()))
            },
            pop: |set, out| {
                let element = set.with::<T, _>(OrderedMap::pop)?;
                Ok(element.map(|(element, ())| element.encode(out)).transpose())
            },
            beginning: |set| set.read::<T, _>(|elements| elements.beginning(false)).map(Ok),
            step: |set, cursor, out| {
                let step = set.read::<T, _>(|elements| {
                    elements.step(&mut cursor.position.lock()).map(|(element, ())| Looked::at(element, out))
                })?;
                Ok(step.try_map(|element| element.encode(out)))
            },
            combined: |set, how, from, reversed| {
                let copy = |set: &RawSet| set.read::<T, _>(Elements::clone);
                let (mut first, mut second) = if reversed {
                    (try_op!(set.elements_of::<T>(from, true)).0, copy(set)?)
                } else {
                    let second = try_op!(set.elements_of::<T>(from, how.adds())).0;
                    (copy(set)?, second)
                };
                drop(how.apply(&mut first, &mut second));
                Ok(Ok(Self::like(set, first)))
            },
            combine: |set, how, from| {
                let (mut others, _) = try_op!(set.elements_of::<T>(from, how.adds()));
                let gone = set.with::<T, _>(|elements| how.apply(elements, &mut others))?;
                drop(gone);
                Ok(Ok(()))
            },
            common: |set, from| {
                let (others, strangers) = try_op!(set.elements_of::<T>(from, false));
                let (ours, both) = set.read::<T, _>(|elements| (elements.len(), shared(elements, &others)))?;
                Ok(Ok(Common { ours, theirs: others.len() + strangers, both }))
            },
            clear: |set| {
                let all = set.with::<T, _>(OrderedMap::take)?;
                drop(all);
                Ok(Ok(()))
            },
            copy: |set| {
                let copy = set.read::<T, _>(Elements::clone)?;
                Ok(Ok(Self::like(set, copy)))
            },
            trace: match T::TRACE {
                Some(_) => Some(|set, tracer| {
                    set.erased.try_read(|elements: &Elements<T>| tracer.trace_all(elements.keys()));
                }),
                None => None,
            },
        }
    }

    /// A new set of these elements, open if the other one is.
    fn like(set: &RawSet, elements: Elements<T>) -> AnyObj {
        // An open set's elements are `Any`. It may have been bound to another type since they were copied.
        let (ops, any) = (set.erased.ops(), TypeId::of::<Any>());
        let open = TypeId::of::<T>() == any && !(ops.bound && (ops.element)() == any);
        let erased = Erased::new(elements, if open { Self::OPEN } else { Self::BOUND });
        Obj::new(Set::<T>::of_raw(RawSet { erased })).into_any()
    }
}

/// How many elements two sets share.
pub(super) fn shared<T: Key>(a: &Elements<T>, b: &Elements<T>) -> usize {
    let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    small.keys().filter(|element| large.get(*element).is_some()).count()
}

impl SetOperation {
    /// Whether elements of the second set may come into the first.
    fn adds(self) -> bool {
        matches!(self, Self::Union | Self::SymmetricDifference)
    }

    /// Makes the first set what the operation says. Gives what came out; what is not needed of the second one stays there:
    /// the caller drops both, under no lock.
    pub(super) fn apply<T: Key>(self, first: &mut Elements<T>, second: &mut Elements<T>) -> Vec<T> {
        let mut gone = Vec::new();
        match self {
            Self::Union => {
                gone.extend(second.take().into_iter().filter_map(|(element, ())| first.add(element)));
            }
            Self::Intersection => {
                let out: Vec<T> = first.keys().filter(|element| second.get(*element).is_none()).cloned().collect();
                gone.extend(out.iter().filter_map(|element| first.remove(element)).map(|(element, ())| element));
            }
            Self::Difference => {
                gone.extend(second.keys().filter_map(|element| first.remove(element)).map(|(element, ())| element));
            }
            Self::SymmetricDifference => {
                for (element, ()) in second.take() {
                    match first.remove(&element) {
                        Some((element, ())) => gone.push(element),
                        None => gone.extend(first.add(element)),
                    }
                }
            }
        }
        gone
    }
}

impl RawSet {
    /// A set of one type for good.
    pub(super) fn bound<T: Key>(elements: Elements<T>) -> Self {
        Self { erased: Erased::new(elements, OpsFor::<T>::BOUND) }
    }

    pub(super) fn with<T: 'static, R>(&self, look: impl FnOnce(&mut Elements<T>) -> R) -> Result<R, Rebound> {
        self.erased.with(look)
    }

    pub(super) fn read<T: 'static, R>(&self, look: impl FnOnce(&Elements<T>) -> R) -> Result<R, Rebound> {
        self.erased.read(look)
    }

    /// The same as `with`, unless the set has changed since it had this version.
    pub(super) fn with_version<T: 'static, R>(
        &self,
        version: u32,
        look: impl FnOnce(&mut Elements<T>) -> R,
    ) -> Result<Option<R>, Rebound> {
        self.erased.with_version(version, look)
    }

    /// A number that is another one after each change of the set.
    pub(super) fn version(&self) -> u32 {
        self.erased.version()
    }

    /// Tells a collector what is in the set.
    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(trace) = self.erased.ops().trace {
            trace(self, tracer);
        }
    }

    /// An element, if it is one whose equality Rust knows.
    fn element<T: Key>(&self, from: Decoder<'_>) -> Result<T, Error> {
        decode_key(from, "an element").map_err(|error| error.at(format_args!("{} element", self.type_name())))
    }

    /// The elements of a set or another iterable, and how many there are that do not fit, if not all must.
    fn elements_of<T: Key>(&self, from: Decoder<'_>, all: bool) -> Result<(Elements<T>, usize), Error> {
        if let Ok(object) = from.owned_object() {
            if let Some(Ok(copy)) = Self::of(&object).map(|set| set.read(Elements::<T>::clone)) {
                return Ok((copy, 0));
            }
        }
        let (mut elements, mut strangers) = (Elements::default(), 0);
        let read = from.for_each(|item| {
            match self.element(item) {
                Ok(element) => drop(elements.add(element)),
                Err(error) if all => return Err(error),
                Err(_) => strangers += 1,
            }
            Ok(())
        });
        read.map_err(|mismatch| from.error(mismatch, "an iterable"))?;
        Ok((elements, strangers))
    }

    /// Binds an open set to elements of type `T`, or checks that it is bound to them.
    pub(super) fn bind<T: Key>(&self) -> Result<(), Error> {
        let name = OpsFor::<T>::BOUND.name;
        loop {
            let ops = self.erased.ops();
            if ops.bound {
                if (ops.element)() == TypeId::of::<T>() {
                    return Ok(());
                }
                return Err(Error::expected(&name(), &(ops.name)()));
            }
            // Converted outside the lock: an element may be a set that is bound in turn, even this one.
            let Ok(before) = self.read(Elements::<Any>::to_vec) else { continue };
            let mut converted = Elements::default();
            for (element, ()) in &before {
                let element = element.to::<T>().map_err(|e| e.at(format_args!("{} element", name())))?;
                converted.add(element);
            }
            self.erased.replace(OpsFor::<T>::BOUND, |open: &Elements<Any>| {
                let unchanged = open.to_vec() == before && !self.erased.ops().bound;
                unchanged.then(|| {
                    converted.replaces(open);
                    std::mem::take(&mut converted)
                })
            });
        }
    }

    /// A set that the frontend made, to be built in place: open.
    #[must_use]
    pub fn open_value() -> Set<Any> {
        Set::of_raw(Self { erased: Erased::new(Elements::<Any>::default(), OpsFor::<Any>::OPEN) })
    }

    /// The same as an object.
    #[must_use]
    pub fn open() -> AnyObj {
        Obj::new(Self::open_value()).into_any()
    }

    /// The set in an object.
    #[must_use]
    pub fn of(object: &AnyObj) -> Option<&Self> {
        if !object.type_info().is_a(&SET) {
            return None;
        }
        // SAFETY: the object is a set of some type, and sets are transparent over this.
        Some(unsafe { object.as_raw().value().cast().as_ref() })
    }

    /// The type as a Python user would write it.
    #[must_use]
    pub fn type_name(&self) -> String {
        (self.erased.ops().name)()
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

    /// Whether an element is there.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn contains(&self, element: Decoder<'_>) -> Result<bool, Error> {
        self.erased.run(|ops| (ops.contains)(self, element))
    }

    /// Puts an element in, unless it is there.
    ///
    /// # Errors
    ///
    /// An element that is not of the set's type.
    pub fn insert(&self, element: Decoder<'_>) -> Result<(), Error> {
        self.erased.run(|ops| (ops.insert)(self, element))
    }

    /// Takes an element out; whether it was there.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn remove(&self, element: Decoder<'_>) -> Result<bool, Error> {
        self.erased.run(|ops| (ops.remove)(self, element))
    }

    /// Takes the last element out.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn pop<'py>(&self, out: Encoder<'py>) -> Result<Option<Handle<'py>>, Error> {
        self.erased.run(|ops| (ops.pop)(self, out))
    }

    /// The beginning of the way through the set.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn cursor(&self) -> Result<Cursor, Error> {
        let position = self.erased.run(|ops| (ops.beginning)(self))?;
        Ok(Cursor::new(position, (true, false)))
    }

    /// The next element.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn step<'py>(&self, cursor: &Cursor, out: Encoder<'py>) -> Result<Step<Handle<'py>>, Error> {
        self.erased.run(|ops| (ops.step)(self, cursor, out))
    }

    /// How many elements are still to come.
    #[must_use]
    pub fn left(&self, cursor: &Cursor) -> usize {
        let len = self.len();
        cursor.position.lock().left(len)
    }

    /// A new set of the same type: what an operation makes of this one and the elements of an iterable, or, `reversed`, of
    /// them and this one.
    ///
    /// # Errors
    ///
    /// Elements that would be in the new set and are not of its type; what goes wrong in the frontend's language.
    pub fn combined(&self, how: SetOperation, other: Decoder<'_>, reversed: bool) -> Result<AnyObj, Error> {
        self.erased.run(|ops| (ops.combined)(self, how, other, reversed))
    }

    /// Makes this set what an operation makes of it and the elements of an iterable, or leaves it as it is.
    ///
    /// # Errors
    ///
    /// As for [`combined`](Self::combined).
    pub fn combine(&self, how: SetOperation, other: Decoder<'_>) -> Result<(), Error> {
        self.erased.run(|ops| (ops.combine)(self, how, other))
    }

    /// What this set and an iterable have in common.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn common(&self, other: Decoder<'_>) -> Result<Common, Error> {
        self.erased.run(|ops| (ops.common)(self, other))
    }

    /// Removes everything.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn clear(&self) -> Result<(), Error> {
        self.erased.run(|ops| (ops.clear)(self))
    }

    /// A new set of the same type with the same elements.
    ///
    /// # Errors
    ///
    /// None; it is fallible as all operations are.
    pub fn copy(&self) -> Result<AnyObj, Error> {
        self.erased.run(|ops| (ops.copy)(self))
    }
}

impl fmt::Debug for RawSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.type_name(), self.len())
    }
}
