//! Python values to `Any`: what Rust knows becomes its own, everything else is carried as it is.

use std::sync::Arc;

use ffi_object::frontend::Mismatch;
use ffi_object::{Any, Bytes, Error, Str};
use pyo3::exceptions::PyRecursionError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::convert::{as_bool, as_bytes, as_float, as_int, as_str, as_wide, class_name, foreign};
use crate::error::{fetch, from_exception};
use crate::{enumeration, instance};

/// What is exactly one of Python's plain values becomes Rust's, and comes back equal; all else is carried as it is.
///
/// # Safety
///
/// The value is a Python object, and the thread is attached.
pub(crate) unsafe fn as_any(value: *mut ffi::PyObject) -> Result<Any, Mismatch> {
    // SAFETY: by the caller.
    unsafe { as_any_within(value, Exactness::Exact, MOST_NESTED) }
}

/// The same for a key: an instance of a subclass is the key that it equals.
///
/// # Safety
///
/// As above.
pub(crate) unsafe fn as_key(value: *mut ffi::PyObject) -> Result<Any, Mismatch> {
    // SAFETY: by the caller.
    unsafe { as_any_within(value, Exactness::Equal, MOST_NESTED) }
}

/// Which values become plain ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exactness {
    /// Those whose class is `int`, `str` and so on, so that nothing of them is lost.
    Exact,
    /// Those of subclasses too.
    Equal,
}

/// How deep tuples may nest: whatever goes through their parts, in Rust or in Python, needs stack for each level. CPython's
/// limit is another one for each version, and 3.12's and 3.13's too large for the stacks of Rust's threads.
const MOST_NESTED: usize = 1000;

/// # Safety
///
/// As above.
unsafe fn as_any_within(value: *mut ffi::PyObject, exactness: Exactness, depth: usize) -> Result<Any, Mismatch> {
    // SAFETY: by the caller.
    if value == unsafe { ffi::Py_None() } {
        return Ok(Any::None);
    }
    // SAFETY: by the caller.
    if unsafe { instance::is_wrapper(value) } {
        // SAFETY: a wrapper that the caller holds.
        return unsafe { instance::own(value) }.map(Any::Object).map_err(Mismatch::Error);
    }
    // SAFETY: by the caller.
    if unsafe { ffi::PyBool_Check(value) } != 0 {
        // SAFETY: by the caller.
        return unsafe { as_bool(value) }.map(Any::Bool);
    }
    // SAFETY: by the caller.
    let mut class = unsafe { ffi::Py_TYPE(value) };
    let (str, float, int) = (&raw mut ffi::PyUnicode_Type, &raw mut ffi::PyFloat_Type, &raw mut ffi::PyLong_Type);
    let (bytes, tuple) = (&raw mut ffi::PyBytes_Type, &raw mut ffi::PyTuple_Type);
    let plain = [int, float, str, tuple, bytes];
    if !plain.contains(&class) {
        // A member of an `IntEnum` of Rust's stays one.
        // SAFETY: by the caller.
        if let Some(member) = unsafe { as_any_member(value) } {
            return Ok(member);
        }
        if exactness == Exactness::Equal {
            // SAFETY: types.
            let base = plain.into_iter().find(|base| unsafe { ffi::PyType_IsSubtype(class, *base) } != 0);
            class = base.unwrap_or(class);
        }
    }
    if class == str {
        // SAFETY: by the caller.
        let text = unsafe { as_str(value) }?;
        // SAFETY: the text is there as long as the value.
        return Ok(Any::Str(Str::new(unsafe { text.as_ref() })));
    }
    if class == float {
        // SAFETY: by the caller.
        return unsafe { as_float(value) }.map(Any::Float);
    }
    if class == int {
        // SAFETY: by the caller.
        return match unsafe { as_int(value) } {
            // SAFETY: by the caller.
            Err(Mismatch::Range) => match unsafe { as_wide::<i128>(value) } {
                // Larger than Rust's numbers.
                // SAFETY: by the caller.
                Err(Mismatch::Range) => Ok(Any::Foreign(unsafe { foreign(value) })),
                number => number.map(Any::from),
            },
            number => number.map(Any::Int),
        };
    }
    if class == bytes {
        // SAFETY: by the caller.
        let bytes = unsafe { as_bytes(value) }?;
        // SAFETY: the bytes are there as long as the value.
        return Ok(Any::Bytes(Bytes::new(unsafe { bytes.as_ref() })));
    }
    if class == tuple {
        // SAFETY: by the caller.
        return unsafe { as_any_tuple(value, exactness, depth) };
    }
    // SAFETY: by the caller.
    Ok(Any::Foreign(unsafe { foreign(value) }))
}

/// A tuple, whose parts may be tuples, and so on.
///
/// # Safety
///
/// As above, and it is a tuple.
unsafe fn as_any_tuple(value: *mut ffi::PyObject, exactness: Exactness, depth: usize) -> Result<Any, Mismatch> {
    let Some(depth) = depth.checked_sub(1) else {
        let exception = PyRecursionError::new_err("maximum recursion depth exceeded while converting a tuple");
        return Err(Mismatch::Error(from_exception(exception)));
    };
    // Less deep, if there are calls on the stack already.
    // SAFETY: by the caller.
    if unsafe { ffi::Py_EnterRecursiveCall(c" while converting a tuple".as_ptr()) } != 0 {
        // SAFETY: by the caller; an exception is set.
        return Err(Mismatch::Error(fetch(unsafe { Python::assume_attached() })));
    }
    // SAFETY: a tuple.
    let len = unsafe { ffi::PyTuple_Size(value) };
    let items = (0..len).map(|i| {
        // SAFETY: within its size.
        let item = unsafe { ffi::PyTuple_GetItem(value, i) };
        // SAFETY: the tuple keeps it alive.
        unsafe { any_item(item, exactness, depth) }
    });
    let items = items.collect::<Result<Vec<_>, _>>();
    // SAFETY: entered above.
    unsafe { ffi::Py_LeaveRecursiveCall() };
    items.map(|items| Any::Tuple(Arc::new(items))).map_err(Mismatch::Error)
}

/// The value as a member of an enum of Rust's, if it is one.
///
/// # Safety
///
/// As above.
unsafe fn as_any_member(value: *mut ffi::PyObject) -> Option<Any> {
    // SAFETY: by the caller.
    let (info, index) = unsafe { enumeration::find(value) }?;
    Some(Any::Member(info, u32::try_from(index).ok()?))
}

/// # Safety
///
/// As above.
unsafe fn any_item(item: *mut ffi::PyObject, exactness: Exactness, depth: usize) -> Result<Any, Error> {
    // SAFETY: by the caller.
    unsafe { as_any_within(item, exactness, depth) }.map_err(|mismatch| match mismatch {
        Mismatch::Error(error) => error,
        // SAFETY: by the caller.
        _ => Error::expected("a value that Rust can hold", &unsafe { class_name(item) }),
    })
}
