//! The special methods that Python knows: what they take, and which a type cannot have.

use crate::model::{Function, Passing, Receiver};

/// Operators, without what says which side or whether in place.
const ARITHMETIC: &[&str] =
    &["add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "lshift", "rshift", "and", "xor", "or"];

/// Why a type cannot have this method, if its name is special.
fn refused(name: &str) -> Option<&'static str> {
    Some(match name {
        "__new__" | "__init__" => "is made from `#[ffi(new)]`: put that on the function that makes the value",
        "__del__" => "is Python's: implement `Drop`, which runs when the object dies",
        "__getattribute__" => "is Python's: write `__getattr__`, which is asked for what is not there",
        "__setattr__" | "__delattr__" => "is Python's: write `#[ffi(setter)]` and `#[ffi(deleter)]` functions",
        "__get__" | "__set__" | "__delete__" => "is not supported: objects are no descriptors",
        "__await__" | "__aiter__" | "__anext__" => "is not supported yet",
        _ => return None,
    })
}

/// The least and the largest number of parameters besides the receiver.
fn arity(name: &str) -> Option<(usize, usize)> {
    let base = name.strip_prefix("__")?.strip_suffix("__")?;
    let operator = base.strip_prefix(['r', 'i']).unwrap_or(base);
    Some(match base {
        "repr" | "str" | "len" | "bool" | "hash" | "iter" | "next" | "neg" | "pos" | "abs" | "invert" | "int"
        | "float" | "complex" | "index" | "enter" | "reversed" | "bytes" | "fspath" | "trunc" | "floor" | "ceil"
        | "length_hint" | "dir" | "buffer" => (0, 0),
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "contains" | "getitem" | "delitem" | "getattr" | "format"
        | "missing" => (1, 1),
        "setitem" => (2, 2),
        "exit" => (3, 3),
        "round" => (0, 1),
        "pow" | "rpow" => (1, 2),
        "ipow" => (1, 1),
        _ if ARITHMETIC.contains(&base) || (ARITHMETIC.contains(&operator) && base != "idivmod") => (1, 1),
        _ => return None,
    })
}

/// What is wrong with a method that has this name, if it is special.
pub(crate) fn objection(method: &Function) -> Option<String> {
    let name = &*method.name.text;
    if let Some(why) = refused(name) {
        return Some(format!("`{name}` {why}"));
    }
    let (least, most) = arity(name)?;
    if method.receiver == Receiver::None {
        return Some(format!("`{name}` belongs to an object: take `&self`"));
    }
    let rest = method.parameters.iter().any(|p| p.passing == Passing::Args);
    let count = method.parameters.iter().filter(|p| p.passing < Passing::Args).count();
    if rest || (least..=most).contains(&count) {
        return None;
    }
    let takes = match (least, most) {
        (0, 0) => "no parameter".to_owned(),
        (1, 1) => "one parameter".to_owned(),
        (least, most) if least == most => format!("{least} parameters"),
        (least, most) => format!("{least} or {most} parameters"),
    };
    Some(format!("`{name}` takes {takes} besides the receiver"))
}

/// Whether objects come out of this method canonical: it gives the object itself, or its elements.
pub(crate) fn is_cached(name: &str) -> bool {
    matches!(name, "__enter__" | "__iter__" | "__next__" | "__getitem__" | "__reversed__" | "__getattr__")
        || arity(name).is_some() && name.starts_with("__i") && !matches!(name, "__int__" | "__index__" | "__invert__")
}
