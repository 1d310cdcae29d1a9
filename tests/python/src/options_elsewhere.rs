//! Options of generic structs, and of the fields of variants.

use std::fmt;

use ffi_object::{ffi_function, register, FfiObject, Mut, Obj};

/// Has all options that a generic struct with an identity can have.
#[derive(Debug, Clone, PartialEq, PartialOrd, Hash, FfiObject)]
#[ffi(eq, ord, hash, str, final)]
pub(crate) struct Ranked<T> {
    /// What counts first.
    #[ffi(name = "rank_")]
    rank: T,
    #[ffi(kw_only, default)]
    note: T,
    #[ffi(init = false, default = 7)]
    kept: i64,
    #[ffi(skip)]
    hidden: u8,
}

register!(Ranked<i64> as "RankedInt");
register!(Ranked<String> as "RankedStr");

impl<T: fmt::Display> fmt::Display for Ranked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no. {}", self.rank)
    }
}

/// Prints itself as Rust does.
#[derive(Debug, FfiObject)]
#[ffi(repr, dict)]
pub(crate) struct Labelled<T> {
    label: Mut<T>,
}

register!(Labelled<i64> as "LabelledInt");

/// Has no identity, and only Rust makes it.
#[derive(FfiObject)]
#[ffi(module = "boxes", no_wrapper, no_init)]
pub(crate) struct Cell<T> {
    value: T,
}

register!(Cell<i64> as "CellInt");

/// Owns one for good.
#[derive(FfiObject)]
#[ffi(no_init)]
pub(crate) struct CellOwner {
    cell: Obj<Cell<i64>>,
}

#[ffi_function]
fn cell_owner(value: i64) -> CellOwner {
    CellOwner { cell: Obj::new(Cell { value }) }
}

/// Its fields have all options that those of a struct can have.
#[derive(FfiObject)]
pub(crate) enum Message {
    Text {
        #[ffi(kw_only)]
        to: String,
        text: String,
        #[ffi(kw_only, repr = false, default)]
        password: String,
        #[ffi(init = false, default = 1)]
        version: Mut<i64>,
        #[ffi(name = "from_", default)]
        from: Mut<String>,
        #[ffi(skip, default = 9)]
        _reads: u8,
    },
    Ping(
        #[ffi(repr = false)] i64,
        #[ffi(name = "times", kw_only, default = 1)] Mut<i64>,
        #[ffi(init = false, default)] bool,
    ),
}
