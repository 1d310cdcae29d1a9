//! Everything that can be called, each way once: to be called wrongly.

use std::sync::atomic::{AtomicI64, Ordering};

use ffi_object::{ffi_function, ffi_methods, FfiObject, Function, Iter, Mut, Obj, PyValue};

/// How many bodies have run.
static BODIES: AtomicI64 = AtomicI64::new(0);

fn run(a: i64, b: i64) -> (i64, i64) {
    BODIES.fetch_add(1, Ordering::Relaxed);
    (a, b)
}

/// How many bodies have run so far.
#[ffi_function]
fn bodies_run() -> i64 {
    BODIES.load(Ordering::Relaxed)
}

#[ffi_function]
fn bad_call(a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
    run(a, b)
}

/// Made from its fields.
#[derive(FfiObject)]
pub(crate) struct Target {
    value: Mut<i64>,
    #[ffi(default = 2)]
    small: Mut<u8>,
    #[ffi(kw_only, default = String::from("text"))]
    text: String,
}

#[ffi_methods]
impl Target {
    fn method(&self, a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
        run(a, b)
    }
    fn owner_method(self: &Obj<Self>, a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
        run(a, b)
    }
    fn static_method(a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
        run(a, b)
    }
    #[ffi(classmethod)]
    fn class_method(_class: Function, a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
        run(a, b)
    }
    #[ffi(getter)]
    fn size(&self) -> i64 {
        self.value.get()
    }
    #[ffi(setter)]
    fn set_size(&self, size: i64) {
        self.value.set(run(size, 0).0);
    }
    #[ffi(getter)]
    fn fixed(&self) -> i64 {
        1
    }

    fn __call__(&self, a: i64, #[ffi(default = 2)] b: i64) -> (i64, i64) {
        run(a, b)
    }
    fn __getitem__(&self, a: i64) -> i64 {
        run(a, 0).0
    }
    fn __setitem__(&self, a: i64, b: i64) {
        self.value.set(run(a, b).0);
    }
    fn __delitem__(&self, a: i64) {
        self.value.set(run(a, 0).0);
    }
    fn __contains__(&self, a: i64) -> bool {
        run(a, 0).0 == self.value.get()
    }
    fn __lt__(&self, a: i64) -> bool {
        self.value.get() < run(a, 0).0
    }
    fn __add__(&self, a: i64) -> i64 {
        run(a, 0).0
    }
    fn __radd__(&self, a: i64) -> i64 {
        run(a, 0).0
    }
    fn __isub__(&self, a: i64) {
        self.value.set(run(a, 0).0);
    }
    fn __pow__(&self, a: i64, b: Option<i64>) -> i64 {
        run(a, b.unwrap_or(0)).0
    }
    fn __round__(&self, #[ffi(default)] a: i64) -> i64 {
        run(a, 0).0
    }
    fn __format__(&self, a: &str) -> String {
        run(0, 0);
        a.to_owned()
    }
    fn __iter__(&self) -> Iter<i64> {
        Iter::new([self.value.get()])
    }
    fn __len__(&self) -> usize {
        1
    }
    fn __enter__(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }
    fn __exit__(&self, _kind: Option<PyValue>, _error: Option<PyValue>, _trace: Option<PyValue>) {}
}

/// Made by a function.
#[derive(FfiObject)]
pub(crate) struct MadeTarget {
    parts: (i64, i64),
}

#[ffi_methods]
impl MadeTarget {
    #[ffi(new)]
    fn new(a: i64, #[ffi(default = 2)] b: i64) -> Self {
        Self { parts: run(a, b) }
    }
}
