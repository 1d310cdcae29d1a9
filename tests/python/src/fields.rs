//! Fields of every kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, OnceLock, RwLock};

use ffi_object::{Any, Bytes, FfiObject, List, Mut, Obj, Str};

/// Plain values, read-only.
#[derive(FfiObject)]
pub(crate) struct Plain {
    truth: bool,
    small: i8,
    byte: u8,
    word: i64,
    unsigned: u64,
    wide: i128,
    real: f64,
    single: f32,
    letter: char,
    text: String,
    shared_text: Str,
    bytes: Bytes,
    maybe: Option<i64>,
    pair: (i64, String),
    items: Vec<i64>,
    fixed: [f64; 2],
    table: HashMap<String, i64>,
    sorted: BTreeMap<i64, String>,
    set: BTreeSet<i64>,
    any: Any,
    #[ffi(skip)]
    _cache: OnceLock<f64>,
}

/// The same, read-write.
#[derive(FfiObject)]
pub(crate) struct Cells {
    #[ffi(default)]
    truth: Mut<bool>,
    #[ffi(default)]
    byte: Mut<u8>,
    #[ffi(default)]
    word: Mut<i64>,
    #[ffi(default)]
    unsigned: Mut<u64>,
    #[ffi(default)]
    real: Mut<f64>,
    #[ffi(default = 'x')]
    letter: Mut<char>,
    #[ffi(default)]
    text: Mut<String>,
    #[ffi(default)]
    maybe: Mut<Option<i64>>,
    #[ffi(default)]
    items: Mut<Vec<i64>>,
    #[ffi(default)]
    any: Mut<Any>,
    #[ffi(default)]
    pub(crate) locked: Mutex<String>,
    #[ffi(default)]
    pub(crate) shared: RwLock<Option<String>>,
    #[ffi(default)]
    atomic: AtomicI64,
    #[ffi(default, name = "class_")]
    class: Mut<String>,
}

/// A typed list of numbers, and one of anything.
#[derive(FfiObject)]
pub(crate) struct Lists {
    #[ffi(default)]
    numbers: Obj<List<f64>>,
    #[ffi(default)]
    anything: Obj<List<Any>>,
}
