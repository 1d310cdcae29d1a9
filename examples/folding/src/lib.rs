//! A pass that folds constants in an expression tree, as a compiler does: `docs/src/walking.md` is about it.
//!
//! The pass knows some types of nodes and how they fold. Those that it does not know, such as types that are defined in
//! Python, it goes through all the same, since the walk is by reflection, and leaves to rules that the caller brings.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use ffi_object::visit::{self, Place};
use ffi_object::{ffi_function, Any, AnyObj, Error, FfiEnum, FfiObject, Function, List, Mut, Obj};

/// A node. All others extend it.
#[derive(Debug, Default, FfiObject)]
pub struct Expr {
    /// The line that it was read from.
    #[ffi(kw_only, default = None, repr = false)]
    pub line: Option<u32>,
}

/// A constant.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub struct Number {
    #[ffi(base)]
    expr: Expr,
    /// Its value.
    pub value: f64,
}

/// What has a value only when the expression is evaluated.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub struct Variable {
    #[ffi(base)]
    expr: Expr,
    /// Its name.
    pub name: String,
}

/// What a `Binary` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FfiEnum)]
pub enum Op {
    /// Adds.
    Add,
    /// Subtracts.
    Sub,
    /// Multiplies.
    Mul,
    /// Divides.
    Div,
}

impl Op {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Sub => left - right,
            Self::Mul => left * right,
            Self::Div => left / right,
        }
    }
}

/// An operation on two expressions.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub struct Binary {
    #[ffi(base)]
    expr: Expr,
    /// What it does.
    pub op: Op,
    /// The first operand.
    pub left: Mut<Obj<Expr>>,
    /// The second.
    pub right: Mut<Obj<Expr>>,
}

/// A call of a function that the pass may not know.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub struct Call {
    #[ffi(base)]
    expr: Expr,
    /// The function's name.
    pub function: String,
    /// Its arguments.
    #[ffi(default)]
    pub arguments: Obj<List<Obj<Expr>>>,
}

fn number(value: f64, like: &Expr) -> AnyObj {
    Obj::new(Number { expr: Expr { line: like.line }, value }).into_any()
}

/// The value of a constant.
fn constant(node: &AnyObj) -> Option<f64> {
    node.downcast_ref::<Number>().map(|number| number.value)
}

/// What a node gives way to, when all that it leads to is folded.
fn fold_node(node: &AnyObj) -> Option<AnyObj> {
    let binary = node.downcast_ref::<Binary>()?;
    let (left, right) = (binary.left.get().into_any(), binary.right.get().into_any());
    match (binary.op, constant(&left), constant(&right)) {
        (op, Some(a), Some(b)) => Some(number(op.apply(a, b), &binary.expr)),
        // Those that hold for every number, infinities and zeros of either sign included.
        (Op::Mul | Op::Div, None, Some(1.0)) => Some(left),
        (Op::Mul, Some(1.0), None) => Some(right),
        (Op::Sub, None, Some(b)) if b == 0.0 && b.is_sign_positive() => Some(left),
        _ => None,
    }
}

/// Folds what is constant, in place, and gives back the expression, or what it came down to.
///
/// For nodes of other types there can be rules, by the names of the types: functions that take a node whose operands are
/// folded already, and give what it gives way to, or `None`.
#[ffi_function(cached)]
pub fn fold(
    expr: Obj<Expr>,
    #[ffi(default = HashMap::new())] rules: HashMap<String, Function>,
) -> Result<Obj<Expr>, Error> {
    let folded = visit::rewrite(&expr, |node| match rules.get(node.type_info().name) {
        Some(rule) => Ok(rule.call::<Option<Obj<Expr>>>((node.clone(),))?.map(Obj::into_any)),
        None => Ok(fold_node(node)),
    })?;
    Any::from(folded).to()
}

/// The value of an expression.
#[ffi_function]
pub fn evaluate(
    expr: &Obj<Expr>,
    #[ffi(default = HashMap::new())] variables: HashMap<String, f64>,
) -> Result<f64, Error> {
    let mut values: HashMap<AnyObj, f64> = HashMap::new();
    for node in visit::walk(expr).leaves() {
        let node = node?;
        let value = if let Some(variable) = node.downcast_ref::<Variable>() {
            let value = variables.get(&variable.name);
            *value.ok_or_else(|| Error::key(format!("the variable '{}' has no value", variable.name)))?
        } else if let Some(binary) = node.downcast_ref::<Binary>() {
            let operand = |field: &Mut<Obj<Expr>>| values.get(field.get().as_any()).copied();
            let operands = operand(&binary.left).zip(operand(&binary.right));
            let (left, right) = operands.ok_or_else(|| Error::value("the expression contains itself"))?;
            binary.op.apply(left, right)
        } else if let Some(value) = constant(&node) {
            value
        } else if node.is::<Expr>() {
            return Err(Error::type_error(format!("cannot evaluate a {}", node.type_info().name)));
        } else {
            continue;
        };
        values.insert(node, value);
    }
    values.get(expr.as_any()).copied().ok_or_else(|| Error::value("the expression contains itself"))
}

/// How many nodes of each type an expression has; one that is shared counts once.
#[ffi_function]
pub fn census(expr: &Obj<Expr>) -> Result<HashMap<String, usize>, Error> {
    let mut counts = HashMap::new();
    for node in visit::walk(expr).enters() {
        let node = node?;
        if node.is::<Expr>() {
            *counts.entry(node.type_info().name.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// The names of the variables, each once, in order.
#[ffi_function]
pub fn variables(expr: &Obj<Expr>) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for node in visit::walk(expr).enters() {
        for (place, value) in visit::parts(&node?)? {
            if place == Place::Field("name") && !names.contains(&value) {
                names.push(value);
            }
        }
    }
    names.iter().map(Any::to).collect()
}

ffi_python::module!(folding);
