//! Where a field of a defined type keeps its value: storage of a few types, known at run time.

use std::alloc::Layout;
use std::panic::RefUnwindSafe;
use std::ptr::NonNull;

use crate::any::Any;
use crate::args::Arguments;
use crate::bytes::Str;
use crate::cell::Mut;
use crate::defined::rule::Rule;
use crate::defined::DefaultValue;
use crate::error::Error;
use crate::info::FieldType;
use crate::obj::AnyObj;
use crate::reflect;

/// The type of a field's storage: one of these, or a `Mut` of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Float,
    Str,
    Object,
    OptionalObject,
    Any,
}

/// What a field holds and how it is kept.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) rule: Rule,
    kind: Kind,
    mutable: bool,
    default: Option<DefaultValue>,
}

/// It is read, never changed; what runs of the language is caught where it is called.
impl RefUnwindSafe for Held {}

/// Runs an expression with the type of a kind.
macro_rules! with_type {
    ($kind:expr, $ty:ident => $run:expr) => {
        match $kind {
            Kind::Bool => {
                type $ty = bool;
                $run
            }
            Kind::Int => {
                type $ty = i64;
                $run
            }
            Kind::Float => {
                type $ty = f64;
                $run
            }
            Kind::Str => {
                type $ty = Str;
                $run
            }
            Kind::Object => {
                type $ty = AnyObj;
                $run
            }
            Kind::OptionalObject => {
                type $ty = Option<AnyObj>;
                $run
            }
            Kind::Any => {
                type $ty = Any;
                $run
            }
        }
    };
}

/// What storage takes a value as.
trait Stored: Sized {
    /// The value, which the rule has made.
    fn from_any(value: Any) -> Self;
}

/// A rule makes values of the kind that it was given storage for.
#[cold]
fn other(value: &Any) -> ! {
    unreachable!("a rule has made a value of another kind: {value:?}")
}

macro_rules! stored {
    ($($ty:ty: $($pattern:pat => $value:expr),+;)*) => {
        $(impl Stored for $ty {
            fn from_any(value: Any) -> Self {
                match value {
                    $($pattern => $value,)+
                    value => other(&value),
                }
            }
        })*
    };
}

stored! {
    bool: Any::Bool(value) => value;
    i64: Any::Int(value) => value;
    f64: Any::Float(value) => value;
    Str: Any::Str(value) => value;
    AnyObj: Any::Object(value) => value;
    Option<AnyObj>: Any::Object(value) => Some(value), Any::None => None;
}

impl Stored for Any {
    fn from_any(value: Any) -> Self {
        value
    }
}

impl Kind {
    /// A field that changes may be without its object for a moment: while its own object is restored, or is garbage.
    fn of(rule: &Rule, mutable: bool) -> Self {
        let is_object = |rule: &Rule| matches!(rule, Rule::Object(_) | Rule::This(_) | Rule::Instance(..));
        match rule {
            Rule::Bool => Self::Bool,
            Rule::Int => Self::Int,
            Rule::Float => Self::Float,
            Rule::Str => Self::Str,
            rule if is_object(rule) && mutable => Self::OptionalObject,
            rule if is_object(rule) => Self::Object,
            Rule::OneOf(rules) => match &rules[..] {
                [Rule::None, one] | [one, Rule::None] if is_object(one) => Self::OptionalObject,
                _ => Self::Any,
            },
            _ => Self::Any,
        }
    }
}

impl Held {
    pub(crate) fn new(rule: Rule, mutable: bool, default: Option<DefaultValue>) -> Self {
        Self { kind: Kind::of(&rule, mutable), rule, mutable, default }
    }

    /// The first value, from an argument or the default.
    ///
    /// # Errors
    ///
    /// An argument that does not fit, or is missing; what a factory says.
    pub(crate) fn first(&self, args: &Arguments<'_>, index: usize) -> Result<Any, Error> {
        let rule = &self.rule;
        let misfit = |error| args.misfit(index, error);
        match (args.slot(index), &self.default) {
            (Some(value), _) => rule.read(value).map_err(misfit),
            (None, _) if args.is_restoring() && self.is_deferrable() => Ok(Any::None),
            // It was read when the type was defined, unless the rule was not known yet.
            (None, Some(DefaultValue::Value(value))) => match (rule, value) {
                // Of what is not there yet there is none.
                (_, Any::None) => Ok(Any::None),
                (Rule::Later(_), _) => rule.read(reflect::decoder(value)).map_err(misfit),
                _ => Ok(value.clone()),
            },
            (None, Some(DefaultValue::Factory(factory))) => {
                factory.call_with((), |value| rule.read(value)).map_err(misfit)
            }
            (None, None) => Err(args.missing(index)),
        }
    }

    /// The default, unless it is made for each object.
    pub(crate) fn known_default(&self) -> Option<&Any> {
        match &self.default {
            Some(DefaultValue::Value(value)) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn layout(&self) -> Layout {
        with_type!(self.kind, T => if self.mutable { Layout::new::<Mut<T>>() } else { Layout::new::<T>() })
    }

    /// What is known of fields with this storage, whatever their rule.
    pub(crate) fn field_type(&self) -> FieldType {
        with_type!(self.kind, T => if self.mutable { FieldType::of::<Mut<T>>() } else { FieldType::of::<T>() })
    }

    /// Whether an object can be restored without the field, to be written afterwards: what may lead back to the object.
    pub(crate) fn is_deferrable(&self) -> bool {
        self.mutable && matches!(self.kind, Kind::OptionalObject | Kind::Any)
    }

    /// Takes out what may own other objects.
    ///
    /// # Safety
    ///
    /// `place` is storage of this type that is shared at most.
    pub(crate) unsafe fn clear(&self, place: NonNull<()>) {
        if self.is_deferrable() {
            // SAFETY: by the caller; such storage takes nothing for a value.
            unsafe { self.replace(place, Any::None) };
        }
    }

    /// Writes the first value.
    ///
    /// # Safety
    ///
    /// `place` is valid for writing this storage, and the rule has made the value.
    pub(crate) unsafe fn write(&self, place: NonNull<()>, value: Any) {
        with_type!(self.kind, T => {
            let value = T::from_any(value);
            if self.mutable {
                // SAFETY: by the caller.
                unsafe { place.cast::<Mut<T>>().write(Mut::new(value)) };
            } else {
                // SAFETY: by the caller.
                unsafe { place.cast::<T>().write(value) };
            }
        });
    }

    /// Writes another value.
    ///
    /// # Safety
    ///
    /// `place` is storage of this type that is mutable and shared at most, and the rule has made the value.
    pub(crate) unsafe fn replace(&self, place: NonNull<()>, value: Any) {
        debug_assert!(self.mutable);
        with_type!(self.kind, T => {
            // SAFETY: by the caller.
            unsafe { place.cast::<Mut<T>>().as_ref() }.set(T::from_any(value));
        });
    }
}
