//! Special methods: the type slots behind them, one function for each slot, whatever the class.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::ptr;

use ffi_object::__private::{Decoder, FunctionInfo, Value};
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::Error;
use pyo3::ffi;
use pyo3::Python;

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
        "float",
        "getattr",
        "getattribute",
        "setattr",
        "delattr",
        "get",
        "set",
        "delete",
        "await",
        "aiter",
        "anext",
        "del",
    ];
    let Some(name) = name.strip_prefix("__").and_then(|n| n.strip_suffix("__")) else { return false };
    let base = name.strip_prefix(['r', 'i']).unwrap_or(name);
    NUMBERS.contains(&name) || NUMBERS.contains(&base) || OTHERS.contains(&name)
}

/// Runs a special method: a new reference, or null with the exception set.
///
/// # Safety
///
/// For all functions below: called by CPython, attached, on a wrapper of a class that has the slot, or of a subclass.
/// CPython holds the arguments.
unsafe fn run(dunder: Dunder, this: *mut ffi::PyObject, args: &[Option<RawHandle>]) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    let result = match unsafe { lookup(dunder, this) } {
        Some(function) => {
            let policy = if is_cached(dunder) || function.cached { Policy::Cached } else { Policy::Fresh };
            let call = Call { positional: args, keywords: &[] };
            // SAFETY: the wrapper is of the class that the function belongs to.
            unsafe { call::invoke(py, function, this, &call, policy) }
        }
        None => Err(no_such(dunder, this)),
    };
    finish(py, result)
}

/// # Safety
///
/// As above.
unsafe fn lookup(dunder: Dunder, this: *mut ffi::PyObject) -> Option<&'static FunctionInfo> {
    // SAFETY: by the caller.
    unsafe { ClassData::of_wrapper(this) }.dunders.0[dunder as usize]
}

#[cold]
fn no_such(dunder: Dunder, this: *mut ffi::PyObject) -> Error {
    // SAFETY: a wrapper, on an attached thread.
    let class = unsafe { crate::convert::class_name(this) };
    let what = match dunder {
        Dunder::SetItem => "item assignment",
        Dunder::DelItem => "item deletion",
        _ => "this operation",
    };
    Error::type_error(format!("'{class}' object does not support {what}"))
}

/// Runs a special method whose result is a plain Rust value, and reads it. -1 says that the exception is set.
///
/// # Safety
///
/// As above.
unsafe fn run_for<T: Value, R: From<i8>>(
    dunder: Dunder,
    this: *mut ffi::PyObject,
    args: &[Option<RawHandle>],
    convert: impl FnOnce(T) -> Result<R, Error>,
) -> R {
    // SAFETY: by the caller.
    let result = unsafe { run(dunder, this, args) };
    let Some(raw) = handle(result) else { return R::from(-1) };
    // SAFETY: the new reference lives until the next lines; attached.
    let value = T::decode(unsafe { Decoder::new(&PYTHON, raw) }).and_then(convert);
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(result) };
    value.unwrap_or_else(|error| {
        // SAFETY: by the caller.
        error::raise(unsafe { Python::assume_attached() }, error);
        R::from(-1)
    })
}

unsafe extern "C" fn unary<const DUNDER: usize>(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    let dunder = if DUNDER == Dunder::Repr as usize { Dunder::Repr } else { Dunder::Str };
    // SAFETY: see `run`.
    unsafe { run(dunder, this, &[]) }
}

/// What is not an iterator itself is iterated: a method may give back a `Vec` or a `List`.
unsafe extern "C" fn iter(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let result = unsafe { run(Dunder::Iter, this, &[]) };
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
    let result = unsafe { run(Dunder::Next, this, &[]) };
    // SAFETY: attached.
    if result == unsafe { ffi::Py_None() } {
        // SAFETY: a new reference.
        unsafe { ffi::Py_DECREF(result) };
        return ptr::null_mut();
    }
    result
}

unsafe extern "C" fn len(this: *mut ffi::PyObject) -> ffi::Py_ssize_t {
    let fit = |len: usize| {
        ffi::Py_ssize_t::try_from(len).map_err(|_| Error::overflow("cannot fit 'int' into an index-sized integer"))
    };
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Len, this, &[], fit) }
}

unsafe extern "C" fn bool(this: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Bool, this, &[], |truth: bool| Ok(c_int::from(truth))) }
}

unsafe extern "C" fn contains(this: *mut ffi::PyObject, item: *mut ffi::PyObject) -> c_int {
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Contains, this, &[handle(item)], |truth: bool| Ok(c_int::from(truth))) }
}

unsafe extern "C" fn hash(this: *mut ffi::PyObject) -> ffi::Py_hash_t {
    // -1 says that there was an error.
    let fit = |hash: i64| Ok(if hash == -1 { -2 } else { hash as ffi::Py_hash_t });
    // SAFETY: see `run`.
    unsafe { run_for(Dunder::Hash, this, &[], fit) }
}

unsafe extern "C" fn get_item(this: *mut ffi::PyObject, key: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    unsafe { run(Dunder::GetItem, this, &[handle(key)]) }
}

unsafe extern "C" fn set_item(this: *mut ffi::PyObject, key: *mut ffi::PyObject, value: *mut ffi::PyObject) -> c_int {
    let done = |()| Ok(0);
    match handle(value) {
        // SAFETY: see `run`.
        Some(_) => unsafe { run_for(Dunder::SetItem, this, &[handle(key), handle(value)], done) },
        // SAFETY: as above.
        None => unsafe { run_for(Dunder::DelItem, this, &[handle(key)], done) },
    }
}

unsafe extern "C" fn call_slot(
    this: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: see `run`.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as above.
    let Some(function) = (unsafe { lookup(Dunder::Call, this) }) else {
        return finish(py, Err(no_such(Dunder::Call, this)));
    };
    let policy = if function.cached { Policy::Cached } else { Policy::Fresh };
    let run = |call: &Call<'_>| {
        // SAFETY: as above.
        unsafe { call::invoke(py, function, this, call, policy) }
    };
    // SAFETY: CPython gives a tuple, and a dict or null.
    finish(py, unsafe { call::with_tuple_and_dict(args, kwargs, run) })
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
            let equal = unsafe { compare(this, other, ffi::Py_EQ) };
            // SAFETY: a new reference or null.
            return unsafe { negate(equal) };
        }
        // SAFETY: as above.
        return unsafe { crate::object::compare(this, other, op) };
    };
    let call = Call { positional: &[handle(other)], keywords: &[] };
    // SAFETY: as above.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as above.
    match unsafe { call::invoke(py, function, this, &call, Policy::Fresh) } {
        // An argument of another type: the other side's turn.
        Err(error) if error.kind() == ffi_object::ErrorKind::Type => {
            // SAFETY: attached.
            let result = unsafe { ffi::Py_NotImplemented() };
            // SAFETY: attached.
            unsafe { ffi::Py_INCREF(result) };
            result
        }
        result => finish(py, result),
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
