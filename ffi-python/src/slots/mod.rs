//! Special methods: the type slots behind them, one function for each slot, whatever the class.
//!
//! A slot's function finds what the class has for it in [`ClassData`]. A special method that takes another value, as
//! operators and comparisons do, leaves the other side its turn when that value is not of its parameter's type, and only
//! then: a `TypeError` of its own is the caller's to see.

mod basic;
mod compare;
mod item;
mod number;
mod table;

use std::ffi::c_void;

use ffi_object::__private::{Decoder, FunctionInfo, MethodKind, Value};
use ffi_object::frontend::{Policy, RawHandle};
use ffi_object::{Error, ErrorKind};
use pyo3::ffi;
use pyo3::Python;

use crate::arrange::Call;
use crate::by_value::not_implemented;
use crate::call;
use crate::class::ClassData;
use crate::error;
use crate::frontend::{finish, handle, PYTHON};

pub(crate) use table::TypeSlots;

/// `Py_bf_getbuffer`.
pub(crate) const BUFFER: std::ffi::c_int = slot_ids::Py_bf_getbuffer;

/// The slots by number. An abi3 build has no name for the buffer's, though every version knows it.
mod slot_ids {
    pub(super) use pyo3::ffi::*;
    #[expect(non_upper_case_globals, reason = "as its kin are called")]
    pub(super) const Py_bf_getbuffer: std::ffi::c_int = 1;
}

macro_rules! dunders {
    ($($id:ident = $name:literal, $cached:literal, [$($slot:ident = $function:expr),*];)*) => {
        /// A special method that a slot stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Dunder { $($id),* }

        const COUNT: usize = [$(Dunder::$id),*].len();

        fn find(name: &str) -> Option<Dunder> {
            match name {
                $($name => Some(Dunder::$id),)*
                _ => None,
            }
        }

        /// Whether objects come out canonical: elements do.
        const CACHED: [bool; COUNT] = [$($cached),*];

        fn fill(dunder: Dunder, slots: &mut TypeSlots) {
            match dunder {
                $(Dunder::$id => { $(slots.set(slot_ids::$slot, $function as *mut c_void);)* })*
            }
        }
    };
}

dunders! {
    Repr = "__repr__", false, [Py_tp_repr = basic::repr];
    Str = "__str__", false, [Py_tp_str = basic::str];
    Iter = "__iter__", true, [Py_tp_iter = basic::iter];
    Next = "__next__", true, [Py_tp_iternext = basic::next];
    Len = "__len__", false, [Py_mp_length = basic::len, Py_sq_length = basic::len];
    Bool = "__bool__", false, [Py_nb_bool = basic::bool];
    Hash = "__hash__", false, [Py_tp_hash = basic::hash];
    Call = "__call__", false, [Py_tp_call = basic::call];
    GetAttr = "__getattr__", true, [Py_tp_getattro = basic::get_attribute];
    Buffer = "__buffer__", false, [Py_bf_getbuffer = basic::get_buffer];
    Contains = "__contains__", false, [Py_sq_contains = item::contains];
    GetItem = "__getitem__", true, [Py_mp_subscript = item::get];
    SetItem = "__setitem__", false, [Py_mp_ass_subscript = item::set];
    DelItem = "__delitem__", false, [Py_mp_ass_subscript = item::set];
    Lt = "__lt__", false, [Py_tp_richcompare = compare::compare];
    Le = "__le__", false, [Py_tp_richcompare = compare::compare];
    Eq = "__eq__", false, [Py_tp_richcompare = compare::compare];
    Ne = "__ne__", false, [Py_tp_richcompare = compare::compare];
    Gt = "__gt__", false, [Py_tp_richcompare = compare::compare];
    Ge = "__ge__", false, [Py_tp_richcompare = compare::compare];
    Neg = "__neg__", false, [Py_nb_negative = number::neg];
    Pos = "__pos__", false, [Py_nb_positive = number::pos];
    Abs = "__abs__", false, [Py_nb_absolute = number::abs];
    Invert = "__invert__", false, [Py_nb_invert = number::invert];
    Int = "__int__", false, [Py_nb_int = number::int];
    Float = "__float__", false, [Py_nb_float = number::float];
    Index = "__index__", false, [Py_nb_index = number::index];
    Complex = "__complex__", false, [];
    Pow = "__pow__", false, [Py_nb_power = number::pow];
    RPow = "__rpow__", false, [Py_nb_power = number::pow];
    IPow = "__ipow__", true, [Py_nb_inplace_power = number::ipow];
    Add = "__add__", false, [Py_nb_add = number::add];
    RAdd = "__radd__", false, [Py_nb_add = number::add];
    IAdd = "__iadd__", true, [Py_nb_inplace_add = number::iadd];
    Sub = "__sub__", false, [Py_nb_subtract = number::sub];
    RSub = "__rsub__", false, [Py_nb_subtract = number::sub];
    ISub = "__isub__", true, [Py_nb_inplace_subtract = number::isub];
    Mul = "__mul__", false, [Py_nb_multiply = number::mul];
    RMul = "__rmul__", false, [Py_nb_multiply = number::mul];
    IMul = "__imul__", true, [Py_nb_inplace_multiply = number::imul];
    MatMul = "__matmul__", false, [Py_nb_matrix_multiply = number::matmul];
    RMatMul = "__rmatmul__", false, [Py_nb_matrix_multiply = number::matmul];
    IMatMul = "__imatmul__", true, [Py_nb_inplace_matrix_multiply = number::imatmul];
    TrueDiv = "__truediv__", false, [Py_nb_true_divide = number::truediv];
    RTrueDiv = "__rtruediv__", false, [Py_nb_true_divide = number::truediv];
    ITrueDiv = "__itruediv__", true, [Py_nb_inplace_true_divide = number::itruediv];
    FloorDiv = "__floordiv__", false, [Py_nb_floor_divide = number::floordiv];
    RFloorDiv = "__rfloordiv__", false, [Py_nb_floor_divide = number::floordiv];
    IFloorDiv = "__ifloordiv__", true, [Py_nb_inplace_floor_divide = number::ifloordiv];
    Mod = "__mod__", false, [Py_nb_remainder = number::rem];
    RMod = "__rmod__", false, [Py_nb_remainder = number::rem];
    IMod = "__imod__", true, [Py_nb_inplace_remainder = number::irem];
    DivMod = "__divmod__", false, [Py_nb_divmod = number::divmod];
    RDivMod = "__rdivmod__", false, [Py_nb_divmod = number::divmod];
    LShift = "__lshift__", false, [Py_nb_lshift = number::lshift];
    RLShift = "__rlshift__", false, [Py_nb_lshift = number::lshift];
    ILShift = "__ilshift__", true, [Py_nb_inplace_lshift = number::ilshift];
    RShift = "__rshift__", false, [Py_nb_rshift = number::rshift];
    RRShift = "__rrshift__", false, [Py_nb_rshift = number::rshift];
    IRShift = "__irshift__", true, [Py_nb_inplace_rshift = number::irshift];
    And = "__and__", false, [Py_nb_and = number::and];
    RAnd = "__rand__", false, [Py_nb_and = number::and];
    IAnd = "__iand__", true, [Py_nb_inplace_and = number::iand];
    Xor = "__xor__", false, [Py_nb_xor = number::xor];
    RXor = "__rxor__", false, [Py_nb_xor = number::xor];
    IXor = "__ixor__", true, [Py_nb_inplace_xor = number::ixor];
    Or = "__or__", false, [Py_nb_or = number::or];
    ROr = "__ror__", false, [Py_nb_or = number::or];
    IOr = "__ior__", true, [Py_nb_inplace_or = number::ior];
}

/// The functions behind a class's slots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dunders([Option<&'static FunctionInfo>; COUNT]);

impl Default for Dunders {
    fn default() -> Self {
        Self([None; COUNT])
    }
}

/// Puts a special method into the class's slots. False: it is a method as any other, or that too.
pub(crate) fn add(function: &'static FunctionInfo, dunders: &mut Dunders, slots: &mut TypeSlots) -> bool {
    if !matches!(function.owner, Some((_, MethodKind::Instance))) {
        return false;
    }
    let Some(dunder) = find(function.name) else { return false };
    dunders.0[dunder as usize] = Some(function);
    fill(dunder, slots);
    // A subclass finds it only as a method: there is no slot of this name.
    dunder != Dunder::GetAttr
}

/// The method that stands for a special method without a slot.
pub(crate) fn method(function: &FunctionInfo) -> Option<ffi::PyMethodDef> {
    (find(function.name)? == Dunder::Complex).then(number::complex_method)
}

/// Whether a name is that of a protocol whose slot is not supported, so that a method would be ignored.
pub(crate) fn is_unsupported(name: &str) -> bool {
    const OTHERS: [&str; 11] = [
        "__getattribute__",
        "__setattr__",
        "__delattr__",
        "__get__",
        "__set__",
        "__delete__",
        "__await__",
        "__aiter__",
        "__anext__",
        "__del__",
        "__init__",
    ];
    OTHERS.contains(&name)
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
    let Some(function) = (unsafe { lookup(dunder, this) }) else { return finish(py, Err(no_such(dunder, this))) };
    let policy = policy(dunder, function);
    if args.len() == function.signature.exact {
        // SAFETY: the wrapper is of the class that the function belongs to.
        return unsafe { call::direct(py, function, this, args, policy) };
    }
    let call = Call { positional: args, keywords: &[] };
    // SAFETY: as above.
    finish(py, unsafe { call::invoke(py, function, this, &call, policy) })
}

#[inline]
fn policy(dunder: Dunder, function: &FunctionInfo) -> Policy {
    if CACHED[dunder as usize] || function.cached {
        Policy::Cached
    } else {
        Policy::Fresh
    }
}

/// Runs a special method that leaves the other side its turn when an argument is not of its parameter's type. Then it
/// gives back `NotImplemented`, as it does when there is no such method.
///
/// # Safety
///
/// As above.
unsafe fn run_or_decline(
    dunder: Dunder,
    this: *mut ffi::PyObject,
    args: &[Option<RawHandle>],
    declines: fn(ErrorKind) -> bool,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: by the caller.
    let Some(function) = (unsafe { lookup(dunder, this) }) else { return not_implemented() };
    let call = Call { positional: args, keywords: &[] };
    // SAFETY: the wrapper is of the class that the function belongs to.
    match unsafe { call::attempt(py, function, this, &call, policy(dunder, function)) } {
        Ok(value) => value.as_ptr().cast(),
        Err(failure) if failure.misfit && declines(failure.error.kind()) => not_implemented(),
        Err(failure) => finish(py, Err(failure.error)),
    }
}

/// Whether this is `NotImplemented`, which is taken back then.
///
/// # Safety
///
/// `value` is a new reference or null, and the thread is attached.
unsafe fn declined(value: *mut ffi::PyObject) -> bool {
    // SAFETY: attached.
    let declined = value == unsafe { ffi::Py_NotImplemented() };
    if declined {
        // SAFETY: the new reference.
        unsafe { ffi::Py_DECREF(value) };
    }
    declined
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
