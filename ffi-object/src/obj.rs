//! `Obj<T>`, the owner of an object.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::alloc::{self, Block};
use crate::census::TypeCell;
use crate::destroy::{destroy_erased, destroy_exact, free_plain};
use crate::error::Error;
use crate::frontend::{self, Decoder};
use crate::header::RawObject;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::state::{DropOwner, State, Wrapper};
use crate::trace::Reach;
use crate::weak::WeakObj;

/// A type whose values live in reference-counted allocations and have one identity in every frontend.
///
/// Written by [`#[derive(FfiObject)]`](macro@crate::FfiObject), never by hand.
///
/// # Safety
///
/// `TYPE` describes this very type: size, drop, fields, and bases, of which the direct one is `Base` and stands at
/// offset 0. No other type has the same `TYPE`, unless all of them have the same representation. What `type_of` gives is
/// `TYPE`, or extends it and describes this very type too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an FfiObject",
    label = "not a struct with `#[derive(FfiObject)]`",
    note = "put `#[derive(FfiObject)]` on the struct",
    note = "if the struct is generic, register the types it is used with: `ffi_object::register!(Pair<i64, f64> as \"PairIF\");`"
)]
pub unsafe trait FfiObject: Send + Sync + Sized + 'static {
    /// The type that this one extends. [`Object`] if it extends none.
    type Base: FfiObject;
    /// Its descriptor.
    const TYPE: &'static TypeInfo;
    /// The descriptors of its bases, the root's first, and its own.
    const LINEAGE: &'static [&'static TypeInfo];
    /// Makes one of numbers that the frontend's language has in memory.
    #[doc(hidden)]
    const FROM_NUMBERS: Option<FromNumbers> = None;
    /// The descriptor of this very value: that of its variant, for an enum. It extends `TYPE`.
    #[doc(hidden)]
    #[inline]
    fn type_of(&self) -> &'static TypeInfo {
        Self::TYPE
    }

    /// Whether this object, which is of type `TYPE`, may be used as a `Self`. Containers look at their elements' type.
    ///
    /// # Errors
    ///
    /// What was expected, and what it is.
    fn admit(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Notes what an owner of a `Self` may lead to.
    #[doc(hidden)]
    fn reach(reach: &mut Reach) {
        reach.types.push(Self::TYPE);
    }
}

/// Makes an object of numbers that a value has in memory, if it has some that fit.
pub(crate) type FromNumbers = fn(Decoder<'_>) -> Result<Option<AnyObj>, Error>;

/// The root of all types of objects. It has no fields.
#[derive(Debug)]
pub struct Object(());

static OBJECT_CELL: TypeCell = TypeCell::new();
static OBJECT: TypeInfo = TypeInfo {
    key: "ffi_object::Object",
    name: "Object",
    module: None,
    doc: "The base of all classes whose objects live in Rust.",
    source: Source { file: file!(), line: line!() },
    parents: &[],
    fields: &[],
    builder: None,
    trace: None,
    options: TypeOptions::NONE,
    cell: &OBJECT_CELL,
    memory: Memory::of::<Object>(),
};

/// The lineage of the type that `T` extends. Expansions name the base once, so that a wrong one is reported once.
#[doc(hidden)]
#[must_use]
pub const fn base_lineage<T: FfiObject>() -> &'static [&'static TypeInfo] {
    T::Base::LINEAGE
}

/// Whether nothing may extend the type that `T` extends.
#[doc(hidden)]
#[must_use]
pub const fn base_is_final<T: FfiObject>() -> bool {
    T::Base::TYPE.options.is_final()
}

// SAFETY: the root; it is its own base, at offset 0, and nothing can be asked of it that a base would have.
#[diagnostic::do_not_recommend]
unsafe impl FfiObject for Object {
    type Base = Object;
    const TYPE: &'static TypeInfo = &OBJECT;
    const LINEAGE: &'static [&'static TypeInfo] = &[&OBJECT];

    fn reach(reach: &mut Reach) {
        reach.anything = true;
    }
}

/// A strong, thread-safe owner of an object, as `Arc` is.
///
/// It is one thin pointer, never null. Creating, cloning, reading and dropping it needs no interpreter, on any thread.
/// Equality and hash are those of identity: two owners are equal when they own the same object.
///
/// ```
/// use ffi_object::{FfiObject, Mut, Obj};
///
/// #[derive(FfiObject)]
/// struct Counter {
///     hits: Mut<u64>,
/// }
///
/// let counter = Obj::new(Counter { hits: Mut::new(0) });
/// let same = counter.clone();
/// std::thread::spawn(move || same.hits.set(1)).join().unwrap();
/// assert_eq!(counter.hits.get(), 1);
/// ```
#[repr(transparent)]
pub struct Obj<T: FfiObject> {
    object: RawObject,
    // No `T`: what is `'static` outlives its drop, and the compiler need not look into chains of types to know it.
    _owns: PhantomData<fn() -> T>,
}

/// An owner of an object of any type.
pub type AnyObj = Obj<Object>;

// SAFETY: an owner gives access to a shared `T` and may drop it; `FfiObject` asks for `Send` and `Sync`, also of types
// that extend `T`, of which the object may be one. The counts are atomic.
unsafe impl<T: FfiObject> Send for Obj<T> {}
// SAFETY: as above; a shared owner can be cloned.
unsafe impl<T: FfiObject> Sync for Obj<T> {}

impl<T: FfiObject> Obj<T> {
    /// Moves a value into an allocation of its own.
    ///
    /// ```
    /// # use ffi_object::{FfiObject, Obj};
    /// # #[derive(FfiObject)]
    /// # struct Point { x: f64, y: f64 }
    /// let p = Obj::new(Point { x: 1.0, y: 2.0 });
    /// assert_eq!(p.x + p.y, 3.0);
    /// ```
    #[inline]
    pub fn new(value: T) -> Self {
        let object = alloc::allocate(value.type_of(), const { Block::of::<T>() }, State::bare());
        // SAFETY: the allocation is for a `T`, and not written yet.
        unsafe { object.value().cast::<T>().write(value) };
        // SAFETY: the state was born with one owner, which this is.
        unsafe { Self::from_raw(object) }
    }

    /// Makes an owner that was counted already.
    ///
    /// # Safety
    ///
    /// The caller has an owner of `object`, which is a `T`, and gives it away.
    #[must_use]
    #[inline]
    pub unsafe fn from_raw(object: RawObject) -> Self {
        Self { object, _owns: PhantomData }
    }

    /// Gives the owner away without dropping it.
    #[must_use]
    pub fn into_raw(self) -> RawObject {
        std::mem::ManuallyDrop::new(self).object
    }

    /// The pointer, which stays valid while this owner lives.
    #[must_use]
    #[inline]
    pub fn as_raw(&self) -> RawObject {
        self.object
    }

    #[inline]
    fn state(&self) -> &State {
        // SAFETY: this owner keeps the object alive.
        unsafe { self.object.state() }
    }

    /// The type of the object, which may extend `T`.
    #[must_use]
    #[inline]
    pub fn type_info(&self) -> &'static TypeInfo {
        // SAFETY: this owner keeps the object alive.
        unsafe { self.object.info() }
    }

    /// Whether both own the same object.
    #[must_use]
    pub fn ptr_eq(&self, other: &Obj<impl FfiObject>) -> bool {
        self.object == other.object
    }

    /// The number of owners, of which a wrapper that was moved from is none. Other threads may be changing it.
    #[must_use]
    pub fn owners(&self) -> usize {
        self.state().owners() as usize
    }

    /// Whether a frontend has a canonical wrapper for the object.
    #[must_use]
    pub fn is_wrapped(&self) -> bool {
        self.wrapper().is_some()
    }

    /// The canonical wrapper, if there is one, which this owner keeps pinned.
    #[inline]
    pub(crate) fn wrapper(&self) -> Option<Wrapper> {
        self.state().wrapper()
    }

    /// A weak reference to the object.
    #[must_use]
    pub fn downgrade(&self) -> WeakObj<T> {
        self.state().clone_weak();
        // SAFETY: the weak reference was just counted.
        unsafe { WeakObj::from_counted(self.object) }
    }

    /// The value, if this owner is all that refers to it: no other owner, no weak reference, no wrapper.
    ///
    /// A wrapper that the object was moved from counts as long as it is there, though it is no owner: a call further up
    /// may be borrowing the object through it.
    ///
    /// For the items of an [`Array`](crate::Array) there is [`Array::get_mut`](crate::Array::get_mut).
    ///
    /// ```
    /// # use ffi_object::{FfiObject, Obj};
    /// # #[derive(FfiObject)]
    /// # struct Point { x: f64 }
    /// let mut p = Obj::new(Point { x: 1.0 });
    /// p.get_mut().unwrap().x = 2.0;
    /// let q = p.clone();
    /// assert!(p.get_mut().is_none());
    /// # drop(q);
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        // Whoever borrows two objects mutably can swap them, but not what follows them in their blocks.
        if !T::TYPE.is_sized() || !self.is_exclusive() {
            return None;
        }
        // SAFETY: nothing else refers to the object, and nothing can as long as this owner is borrowed.
        Some(unsafe { self.object.value().cast::<T>().as_mut() })
    }

    /// Whether this owner is all that refers to the object, as long as it is borrowed mutably.
    pub(crate) fn is_exclusive(&mut self) -> bool {
        self.state().is_exclusive()
    }

    /// The object as one of the type that `T` extends. Costs nothing.
    #[must_use]
    pub fn upcast(self) -> Obj<T::Base> {
        // SAFETY: the base stands at the start of `T`, so the object is also one of those.
        unsafe { Obj::from_raw(self.into_raw()) }
    }

    /// The object without its type. Costs nothing.
    #[must_use]
    pub fn into_any(self) -> AnyObj {
        // SAFETY: every object is an `Object`.
        unsafe { Obj::from_raw(self.into_raw()) }
    }

    /// This owner seen without its type.
    #[must_use]
    pub fn as_any(&self) -> &AnyObj {
        // SAFETY: `Obj` is transparent over the pointer, whatever its parameter, and every object is an `Object`.
        unsafe { &*std::ptr::from_ref(self).cast() }
    }

    /// The object as a `U`, which may be a base of its type, the type itself, or anything in between.
    ///
    /// # Errors
    ///
    /// Gives the owner back if the object is not a `U`.
    ///
    /// ```
    /// use ffi_object::{AnyObj, FfiObject, Obj};
    ///
    /// #[derive(FfiObject)]
    /// struct Shape { name: String }
    ///
    /// #[derive(FfiObject)]
    /// #[repr(C)]
    /// struct Circle {
    ///     #[ffi(base)]
    ///     shape: Shape,
    ///     radius: f64,
    /// }
    ///
    /// let circle = Obj::new(Circle { shape: Shape { name: "unit".into() }, radius: 1.0 });
    /// let shape: Obj<Shape> = circle.upcast();
    /// let any: AnyObj = shape.into_any();
    /// assert_eq!(any.downcast::<Circle>().unwrap().radius, 1.0);
    /// ```
    pub fn downcast<U: FfiObject>(self) -> Result<Obj<U>, Self> {
        if self.downcast_ref::<U>().is_none() {
            return Err(self);
        }
        // SAFETY: just checked.
        Ok(unsafe { Obj::from_raw(self.into_raw()) })
    }

    /// The object as a `U`, borrowed.
    #[must_use]
    pub fn downcast_ref<U: FfiObject>(&self) -> Option<&U> {
        // Before `cast_ref`, which writes a message about what is no `U`.
        if !self.type_info().is_a(U::TYPE) {
            return None;
        }
        // SAFETY: this owner keeps the object alive while it is borrowed.
        unsafe { self.object.cast_ref::<U>() }.ok()
    }

    /// Whether the object is a `U`.
    #[must_use]
    pub fn is<U: FfiObject>(&self) -> bool {
        self.downcast_ref::<U>().is_some()
    }
}

impl RawObject {
    /// The object as a `U`.
    ///
    /// # Errors
    ///
    /// What was expected, and what it is.
    ///
    /// # Safety
    ///
    /// The object is alive during `'a`.
    #[inline]
    pub unsafe fn cast_ref<'a, U: FfiObject>(self) -> Result<&'a U, Error> {
        // SAFETY: by the caller.
        let info = unsafe { self.info() };
        if !info.is_a(U::TYPE) {
            return Err(Error::expected(U::TYPE.name, info.name));
        }
        // SAFETY: the object is of that type or of one that starts with it. Types that share a `TYPE` share their
        // representation, and tell each other apart in `admit`.
        let value: &U = unsafe { self.value().cast().as_ref() };
        value.admit()?;
        Ok(value)
    }

    /// The object as a `U`, if its type is `info` or extends it.
    ///
    /// # Safety
    ///
    /// The object is alive during `'a`, and all objects of type `info` start with a `U`.
    #[must_use]
    pub unsafe fn cast_raw<'a, U>(self, info: &'static TypeInfo) -> Option<&'a U> {
        // SAFETY: by the caller.
        let is_one = unsafe { self.info() }.is_a(info);
        // SAFETY: by the caller.
        is_one.then(|| unsafe { self.value().cast().as_ref() })
    }

    /// Destroys an object whose value has nothing to drop, which runs no code; says whether it is one.
    ///
    /// # Safety
    ///
    /// As for [`destroy`](Self::destroy).
    #[must_use]
    #[inline]
    pub unsafe fn free_plain(self) -> bool {
        // SAFETY: by the caller.
        unsafe { free_plain(self) }
    }

    /// Destroys an object.
    ///
    /// # Safety
    ///
    /// The object is dead by the protocol, its value is still there, and no one uses it afterwards.
    pub unsafe fn destroy(self) {
        // SAFETY: by the caller.
        unsafe { destroy_erased(self) };
    }
}

impl AnyObj {
    /// Drops this owner, or gives it back if it is the last.
    pub(crate) fn drop_unless_last(self) -> Option<Self> {
        if self.state().drop_unless_last() {
            // It was given up just now.
            let _ = self.into_raw();
            return None;
        }
        Some(self)
    }
}

impl<T: FfiObject> Clone for Obj<T> {
    #[inline]
    fn clone(&self) -> Self {
        self.state().clone_owner();
        Self { object: self.object, _owns: PhantomData }
    }
}

impl<T: FfiObject> Drop for Obj<T> {
    #[inline]
    fn drop(&mut self) {
        match self.state().drop_owner() {
            DropOwner::Shared => {}
            // SAFETY: the last owner is gone.
            DropOwner::Destroy => unsafe { destroy_last::<T>(self.object) },
            DropOwner::ReleasePin(wrapper) => frontend::give_back(wrapper),
        }
    }
}

/// Destroys an object, most probably one of exactly the type `T`. A function of its own, so that to drop one of several
/// owners saves no registers.
///
/// # Safety
///
/// The object is dead by the protocol (`DropOwner::Destroy`), its value is still there, and it is a `T`.
#[inline(never)]
unsafe fn destroy_last<T: FfiObject>(object: RawObject) {
    // SAFETY: by the caller.
    if std::ptr::eq(unsafe { object.info() }, T::TYPE) && T::TYPE.is_sized() {
        // SAFETY: by the caller; the object is exactly a `T`.
        unsafe { destroy_exact::<T>(object) };
    } else {
        // SAFETY: by the caller.
        unsafe { destroy_erased(object) };
    }
}

impl<T: FfiObject> Deref for Obj<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this owner keeps the object alive, and it is a `T`.
        unsafe { self.object.value().cast().as_ref() }
    }
}

impl<T: FfiObject> AsRef<T> for Obj<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: FfiObject> From<T> for Obj<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: FfiObject> PartialEq for Obj<T> {
    fn eq(&self, other: &Self) -> bool {
        self.ptr_eq(other)
    }
}

impl<T: FfiObject> Eq for Obj<T> {}

impl<T: FfiObject> Hash for Obj<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.object.hash(state);
    }
}

impl<T: FfiObject> fmt::Debug for Obj<T> {
    /// Type and address: fields may lead back here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.type_info().name, self.object)
    }
}

impl<T: FfiObject + Default> Default for Obj<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}
