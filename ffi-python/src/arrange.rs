//! Arguments as they come, put in the order of the parameters, with the messages of a Python function.

use std::ptr;

use ffi_object::__private::{Param, ParamKind, Signature};
use ffi_object::frontend::RawHandle;
use ffi_object::Error;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;

use crate::convert::as_str;
use crate::error::from_exception;
use crate::frontend::handle;

/// Positional and keyword arguments as they come in.
pub(crate) struct Call<'a> {
    pub(crate) positional: &'a [Option<RawHandle>],
    /// Names and values.
    pub(crate) keywords: &'a [(*mut ffi::PyObject, Option<RawHandle>)],
}

/// Arguments in the order of the parameters.
pub(crate) struct Arranged<'py> {
    /// Empty where a default stands in. Borrowed from the caller, or from below.
    slots: SmallVec<[Option<RawHandle>; 8]>,
    rest: Option<Bound<'py, PyTuple>>,
    keywords: Option<Bound<'py, PyDict>>,
}

impl Arranged<'_> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { slots: SmallVec::new(), rest: None, keywords: None }
    }
}

/// Puts arguments in the order of the parameters, into `arranged` unless they are in order already.
#[inline]
pub(crate) fn arrange<'a, 'py>(
    py: Python<'py>,
    signature: &Signature,
    call: &Call<'a>,
    arranged: &'a mut Arranged<'py>,
) -> Result<&'a [Option<RawHandle>], Error> {
    if call.keywords.is_empty() && call.positional.len() == signature.exact {
        return Ok(call.positional);
    }
    fill(py, signature, call, arranged)?;
    Ok(&arranged.slots)
}

/// The checks stand in the order of CPython's, which decides what is said of a call with several mistakes.
fn fill<'py>(
    py: Python<'py>,
    signature: &Signature,
    call: &Call<'_>,
    arranged: &mut Arranged<'py>,
) -> Result<(), Error> {
    let params = signature.params;
    let given = call.positional.len();
    let (own, rest) = call.positional.split_at(given.min(signature.positional));
    let slots = &mut arranged.slots;
    slots.extend_from_slice(own);
    slots.resize(params.len(), None);
    // Not searched for where all parameters are positional, as they mostly are.
    let rest_of = |kind| if signature.exact == usize::MAX { signature.rest(kind) } else { None };
    let (rest_slot, keywords_slot) = (rest_of(ParamKind::Args), rest_of(ParamKind::Kwargs));
    if keywords_slot.is_some() {
        arranged.keywords = Some(PyDict::new(py));
    }
    keywords(signature, call, slots, arranged.keywords.as_ref())?;
    if !rest.is_empty() && rest_slot.is_none() {
        return Err(too_many(signature, given, slots));
    }
    let is_missing = |(param, slot): (&Param, &Option<RawHandle>)| {
        let required = param.default.is_none()
            && matches!(param.kind, ParamKind::PositionalOnly | ParamKind::Standard | ParamKind::KeywordOnly);
        required && slot.is_none()
    };
    if params.iter().zip(&*slots).any(is_missing) {
        let missing = params.iter().zip(&*slots).filter(|pair| is_missing(*pair)).map(|(param, _)| param);
        return Err(missing_arguments(signature, missing));
    }
    if let Some(slot) = rest_slot {
        // SAFETY: the caller holds the arguments.
        let items = rest.iter().flatten().map(|item| unsafe { borrowed(py, *item) });
        let items: SmallVec<[_; 8]> = items.collect();
        let items = arranged.rest.insert(PyTuple::new(py, items).map_err(from_exception)?);
        slots[slot] = handle(items.as_ptr());
    }
    if let (Some(slot), Some(keywords)) = (keywords_slot, &arranged.keywords) {
        slots[slot] = handle(keywords.as_ptr());
    }
    Ok(())
}

/// # Safety
///
/// The value is a Python object that the caller holds.
unsafe fn borrowed(py: Python<'_>, value: RawHandle) -> Bound<'_, PyAny> {
    // SAFETY: by the caller.
    unsafe { Bound::from_borrowed_ptr(py, value.as_ptr().cast()) }
}

/// Puts the named arguments where they belong; those that belong nowhere into `others`.
fn keywords(
    signature: &Signature,
    call: &Call<'_>,
    slots: &mut [Option<RawHandle>],
    others: Option<&Bound<'_, PyDict>>,
) -> Result<(), Error> {
    for (key, value) in call.keywords {
        // SAFETY: the name of an argument; the thread is attached.
        let name = unsafe { as_str(*key) }
            .map_err(|_| Error::type_error(format!("{}() keywords must be strings", signature.name)))?;
        // SAFETY: the name lives during the call.
        let name = unsafe { name.as_ref() };
        let by_name = |p: &Param| matches!(p.kind, ParamKind::Standard | ParamKind::KeywordOnly) && p.name == name;
        match (signature.params.iter().position(by_name), others) {
            (Some(index), _) if slots[index].is_some() => {
                return Err(Error::type_error(format!(
                    "{}() got multiple values for argument '{name}'",
                    signature.name
                )));
            }
            (Some(index), _) => slots[index] = *value,
            (None, Some(others)) => {
                // SAFETY: the caller holds the name.
                let [key] = unsafe { crate::convert::bind([*key]) };
                // SAFETY: and the value.
                let value = value.map(|value| unsafe { borrowed(others.py(), value) });
                others.set_item(key, value).map_err(from_exception)?;
            }
            (None, None) => return Err(unexpected(signature, call, name)),
        }
    }
    Ok(())
}

/// CPython does not say which argument is unexpected when it finds parameters that take none by name.
#[cold]
fn unexpected(signature: &Signature, call: &Call<'_>, name: &str) -> Error {
    // SAFETY: the names of arguments; the thread is attached.
    let names = call.keywords.iter().filter_map(|(key, _)| unsafe { as_str(*key) }.ok());
    // SAFETY: they live during the call.
    let names: Vec<&str> = names.map(|name| unsafe { name.as_ref() }).collect();
    let by_position = signature.params.iter().filter(|p| p.kind == ParamKind::PositionalOnly);
    let passed: Vec<&str> = by_position.map(|p| p.name).filter(|name| names.contains(name)).collect();
    let function = signature.name;
    Error::type_error(if passed.is_empty() {
        format!("{function}() got an unexpected keyword argument '{name}'")
    } else {
        let all = passed.join(", ");
        format!("{function}() got some positional-only arguments passed as keyword arguments: '{all}'")
    })
}

#[cold]
fn too_many(signature: &Signature, given: usize, slots: &[Option<RawHandle>]) -> Error {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let most = signature.positional;
    let least = signature.params[..most].iter().filter(|p| p.default.is_none()).count();
    let (takes, plural) =
        if least < most { (format!("from {least} to {most}"), "s") } else { (most.to_string(), s(most)) };
    let by_name = signature.params.iter().zip(slots);
    let by_name = by_name.filter(|(p, slot)| p.kind == ParamKind::KeywordOnly && slot.is_some()).count();
    let (also, was) = match by_name {
        0 => (String::new(), if given == 1 { "was" } else { "were" }),
        _ => (format!(" positional argument{} (and {by_name} keyword-only argument{})", s(given), s(by_name)), "were"),
    };
    let name = signature.name;
    Error::type_error(format!("{name}() takes {takes} positional argument{plural} but {given}{also} {was} given"))
}

/// Those by position come first: CPython says nothing of the others then.
#[cold]
fn missing_arguments<'a>(signature: &Signature, missing: impl Iterator<Item = &'a Param>) -> Error {
    let (by_name, by_position): (Vec<&Param>, Vec<&Param>) = missing.partition(|p| p.kind == ParamKind::KeywordOnly);
    let (kind, missing) = if by_position.is_empty() { ("keyword-only", by_name) } else { ("positional", by_position) };
    let names: Vec<String> = missing.iter().map(|p| format!("'{}'", p.name)).collect();
    let list = match &names[..] {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let (count, s) = (names.len(), if names.len() == 1 { "" } else { "s" });
    Error::type_error(format!("{}() missing {count} required {kind} argument{s}: {list}", signature.name))
}

/// Values that CPython passes: a Python object's address is a handle.
///
/// # Safety
///
/// `start` holds as many during `'a`.
#[inline]
unsafe fn values<'a>(start: *const *mut ffi::PyObject, count: usize) -> &'a [Option<RawHandle>] {
    if count == 0 {
        return &[];
    }
    // SAFETY: by the caller.
    unsafe { std::slice::from_raw_parts(start.cast(), count) }
}

/// The arguments of a vectorcall, if they are in the order of the parameters as they come.
///
/// # Safety
///
/// As for [`with_vectorcall`], during `'a`.
#[inline]
pub(crate) unsafe fn in_order<'a>(
    signature: &Signature,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> Option<&'a [Option<RawHandle>]> {
    // SAFETY: by the caller.
    (names.is_null() && count == signature.exact).then(|| unsafe { values(args, count) })
}

/// The arguments of a vectorcall.
///
/// # Safety
///
/// `args` holds `count` values and as many more as `names`, a tuple or null, has items; the thread is attached.
pub(crate) unsafe fn with_vectorcall<R>(
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
    run: impl FnOnce(&Call<'_>) -> R,
) -> R {
    // SAFETY: by the caller.
    let positional = unsafe { values(args, count) };
    if names.is_null() {
        return run(&Call { positional, keywords: &[] });
    }
    // SAFETY: a tuple.
    let len = unsafe { ffi::PyTuple_Size(names) }.unsigned_abs();
    // SAFETY: the values that have names follow those that have none.
    let named = unsafe { values(args.wrapping_add(count), len) };
    let keywords: SmallVec<[_; 8]> = named
        .iter()
        .enumerate()
        // SAFETY: as many names as values.
        .map(|(i, value)| (unsafe { ffi::PyTuple_GetItem(names, i as ffi::Py_ssize_t) }, *value))
        .collect();
    run(&Call { positional, keywords: &keywords })
}

/// The arguments of `tp_call` and `tp_init`.
///
/// # Safety
///
/// `args` is a tuple, `kwargs` a dict or null, and the thread is attached.
pub(crate) unsafe fn with_tuple_and_dict<R>(
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
    run: impl FnOnce(&Call<'_>) -> R,
) -> R {
    // SAFETY: a tuple.
    let count = unsafe { ffi::PyTuple_Size(args) };
    // SAFETY: within its size. The tuple keeps the items alive.
    let positional: SmallVec<[_; 8]> = (0..count).map(|i| handle(unsafe { ffi::PyTuple_GetItem(args, i) })).collect();
    let mut keywords: SmallVec<[_; 8]> = SmallVec::new();
    if !kwargs.is_null() {
        let (mut at, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
        // SAFETY: a dict of the call's own, which no one changes.
        while unsafe { ffi::PyDict_Next(kwargs, &raw mut at, &raw mut key, &raw mut value) } != 0 {
            keywords.push((key, handle(value)));
        }
    }
    run(&Call { positional: &positional, keywords: &keywords })
}
