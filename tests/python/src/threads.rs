//! Threads that Python knows nothing of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use ffi_object::{ffi_function, List, Mut, Obj};

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
