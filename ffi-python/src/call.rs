//! Calls from Python: functions, constructors, and the shims around both.

use std::ptr::{self, NonNull};

use ffi_object::__private::{build_in_python, Arguments, Constructor, Decoder, Encoder, FunctionInfo, Receiver};
use ffi_object::frontend::{Args, Policy, RawHandle};
use ffi_object::{Error, ErrorKind};
use pyo3::ffi;
use pyo3::types::PyTuple;
use pyo3::Python;

use crate::arrange::{arrange, in_order, with_tuple_and_dict, with_vectorcall, Arranged, Call};
use crate::class::ClassData;
use crate::convert::{self, class_name};
use crate::error;
use crate::frontend::{finish, handle, PYTHON};
use crate::instance::{self, Link};
use crate::{define, platform, queue};

/// Runs a function that the macros described, for Python's vectorcall: a new reference, or null with the exception set.
///
/// # Safety
///
/// The arguments are those of a `METH_FASTCALL | METH_KEYWORDS` function, and `this`, if the function has a receiver, is
/// a wrapper whose class extends that of the type it belongs to. The thread is attached.
pub(crate) unsafe extern "C" fn function(
    this: *mut (),
    args: *const *mut (),
    count: isize,
    names: *mut (),
    function: &'static FunctionInfo,
) -> *mut () {
    let (this, args, count, names) = (this.cast(), args.cast(), count as usize, names.cast());
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    match unsafe { in_order(&function.signature, args, count, names) } {
        // SAFETY: by the caller.
        Some(slots) => unsafe { direct(py, function, this, slots, policy(function)) }.cast(),
        // SAFETY: by the caller.
        None => unsafe { function_arranged(this, args, count, names, function) }.cast(),
    }
}

/// Runs a function on arguments in the order of its parameters, for a slot of CPython's: a new reference, or null with the
/// exception set.
///
/// # Safety
///
/// As for [`function`].
#[inline]
pub(crate) unsafe fn direct(
    py: Python<'_>,
    function: &'static FunctionInfo,
    this: *mut ffi::PyObject,
    slots: &[Option<RawHandle>],
    policy: Policy,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    match unsafe { run(py, function, this, slots, policy) } {
        Ok(value) => value.as_ptr().cast(),
        Err(failure) => finish(py, Err(failure.error)),
    }
}

/// The same for arguments that are not in order as they come. Apart, so that those that are need little stack, with its parameters
/// where [`function`] has them.
///
/// # Safety
///
/// As for [`function`].
#[inline(never)]
unsafe fn function_arranged(
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
    function: &'static FunctionInfo,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    let run = |call: &Call<'_>| unsafe { invoke(py, function, this, call, policy(function)) };
    // SAFETY: by the caller.
    finish(py, unsafe { with_vectorcall(args, count, names, run) })
}

pub(crate) fn policy(function: &FunctionInfo) -> Policy {
    if function.cached {
        Policy::Cached
    } else {
        Policy::Fresh
    }
}

/// Runs a function that the macros described.
///
/// # Safety
///
/// As for [`function`].
pub(crate) unsafe fn invoke(
    py: Python<'_>,
    function: &'static FunctionInfo,
    this: *mut ffi::PyObject,
    call: &Call<'_>,
    policy: Policy,
) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    unsafe { attempt(py, function, this, call, policy) }.map_err(|failure| failure.error)
}

/// Why a call gave nothing.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether an argument was not of the type of its parameter, so that the function was not called.
    pub(crate) misfit: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, misfit: false }
    }
}

/// Runs a function that the macros described, and says whether it was its arguments that failed.
///
/// # Safety
///
/// As for [`function`].
pub(crate) unsafe fn attempt(
    py: Python<'_>,
    function: &'static FunctionInfo,
    this: *mut ffi::PyObject,
    call: &Call<'_>,
    policy: Policy,
) -> Result<RawHandle, Failure> {
    let mut arranged = Arranged::new();
    let slots = arrange(py, &function.signature, call, &mut arranged)?;
    // SAFETY: by the caller.
    unsafe { run(py, function, this, slots, policy) }
}

/// Runs a function that the macros described, on arguments in the order of its parameters.
///
/// # Safety
///
/// As for [`function`].
#[inline(always)]
unsafe fn run(
    py: Python<'_>,
    function: &'static FunctionInfo,
    this: *mut ffi::PyObject,
    slots: &[Option<RawHandle>],
    policy: Policy,
) -> Result<RawHandle, Failure> {
    let signature = &function.signature;
    // SAFETY: the caller of the function keeps the arguments alive; the thread is attached.
    let args = unsafe { Arguments::new(&PYTHON, signature, slots) };
    // SAFETY: the thread is attached.
    let out = unsafe { Encoder::new(&PYTHON, policy) };
    // SAFETY: as the arguments.
    let receiver = handle(this).map_or(Receiver::NONE, |this| Receiver::new(unsafe { Decoder::new(&PYTHON, this) }));
    let result = error::catch(
        || format!("{}()", signature.name),
        // SAFETY: by the caller, the receiver's class is that of the function's type.
        || unsafe { (function.call)(receiver, &args, out) },
    );
    queue::drain(py);
    result.map_err(|error| Failure {
        error: error.in_function(signature.name, function.source),
        misfit: args.misfitted(),
    })
}

/// Builds the object of an empty wrapper.
///
/// # Safety
///
/// `wrapper` is one, of this class or of a subclass; the thread is attached.
unsafe fn build(
    py: Python<'_>,
    wrapper: NonNull<ffi::PyObject>,
    class: &ClassData,
    constructor: &'static Constructor,
    call: &Call<'_>,
) -> Result<(), Error> {
    let signature = &constructor.signature;
    let mut arranged = Arranged::new();
    let slots = arrange(py, signature, call, &mut arranged)?;
    // SAFETY: the caller of the class keeps the arguments alive; the thread is attached.
    let args = unsafe { Arguments::new(&PYTHON, signature, slots) };
    // SAFETY: by the caller.
    unsafe { build_from(py, wrapper, class, constructor, &args, false) }
}

/// The same for the arguments of a vectorcall. Apart, so that those that are in order need little stack.
///
/// # Safety
///
/// As for [`build`], and the arguments are those of a vectorcall.
#[inline(never)]
unsafe fn build_arranged(
    py: Python<'_>,
    wrapper: NonNull<ffi::PyObject>,
    class: &ClassData,
    constructor: &'static Constructor,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> Result<(), Error> {
    // SAFETY: by the caller.
    let run = |call: &Call<'_>| unsafe { build(py, wrapper, class, constructor, call) };
    // SAFETY: by the caller.
    unsafe { with_vectorcall(args, count, names, run) }
}

/// Builds the object of an empty wrapper from arguments in order.
///
/// # Safety
///
/// As for [`build`]. If `is_new`, the caller has just made the wrapper and given it to no one.
#[inline(always)]
pub(crate) unsafe fn build_from(
    py: Python<'_>,
    wrapper: NonNull<ffi::PyObject>,
    class: &ClassData,
    constructor: &'static Constructor,
    args: &Arguments<'_>,
    is_new: bool,
) -> Result<(), Error> {
    let object = error::catch(
        || format!("{}()", constructor.signature.name),
        // SAFETY: the constructor is one of this class; the wrapper gets the object at once.
        || unsafe { build_in_python(class.info, constructor, args, wrapper.cast()) },
    );
    queue::drain(py);
    // SAFETY: the object was born with this wrapper.
    if !unsafe { instance::attach_born(wrapper, object?, is_new) } {
        return Err(init_twice(class));
    }
    if class.info.options.is_unwrapped() {
        // SAFETY: the caller holds the wrapper; attached.
        return unsafe { instance::separate_born(wrapper.as_ptr()) };
    }
    Ok(())
}

#[cold]
fn init_twice(class: &ClassData) -> Error {
    let name = class.info.name;
    Error::type_error(format!("{name}.__init__() was called twice on the same object"))
}

#[cold]
fn no_constructor(class: &ClassData) -> Error {
    Error::type_error(format!("cannot create '{}' instances", class.info.name))
}

/// `tp_vectorcall` of native classes: wrapper and object are born together.
///
/// # Safety
///
/// Called by CPython.
pub(crate) unsafe extern "C" fn construct(
    class: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    let class_type = class.cast::<ffi::PyTypeObject>();
    // SAFETY: only native classes have this function.
    let data = unsafe { ClassData::of_native(class_type) };
    let Some(constructor) = data.constructor else {
        error::raise(py, no_constructor(data));
        return ptr::null_mut();
    };
    // SAFETY: a class of ours.
    let Some(wrapper) = (unsafe { instance::new_empty(class_type) }) else { return ptr::null_mut() };
    // Without `PY_VECTORCALL_ARGUMENTS_OFFSET`, the highest bit.
    let count = count & (usize::MAX >> 1);
    let signature = &constructor.signature;
    // SAFETY: the arguments are those of a vectorcall.
    let built = match unsafe { in_order(signature, args, count, names) } {
        Some(slots) => {
            // SAFETY: CPython keeps the arguments alive during the call; attached.
            let args = unsafe { Arguments::new(&PYTHON, signature, slots) };
            // SAFETY: the wrapper is new.
            unsafe { build_from(py, wrapper, data, constructor, &args, true) }
        }
        // SAFETY: as above.
        None => unsafe { build_arranged(py, wrapper, data, constructor, args, count, names) },
    };
    if let Err(error) = built {
        // SAFETY: the new reference.
        unsafe { ffi::Py_DECREF(wrapper.as_ptr()) };
        error::raise(py, error);
        return ptr::null_mut();
    }
    wrapper.as_ptr()
}

/// `tp_new`: an empty wrapper. Arguments are `__init__`'s.
///
/// # Safety
///
/// Called by CPython.
pub(crate) unsafe extern "C" fn new(
    class: *mut ffi::PyTypeObject,
    _: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: a class of ours or a subclass.
    let data = unsafe { ClassData::of(class) };
    if data.constructor.is_none() {
        error::raise(py, no_constructor(data));
        return ptr::null_mut();
    }
    // SAFETY: as above.
    if unsafe { platform::is_abstract(class) } {
        // SAFETY: as above.
        return unsafe { refuse_abstract(py, class) };
    }
    // SAFETY: as above.
    unsafe { instance::new_empty(class) }.map_or(ptr::null_mut(), NonNull::as_ptr)
}

/// Null, with the exception by which `object.__new__` refuses a class that has abstract methods.
///
/// # Safety
///
/// `class` is such a class.
#[cold]
unsafe fn refuse_abstract(py: Python<'_>, class: *mut ffi::PyTypeObject) -> *mut ffi::PyObject {
    let none = PyTuple::empty(py);
    let object = &raw mut ffi::PyBaseObject_Type;
    // SAFETY: `object` is a type; attached.
    let Some(object_new) = (unsafe { platform::tp_new(object) }) else { return ptr::null_mut() };
    // SAFETY: a class that extends `object`, and no arguments.
    unsafe { object_new(class, none.as_ptr(), ptr::null_mut()) }
}

/// `tp_init`: builds the object.
///
/// # Safety
///
/// Called by CPython.
pub(crate) unsafe extern "C" fn init(
    wrapper: *mut ffi::PyObject,
    args: *mut ffi::PyObject,
    kwargs: *mut ffi::PyObject,
) -> std::ffi::c_int {
    // SAFETY: CPython calls this attached.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: CPython checks the type.
    let data = unsafe { ClassData::of_wrapper(wrapper) };
    let result = match (data.constructor, NonNull::new(wrapper)) {
        (Some(constructor), Some(empty)) => {
            // SAFETY: as above.
            if matches!(unsafe { instance::link_of(wrapper) }, Link::Empty) {
                let run = |call: &Call<'_>| {
                    // SAFETY: as above.
                    unsafe { build(py, empty, data, constructor, call) }
                };
                // SAFETY: CPython gives a tuple, and a dict or null.
                unsafe { with_tuple_and_dict(args, kwargs, run) }
            } else {
                Err(init_twice(data))
            }
        }
        _ => Err(no_constructor(data)),
    };
    if let Err(error) = result {
        error::raise(py, error);
        return -1;
    }
    // SAFETY: CPython holds the wrapper, and calls this attached.
    match unsafe { define::post_init(data, wrapper) } {
        Ok(()) => 0,
        Err(exception) => {
            exception.restore(py);
            -1
        }
    }
}

/// Calls a callable: a new reference.
///
/// # Errors
///
/// The exception that it raised.
///
/// # Safety
///
/// The values are Python objects that the caller holds, and the thread is attached.
pub(crate) unsafe fn value(function: *mut ffi::PyObject, args: &mut Args<'_>) -> Result<RawHandle, Error> {
    // SAFETY: by the caller.
    #[cfg(any(not(Py_LIMITED_API), Py_3_12))]
    let result = unsafe { vectorcall(function, args) };
    // SAFETY: by the caller.
    #[cfg(not(any(not(Py_LIMITED_API), Py_3_12)))]
    let result = unsafe { call_with_tuple(function, args) }?;
    // SAFETY: what CPython gave.
    unsafe { convert::owned(result) }
}

/// # Safety
///
/// As for [`value`].
#[cfg(any(not(Py_LIMITED_API), Py_3_12))]
unsafe fn vectorcall(function: *mut ffi::PyObject, args: &mut Args<'_>) -> *mut ffi::PyObject {
    // The place before the first is the callee's while the call lasts, for a bound method's own argument.
    let count = args.len() | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
    let args = args.map(|arg| arg.as_ptr().cast());
    let mut slots = smallvec::SmallVec::<[*mut ffi::PyObject; 8]>::from_slice(&[ptr::null_mut()]);
    slots.extend(args);
    // SAFETY: the first slot is there.
    let args = unsafe { slots.as_mut_ptr().add(1) };
    // SAFETY: so many arguments, which the caller holds, and no names.
    unsafe { ffi::PyObject_Vectorcall(function, args, count, ptr::null_mut()) }
}

/// The stable ABI has no `PyObject_Vectorcall` before 3.12.
///
/// # Errors
///
/// No memory.
///
/// # Safety
///
/// As for [`value`].
#[cfg(not(any(not(Py_LIMITED_API), Py_3_12)))]
unsafe fn call_with_tuple(function: *mut ffi::PyObject, args: &mut Args<'_>) -> Result<*mut ffi::PyObject, Error> {
    let count = args.len();
    let mut make = |_| {
        let arg = args.next().ok_or_else(|| Error::runtime("fewer arguments than there were"))?;
        // SAFETY: by the caller.
        unsafe { ffi::Py_INCREF(arg.as_ptr().cast()) };
        Ok(arg)
    };
    // SAFETY: by the caller.
    let tuple = unsafe { convert::tuple(count, &mut make) }?;
    // SAFETY: by the caller.
    let result = unsafe { ffi::PyObject_CallObject(function, tuple.as_ptr().cast()) };
    // SAFETY: the tuple made above.
    unsafe { ffi::Py_DECREF(tuple.as_ptr().cast()) };
    Ok(result)
}

/// The error for a value that should have been a wrapper.
///
/// # Safety
///
/// `value` is a Python object, and the thread is attached.
pub(crate) unsafe fn not_an_object(function: &str, value: *mut ffi::PyObject) -> Error {
    // SAFETY: by the caller.
    Error::new(ErrorKind::Type, format!("{function} argument must be an Object, not {}", unsafe { class_name(value) }))
}
