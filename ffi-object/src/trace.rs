//! What an object owns, for a collector of cycles: values of the frontend's language, and other objects.
//!
//! A frontend's collector must see through Rust: an object that owns a callable which owns the object is garbage when no
//! one else refers to either. So fields of types that may hold values of the language can be traced. All of it is
//! written here, for the types that the runtime knows; a field of another type is left out, which can only leak.
//!
//! The collector runs while other threads, which need no interpreter, go on reading, writing, cloning and dropping.
//! What makes that sound:
//!
//! 1. An owner is looked at where it is: in a cell, under the cell's lock, which is only ever tried (a cell that is busy
//!    holds nothing); or in a plain field of an object that is alive and not borrowed mutably, because it has a wrapper or
//!    because the collector owns it too.
//! 2. An object is seen through only if that owner is its only one, and there is no weak reference that another thread
//!    could make an owner of ([`State::look`](crate::state::State::look)).
//! 3. Before it is seen through, the collector becomes an owner of it; so it stays, and so does what is in its plain
//!    fields. If its former owner went meanwhile, the collector's is not dropped on the spot, since that would run any
//!    code, but left to [`Late`].

use std::ptr::NonNull;

use crate::foreign::PyValue;
use crate::header::RawObject;
use crate::info::TypeInfo;
use crate::obj::{AnyObj, Obj};
use crate::state::{Look, Wrapper};
use crate::value::Value;

/// How values of a type are traced.
#[derive(Debug)]
pub struct Tracing<T> {
    pub(crate) trace: fn(&T, &mut Tracer<'_>),
    pub(crate) reach: fn(&mut Reach),
}

impl<T> Clone for Tracing<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Tracing<T> {}

impl<T> Tracing<T> {
    /// `trace` tells the tracer of the values and owners that a `T` consists of; `reach` says of which types they may be.
    ///
    /// # Safety
    ///
    /// What `trace` reports belongs to the `T` alone, and is looked at as the module asks: it is not behind an `Arc` that
    /// has other owners, a reference, or a lock that is not held.
    pub(crate) const unsafe fn new(trace: fn(&T, &mut Tracer<'_>), reach: fn(&mut Reach)) -> Self {
        Self { trace, reach }
    }

    /// The same for a `T` that consists of `P`s. `None`: these hold nothing.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new).
    pub(crate) const unsafe fn of_parts<P: Value>(trace: fn(&T, &mut Tracer<'_>)) -> Option<Self> {
        match P::TRACE {
            Some(part) => Some(Self { trace, reach: part.reach }),
            None => None,
        }
    }
}

/// What a type may hold.
#[derive(Debug, Default)]
pub struct Reach {
    /// Values of the frontend's language, or objects of any type.
    pub(crate) anything: bool,
    /// Objects of these types, or of types that extend them.
    pub(crate) types: Vec<&'static TypeInfo>,
}

impl Reach {
    pub(crate) fn of<T: Value>(&mut self) {
        if let Some(tracing) = T::TRACE {
            (tracing.reach)(self);
        }
    }
}

/// What was found in an object.
enum Found<'a> {
    Value(&'a PyValue),
    Object(RawObject),
}

/// Is told what an object consists of.
pub struct Tracer<'a> {
    found: &'a mut dyn FnMut(Found<'_>),
}

impl std::fmt::Debug for Tracer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tracer")
    }
}

impl Tracer<'_> {
    pub(crate) fn value(&mut self, value: &PyValue) {
        (self.found)(Found::Value(value));
    }

    pub(crate) fn object(&mut self, object: RawObject) {
        (self.found)(Found::Object(object));
    }

    /// Looks into a part.
    pub fn trace<T: Value>(&mut self, value: &T) {
        if let Some(tracing) = T::TRACE {
            (tracing.trace)(value, self);
        }
    }

    pub(crate) fn trace_all<'v, T: Value>(&mut self, values: impl IntoIterator<Item = &'v T>) {
        if let Some(tracing) = T::TRACE {
            values.into_iter().for_each(|value| (tracing.trace)(value, self));
        }
    }
}

/// A field's tracing, without its type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldTracing {
    /// Its argument is a pointer to the field.
    pub(crate) trace: unsafe fn(NonNull<()>, &mut Tracer<'_>),
    pub(crate) reach: fn(&mut Reach),
}

/// What a collector takes note of.
#[derive(Debug)]
pub enum Edge<'a> {
    /// A value of the language.
    Value(&'a PyValue),
    /// The pin of an object, which belongs to the one owner that was found: see `state`, invariant 3.
    Pin(Wrapper),
}

/// Where a walk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At an object whose canonical wrapper the collector looks at: all that the object consists of.
    Object,
    /// At an owner of it that something else has.
    Owner,
}

/// Owners that a collector had taken and that have become the last ones, to be dropped when any code may run.
pub type Late = Vec<AnyObj>;

/// Reports what an object owns alone: values, and the pins of children that have a wrapper; both also through children
/// that have none. What another thread moves meanwhile may be reported twice.
///
/// # Safety
///
/// The object is alive during the call, has or had a wrapper, and the thread is attached.
pub unsafe fn walk(object: RawObject, start: Start, late: &mut Late, mut edge: impl FnMut(Edge<'_>)) {
    let mut children: Vec<AnyObj> = Vec::new();
    let mut found = |found: Found<'_>, children: &mut Vec<AnyObj>| match found {
        Found::Value(value) => edge(Edge::Value(value)),
        Found::Object(child) => {
            // SAFETY: found in a field, where an owner of it is (rule 1).
            let info = unsafe { child.info() };
            // SAFETY: as above.
            match unsafe { child.state() }.look(info.is_traced()) {
                Look::Wrapped(wrapper) => edge(Edge::Pin(wrapper)),
                // SAFETY: `look` has counted the owner; every object is an `Object`.
                Look::Gained => children.push(unsafe { Obj::from_raw(child) }),
                Look::Nothing => {}
            }
        }
    };
    match start {
        // SAFETY: by the caller; a wrapped object is not borrowed mutably.
        Start::Object => unsafe { trace_object(object, &mut |f| found(f, &mut children)) },
        Start::Owner => found(Found::Object(object), &mut children),
    }
    while let Some(child) = children.pop() {
        // SAFETY: the collector is an owner, and not the only one when it became one.
        unsafe { trace_object(child.as_raw(), &mut |f| found(f, &mut children)) };
        late.extend(child.drop_unless_last());
    }
}

/// Reports what an object consists of.
///
/// # Safety
///
/// The object is alive during the call, and not borrowed mutably.
unsafe fn trace_object(object: RawObject, found: &mut dyn FnMut(Found<'_>)) {
    // SAFETY: by the caller.
    let info = unsafe { object.info() };
    let mut tracer = Tracer { found };
    if let Some(trace) = info.trace {
        // SAFETY: the function is that of the object's type.
        unsafe { trace(object.value(), &mut tracer) };
    }
    for (_, field) in info.all_fields() {
        // SAFETY: the field is one of the object's.
        unsafe { field.trace(object, &mut tracer) };
    }
}
