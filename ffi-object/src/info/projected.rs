//! Fields of enums' variants, which have no offset that can be named.

use std::ptr::NonNull;

use crate::args::Arguments;
use crate::build::ErasedFn;
use crate::error::Error;
use crate::field::Field;
use crate::frontend::{Decoder, Encoder, Handle, RawHandle};
use crate::info::{FieldInfo, FieldKind, FieldType, ParamKind};
use crate::obj::FfiObject;
use crate::trace::{FieldTracing, Tracer};

/// Finds a field in an enum.
pub trait Projection {
    /// The enum.
    type Of: FfiObject;
    /// The field's type.
    type Field: Field;

    /// The field, if the value is of the variant that has it.
    fn project(of: &Self::Of) -> Option<&Self::Field>;
}

/// Reads a field of a variant from an argument. Expansions name the field's type once, so that one that is none is reported
/// once.
///
/// # Errors
///
/// No such argument, or one that does not fit.
pub fn read_projected<P: Projection>(args: &Arguments<'_>, index: usize) -> Result<P::Field, Error> {
    args.field::<P::Field>(index)
}

/// The same with a default.
///
/// # Errors
///
/// An argument that does not fit.
pub fn read_projected_or<P: Projection>(
    args: &Arguments<'_>,
    index: usize,
    default: impl FnOnce() -> <P::Field as Field>::Inner,
) -> Result<P::Field, Error> {
    args.field_or::<P::Field>(index, default)
}

#[cold]
fn other_variant() -> Error {
    Error::attribute("the object has become another variant")
}

impl FieldInfo {
    /// Describes a field of an enum's variant.
    ///
    /// # Safety
    ///
    /// The type that lists this field describes a `P::Of`.
    #[must_use]
    pub const unsafe fn projected<P: Projection>(name: &'static str, doc: &'static str, param: ParamKind) -> Self {
        /// The field of an object, unless Rust has put another variant there through `Obj::get_mut`.
        ///
        /// # Safety
        ///
        /// A `P::Of` is there, and is shared at most.
        unsafe fn find<'a, P: Projection>(object: NonNull<()>) -> Option<&'a P::Field> {
            // SAFETY: by the caller.
            P::project(unsafe { object.cast::<P::Of>().as_ref() })
        }
        unsafe fn get<P: Projection>(object: NonNull<()>, out: Encoder<'_>) -> Result<RawHandle, Error> {
            // SAFETY: by the caller.
            unsafe { find::<P>(object) }.ok_or_else(other_variant)?.read(out).map(Handle::into_raw)
        }
        unsafe fn set<P: Projection>(object: NonNull<()>, value: Decoder<'_>) -> Result<(), Error> {
            // SAFETY: by the caller.
            unsafe { find::<P>(object) }.ok_or_else(other_variant)?.write(value)
        }
        unsafe fn trace<P: Projection>(object: NonNull<()>, tracer: &mut Tracer<'_>) {
            // SAFETY: by the caller.
            if let (Some(tracing), Some(field)) = (P::Field::TRACE, unsafe { find::<P>(object) }) {
                (tracing.trace)(field, tracer);
            }
        }
        /// A variant is made and dropped as a whole.
        unsafe fn no_init(_: NonNull<()>, _: &Arguments<'_>, _: usize, _: Option<ErasedFn>) -> Result<(), Error> {
            Err(Error::type_error("a field of a variant is made with the variant"))
        }
        unsafe fn no_drop(_: NonNull<()>) {}
        const fn field_type<P: Projection>() -> FieldType {
            FieldType {
                kind: FieldKind::Opaque,
                writable: P::Field::WRITABLE,
                name: P::Field::type_name,
                deferrable: if P::Field::WRITABLE { || P::Field::placeholder().is_some() } else { || false },
                get: get::<P>,
                set: set::<P>,
                init: no_init,
                drop: no_drop,
                tracing: match P::Field::TRACE {
                    Some(tracing) => Some(FieldTracing { trace: trace::<P>, reach: tracing.reach }),
                    None => None,
                },
                held: None,
            }
        }
        Self {
            name,
            doc,
            ty: const { &field_type::<P>() },
            offset: 0,
            param,
            default: None,
            default_value: None,
            repr: true,
        }
    }
}
