//! Special methods: the type slots behind them, one function for each slot, whatever the class.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::ptr;

use ffi_object::__private::{Decoder, FunctionInfo, Value};
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::Error;
use pyo3::ffi;

use crate::call::{self, Call};
use crate::class::ClassData;
use crate::error;
use crate::frontend::{finish, handle, PYTHON};

macro_rules! dunders {
    ($($id:ident = $name:literal, $cached:literal, [$($slot:ident = $function:expr),*];)*) => {
        /// A special method that a slot stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Dunder { $($id),* }

        const COUNT: usize = [$(Dunder::$id),*].len();

        fn find(name: &str) -> Option<Dunder> {
            match name {
                $($name => Some(Dunder::$id),)*
                _ => None,
            }
        }

        /// Whether objects come out canonical: elements do.
        fn is_cached(dunder: Dunder) -> bool {
            match dunder { $(Dunder::$id => $cached),* }
        }

        fn fill(dunder: Dunder, slots: &mut BTreeMap<c_int, *mut c_void>) {
            match dunder {
                $(Dunder::$id => { $(slots.insert(ffi::$slot, $function as *mut c_void);)* })*
            }
        }
    };
}

dunders! {
    Repr = "__repr__", false, [Py_tp_repr = unary::<{ Dunder::Repr as usize }>];
    Str = "__str__", false, [Py_tp_str = unary::<{ Dunder::Str as usize }>];
    Iter = "__iter__", true, [Py_tp_iter = iter];
    Next = "__next__", true, [Py_tp_iternext = next];
    Len = "__len__", false, [Py_mp_length = len, Py_sq_length = len];
    Bool = "__bool__", false, [Py_nb_bool = bool];
    Contains = "__contains__", false, [Py_sq_contains = contains];
    GetItem = "__getitem__", true, [Py_mp_subscript = get_item];
    SetItem = "__setitem__", false, [Py_mp_ass_subscript = set_item];
    DelItem = "__delitem__", false, [Py_mp_ass_subscript = set_item];
    Hash = "__hash__", false, [Py_tp_hash = hash];
    Call = "__call__", false, [Py_tp_call = call_slot];
    Lt = "__lt__", false, [Py_tp_richcompare = compare];
    Le = "__le__", false, [Py_tp_richcompare = compare];
    Eq = "__eq__", false, [Py_tp_richcompare = compare];
    Ne = "__ne__", false, [Py_tp_richcompare = compare];
    Gt = "__gt__", false, [Py_tp_richcompare = compare];
    Ge = "__ge__", false, [Py_tp_richcompare = compare];
}

/// The functions behind a class's slots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dunders([Option<&'static FunctionInfo>; COUNT]);

impl Default for Dunders {
    fn default() -> Self {
        Self([None; COUNT])
    }
}

/// Puts a special method into the class's slots. False: it is a method as any other.
pub(crate) fn add(
    function: &'static FunctionInfo,
    dunders: &mut Dunders,
    slots: &mut BTreeMap<c_int, *mut c_void>,
) -> bool {
    let Some(dunder) = find(function.name) else { return false };
    dunders.0[dunder as usize] = Some(function);
    fill(dunder, slots);
    true
}

/// Whether a name is that of a protocol whose slot is not supported, so that a method would be ignored.
pub(crate) fn is_unsupported(name: &str) -> bool {
    const NUMBERS: [&str; 20] = [
        "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and", "xor",
        "or", "neg", "pos", "abs", "invert", "int", "index",
    ];
    const OTHERS: [&str; 12] = [
        "float", "getattr", "getattribute", "setattr", "delattr", "get", "set", "delete", "await", "aiter", "anext",
        "del",
    ];
    let Some(name) = name.strip_prefix("__").and_then(|n| n.strip_suffix("__")) else { return false };
    let base = name.strip_prefix(['r', 'i']).unwrap_or(name);
    NUMBERS.contains(&name) || NUMBERS.contains(&base) || OTHERS.contains(&name)
}

/// # Safety
///
/// For all functions below: called by CPython on a wrapper of a class that has the slot, or of a subclass. The arguments
/// are alive, and the thread is attached.
unsafe fn run(
    dunder: Dunder,
    this: *mut ffi::PyObject,
    args: &[Option<RawHandle>],
) -> Result<Option<*mut ffi::PyObject>, Error> {
    // SAFETY: by the caller.
    let Some(function) = (unsafe { lookup(dunder, this) }) else { return Ok(None) };
    let policy = if is_cached(dunder) || function.cached { Policy::Cached } else { Policy::Fresh };
    let call = Call { positional: args, keywords: &[] };
    // SAFETY: by the caller, the wrapper is of the class that the function belongs to.
    unsafe { call::invoke(function, this, &call, policy) }.map(|result| Some(result.as_ptr().cast()))
}

/// # Safety
///
/// As above.
unsafe fn lookup(dunder: Dunder, this: *mut ffi::PyObject) -> Option<&'static FunctionInfo> {
    // SAFETY: by the caller.
    unsafe { ClassData::of(ffi::Py_TYPE(this)) }.dunders.0[dunder as usize]
}

#[cold]
fn no_such(dunder: Dunder, this: *mut ffi::PyObject) -> Error {
    // SAFETY: a wrapper, on an attached thread.
    let class = unsafe { crate::convert::class_name(this) };
    let what = match dunder {
        Dunder::SetItem => "item assignment",
        Dunder::DelItem => "item deletion",
        _ => return Error::type_error(format!("'{class}' object does not support this operation")),
    };
    Error::type_error(format!("'{class}' object does not support {what}"))
}

/// Runs a special method whose result is a plain Rust value, and reads it.
///
/// # Safety
///
/// As above.
unsafe fn run_for<T: Value>(dunder: Dunder, this: *mut ffi::PyObject, args: &[Option<RawHandle>]) -> Result<T, Error> {
    // SAFETY: by the caller.
    let result = unsafe { run(dunder, this, args) }?.ok_or_else(|| no_such(dunder, this))?;
    let value = handle(result).map(|raw| {
        // SAFETY: the new reference lives until the end of this function.
        T::decode(unsafe { Decoder::new(&PYTHON, raw) })
    });
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(result) };
    value.unwrap_or_else(|| Err(no_such(dunder, this)))
}

/// # Safety
///
/// The thread is attached.
unsafe fn give(result: Result<Option<*mut ffi::PyObject>, Error>) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    unsafe { finish(result.and_then(|value| value.and_then(handle).ok_or_else(|| Error::type_error("not supported")))) }
}

/// # Safety
///
/// The thread is attached.
unsafe fn give_int<T: From<i8>>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| {
        // SAFETY: by the caller.
        unsafe { error::raise(error) };
        T::from(-1)
    })
}

unsafe extern "C" fn unary<const DUNDER: usize>(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    let dunder = if DUNDER == Dunder::Repr as usize { Dunder::Repr } else { Dunder::Str };
    // SAFETY: see `run`.
    unsafe { give(run(dunder, this, &[])) }
}

/// What is not an iterator itself is iterated: a method may give back a `Vec` or a `List`.
unsafe extern "C" fn iter(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let result = unsafe { give(run(Dunder::Iter, this, &[])) };
    // SAFETY: a new reference, if it is not null.
    if result.is_null() || unsafe { ffi::PyIter_Check(result) } != 0 {
        return result;
    }
    // SAFETY: as above.
    let iterator = unsafe { ffi::PyObject_GetIter(result) };
    // SAFETY: as above.
    unsafe { ffi::Py_DECREF(result) };
    iterator
}

/// `None` ends the iteration.
unsafe extern "C" fn next(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let result = unsafe { give(run(Dunder::Next, this, &[])) };
    // SAFETY: attached.
    if result == unsafe { ffi::Py_None() } {
        // SAFETY: a new reference.
        unsafe { ffi::Py_DECREF(result) };
        return ptr::null_mut();
    }
    result
}

unsafe extern "C" fn len(this: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    // SAFETY: see `run`.
    let len = unsafe { run_for::<usize>(Dunder::Len, this, &[]) };
    let len = len.and_then(|n| ffi::Py_ssize_t::try_from(n).map_err(Into::into));
    // SAFETY: attached.
    unsafe { give_int(len) }
}

unsafe extern "C" fn bool(this: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { give_int(run_for::<bool>(Dunder::Bool, this, &[]).map(c_int::from)) }
}

unsafe extern "C" fn contains(this: *mut ffi::PyObject, item: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { give_int(run_for::<bool>(Dunder::Contains, this, &[handle(item)]).map(c_int::from)) }
}

unsafe extern "C" fn hash(this: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // SAFETY: see `run`.
    let hash = unsafe { run_for::<i64>(Dunder::Hash, this, &[]) };
    #[expect(clippy::cast_possible_truncation, reason = "as `hash` does on a machine with smaller words")]
    // -1 says that there was an error.
    let hash = hash.map(|h| if h == -1 { -2 } else { h as ffi::Py_hash_t });
    // SAFETY: attached.
    unsafe { give_int(hash) }
}

unsafe extern "C" fn get_item(this: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    unsafe { give(run(Dunder::GetItem, this, &[handle(key)])) }
}

unsafe extern "C" fn set_item(
    this: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> c_int {
    let set = match handle(value) {
        // SAFETY: see `run`.
        Some(_) => unsafe { run_for::<()>(Dunder::SetItem, this, &[handle(key), handle(value)]) },
        // SAFETY: as above.
        None => unsafe { run_for::<()>(Dunder::DelItem, this, &[handle(key)]) },
    };
    // SAFETY: attached.
    unsafe { give_int(set.map(|()| 0)) }
}

unsafe extern "C" fn call_slot(
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let Some(function) = (unsafe { lookup(Dunder::Call, this) }) else {
        // SAFETY: attached.
        return unsafe { give(Err(no_such(Dunder::Call, this))) };
    };
    let policy = if function.cached { Policy::Cached } else { Policy::Fresh };
    let run = |call: &Call<'_>| {
        // SAFETY: as above.
        unsafe { call::invoke(function, this, call, policy) }
    };
    // SAFETY: CPython gives a tuple, and a dict or null.
    unsafe { finish(call::with_tuple_and_dict(args, kwargs, run)) }
}

/// Falls back on the root's comparison by identity for what the class does not define.
unsafe extern "C" fn compare(this: *mut ffi::PyObject, other: *mut ffi::PyObject, op: c_int) -> *mut ffi::PyObject {
    let dunder = match op {
        ffi::Py_LT => Dunder::Lt,
        ffi::Py_LE => Dunder::Le,
        ffi::Py_EQ => Dunder::Eq,
        ffi::Py_NE => Dunder::Ne,
        ffi::Py_GT => Dunder::Gt,
        _ => Dunder::Ge,
    };
    // SAFETY: see `run`.
    let Some(function) = (unsafe { lookup(dunder, this) }) else {
        // SAFETY: as above.
        let eq = unsafe { lookup(Dunder::Eq, this) };
        if dunder == Dunder::Ne && eq.is_some() {
            // SAFETY: as above.
            return unsafe { negate(compare(this, other, ffi::Py_EQ)) };
        }
        // SAFETY: as above.
        return unsafe { crate::object::compare(this, other, op) };
    };
    let call = Call { positional: &[handle(other)], keywords: &[] };
    // SAFETY: as above.
    match unsafe { call::invoke(function, this, &call, Policy::Fresh) } {
        // An argument of another type: the other side's turn.
        Err(error) if error.kind() == ffi_object::ErrorKind::Type => {
            // SAFETY: attached.
            let result = unsafe { ffi::Py_NotImplemented() };
            // SAFETY: attached.
            unsafe { ffi::Py_INCREF(result) };
            result
        }
        // SAFETY: attached.
        result => unsafe { finish(result) },
    }
}

/// # Safety
///
/// `value` is a new reference or null, and the thread is attached.
unsafe fn negate(value: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: attached.
    if value.is_null() || value == unsafe { ffi::Py_NotImplemented() } {
        return value;
    }
    // SAFETY: a Python object.
    let truth = unsafe { ffi::PyObject_IsTrue(value) };
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(value) };
    if truth < 0 {
        return ptr::null_mut();
    }
    // SAFETY: attached.
    unsafe { ffi::PyBool_FromLong((truth == 0).into()) }
}
