//! Threads that Python knows nothing of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use ffi_object::{ffi_function, List, Mut, Obj};

use crate::fields::Cells;
use crate::graph::{Inner, Node};

/// Drops the owner on another thread, and waits for it without letting go of the interpreter.
#[ffi_function]
fn drop_elsewhere(inner: Obj<Inner>) {
    thread::spawn(move || drop(inner)).join().expect("dropping does not panic");
}

static KEPT: Mutex<Option<(std::sync::mpsc::Sender<()>, JoinHandle<()>)>> = Mutex::new(None);

/// Gives the owner to a thread that keeps it until told.
#[ffi_function]
fn keep_elsewhere(inner: Obj<Inner>) {
    let (tell, told) = std::sync::mpsc::channel();
    let keeper = thread::spawn(move || {
        let _ = told.recv();
        drop(inner);
    });
    *KEPT.lock().unwrap() = Some((tell, keeper));
}

/// Tells the thread, and waits until it has dropped the owner.
#[ffi_function]
fn let_go_elsewhere() {
    let (tell, keeper) = KEPT.lock().unwrap().take().expect("something is kept");
    drop(tell);
    keeper.join().expect("dropping does not panic");
}

static CHURN: AtomicBool = AtomicBool::new(false);
static CHURNERS: Mutex<Vec<JoinHandle<u64>>> = Mutex::new(Vec::new());

/// Lets threads clone, replace and drop the elements of a list until they are stopped.
#[ffi_function]
fn start_churn(list: Obj<List<Obj<Node>>>, threads: usize) {
    CHURN.store(true, Ordering::SeqCst);
    let churn = move |seed: usize| {
        let list = list.clone();
        thread::spawn(move || {
            let (mut rounds, mut at) = (0, seed);
            while CHURN.load(Ordering::Relaxed) {
                at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let len = list.len().max(1);
                let node = list.get((at >> 33) % len);
                if let Some(node) = node {
                    node.val.with(|val| *val += 1);
                    let next = Obj::new(Node { val: Mut::new(0), next: Mut::new(Some(node)), prev: Mut::default() });
                    let old = list.replace((at >> 17) % len, next);
                    // Chains do not grow without end.
                    if let Ok(old) = old {
                        old.next.set(None);
                    }
                }
                rounds += 1;
            }
            rounds
        })
    };
    *CHURNERS.lock().unwrap() = (0..threads).map(churn).collect();
}

/// Stops them and says how many rounds they made.
#[ffi_function]
fn stop_churn() -> u64 {
    CHURN.store(false, Ordering::SeqCst);
    let churners = std::mem::take(&mut *CHURNERS.lock().unwrap());
    churners.into_iter().map(|churner| churner.join().expect("churning does not panic")).sum()
}

/// What a Rust library might guard with a lock of its own. (Not the standard library's: ThreadSanitizer does not see where
/// that waits.)
static GUARDED: parking_lot::Mutex<i64> = parking_lot::Mutex::new(0);

/// Takes the lock on another thread, and lets go of the owner while it holds it, for all that a thread of Python's waits
/// for the same lock meanwhile with the interpreter in its hands.
#[ffi_function]
fn drop_under_a_lock(inner: Obj<Inner>) -> i64 {
    let (tell, told) = std::sync::mpsc::channel();
    let dropper = thread::spawn(move || {
        let mut guarded = GUARDED.lock();
        tell.send(()).expect("the caller waits");
        // So that the caller is at the lock before the owner goes.
        thread::sleep(std::time::Duration::from_millis(2));
        drop(inner);
        *guarded += 1;
    });
    told.recv().expect("the thread tells");
    let guarded = *GUARDED.lock();
    dropper.join().expect("dropping does not panic");
    guarded
}

/// The same for the lock of an object's own field, which a thread of Python's reads.
#[ffi_function]
fn drop_under_the_lock_of(node: Obj<Node>, inner: Obj<Inner>) {
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let next = Obj::new(Node { val: inner.val.clone(), next: Mut::default(), prev: Mut::default() });
        node.next.with(|place| {
            tell.send(()).expect("the caller waits");
            thread::sleep(std::time::Duration::from_millis(20));
            drop(inner);
            *place = Some(next);
        });
    });
    told.recv().expect("the thread tells");
}

/// Holds the lock of a field of `std`'s until [`let_go_elsewhere`] is called, by another thread of Python's.
#[ffi_function]
fn hold_lock_elsewhere(cells: Obj<Cells>, inner: Obj<Inner>) {
    let (tell, told) = std::sync::mpsc::channel();
    let (locked, is_locked) = std::sync::mpsc::channel();
    let keeper = thread::spawn(move || {
        let text = cells.locked.lock().unwrap();
        let shared = cells.shared.write().unwrap();
        locked.send(()).expect("the caller waits");
        let _ = told.recv();
        drop((inner, text, shared));
    });
    is_locked.recv().expect("the thread tells");
    *KEPT.lock().unwrap() = Some((tell, keeper));
}

/// Objects that live and die on threads which never see Python, while Python reads those among them that are in the list.
#[ffi_function]
fn start_strangers(shared: Obj<List<Obj<Node>>>, threads: usize) {
    CHURN.store(true, Ordering::SeqCst);
    let stranger = |_| {
        let shared = shared.clone();
        thread::spawn(move || {
            let mut rounds = 0;
            while CHURN.load(Ordering::Relaxed) {
                // A thread of its own each time: its first owner, and its last.
                let shared = shared.clone();
                let one = thread::spawn(move || {
                    let made = Obj::new(Node { val: Mut::new(1), next: Mut::default(), prev: Mut::default() });
                    let weak = made.downgrade();
                    let index = usize::try_from(made.val.get()).unwrap_or(0) % shared.len().max(1);
                    let old = shared.replace(index, made.clone());
                    let clones = vec![made; 3];
                    drop((old, shared));
                    clones.iter().all(|clone| clone.val.get() == 1) && weak.upgrade().is_some()
                });
                assert!(one.join().expect("no panic"));
                rounds += 1;
            }
            rounds
        })
    };
    *CHURNERS.lock().unwrap() = (0..threads).map(stranger).collect();
}
