//! Numbers: operators with one and two sides, in place, and conversions.
//!
//! CPython has one slot for both sides of an operator. It calls the left operand's, and then the right one's if that is
//! another function; all classes share one, so a single call tries both sides.

use std::ffi::c_int;
use std::ptr;

use ffi_object::frontend::RawHandle;
use ffi_object::ErrorKind;
use pyo3::ffi;

use super::{declined, lookup, not_implemented, run, run_or_decline, Dunder};
use crate::class::ClassData;
use crate::frontend::handle;
use crate::instance::{is_native, is_wrapper};

macro_rules! unary {
    ($($function:ident: $dunder:ident;)*) => {
        $(
            /// # Safety
            ///
            /// As for [`run`].
            pub(super) unsafe extern "C" fn $function(this: *mut ffi::PyObject) -> *mut ffi::PyObject {
                // SAFETY: by the caller.
                unsafe { run(Dunder::$dunder, this, &[]) }
            }
        )*
    };
}

unary! {
    neg: Neg;
    pos: Pos;
    abs: Abs;
    invert: Invert;
    int: Int;
    float: Float;
    index: Index;
}

macro_rules! binary {
    ($($function:ident: $own:ident $reflected:ident $slot:ident;)*) => {
        $(
            /// # Safety
            ///
            /// As for [`binary`].
            pub(super) unsafe extern "C" fn $function(
                left: *mut ffi::PyObject,
                right: *mut ffi::PyObject,
            ) -> *mut ffi::PyObject {
                let operator = Operator { own: Dunder::$own, reflected: Dunder::$reflected, slot: ffi::$slot };
                // SAFETY: by the caller.
                unsafe { binary(&operator, left, right, ptr::null_mut()) }
            }
        )*
    };
}

binary! {
    add: Add RAdd Py_nb_add;
    sub: Sub RSub Py_nb_subtract;
    mul: Mul RMul Py_nb_multiply;
    matmul: MatMul RMatMul Py_nb_matrix_multiply;
    truediv: TrueDiv RTrueDiv Py_nb_true_divide;
    floordiv: FloorDiv RFloorDiv Py_nb_floor_divide;
    rem: Mod RMod Py_nb_remainder;
    divmod: DivMod RDivMod Py_nb_divmod;
    lshift: LShift RLShift Py_nb_lshift;
    rshift: RShift RRShift Py_nb_rshift;
    and: And RAnd Py_nb_and;
    xor: Xor RXor Py_nb_xor;
    or: Or ROr Py_nb_or;
}

macro_rules! in_place {
    ($($function:ident: $dunder:ident;)*) => {
        $(
            /// # Safety
            ///
            /// As for [`in_place`].
            pub(super) unsafe extern "C" fn $function(
                this: *mut ffi::PyObject,
                other: *mut ffi::PyObject,
            ) -> *mut ffi::PyObject {
                // SAFETY: by the caller.
                unsafe { in_place(Dunder::$dunder, this, other) }
            }
        )*
    };
}

in_place! {
    iadd: IAdd;
    isub: ISub;
    imul: IMul;
    imatmul: IMatMul;
    itruediv: ITrueDiv;
    ifloordiv: IFloorDiv;
    irem: IMod;
    ilshift: ILShift;
    irshift: IRShift;
    iand: IAnd;
    ixor: IXor;
    ior: IOr;
}

/// # Safety
///
/// As for [`binary`].
pub(super) unsafe extern "C" fn pow(
    base: *mut ffi::PyObject,
    exponent: *mut ffi::PyObject,
    modulus: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let operator = Operator { own: Dunder::Pow, reflected: Dunder::RPow, slot: ffi::Py_nb_power };
    // SAFETY: by the caller.
    unsafe { binary(&operator, base, exponent, modulus) }
}

/// # Safety
///
/// As for [`in_place`].
pub(super) unsafe extern "C" fn ipow(
    this: *mut ffi::PyObject,
    exponent: *mut ffi::PyObject,
    _: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    unsafe { in_place(Dunder::IPow, this, exponent) }
}

/// An operator with two sides.
struct Operator {
    own: Dunder,
    reflected: Dunder,
    slot: c_int,
}

/// # Safety
///
/// Called by CPython, attached, with Python objects that it holds, of which at least one is a wrapper of a class that has
/// the slot, or of a subclass; `third` may be null.
unsafe fn binary(
    operator: &Operator,
    left: *mut ffi::PyObject,
    right: *mut ffi::PyObject,
    third: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let own = unsafe { method(operator.own, left) };
    // SAFETY: by the caller.
    let reflected = unsafe { method(operator.reflected, right) };
    let left_first = || {
        // SAFETY: by the caller, and there is such a method.
        unsafe { side(operator.own, left, right, third) }
    };
    let right_first = || {
        // SAFETY: as above.
        unsafe { side(operator.reflected, right, left, third) }
    };
    // SAFETY: by the caller.
    let ours = unsafe { has_slot(left, operator.slot) };
    // Whose operator is one of Python's is asked by CPython.
    // SAFETY: by the caller.
    let turn = reflected && (!ours || unsafe { is_slot_ours(right, operator.slot) });
    // SAFETY: by the caller.
    if own && turn && unsafe { overrides(operator.reflected, left, right) } {
        let result = right_first();
        // SAFETY: a new reference or null.
        return if unsafe { declined(result) } { left_first() } else { result };
    }
    if own {
        let result = left_first();
        // SAFETY: as above.
        if !turn || !unsafe { declined(result) } {
            return result;
        }
    }
    if turn {
        right_first()
    } else {
        not_implemented()
    }
}

/// One side's method.
///
/// # Safety
///
/// As for [`binary`], and `this` has the method.
unsafe fn side(
    dunder: Dunder,
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
    third: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: attached.
    let given = !third.is_null() && third != unsafe { ffi::Py_None() };
    // SAFETY: by the caller.
    let wanted = unsafe { lookup(dunder, this) }
        .and_then(|function| function.signature.params.get(1))
        .is_some_and(|param| param.default.is_none());
    // `a ** b` has no modulus; a method that wants one gets `None`, as in Python.
    // SAFETY: attached.
    let third = if given { third } else { unsafe { ffi::Py_None() } };
    let all: [Option<RawHandle>; 2] = [handle(other), handle(third)];
    let count = if given || wanted { 2 } else { 1 };
    // SAFETY: by the caller.
    unsafe { run_or_decline(dunder, this, &all[..count], |kind| kind == ErrorKind::Type) }
}

/// A method that gives nothing back has changed its object, which is the result.
///
/// # Safety
///
/// As for [`binary`]; `this` is the wrapper.
unsafe fn in_place(dunder: Dunder, this: *mut ffi::PyObject, other: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: by the caller.
    let result = unsafe { run_or_decline(dunder, this, &[handle(other)], |kind| kind == ErrorKind::Type) };
    // SAFETY: attached.
    if result != unsafe { ffi::Py_None() } {
        return result;
    }
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(result) };
    // SAFETY: CPython holds it.
    unsafe { ffi::Py_INCREF(this) };
    this
}

/// Whether a value is a wrapper whose class has this method.
///
/// # Safety
///
/// As for [`binary`].
unsafe fn method(dunder: Dunder, value: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller.
    let wrapper = unsafe { is_wrapper(value) };
    // SAFETY: just checked.
    wrapper && unsafe { lookup(dunder, value) }.is_some()
}

/// Whether a value is a wrapper whose native class has this slot.
///
/// # Safety
///
/// As for [`binary`].
unsafe fn has_slot(value: *mut ffi::PyObject, slot: c_int) -> bool {
    // SAFETY: by the caller.
    if !unsafe { is_wrapper(value) } {
        return false;
    }
    // SAFETY: just checked.
    let class = unsafe { ClassData::of_wrapper(value) }.class_type();
    // SAFETY: a heap type.
    !unsafe { ffi::PyType_GetSlot(class, slot) }.is_null()
}

/// Whether a wrapper's class has the function of its native class in the slot, not one that Python code has put there.
///
/// # Safety
///
/// As for [`binary`]; the value is a wrapper.
unsafe fn is_slot_ours(value: *mut ffi::PyObject, slot: c_int) -> bool {
    // SAFETY: by the caller.
    let class = unsafe { ffi::Py_TYPE(value) };
    // SAFETY: the class of a wrapper is a heap type.
    if unsafe { is_native(class) } {
        return true;
    }
    // SAFETY: by the caller.
    let native = unsafe { ClassData::of_wrapper(value) }.class_type();
    // SAFETY: heap types.
    let [own, inherited] = [class, native].map(|class| unsafe { ffi::PyType_GetSlot(class, slot) });
    own == inherited
}

/// Whether the right side's class extends the left one's, and has a method of its own: then Python asks it first.
///
/// # Safety
///
/// As for [`binary`]; both are wrappers.
unsafe fn overrides(reflected: Dunder, left: *mut ffi::PyObject, right: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller.
    let [base, derived] = [left, right].map(|value| unsafe { ffi::Py_TYPE(value) });
    // SAFETY: types.
    if base == derived || unsafe { ffi::PyType_IsSubtype(derived, base) } == 0 {
        return false;
    }
    // SAFETY: by the caller.
    let [theirs, own] = [left, right].map(|value| unsafe { lookup(reflected, value) });
    match (theirs, own) {
        (Some(theirs), Some(own)) => !ptr::eq(theirs, own),
        _ => true,
    }
}

/// `__complex__` has no slot. In Rust it gives the two parts.
pub(super) fn complex_method() -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: c"__complex__".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: complex },
        ml_flags: ffi::METH_NOARGS,
        ml_doc: c"__complex__($self, /)\n--\n\ncomplex(self)".as_ptr(),
    }
}

unsafe extern "C" fn complex(this: *mut ffi::PyObject, _: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: a method that CPython calls on a wrapper of the class.
    let parts = unsafe { run(Dunder::Complex, this, &[]) };
    // SAFETY: a new reference, if it is not null.
    if parts.is_null() || unsafe { ffi::PyTuple_Check(parts) } == 0 {
        return parts;
    }
    let (mut real, mut imaginary) = (0.0_f64, 0.0_f64);
    // SAFETY: a tuple, and two places for floats.
    let read = unsafe { ffi::PyArg_ParseTuple(parts, c"dd".as_ptr(), &raw mut real, &raw mut imaginary) };
    // SAFETY: the new reference.
    unsafe { ffi::Py_DECREF(parts) };
    if read == 0 {
        return ptr::null_mut();
    }
    // SAFETY: attached.
    unsafe { ffi::PyComplex_FromDoubles(real, imaginary) }
}
