//! The types of the benchmark in Python, with ffi-object.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use ffi_object::{ffi_function, ffi_methods, function, Error, FfiObject, Function, List, Map, Mut, Obj, RustFunction};

/// A number that Python may change.
#[derive(FfiObject)]
struct Inner {
    /// The number.
    val: Mut<i64>,
}

#[ffi_methods]
impl Inner {
    /// The number, by a method.
    fn get(&self) -> i64 {
        self.val.get()
    }
}

/// Holds an object that Python may exchange.
#[derive(FfiObject)]
struct Outer {
    /// The object.
    x: Mut<Obj<Inner>>,
}

/// A number that stays.
#[derive(FfiObject)]
struct FrozenInner {
    /// The number.
    val: i64,
}

#[ffi_methods]
impl FrozenInner {
    /// The number, by a method.
    fn get(&self) -> i64 {
        self.val
    }
}

/// Holds an object for good.
#[derive(FfiObject)]
struct FrozenOuter {
    /// The object.
    x: Obj<FrozenInner>,
}

/// A node of a binary tree.
#[derive(FfiObject)]
struct Node {
    /// The left half.
    left: Option<Obj<Node>>,
    /// The right half.
    right: Option<Obj<Node>>,
    /// The number of the node, in preorder.
    number: i64,
}

/// The number of an object that is borrowed.
#[ffi_function]
fn f(b: &Inner) -> i64 {
    b.val.get()
}

/// The same for one that does not change.
#[ffi_function]
fn f_frozen(b: &FrozenInner) -> i64 {
    b.val
}

/// Objects that Python has not seen.
#[ffi_function]
fn unseen(count: i64) -> List<Obj<Inner>> {
    (0..count).map(|number| Obj::new(Inner { val: Mut::new(number) })).collect()
}

/// A thread that builds trees and drops them, for as long as it lives.
#[derive(FfiObject)]
#[ffi(no_init)]
struct Churn {
    #[ffi(skip)]
    goes_on: Arc<AtomicBool>,
    #[ffi(skip)]
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[ffi_methods]
impl Churn {
    /// Ends the thread.
    fn end(&self) {
        self.goes_on.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) {
            let _ = thread.join();
        }
    }
}

/// Starts a thread of Rust's that builds trees of 1023 nodes and drops them.
#[ffi_function]
fn churn() -> Churn {
    let goes_on = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&goes_on);
    let thread = std::thread::spawn(move || {
        while asked.load(Ordering::Relaxed) {
            drop(tree(10));
        }
    });
    Churn { goes_on, thread: Mutex::new(Some(thread)) }
}

/// A mapping of names to objects.
#[ffi_function]
fn mapping(count: i64) -> Map<String, Obj<Inner>> {
    (0..count).map(|number| (number.to_string(), Obj::new(Inner { val: Mut::new(number) }))).collect()
}

/// A tree of this depth.
#[ffi_function]
fn tree(depth: u32) -> Obj<Node> {
    fn grow(depth: u32, next: &mut i64) -> Obj<Node> {
        let number = *next;
        *next += 1;
        let mut half = || (depth > 1).then(|| grow(depth - 1, next));
        let (left, right) = (half(), half());
        Obj::new(Node { left, right, number })
    }
    grow(depth, &mut 0)
}

/// Calls a function of Python's so often, with a number.
///
/// # Errors
///
/// What the function raises.
#[ffi_function]
fn call_back(function: Function, count: i64) -> Result<i64, Error> {
    (0..count).try_fold(0_i64, |sum, number| Ok(sum.wrapping_add(function.call::<i64>((number,))?)))
}

/// A function of Rust's that Python calls.
#[ffi_function]
fn adder(n: i64) -> Obj<RustFunction> {
    function!("add", move |x: i64| x + n)
}

/// Raises an exception.
///
/// # Errors
///
/// Always.
#[ffi_function]
fn fail() -> Result<(), Error> {
    Err(Error::value("no"))
}

ffi_python::module!(peer_ffi_object);
