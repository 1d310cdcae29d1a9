//! Sets of all sorts.

use ffi_object::{ffi_function, ffi_methods, Any, FfiObject, Function, List, Mut, Obj, PyValue, Set};

use crate::graph::Inner;

/// Typed sets, and one of anything.
#[derive(FfiObject)]
pub(crate) struct Sets {
    #[ffi(default)]
    numbers: Obj<Set<i64>>,
    #[ffi(default)]
    words: Obj<Set<String>>,
    #[ffi(default)]
    inners: Obj<Set<Obj<Inner>>>,
    #[ffi(default)]
    pairs: Obj<Set<(i64, String)>>,
    #[ffi(default)]
    anything: Obj<Set<Any>>,
    #[ffi(default)]
    other: Mut<Option<Obj<Set<String>>>>,
}

#[ffi_methods]
impl Sets {
    /// Adds a word, and says whether it is new.
    fn note(&self, word: &str) -> bool {
        self.words.insert(word.to_owned())
    }

    /// Keeps what a function of Python's says yes to.
    fn keep(&self, keep: Function) {
        self.numbers.retain(|number| keep.call::<bool>((*number,)).unwrap_or(false));
    }
}

/// In a set that it may own itself.
#[derive(FfiObject)]
pub(crate) struct Member {
    #[ffi(default)]
    tag: Mut<Option<PyValue>>,
    #[ffi(default)]
    club: Mut<Option<Obj<Set<Obj<Member>>>>>,
}

/// The sum of a set, which any iterable of numbers stands for.
#[ffi_function]
fn sum_of_set(numbers: Obj<Set<i64>>) -> i64 {
    numbers.iter().sum()
}

/// The set itself.
#[ffi_function(cached)]
fn same_set(words: Obj<Set<String>>) -> Obj<Set<String>> {
    words
}

/// A new set.
#[ffi_function]
fn squares(most: i64) -> Set<i64> {
    (0..most).map(|i| i * i).collect()
}

/// A set of containers, which Python cannot hash and Rust tells apart.
#[ffi_function]
fn set_of_lists() -> Set<Obj<List<i64>>> {
    (0..3).map(|i| Obj::new((0..i).collect())).collect()
}
