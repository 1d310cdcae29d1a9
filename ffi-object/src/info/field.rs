//! Descriptors of fields.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::error::Error;
use crate::field::Field;
use crate::frontend::{Decoder, Encoder, Handle};
use crate::header::RawObject;
use crate::info::{Param, ParamKind, TypeName};
use crate::trace::{FieldTracing, Reach, Tracer};

/// How a frontend may read a field by itself, without calling [`FieldInfo::get`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Only through the function.
    Opaque,
    /// A plain `bool` that never changes.
    Bool,
    /// A plain `i64` that never changes.
    I64,
    /// A plain `f64` that never changes.
    F64,
    /// A plain `String` that never changes.
    String,
    /// A plain `Obj<T>` that never changes: a pointer to the object's header.
    Object,
    /// A plain `Option<Obj<T>>` that never changes: the same, or null.
    OptionalObject,
}

/// The [`FieldKind`] of a field of type `F`.
///
/// A frontend relies on it to read memory, so only this crate says anything but [`OPAQUE`](Self::OPAQUE); the parameter
/// keeps a type from taking over what is said of another.
pub struct Kind<F>(FieldKind, PhantomData<fn() -> F>);

impl<F> Kind<F> {
    /// Only through the function.
    pub const OPAQUE: Self = Self::new(FieldKind::Opaque);

    pub(crate) const fn new(kind: FieldKind) -> Self {
        Self(kind, PhantomData)
    }

    /// The kind.
    #[must_use]
    pub const fn get(self) -> FieldKind {
        self.0
    }
}

impl<F> Clone for Kind<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Kind<F> {}

impl<F> fmt::Debug for Kind<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What all fields of one Rust type have in common: one descriptor, whatever structs they are in.
pub struct FieldType {
    /// How such a field may be read without a call.
    pub kind: FieldKind,
    /// Whether `set` does anything but fail.
    pub writable: bool,
    /// The type, for documentation.
    pub name: TypeName,
    /// Whether an object can be restored without such a field, to be written afterwards.
    pub deferrable: fn() -> bool,
    pub(super) get: for<'py> unsafe fn(NonNull<()>, Encoder<'py>) -> Result<Handle<'py>, Error>,
    pub(super) set: unsafe fn(NonNull<()>, Decoder<'_>) -> Result<(), Error>,
    pub(super) tracing: Option<FieldTracing>,
}

impl fmt::Debug for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldType").field("kind", &self.kind).field("writable", &self.writable).finish_non_exhaustive()
    }
}

impl FieldType {
    /// Describes the fields of type `F`. Its functions take a pointer to an `F`.
    const fn of<F: Field>() -> Self {
        unsafe fn get<'py, F: Field>(field: NonNull<()>, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
            // SAFETY: by the caller, an `F` is there, and is shared at most.
            unsafe { field.cast::<F>().as_ref() }.read(out)
        }
        unsafe fn set<F: Field>(field: NonNull<()>, value: Decoder<'_>) -> Result<(), Error> {
            // SAFETY: as above.
            unsafe { field.cast::<F>().as_ref() }.write(value)
        }
        unsafe fn trace<F: Field>(field: NonNull<()>, tracer: &mut Tracer<'_>) {
            if let Some(tracing) = F::TRACE {
                // SAFETY: as above.
                (tracing.trace)(unsafe { field.cast::<F>().as_ref() }, tracer);
            }
        }
        let tracing = match F::TRACE {
            Some(tracing) => Some(FieldTracing { trace: trace::<F>, reach: tracing.reach }),
            None => None,
        };
        Self {
            kind: F::KIND.get(),
            writable: F::WRITABLE,
            name: F::type_name,
            deferrable: || F::WRITABLE && F::placeholder().is_some(),
            get: get::<F>,
            set: set::<F>,
            tracing,
        }
    }
}

/// A field that the frontend exposes.
#[derive(Debug)]
pub struct FieldInfo {
    /// Its name in the frontend.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// The source text of its default, if it has one.
    pub default: Option<&'static str>,
    pub(super) ty: &'static FieldType,
    /// Its distance from the start of the object.
    pub offset: u32,
    /// How the constructor takes it.
    pub param: ParamKind,
    /// Whether it is part of the object's text.
    pub repr: bool,
}

impl FieldInfo {
    /// Describes a field.
    ///
    /// # Safety
    ///
    /// The type that lists this field has an `F` at `offset`.
    ///
    /// # Panics
    ///
    /// When it is compiled: a field beyond the first 4 GiB of its object.
    #[must_use]
    pub const unsafe fn new<F: Field>(name: &'static str, doc: &'static str, offset: usize, param: ParamKind) -> Self {
        assert!(offset <= u32::MAX as usize, "a field beyond the first 4 GiB of its object");
        #[expect(clippy::cast_possible_truncation, reason = "just checked")]
        let offset = offset as u32;
        Self { name, doc, ty: const { &FieldType::of::<F>() }, offset, param, default: None, repr: true }
    }

    /// What it has in common with others of its type.
    #[must_use]
    pub const fn ty(&self) -> &'static FieldType {
        self.ty
    }

    /// The same field, with a default of this source text.
    #[must_use]
    pub const fn with_default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The type as a Python user would write it.
    #[must_use]
    pub fn type_name(&self) -> Cow<'static, str> {
        (self.ty.name)()
    }

    /// Whether it can only be read. Plain values are shared with Rust, which reads them without a lock.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        !self.ty.writable
    }

    /// Whether a constructor that takes the fields cannot do without it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.default.is_none() && self.param != ParamKind::Hidden
    }

    /// The field as a parameter.
    #[must_use]
    pub const fn as_param(&self) -> Param {
        Param { name: self.name, kind: self.param, default: self.default, type_name: self.ty.name }
    }

    /// The same field, left out of the object's text.
    #[must_use]
    pub const fn without_repr(self) -> Self {
        Self { repr: false, ..self }
    }

    /// Where the field is in an object.
    ///
    /// # Safety
    ///
    /// `object` is alive, and of the type that lists this field or of one that extends it.
    #[inline]
    unsafe fn place(&self, object: RawObject) -> NonNull<()> {
        // SAFETY: by the caller, and bases stand at the start of what extends them.
        unsafe { object.value().byte_add(self.offset as usize) }
    }

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// What the conversion says.
    ///
    /// # Safety
    ///
    /// `object` is alive, and of the type that lists this field or of one that extends it.
    pub unsafe fn get<'py>(&self, object: RawObject, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        // SAFETY: by the caller.
        let place = unsafe { self.place(object) };
        // SAFETY: this field's function, and its place.
        unsafe { (self.ty.get)(place, out) }
    }

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// A value that the field cannot hold, or a field that cannot be written.
    ///
    /// # Safety
    ///
    /// `object` is alive, and of the type that lists this field or of one that extends it.
    pub unsafe fn set(&self, object: RawObject, value: Decoder<'_>) -> Result<(), Error> {
        // SAFETY: by the caller.
        let place = unsafe { self.place(object) };
        // SAFETY: this field's function, and its place.
        unsafe { (self.ty.set)(place, value) }
    }
}

impl FieldInfo {
    /// Reports what the field holds.
    ///
    /// # Safety
    ///
    /// `object` is alive and not borrowed mutably, and of the type that lists this field or of one that extends it.
    pub(crate) unsafe fn trace(&self, object: RawObject, tracer: &mut Tracer<'_>) {
        if let Some(tracing) = self.ty.tracing {
            // SAFETY: by the caller.
            let place = unsafe { self.place(object) };
            // SAFETY: this field's function, and its place.
            unsafe { (tracing.trace)(place, tracer) };
        }
    }

    /// Notes what the field may lead to.
    pub(crate) fn reach(&self, reach: &mut Reach) {
        if let Some(tracing) = self.ty.tracing {
            (tracing.reach)(reach);
        }
    }
}
