//! Objects that own objects.

use std::sync::Mutex;

use ffi_object::{ffi_function, ffi_methods, FfiObject, List, Map, Mut, Obj, WeakObj};

/// One number.
#[derive(FfiObject)]
pub(crate) struct Inner {
    /// The number.
    pub(crate) val: Mut<i64>,
}

/// One plain number.
#[derive(FfiObject)]
pub(crate) struct Leaf {
    val: i64,
}

/// Owns an `Inner`, for good.
#[derive(FfiObject)]
pub(crate) struct Outer {
    pub(crate) x: Obj<Inner>,
}

/// Owns a `Leaf`, for good, or not.
#[derive(FfiObject)]
pub(crate) struct Maybe {
    leaf: Option<Obj<Leaf>>,
}

/// Owns objects in every way there is.
#[derive(FfiObject)]
pub(crate) struct Holder {
    inner: Mut<Obj<Inner>>,
    #[ffi(default)]
    maybe: Mut<Option<Obj<Inner>>>,
    #[ffi(default)]
    weak: Mut<WeakObj<Inner>>,
    #[ffi(default)]
    list: Obj<List<Obj<Inner>>>,
    #[ffi(default)]
    map: Obj<Map<String, Obj<Inner>>>,
}

/// A node of a linked list, or of any graph.
#[derive(FfiObject)]
pub(crate) struct Node {
    #[ffi(default)]
    pub(crate) val: Mut<i64>,
    #[ffi(default)]
    pub(crate) next: Mut<Option<Obj<Node>>>,
    #[ffi(default)]
    pub(crate) prev: Mut<WeakObj<Node>>,
}

/// Something with a name.
#[derive(FfiObject)]
pub(crate) struct Shape {
    name: Mut<String>,
}

/// A shape with a radius.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Circle {
    #[ffi(base)]
    shape: Shape,
    radius: Mut<f64>,
}

/// A circle with a hole.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Ring {
    #[ffi(base)]
    circle: Circle,
    #[ffi(default = 0.5)]
    hole: Mut<f64>,
}

/// A shape with a side.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Square {
    #[ffi(base)]
    shape: Shape,
    side: f64,
}

#[ffi_methods]
impl Shape {
    fn title(&self) -> String {
        format!("shape {}", self.name.get())
    }
}

#[ffi_methods]
impl Circle {
    fn area(&self) -> f64 {
        self.radius.get().powi(2) * std::f64::consts::PI
    }
}

/// The name of any shape.
#[ffi_function]
fn shape_name(shape: &Shape) -> String {
    shape.shape_name()
}

impl Shape {
    fn shape_name(&self) -> String {
        self.name.get()
    }
}

/// A shape whose exact type only Rust knows here.
#[ffi_function]
fn some_ring() -> Obj<Shape> {
    let shape = Shape { name: Mut::new("ring".into()) };
    let circle = Circle { shape, radius: Mut::new(1.0) };
    Obj::new(Ring { circle, hole: Mut::new(0.5) }).upcast().upcast()
}

/// Gives the object back: a function result, so fresh.
#[ffi_function]
fn identity(inner: Obj<Inner>) -> Obj<Inner> {
    inner
}

/// Gives the object back as the canonical wrapper.
#[ffi_function(cached)]
fn identity_cached(inner: Obj<Inner>) -> Obj<Inner> {
    inner
}

/// Takes the object by reference.
#[ffi_function]
fn borrow(inner: &Inner) -> i64 {
    inner.val.get()
}

/// The number of owners that the argument has while this runs.
#[ffi_function]
fn owners_inside(inner: Obj<Inner>) -> usize {
    inner.owners()
}

static SHELF: Mutex<Vec<Obj<Inner>>> = Mutex::new(Vec::new());

/// Keeps an owner where only Rust sees it.
#[ffi_function]
fn shelve(inner: Obj<Inner>) {
    SHELF.lock().unwrap().push(inner);
}

/// Gives back what was kept last: a function result, so fresh.
#[ffi_function]
fn unshelve() -> Option<Obj<Inner>> {
    SHELF.lock().unwrap().pop()
}

/// Drops all that was kept.
#[ffi_function]
fn clear_shelf() -> usize {
    let shelf = std::mem::take(&mut *SHELF.lock().unwrap());
    shelf.len()
}

/// A chain of nodes, made in Rust.
#[ffi_function]
fn chain(len: usize) -> Option<Obj<Node>> {
    let mut head: Option<Obj<Node>> = None;
    for i in (0..len).rev() {
        let val = Mut::new(i64::try_from(i).expect("a short chain"));
        let node = Obj::new(Node { val, next: Mut::new(head.take()), prev: Mut::default() });
        if let Some(next) = node.next.get() {
            next.prev.set(node.downgrade());
        }
        head = Some(node);
    }
    head
}

/// Drops a chain in Rust.
#[ffi_function]
fn drop_chain(len: usize) {
    drop(chain(len));
}

/// Drops all that was kept, on another thread and after this many milliseconds.
#[ffi_function]
fn clear_shelf_elsewhere(after: u64) {
    let shelf = std::mem::take(&mut *SHELF.lock().unwrap());
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(after));
        drop(shelf);
    });
}
