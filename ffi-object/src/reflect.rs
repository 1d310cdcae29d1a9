//! The frontend of Rust itself: converts between values and [`Any`], by the same `Value` that other frontends use.
//!
//! A handle of this frontend is the address of an `Any`: boxed where it is owned, borrowed where it is read.

use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::any::Any;
use crate::args::Arguments;
use crate::containers::{Array, List, RawArray, RawList};
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::foreign::{CallArgs, PyValue};
use crate::frontend::{
    self, Args, Decoder, Encoder, Frontend, FrontendRef, Handle, MakeItem, MakePair, Mismatch, Policy, RawHandle,
    TakeItem, TakePair,
};
use crate::header::RawObject;
use crate::info::TypeInfo;
use crate::obj::{AnyObj, FfiObject};
use crate::signature::{ParamKind, Signature};
use crate::standard::{Standard, StandardKind};
use crate::state::Wrapper;
use crate::structural;
use crate::value::Value;

struct Reflection {
    /// Whether mappings and sets come in an order that their contents decide, with objects as keys by identity.
    canonical: bool,
    /// Whether a weak reference is the object that it leads to, or nothing.
    weak: bool,
}

static PLAIN: &dyn Frontend = &Reflection { canonical: false, weak: true };
/// The same, for what is compared.
static CANONICAL: &dyn Frontend = &Reflection { canonical: true, weak: true };
/// The same, for what is owned.
static OWNED: &dyn Frontend = &Reflection { canonical: false, weak: false };

/// This frontend, for tests of what the macros expand to.
pub static REFLECTION: FrontendRef = &PLAIN;

impl Any {
    /// The value as an `Any`.
    ///
    /// # Errors
    ///
    /// A value that no `Any` can hold (a whole number of more than 127 bits).
    ///
    /// ```
    /// use ffi_object::Any;
    ///
    /// let any = Any::of(&(1, String::from("a"), Some(2.5)))?;
    /// assert_eq!(any.to::<(i64, String, f64)>()?, (1, "a".into(), 2.5));
    /// assert_eq!(any.to::<i64>().unwrap_err().to_string(), "expected int, got tuple");
    /// # Ok::<(), ffi_object::Error>(())
    /// ```
    pub fn of(value: &impl Value) -> Result<Self, Error> {
        let handle = value.encode(encoder())?.into_raw();
        // SAFETY: the handle is one of this frontend's.
        Ok(unsafe { take(handle) })
    }

    /// The value as a `T`. A foreign value is converted by its language, for which the thread is attached: a `Fraction`
    /// of Python's can be a `f64`, and a list a `Vec<i64>`.
    ///
    /// # Errors
    ///
    /// Another type, or a number out of range.
    pub fn to<T: Value>(&self) -> Result<T, Error> {
        if let Self::Foreign(value) = self {
            return frontend::attached(|language| {
                // SAFETY: the thread is attached during the call.
                let out = unsafe { Encoder::new(language, Policy::Cached) };
                T::decode(out.foreign(value)?.decoder())
            });
        }
        T::decode(decoder(self))
    }
}

/// Reads an `Any`.
pub(crate) fn decoder(any: &Any) -> Decoder<'_> {
    // SAFETY: a reference to an `Any` is what this frontend's handles are.
    unsafe { Decoder::new(&PLAIN, NonNull::from(any).cast()) }
}

/// Calls a function of Rust's with positional arguments.
///
/// # Errors
///
/// Arguments or a result that do not fit, and what `run` says.
pub(crate) fn call<R: Value>(
    signature: &Signature,
    args: impl CallArgs,
    run: impl for<'py> FnOnce(&Arguments<'py>, Encoder<'py>) -> Result<Handle<'py>, Error>,
) -> Result<R, Error> {
    let out = encoder();
    let mut given = args.give(out)?;
    let (name, takes, count) = (signature.name, signature.positional, given.len());
    let rest = given.split_off(takes.min(count));
    let place = |kind| signature.rest(kind);
    let mut slots: Vec<Option<RawHandle>> = given.iter().map(|arg| Some(arg.decoder().as_raw())).collect();
    slots.resize(signature.params.len(), None);
    let (mut rest_tuple, mut no_keywords) = (None, None);
    match place(ParamKind::Args) {
        Some(slot) => {
            let mut rest = rest.into_iter();
            let tuple = out.tuple(rest.len(), |_| rest.next().ok_or_else(|| Error::runtime("as many as there are")))?;
            slots[slot] = Some(rest_tuple.insert(tuple).decoder().as_raw());
        }
        None if !rest.is_empty() => {
            let s = if takes == 1 { "" } else { "s" };
            return Err(Error::type_error(format!("{name}() takes {takes} positional argument{s}, got {count}")));
        }
        None => {}
    }
    if let Some(slot) = place(ParamKind::Kwargs) {
        let none = out.mapping(0, |_| Err(Error::runtime("there are none")))?;
        slots[slot] = Some(no_keywords.insert(none).decoder().as_raw());
    }
    // SAFETY: `given`, `rest_tuple` and `no_keywords` keep the values alive; as above.
    let arguments = unsafe { Arguments::new(&PLAIN, signature, &slots) };
    let result = run(&arguments, out)?;
    R::decode(result.decoder()).map_err(|error| error.at(format_args!("the result of {name}()")))
}

/// Writes `Any`s.
pub(crate) fn encoder() -> Encoder<'static> {
    // SAFETY: this frontend has no interpreter to be attached to.
    unsafe { Encoder::new(&PLAIN, Policy::Cached) }
}

/// Runs what takes arguments, with these in the order of the parameters.
pub(crate) fn with_arguments<R>(
    signature: &Signature,
    slots: &[Option<&Any>],
    run: impl FnOnce(&Arguments<'_>) -> R,
) -> R {
    let slots: Vec<_> = slots.iter().map(|slot| slot.map(|any| NonNull::from(any).cast())).collect();
    // SAFETY: references to `Any`s are what this frontend's handles are, and they last during the call.
    run(&unsafe { Arguments::new(&PLAIN, signature, &slots) })
}

/// Writes `Any`s, with nothing in the place of weak references.
pub(crate) fn owned() -> Encoder<'static> {
    // SAFETY: this frontend has no interpreter to be attached to.
    unsafe { Encoder::new(&OWNED, Policy::Cached) }
}

/// Writes `Any`s, with mappings and sets in an order of their own.
pub(crate) fn canonical() -> Encoder<'static> {
    // SAFETY: this frontend has no interpreter to be attached to.
    unsafe { Encoder::new(&CANONICAL, Policy::Cached) }
}

fn give(any: Any) -> RawHandle {
    NonNull::from(Box::leak(Box::new(any))).cast()
}

/// # Safety
///
/// The handle came from [`give`] and is not used afterwards.
unsafe fn take(handle: RawHandle) -> Any {
    // SAFETY: by the caller.
    *unsafe { Box::from_raw(handle.cast::<Any>().as_ptr()) }
}

/// # Safety
///
/// The handle is valid during `'a`.
unsafe fn look<'a>(handle: RawHandle) -> &'a Any {
    // SAFETY: by the caller.
    unsafe { handle.cast().as_ref() }
}

/// Reads a foreign value as the frontend that it came from does.
fn in_its_language<R>(value: &PyValue, read: impl FnOnce(Decoder<'_>) -> Result<R, Mismatch>) -> Result<R, Mismatch> {
    let read = frontend::attached(|language| {
        // SAFETY: the thread is attached during the call.
        let out = unsafe { Encoder::new(language, Policy::Cached) };
        Ok(read(out.foreign(value)?.decoder()))
    });
    read.map_err(Mismatch::Error)?
}

/// The container of a type that a sequence stands for.
fn sequence(items: Decoder<'_>, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
    let object = if std::ptr::eq(info, Array::<Any>::TYPE) {
        RawArray::open(items)
    } else if std::ptr::eq(info, List::<Any>::TYPE) {
        let list = RawList::open();
        RawList::of(&list).map_or(Ok(()), |list| list.extend(items)).map(|()| list)
    } else {
        return Err(Mismatch::Type);
    };
    object.map_err(Mismatch::Error)
}

// SAFETY: there are no wrappers here. Handles are addresses of `Any`s, as `give`, `take` and `look` treat them; every
// `unsafe` below is one of these with a handle that the caller vouches for.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one proof for all, above")]
unsafe impl Frontend for Reflection {
    unsafe fn give_back(&self, _: RawHandle) {}
    unsafe fn try_acquire_wrapper(&self, _: RawObject) -> Option<Wrapper> {
        None
    }
    fn wait(&self, wait: &mut dyn FnMut()) {
        wait();
    }
    unsafe fn share(&self, _: RawHandle) -> bool {
        false
    }
    fn attach(&self, run: &mut dyn FnMut()) -> bool {
        run();
        true
    }
    unsafe fn release(&self, handle: RawHandle) {
        drop(unsafe { take(handle) });
    }

    unsafe fn none(&self) -> RawHandle {
        give(Any::None)
    }
    unsafe fn bool(&self, value: bool) -> RawHandle {
        give(Any::Bool(value))
    }
    unsafe fn int(&self, value: i64) -> Result<RawHandle, Error> {
        Ok(give(Any::Int(value)))
    }
    unsafe fn wide_int(&self, value: i128) -> Result<RawHandle, Error> {
        Ok(give(value.into()))
    }
    unsafe fn wide_uint(&self, value: u128) -> Result<RawHandle, Error> {
        let value = i128::try_from(value).map_err(|_| Error::overflow("int out of range for Any"))?;
        Ok(give(value.into()))
    }
    unsafe fn float(&self, value: f64) -> Result<RawHandle, Error> {
        Ok(give(Any::Float(value)))
    }
    unsafe fn str(&self, value: &str) -> Result<RawHandle, Error> {
        Ok(give(value.into()))
    }
    unsafe fn bytes(&self, value: &[u8]) -> Result<RawHandle, Error> {
        Ok(give(value.into()))
    }
    unsafe fn path(&self, value: &Path) -> Result<RawHandle, Error> {
        let text = value.to_str().ok_or_else(|| Error::value("a path that is not UTF-8 does not fit into Any"))?;
        Ok(give(text.into()))
    }
    unsafe fn tuple(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
        let items = (0..len).map(|i| make(i).map(|item| unsafe { take(item) }));
        Ok(give(Any::Tuple(Arc::new(items.collect::<Result<_, _>>()?))))
    }
    unsafe fn pack(&self, items: &[RawHandle]) -> Result<RawHandle, Error> {
        let items = items.iter().map(|item| unsafe { take(*item) });
        Ok(give(Any::Tuple(Arc::new(items.collect()))))
    }
    /// As a tuple of pairs.
    unsafe fn mapping(&self, len: usize, make: &mut MakePair<'_>) -> Result<RawHandle, Error> {
        let pairs = (0..len).map(|i| {
            let (key, value) = make(i)?;
            Ok((unsafe { take(key) }, unsafe { take(value) }))
        });
        let mut pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
        if self.canonical {
            pairs.iter_mut().for_each(|(key, _)| structural::by_identity(key));
            structural::sort(&mut pairs, |(key, _)| key);
        }
        Ok(give(Any::Tuple(Arc::new(pairs.into_iter().map(|(key, value)| vec![key, value].into()).collect()))))
    }
    unsafe fn set(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error> {
        let items = (0..len).map(|i| make(i).map(|item| unsafe { take(item) }));
        let mut items = items.collect::<Result<Vec<_>, _>>()?;
        if self.canonical {
            items.iter_mut().for_each(structural::by_identity);
            structural::sort(&mut items, |item| item);
        }
        Ok(give(items.into()))
    }
    unsafe fn object(&self, object: &AnyObj, _: Policy) -> Result<RawHandle, Error> {
        Ok(give(Any::Object(object.clone())))
    }
    unsafe fn owned_object(&self, object: AnyObj, _: Policy) -> Result<RawHandle, Error> {
        Ok(give(Any::Object(object)))
    }

    unsafe fn weak_object(&self, object: &AnyObj, _: Policy) -> Result<RawHandle, Error> {
        Ok(give(if self.weak { Any::Object(object.clone()) } else { Any::None }))
    }

    unsafe fn foreign(&self, value: &PyValue) -> Result<RawHandle, Error> {
        Ok(give(Any::Foreign(value.clone())))
    }

    unsafe fn member(&self, info: &'static EnumInfo, index: usize) -> Result<RawHandle, Error> {
        let index = u32::try_from(index).map_err(|_| Error::overflow("the enum has too many members for Any"))?;
        Ok(give(Any::Member(info, index)))
    }
    unsafe fn standard(&self, value: Standard) -> Result<RawHandle, Error> {
        Ok(give(Any::Standard(Arc::new(value))))
    }

    unsafe fn is_callable(&self, value: RawHandle) -> bool {
        let Any::Foreign(value) = (unsafe { look(value) }) else { return false };
        frontend::attached(|language| Ok(value.look(|handle| unsafe { language.is_callable(handle) })))
            .is_ok_and(|callable| callable == Some(true))
    }
    unsafe fn call_value(&self, _: RawHandle, _: &mut Args<'_>) -> Result<RawHandle, Error> {
        Err(Error::type_error("Rust's own values cannot be called"))
    }
    /// What is no foreign value yet becomes one of the installed frontend's.
    unsafe fn as_foreign(&self, value: RawHandle) -> Result<PyValue, Mismatch> {
        let any = unsafe { look(value) };
        if let Any::Foreign(value) = any {
            return Ok(value.clone());
        }
        let made = frontend::attached(|language| {
            let out = unsafe { Encoder::new(language, Policy::Cached) };
            Ok(unsafe { PyValue::from_raw(any.encode(out)?.into_raw()) })
        });
        made.map_err(Mismatch::Error)
    }
    unsafe fn is_none(&self, value: RawHandle) -> bool {
        matches!(unsafe { look(value) }, Any::None)
    }
    unsafe fn as_bool(&self, value: RawHandle) -> Result<bool, Mismatch> {
        match unsafe { look(value) } {
            Any::Bool(b) => Ok(*b),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_int(&self, value: RawHandle) -> Result<i64, Mismatch> {
        i64::try_from(unsafe { self.as_wide_int(value) }?).map_err(|_| Mismatch::Range)
    }
    unsafe fn as_wide_int(&self, value: RawHandle) -> Result<i128, Mismatch> {
        match unsafe { look(value) } {
            Any::Bool(b) => Ok(i128::from(*b)),
            Any::Int(i) => Ok(i128::from(*i)),
            Any::WideInt(i) => Ok(**i),
            Any::Foreign(value) => in_its_language(value, |decoder| decoder.wide_int()),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_wide_uint(&self, value: RawHandle) -> Result<u128, Mismatch> {
        u128::try_from(unsafe { self.as_wide_int(value) }?).map_err(|_| Mismatch::Range)
    }
    unsafe fn as_float(&self, value: RawHandle) -> Result<f64, Mismatch> {
        match unsafe { look(value) } {
            Any::Float(f) => Ok(*f),
            Any::Foreign(value) => in_its_language(value, |decoder| decoder.float()),
            #[expect(clippy::cast_precision_loss, reason = "as `float(n)` does")]
            _ => unsafe { self.as_wide_int(value) }.map(|i| i as f64),
        }
    }
    unsafe fn as_str(&self, value: RawHandle) -> Result<NonNull<str>, Mismatch> {
        match unsafe { look(value) } {
            Any::Str(s) => Ok(NonNull::from(&**s)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_bytes(&self, value: RawHandle) -> Result<NonNull<[u8]>, Mismatch> {
        match unsafe { look(value) } {
            Any::Bytes(b) => Ok(NonNull::from(&**b)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_path(&self, value: RawHandle) -> Result<PathBuf, Mismatch> {
        match unsafe { look(value) } {
            Any::Str(s) => Ok(PathBuf::from(&**s)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_object(&self, value: RawHandle) -> Result<RawObject, Mismatch> {
        match unsafe { look(value) } {
            Any::Object(o) => Ok(o.as_raw()),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn receiver(&self, value: RawHandle, owner: &'static TypeInfo) -> Result<RawObject, Error> {
        match unsafe { look(value) } {
            Any::Object(object) if object.type_info().is_a(owner) => Ok(object.as_raw()),
            other => Err(Error::expected(owner.name, other.type_name())),
        }
    }
    unsafe fn own_object(&self, value: RawHandle) -> Result<AnyObj, Mismatch> {
        match unsafe { look(value) } {
            Any::Object(o) => Ok(o.clone()),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_any(&self, value: RawHandle) -> Result<Any, Mismatch> {
        Ok(unsafe { look(value) }.clone())
    }
    unsafe fn as_member(&self, value: RawHandle, info: &'static EnumInfo) -> Result<usize, Mismatch> {
        match unsafe { look(value) } {
            Any::Member(own, index) if std::ptr::eq(*own, info) => Ok(*index as usize),
            Any::Foreign(value) => in_its_language(value, |decoder| decoder.member(info)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn as_standard(&self, value: RawHandle, kind: StandardKind) -> Result<Standard, Mismatch> {
        match unsafe { look(value) } {
            Any::Standard(value) if value.kind() == kind => Ok(**value),
            Any::Foreign(value) => in_its_language(value, |decoder| decoder.standard(kind)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn for_each(&self, value: RawHandle, take: &mut TakeItem<'_>) -> Result<(), Mismatch> {
        let Any::Tuple(items) = (unsafe { look(value) }) else { return Err(Mismatch::Type) };
        items.iter().try_for_each(|item| take(NonNull::from(item).cast())).map_err(Mismatch::Error)
    }
    unsafe fn for_each_pair(&self, value: RawHandle, take: &mut TakePair<'_>) -> Result<(), Mismatch> {
        let Any::Tuple(pairs) = (unsafe { look(value) }) else { return Err(Mismatch::Type) };
        for pair in pairs.iter() {
            let Any::Tuple(pair) = pair else { return Err(Mismatch::Type) };
            let [key, value] = &pair[..] else { return Err(Mismatch::Type) };
            take(NonNull::from(key).cast(), NonNull::from(value).cast()).map_err(Mismatch::Error)?;
        }
        Ok(())
    }
    unsafe fn convert_object(&self, value: RawHandle, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
        match unsafe { look(value) } {
            Any::Tuple(_) => sequence(unsafe { Decoder::new(&PLAIN, value) }, info),
            // A list in an open container that is bound to lists.
            Any::Foreign(value) => in_its_language(value, |decoder| decoder.convert_object(info)),
            _ => Err(Mismatch::Type),
        }
    }
    unsafe fn class_name(&self, value: RawHandle) -> String {
        unsafe { look(value) }.type_name().into()
    }
}
