//! The order of parameters: by kind first, as Python has it.
//!
//! A constructor that takes fields has those that a caller can give by position first, then those that are given by name,
//! then those that the caller does not give. In each kind a base's come before those of the type that extends it. So
//! the first are at the same place whatever extends a type, and of the others it is enough to know where they begin.

use std::borrow::Cow;

use crate::info::Param;

/// How a caller gives an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParamKind {
    /// By position or by name.
    PositionalOrKeyword,
    /// By name alone.
    KeywordOnly,
    /// Not at all: it has its default, unless the object is restored from what was stored of it.
    Hidden,
}

/// How many parameters of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// That can be given by position.
    pub positional: usize,
    /// That are given by name.
    pub keyword_only: usize,
    /// That are not given.
    pub hidden: usize,
}

impl Counts {
    /// Counts them.
    #[must_use]
    pub const fn of(params: &[Param]) -> Self {
        let mut counts = Self { positional: 0, keyword_only: 0, hidden: 0 };
        let mut i = 0;
        while i < params.len() {
            match params[i].kind {
                ParamKind::PositionalOrKeyword => counts.positional += 1,
                ParamKind::KeywordOnly => counts.keyword_only += 1,
                ParamKind::Hidden => counts.hidden += 1,
            }
            i += 1;
        }
        counts
    }
}

/// Where the parameters begin that have no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Those that are given by name.
    pub keyword_only: usize,
    /// Those that are not given.
    pub hidden: usize,
}

impl Places {
    /// The places among these parameters.
    #[must_use]
    pub const fn of(params: &[Param]) -> Self {
        let counts = Counts::of(params);
        Self { keyword_only: counts.positional, hidden: counts.positional + counts.keyword_only }
    }
}

/// The parameters of a type: its base's and its own, by kind.
#[must_use]
pub const fn concat_params<const N: usize>(base: &[Param], own: &[Param]) -> [Param; N] {
    const KINDS: [ParamKind; 3] = [ParamKind::PositionalOrKeyword, ParamKind::KeywordOnly, ParamKind::Hidden];
    let none = Param { name: "", default: None, type_name: || Cow::Borrowed(""), kind: ParamKind::Hidden };
    let mut all = [none; N];
    let (mut filled, mut kind) = (0, 0);
    while kind < KINDS.len() {
        let mut i = 0;
        while i < N {
            let param = if i < base.len() { base[i] } else { own[i - base.len()] };
            if param.kind as u8 == KINDS[kind] as u8 {
                all[filled] = param;
                filled += 1;
            }
            i += 1;
        }
        kind += 1;
    }
    all
}

/// Whether the last parameter that can be given by position has a default.
#[must_use]
pub const fn ends_with_default(params: &[Param]) -> bool {
    let positional = Counts::of(params).positional;
    positional > 0 && params[positional - 1].default.is_some()
}
