//! The order of parameters: by kind first, as Python has it.
//!
//! A constructor that takes fields has those that a caller can give by position first, then those that are given by name,
//! then those that the caller does not give. In each kind a base's come before those of the type that extends it.

use crate::info::{Param, ParamKind, TypeInfo};

/// In this order. No field is of another kind.
const KINDS: [ParamKind; 3] = [ParamKind::Standard, ParamKind::KeywordOnly, ParamKind::Hidden];

/// Parameters by kind.
pub(crate) fn sort_params(params: &[Param]) -> Vec<Param> {
    KINDS.iter().flat_map(|kind| params.iter().filter(move |param| param.kind == *kind)).copied().collect()
}

/// Where parameters of these kinds are after sorting.
pub(crate) fn place_params(kinds: &[ParamKind]) -> Vec<usize> {
    let mut places = vec![0; kinds.len()];
    let of_kind = |kind| kinds.iter().enumerate().filter(move |(_, k)| **k == kind).map(|(from, _)| from);
    for (to, from) in KINDS.into_iter().flat_map(of_kind).enumerate() {
        places[from] = to;
    }
    places
}

/// Whether the last parameter that can be given by position has a default, in the constructor of the last of these types,
/// each of which extends the one before.
#[must_use]
pub const fn ends_with_default(lineage: &[&'static TypeInfo]) -> bool {
    let mut t = lineage.len();
    while t > 0 {
        t -= 1;
        let fields = lineage[t].fields;
        let mut f = fields.len();
        while f > 0 {
            f -= 1;
            if matches!(fields[f].param, ParamKind::Standard) {
                return fields[f].default.is_some();
            }
        }
    }
    false
}
