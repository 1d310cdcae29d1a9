//! Options of types and fields.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use ffi_object::{ffi_function, ffi_methods, Any, FfiObject, List, Map, Mut, Obj, PyValue, WeakObj};

/// Fields by name alone, not at all, and not in the text.
#[derive(FfiObject)]
pub(crate) struct Base {
    a: i64,
    #[ffi(kw_only)]
    k: Mut<i64>,
    #[ffi(default = 2)]
    b: i64,
    #[ffi(init = false, default = 10)]
    hidden: Mut<i64>,
}

/// The same again, in a class that extends it.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Extended {
    #[ffi(base)]
    base: Base,
    #[ffi(kw_only, default)]
    l: i64,
    #[ffi(default = 3)]
    c: i64,
    #[ffi(init = false, default = vec![1, 2], repr = false)]
    fixed: Vec<i64>,
    #[ffi(repr = false, default)]
    secret: Mut<String>,
    #[ffi(kw_only)]
    m: String,
}

/// A class without positional parameters.
#[derive(FfiObject)]
pub(crate) struct Named {
    #[ffi(kw_only)]
    one: i64,
    #[ffi(kw_only)]
    two: i64,
    #[ffi(kw_only)]
    three: i64,
}

/// By value in all ways.
#[derive(FfiObject, Debug, PartialEq, PartialOrd, Hash)]
#[ffi(eq, ord, hash, str, repr)]
pub(crate) struct Edition {
    major: u32,
    #[ffi(default)]
    minor: u32,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

/// A derived type that says nothing: identity again.
#[derive(FfiObject, Debug, PartialEq)]
#[repr(C)]
pub(crate) struct Release {
    #[ffi(base)]
    edition: Edition,
    #[ffi(default)]
    name: String,
}

/// A derived type that compares by value too.
#[derive(FfiObject, Debug, PartialEq, PartialOrd, Hash)]
#[ffi(eq, hash)]
#[repr(C)]
pub(crate) struct Tagged {
    #[ffi(base)]
    edition: Edition,
    #[ffi(default)]
    tag: i64,
}

/// Equality without a hash.
#[derive(FfiObject, PartialEq, PartialOrd)]
#[ffi(eq, ord)]
pub(crate) struct Measure {
    value: Mut<f64>,
}

/// An equality, and a hash of the author's own.
#[derive(FfiObject, PartialEq)]
#[ffi(eq)]
pub(crate) struct OwnHash {
    value: i64,
}

#[ffi_methods]
impl OwnHash {
    fn __hash__(&self) -> i64 {
        self.value % 10
    }
}

/// An order alone, which leaves the hash.
#[derive(FfiObject)]
pub(crate) struct OnlyOrder {
    value: i64,
}

#[ffi_methods]
impl OnlyOrder {
    fn __lt__(&self, other: &Self) -> bool {
        self.value < other.value
    }
}

/// Traits that fail.
#[derive(FfiObject)]
#[ffi(eq, hash, str, repr)]
pub(crate) struct Panicking {
    value: i64,
}

impl PartialEq for Panicking {
    fn eq(&self, _: &Self) -> bool {
        panic!("no equality for {}", self.value)
    }
}

impl std::hash::Hash for Panicking {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {
        panic!("no hash")
    }
}

impl fmt::Display for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text")
    }
}

impl fmt::Debug for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text for programmers")
    }
}

/// Nothing extends it.
#[derive(FfiObject)]
#[ffi(final)]
pub(crate) struct Sealed {
    value: i64,
}

/// Its objects have attributes of their own.
#[derive(FfiObject)]
#[ffi(dict)]
pub(crate) struct Open {
    #[ffi(default)]
    value: Mut<i64>,
    #[ffi(default)]
    next: Mut<Option<Obj<Open>>>,
}

#[ffi_methods]
impl Open {
    fn this(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }
}

/// Its own, inherited.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct OpenChild {
    #[ffi(base)]
    open: Open,
    #[ffi(default)]
    more: i64,
}

#[ffi_function]
fn make_open(value: i64) -> Obj<Open> {
    let open = Obj::new(Open { value: Mut::new(value), next: Mut::new(None) });
    // Another owner for a while, as a graph would have it.
    open.next.set(Some(open.clone()));
    open.next.set(None);
    open
}

/// Small and without identity.
#[derive(FfiObject)]
#[ffi(no_wrapper)]
pub(crate) struct Pixel {
    x: i64,
    #[ffi(default)]
    y: Mut<i64>,
    #[ffi(skip)]
    _drops: Dropped,
}

static PIXELS_DROPPED: AtomicI64 = AtomicI64::new(0);

#[derive(Default)]
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        PIXELS_DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

#[ffi_function]
fn pixels_dropped() -> i64 {
    PIXELS_DROPPED.load(Ordering::Relaxed)
}

/// Holds some.
#[derive(FfiObject)]
pub(crate) struct Picture {
    corner: Obj<Pixel>,
    pixels: Obj<List<Obj<Pixel>>>,
}

#[ffi_methods]
impl Picture {
    #[ffi(getter)]
    fn corner_again(&self) -> Obj<Pixel> {
        self.corner.clone()
    }

    fn new_pixel(&self) -> Pixel {
        Pixel { x: 7, y: Mut::new(8), _drops: Dropped }
    }

    fn holds(&self, pixel: &Pixel) -> bool {
        std::ptr::eq(pixel, &raw const *self.corner)
    }
}

/// A node of any graph.
#[derive(FfiObject)]
pub(crate) struct Vertex {
    #[ffi(default)]
    value: Mut<Any>,
    #[ffi(default)]
    left: Mut<Option<Obj<Vertex>>>,
    #[ffi(default)]
    right: Mut<Option<Obj<Vertex>>>,
    #[ffi(default)]
    parent: Mut<WeakObj<Vertex>>,
    #[ffi(default)]
    children: Obj<List<Obj<Vertex>>>,
    #[ffi(default)]
    table: Obj<Map<String, Obj<Vertex>>>,
    #[ffi(default)]
    names: Mut<std::collections::HashSet<String>>,
    #[ffi(default)]
    numbers: Mut<std::collections::HashMap<String, Vec<i64>>>,
    #[ffi(default)]
    anything: Mut<Option<PyValue>>,
}

/// Extends it without a field of its own.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct OtherVertex {
    #[ffi(base)]
    vertex: Vertex,
}

/// A link of a chain.
#[derive(FfiObject)]
pub(crate) struct Bead {
    value: Mut<i64>,
    next: Mut<Option<Obj<Bead>>>,
}

/// A chain as long as asked for.
#[ffi_function]
fn beads(len: usize) -> Option<Obj<Bead>> {
    (0..len).fold(None, |next, _| Some(Obj::new(Bead { value: Mut::new(0), next: Mut::new(next) })))
}
