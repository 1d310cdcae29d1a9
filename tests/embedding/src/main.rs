//! A program that embeds Python. Each scenario is a process: `tests/embedding.rs` runs them.

mod interpreter;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use ffi_object::{ffi_function, live_objects, FfiObject, Mut, Obj, WeakObj};
use interpreter::Interpreter;

/// A part of a chain.
#[derive(FfiObject)]
struct Part {
    val: Mut<i64>,
    #[ffi(default)]
    next: Mut<Option<Obj<Part>>>,
}

impl Part {
    fn new(val: i64) -> Obj<Self> {
        Obj::new(Self { val: Mut::new(val), next: Mut::default() })
    }
}

static KEPT: Mutex<Vec<Obj<Part>>> = Mutex::new(Vec::new());
static WATCHED: Mutex<Vec<WeakObj<Part>>> = Mutex::new(Vec::new());

/// Keeps an owner in Rust.
#[ffi_function]
fn keep(part: Obj<Part>) {
    KEPT.lock().unwrap().push(part);
}

/// What is kept.
#[ffi_function(cached)]
fn kept() -> Vec<Obj<Part>> {
    KEPT.lock().unwrap().clone()
}

/// Keeps a weak reference in Rust.
#[ffi_function]
fn watch(part: &Obj<Part>) {
    WATCHED.lock().unwrap().push(part.downgrade());
}

ffi_python::module!(embedded);

fn values() -> Vec<i64> {
    KEPT.lock().unwrap().iter().map(|part| part.val.get()).collect()
}

fn take_all() -> Vec<Obj<Part>> {
    std::mem::take(&mut *KEPT.lock().unwrap())
}

fn alive() -> usize {
    live_objects(Part::TYPE)
}

fn upgraded() -> usize {
    WATCHED.lock().unwrap().iter().filter(|weak| weak.upgrade().is_some()).count()
}

/// Objects of both sides, owned by both, in every state.
const MAKE: &str = "
import ctypes, gc, sys, weakref
import embedded as e

class Sub(e.Part):
    def __init__(self, *args):
        super().__init__(*args)
        self.me = self

    def __del__(self):
        assert self.val

def make():
    e.keep(e.Part(2))
    e.keep(Sub(3))
    chain = e.Part(4)
    chain.next = Sub(5)
    e.keep(chain)
    e.kept()[0].val += 10

make()
gc.collect()
parts = e.kept()
assert [part.val for part in parts] == [11, 2, 3, 4] and type(parts[2]) is Sub and parts[3].next.val == 5
weak = [weakref.ref(part) for part in parts]
del parts
gc.collect()
assert weak[0]() is e.kept()[0]

# One that goes with the interpreter, and one that Python never frees.
sys.mine, leaked = e.Part(6), e.Part(7)
e.watch(sys.mine)
e.watch(leaked)
ctypes.pythonapi.Py_IncRef(ctypes.py_object(leaked))
";

/// Of the objects above, those that are there after the end: what Rust keeps, and what Python has leaked.
const KEPT_AND_LEAKED: usize = 5 + 1;

/// Makes objects before, with and after an interpreter.
fn first_life() {
    KEPT.lock().unwrap().push(Part::new(1));
    let python = Interpreter::start();
    python.run(MAKE).unwrap();
    assert_eq!((alive(), upgraded()), (7, 2));
    python.end();
    assert_eq!((alive(), upgraded()), (KEPT_AND_LEAKED, 0));
    assert_eq!(values(), [11, 2, 3, 4]);
}

fn refused(python: &Interpreter) {
    let error = python.run("import embedded").unwrap_err();
    assert_eq!(
        error,
        "ImportError: modules made with ffi-python cannot be imported again after the interpreter was finalized: their \
         classes are made once in a process"
    );
}

/// Rust goes on with its owners when Python has ended.
fn once() {
    first_life();
    let owners = take_all();
    let more: Vec<_> = owners.iter().cloned().chain([Part::new(8)]).collect();
    owners[0].next.set(Some(owners[1].clone()));
    thread::spawn(move || drop(owners)).join().unwrap();
    assert_eq!(more.iter().map(|part| part.val.get()).sum::<i64>(), 28);
    assert!(more[0].is_wrapped() && more[0].next.get().is_some_and(|next| next == more[1]));
    assert_eq!(alive(), KEPT_AND_LEAKED + 1);
    drop(more);
    // What had a wrapper stays: the wrapper, which nothing may touch any more, owns it.
    assert_eq!(alive(), KEPT_AND_LEAKED);
}

/// A later interpreter cannot have the module, and nothing of the earlier one's is touched.
fn again() {
    first_life();
    for _ in 0..3 {
        let python = Interpreter::start();
        refused(&python);
        python.run("import gc; kept = [object() for _ in range(10_000)]; gc.collect()").unwrap();
        refused(&python);
        // Attached, and detached.
        let some = KEPT.lock().unwrap().clone();
        assert_eq!(upgraded(), 0);
        drop(some);
        python.detached(|| assert_eq!((values(), upgraded()), (vec![11, 2, 3, 4], 0)));
        python.run("gc.collect()").unwrap();
        python.end();
    }
    let python = Interpreter::start();
    drop(take_all());
    drop(Part::new(9));
    python.run("import gc; gc.collect()").unwrap();
    assert_eq!(alive(), KEPT_AND_LEAKED);
    python.end();
}

static CHURN: AtomicBool = AtomicBool::new(true);

fn churn() -> JoinHandle<u64> {
    thread::spawn(|| {
        let mut rounds = 0;
        while CHURN.load(Ordering::Relaxed) {
            let all = KEPT.lock().unwrap().clone();
            for part in &all {
                part.val.with(|val| *val += 1);
                let old = part.next.replace(Some(Part::new(rounds)));
                drop(old);
            }
            let weak: Vec<_> = all.iter().map(Obj::downgrade).collect();
            drop(all);
            rounds += i64::from(weak.iter().all(|weak| weak.upgrade().is_some()));
        }
        u64::try_from(rounds).unwrap()
    })
}

/// Threads go on from one interpreter to the next.
fn threads() {
    KEPT.lock().unwrap().push(Part::new(1));
    let churners = [churn(), churn()];
    let python = Interpreter::start();
    let read = "
import embedded as e
e.keep(e.Part(2))
for _ in range(2000):
    for part in e.kept():
        assert part.val >= 0 and part.next is not e
";
    python.run(read).unwrap();
    python.end();
    let python = Interpreter::start();
    refused(&python);
    python.run("for i in range(100_000): pass").unwrap();
    drop(take_all());
    python.end();
    CHURN.store(false, Ordering::Relaxed);
    for churner in churners {
        assert!(churner.join().unwrap() > 0);
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("once") => once(),
        Some("again") => again(),
        Some("threads") => threads(),
        other => panic!("no such scenario: {other:?}"),
    }
    println!("done");
}
