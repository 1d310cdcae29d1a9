//! Descriptors of fields.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::any::Any;
use crate::args::Arguments;
use crate::build::{drop_at, ErasedFn};
use crate::cell::Mut;
use crate::defined::Held;
use crate::error::Error;
use crate::field::Field;
use crate::frontend::{Decoder, Encoder, Handle, RawHandle};
use crate::header::RawObject;
use crate::info::{Param, ParamKind, TypeName};
use crate::obj::AnyObj;
use crate::trace::{FieldTracing, Reach, Tracer};

/// How a frontend may reach a field by itself, without calling [`FieldInfo::get`] and [`FieldInfo::set`].
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
    /// A `Mut<bool>`.
    MutBool,
    /// A `Mut<i64>`.
    MutI64,
    /// A `Mut<f64>`.
    MutF64,
    /// A `Mut<Obj<T>>`: a `Mut` of a pointer to the object's header, which is alive while the cell is locked.
    MutObject,
    /// A `Mut<Option<Obj<T>>>`: the same, or null.
    MutOptionalObject,
}

impl FieldKind {
    /// That of a `Mut` of this.
    const fn in_mut(self) -> Self {
        match self {
            Self::Bool => Self::MutBool,
            Self::I64 => Self::MutI64,
            Self::F64 => Self::MutF64,
            Self::Object => Self::MutObject,
            Self::OptionalObject => Self::MutOptionalObject,
            _ => Self::Opaque,
        }
    }
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

    /// That of a `Mut` of this.
    pub(crate) const fn in_mut(self) -> Kind<Mut<F>> {
        Kind::new(self.0.in_mut())
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
    /// How such a field may be reached without a call.
    pub kind: FieldKind,
    /// Whether `set` does anything but fail.
    pub writable: bool,
    /// The type, for documentation.
    pub name: TypeName,
    pub(crate) deferrable: fn() -> bool,
    /// An owned value, as that of a [`Shim`](super::Shim).
    pub(crate) get: for<'py> unsafe fn(NonNull<()>, Encoder<'py>) -> Result<RawHandle, Error>,
    pub(crate) set: unsafe fn(NonNull<()>, Decoder<'_>) -> Result<(), Error>,
    pub(crate) init: Init,
    pub(crate) drop: unsafe fn(NonNull<()>),
    pub(crate) tracing: Option<FieldTracing>,
    /// What a field of a defined type holds.
    pub(crate) held: Option<&'static Held>,
}

/// Writes a field that is not there yet, from an argument or the default.
pub(crate) type Init = unsafe fn(NonNull<()>, &Arguments<'_>, usize, Option<ErasedFn>) -> Result<(), Error>;

impl fmt::Debug for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldType").field("kind", &self.kind).field("writable", &self.writable).finish_non_exhaustive()
    }
}

impl FieldType {
    /// Whether an object can be restored without such a field, to be written afterwards.
    #[must_use]
    pub fn is_deferrable(&self) -> bool {
        self.held.map_or_else(self.deferrable, Held::is_deferrable)
    }

    /// Describes the fields of type `F`.
    pub(crate) const fn of<F: Field>() -> Self {
        // Owners look the same whatever they own, so that it takes one function to read, to trace or to drop any.
        match F::KIND.get() {
            FieldKind::Object => Self::seen_as::<F, AnyObj>(),
            FieldKind::OptionalObject => Self::seen_as::<F, Option<AnyObj>>(),
            FieldKind::MutObject => Self::seen_as::<F, Mut<AnyObj>>(),
            FieldKind::MutOptionalObject => Self::seen_as::<F, Mut<Option<AnyObj>>>(),
            _ => Self::seen_as::<F, F>(),
        }
    }

    /// Describes the fields of type `F`, all of which are also an `S`. Its functions take a pointer to an `F`.
    const fn seen_as<F: Field, S: Field>() -> Self {
        unsafe fn get<F: Field>(field: NonNull<()>, out: Encoder<'_>) -> Result<RawHandle, Error> {
            // SAFETY: by the caller, an `F` is there, and is shared at most.
            unsafe { field.cast::<F>().as_ref() }.read(out).map(Handle::into_raw)
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
        unsafe fn init<F: Field>(
            field: NonNull<()>,
            args: &Arguments<'_>,
            index: usize,
            default: Option<ErasedFn>,
        ) -> Result<(), Error> {
            let value = match default {
                None => args.field::<F>(index),
                Some(value) => {
                    // SAFETY: by the caller, the default is that of a field of this type: `or` has made it of this.
                    let value = unsafe { std::mem::transmute::<ErasedFn, fn() -> F::Inner>(value) };
                    args.field_or::<F>(index, value)
                }
            };
            // SAFETY: by the caller, there is place for an `F`.
            unsafe { field.cast::<F>().write(value?) };
            Ok(())
        }
        let tracing = match F::TRACE {
            Some(tracing) => Some(FieldTracing { trace: trace::<S>, reach: tracing.reach }),
            None => None,
        };
        Self {
            kind: F::KIND.get(),
            writable: F::WRITABLE,
            name: F::type_name,
            deferrable: if F::WRITABLE { || F::placeholder().is_some() } else { || false },
            get: get::<S>,
            set: set::<F>,
            init: init::<F>,
            drop: drop_at::<S>,
            tracing,
            held: None,
        }
    }
}

/// Writes a field of a type that was defined while the program runs. Apart, since few fields are such.
///
/// # Errors
///
/// As [`FieldInfo::init`].
///
/// # Safety
///
/// `place` is that of a field that is held like this, and not written yet.
#[inline(never)]
unsafe fn init_held(held: &Held, place: NonNull<()>, args: &Arguments<'_>, index: usize) -> Result<(), Error> {
    let value = held.first(args, index)?;
    // SAFETY: by the caller.
    unsafe { held.write(place, value) };
    Ok(())
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
    /// The function that gives it, unless the type is made by a function of its own.
    pub(crate) default_value: Option<ErasedFn>,
    pub(crate) ty: &'static FieldType,
    /// Its distance from the start of the object.
    pub offset: u32,
    /// How the constructor takes it.
    pub param: ParamKind,
    /// Whether it is part of the object's text.
    pub repr: bool,
}

/// What is said of a field of type `F`, but for where it is.
#[derive(Debug)]
pub struct FieldOf<F> {
    info: FieldInfo,
    _of: PhantomData<fn() -> F>,
}

impl<F> FieldOf<F> {
    /// The same field, with a default: its source text, and what gives it.
    #[must_use]
    // Not where the type says it, so that one that is no field is reported once, by `FieldInfo::of`.
    pub const fn or(mut self, text: &'static str, value: fn() -> F::Inner) -> Self
    where
        F: Field,
    {
        self.info.default = Some(text);
        // SAFETY: a pointer to a function; `FieldType::init` makes it what it was before calling it.
        self.info.default_value = Some(unsafe { std::mem::transmute::<fn() -> F::Inner, ErasedFn>(value) });
        self
    }

    /// The field, at its place and as a constructor takes it.
    ///
    /// # Safety
    ///
    /// The type that lists this field has an `F` at `offset`.
    ///
    /// # Panics
    ///
    /// When it is compiled: a field beyond the first 4 GiB of its object.
    #[must_use]
    pub const unsafe fn at(self, offset: usize, param: ParamKind) -> FieldInfo {
        assert!(offset <= u32::MAX as usize, "a field beyond the first 4 GiB of its object");
        #[expect(clippy::cast_possible_truncation, reason = "just checked")]
        let offset = offset as u32;
        FieldInfo { offset, param, ..self.info }
    }
}

impl FieldInfo {
    /// Describes a field of type `F`.
    #[must_use]
    pub const fn of<F: Field>(name: &'static str, doc: &'static str) -> FieldOf<F> {
        let ty = const { &FieldType::of::<F>() };
        let (default, default_value, param) = (None, None, ParamKind::Standard);
        FieldOf { info: Self { name, doc, ty, offset: 0, param, default, default_value, repr: true }, _of: PhantomData }
    }

    /// What it has in common with others of its type.
    #[must_use]
    pub const fn ty(&self) -> &'static FieldType {
        self.ty
    }

    /// The same field of a variant, with a default of this source text, which the variant's own function knows.
    #[must_use]
    pub const fn with_default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The type as a Python user would write it.
    #[must_use]
    pub fn type_name(&self) -> Cow<'static, str> {
        self.ty.held.map_or_else(self.ty.name, |held| held.rule.name())
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

    /// The default, where it is a value that is known: that of a type which was defined while the program runs.
    #[must_use]
    pub fn known_default(&self) -> Option<&'static Any> {
        self.ty.held.and_then(Held::known_default)
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
    pub(crate) unsafe fn place(&self, object: RawObject) -> NonNull<()> {
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
    #[inline]
    pub unsafe fn get<'py>(&self, object: RawObject, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        // SAFETY: by the caller.
        let place = unsafe { self.place(object) };
        // SAFETY: this field's function, and its place.
        let value = unsafe { (self.ty.get)(place, out) };
        // SAFETY: the function made it, with this encoder.
        value.map(|raw| unsafe { out.own(raw) })
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
        if let (Some(held), true) = (self.ty.held, self.ty.writable) {
            let value = held.rule.read(value)?;
            // SAFETY: this field's storage, and its place.
            unsafe { held.replace(place, value) };
            return Ok(());
        }
        // SAFETY: this field's function, and its place.
        unsafe { (self.ty.set)(place, value) }
    }
}

impl FieldInfo {
    /// Writes a field that is not there yet, from an argument or its default.
    ///
    /// # Errors
    ///
    /// An argument that does not fit, or is missing; nothing was written then.
    ///
    /// # Safety
    ///
    /// `value` is the place for a value of the type that lists this field, or of one that extends it. The field has an
    /// offset: it is not one of a variant.
    #[inline]
    pub(crate) unsafe fn init(&self, value: NonNull<()>, args: &Arguments<'_>, index: usize) -> Result<(), Error> {
        // SAFETY: by the caller, and bases stand at the start of what extends them.
        let place = unsafe { value.byte_add(self.offset as usize) };
        if let Some(held) = self.ty.held {
            // SAFETY: this field's storage and place.
            return unsafe { init_held(held, place, args, index) };
        }
        // SAFETY: this field's function, place and default.
        unsafe { (self.ty.init)(place, args, index, self.default_value) }
    }

    /// Drops the field of a value that is not whole.
    ///
    /// # Safety
    ///
    /// As for [`init`](Self::init); the field was written, and is not used afterwards.
    pub(crate) unsafe fn drop_in(&self, value: NonNull<()>) {
        // SAFETY: as above.
        let place = unsafe { value.byte_add(self.offset as usize) };
        // SAFETY: this field's function and place.
        unsafe { (self.ty.drop)(place) };
    }

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
