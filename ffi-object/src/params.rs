//! The order of parameters: by kind first, as Python has it.
//!
//! A constructor that takes fields has those that a caller can give by position first, then those that are given by name,
//! then those that the caller does not give. In each kind a base's come before those of the type that extends it. So
//! the first are at the same place whatever extends a type, and of the others it is enough to know where they begin.

use std::borrow::Cow;

use crate::info::{FieldInfo, Param, ParamKind};

/// How many of the fields that a constructor takes are of each kind.
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
                ParamKind::Standard => counts.positional += 1,
                ParamKind::KeywordOnly => counts.keyword_only += 1,
                ParamKind::Hidden => counts.hidden += 1,
                // No field is any of these.
                ParamKind::PositionalOnly | ParamKind::Args | ParamKind::Kwargs => {}
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

/// Fields as parameters, in the order of the fields.
#[must_use]
pub const fn params_of<const N: usize>(fields: &[FieldInfo]) -> [Param; N] {
    let mut params = [NONE; N];
    let mut i = 0;
    while i < N {
        params[i] = fields[i].as_param();
        i += 1;
    }
    params
}

const NONE: Param = Param { name: "", kind: ParamKind::Hidden, default: None, type_name: || Cow::Borrowed("") };

/// In this order.
const KINDS: [ParamKind; 3] = [ParamKind::Standard, ParamKind::KeywordOnly, ParamKind::Hidden];

/// The parameters of a type: its base's and its own, by kind. As `sort_params`, before the program runs.
#[must_use]
pub const fn concat_params<const N: usize>(base: &[Param], own: &[Param]) -> [Param; N] {
    let mut all = [NONE; N];
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

/// Parameters by kind.
pub(crate) fn sort_params(params: &[Param]) -> Vec<Param> {
    KINDS.iter().flat_map(|kind| params.iter().filter(move |param| param.kind == *kind)).copied().collect()
}

/// Whether the last parameter that can be given by position has a default.
#[must_use]
pub const fn ends_with_default(params: &[Param]) -> bool {
    let positional = Counts::of(params).positional;
    positional > 0 && params[positional - 1].default.is_some()
}
