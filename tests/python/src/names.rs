//! `Name`: text whose `str` is kept.

use std::thread;

use ffi_object::{ffi_function, FfiObject, List, Mut, Name, Obj};

/// A name that all of a family have, and one that changes.
#[derive(FfiObject)]
pub(crate) struct Relative {
    family: Name,
    #[ffi(default = Name::new("none"))]
    own: Mut<Name>,
}

/// Objects of one family, made on a thread that never saw Python.
#[ffi_function]
pub(crate) fn family(name: Name, count: usize) -> Obj<List<Obj<Relative>>> {
    let make = move || {
        let own = Name::new("none");
        (0..count).map(|_| Relative { family: name.clone(), own: Mut::new(own.clone()) }).map(Obj::new).collect()
    };
    Obj::new(thread::spawn(make).join().expect("making does not panic"))
}

/// Drops what a list holds, on such a thread.
#[ffi_function]
pub(crate) fn drop_family(list: Obj<List<Obj<Relative>>>) {
    thread::spawn(move || list.clear()).join().expect("dropping does not panic");
}
