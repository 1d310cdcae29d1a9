//! Descriptors of parameters, of a function's signature, and of a class's constant.

use std::fmt;

use crate::error::Error;
use crate::frontend::{Encoder, Handle};
use crate::info::{Source, TypeInfo, TypeName};

/// How arguments reach a parameter. A signature has them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParamKind {
    /// By position only.
    PositionalOnly,
    /// By position or by name.
    Standard,
    /// All positional arguments that no other parameter takes, as a sequence.
    Args,
    /// By name only.
    KeywordOnly,
    /// All named arguments that no other parameter takes, as a mapping.
    Kwargs,
    /// Not at all: a field that has its default, unless the object is restored from what was stored of it.
    Hidden,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// The source text of its default, if it has one.
    pub default: Option<&'static str>,
    /// Its type, for documentation.
    pub type_name: TypeName,
}

/// The parameters of a function, without the receiver.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// How messages call the function: `Polyline.translated`, `distance`.
    pub name: &'static str,
    /// The parameters in order.
    pub params: &'static [Param],
    /// How many of them arguments by position reach: the first ones.
    pub positional: usize,
    /// That many arguments by position, and no others, are in the order of the parameters as they come. The largest
    /// number: none are.
    pub exact: usize,
}

impl Signature {
    /// A signature.
    #[must_use]
    pub const fn new(name: &'static str, params: &'static [Param]) -> Self {
        let mut positional = 0;
        while positional < params.len()
            && matches!(params[positional].kind, ParamKind::PositionalOnly | ParamKind::Standard)
        {
            positional += 1;
        }
        let exact = if positional == params.len() { positional } else { usize::MAX };
        Self { name, params, positional, exact }
    }

    /// The parameter that takes what others leave, by position or by name.
    #[must_use]
    pub fn rest(&self, kind: ParamKind) -> Option<usize> {
        self.params.iter().position(|p| p.kind == kind)
    }
}

/// A value that a class has as an attribute.
pub struct ConstantInfo {
    /// The type that it belongs to.
    pub owner: &'static TypeInfo,
    /// Its name in the frontend.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Where it is defined.
    pub source: Source,
    /// Its type, for documentation.
    pub type_name: TypeName,
    /// Makes it.
    pub value: for<'py> fn(Encoder<'py>) -> Result<Handle<'py>, Error>,
}

impl fmt::Debug for ConstantInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConstantInfo").field("name", &self.name).field("owner", &self.owner).finish_non_exhaustive()
    }
}
