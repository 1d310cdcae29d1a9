//! Objects that own Python values.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use ffi_object::{ffi_function, ffi_methods, Any, Error, FfiObject, Function, List, Map, Mut, Obj, PyValue, WeakObj};

/// Calls what it was given.
#[derive(FfiObject)]
pub(crate) struct Button {
    #[ffi(default)]
    on_click: Mut<Option<Function>>,
    #[ffi(default)]
    tag: Mut<Option<PyValue>>,
    #[ffi(default)]
    any: Mut<Any>,
}

/// Owns buttons, in every way there is.
#[derive(FfiObject)]
pub(crate) struct Panel {
    #[ffi(default)]
    button: Mut<Option<Obj<Button>>>,
    #[ffi(default)]
    buttons: Obj<List<Obj<Button>>>,
    #[ffi(default)]
    by_name: Obj<Map<String, Obj<Button>>>,
    #[ffi(default)]
    handlers: Obj<List<Function>>,
    #[ffi(default)]
    named: Obj<Map<String, Option<Function>>>,
    #[ffi(default)]
    copied: Mut<Vec<Function>>,
    #[ffi(default)]
    parent: Mut<Option<Obj<Panel>>>,
    #[ffi(default)]
    guarded: Mutex<Option<PyValue>>,
}

/// Has a handler for good.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Menu {
    #[ffi(base)]
    panel: Panel,
    #[ffi(default)]
    selected: Mut<Option<Function>>,
}

/// May own a `Panel` or something of any type.
#[derive(FfiObject)]
pub(crate) struct Window {
    #[ffi(default)]
    content: Mut<Any>,
    #[ffi(default)]
    weak: Mut<WeakObj<Panel>>,
}

/// What it owns is asked for when it dies.
#[derive(FfiObject)]
pub(crate) struct Farewell {
    last_words: Function,
}

static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Drop for Farewell {
    fn drop(&mut self) {
        let said = match self.last_words.call::<String>(()) {
            Ok(words) => words,
            Err(error) => error.to_string(),
        };
        HEARD.lock().unwrap().push(said);
    }
}

/// What objects said when they died, since the last time.
#[ffi_function]
fn heard() -> Vec<String> {
    std::mem::take(&mut HEARD.lock().unwrap())
}

#[ffi_methods]
impl Button {
    /// Calls the handler.
    fn click(&self, x: i64, y: f64) -> Result<Any, Error> {
        match self.on_click.get() {
            Some(handler) => handler.call((x, y)),
            None => Ok(Any::None),
        }
    }
}

/// Calls a function with an object and gives back what it gave.
#[ffi_function]
fn call_with(function: Function, button: Obj<Button>) -> Result<Any, Error> {
    function.call((button,))
}

/// Calls a function from a thread that never saw Python.
#[ffi_function]
fn call_elsewhere(function: Function, value: i64) -> Result<i64, Error> {
    let caller = thread::spawn(move || function.call((value,)));
    // The thread needs the interpreter.
    ffi_python::detach(|| caller.join().expect("calling does not panic"))
}

/// Gives a value back.
#[ffi_function]
fn carry(value: PyValue) -> PyValue {
    thread::spawn(move || value.clone()).join().expect("cloning does not panic")
}

static SHELF: Mutex<Vec<PyValue>> = Mutex::new(Vec::new());

/// Keeps a value for later.
#[ffi_function]
fn shelve_value(value: PyValue) {
    SHELF.lock().unwrap().push(value);
}

/// Gives the kept values back, from a thread that drops its own copies.
#[ffi_function]
fn unshelve_values() -> Vec<PyValue> {
    let kept = std::mem::take(&mut *SHELF.lock().unwrap());
    let copies = kept.clone();
    thread::spawn(move || drop(kept)).join().expect("dropping does not panic");
    copies
}

static SHUFFLE: AtomicBool = AtomicBool::new(false);
static SHUFFLERS: Mutex<Vec<JoinHandle<usize>>> = Mutex::new(Vec::new());

/// Lets threads that never saw Python move buttons and tags from panel to panel until they are stopped. Meanwhile some are
/// in no panel, but on a thread's stack.
#[ffi_function]
fn start_shuffle(panels: Obj<List<Obj<Panel>>>, threads: usize) {
    SHUFFLE.store(true, Ordering::SeqCst);
    let shuffle = |mut at: usize| {
        let panels: Vec<_> = panels.iter().collect();
        thread::spawn(move || {
            let mut any = || {
                at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                &panels[(at >> 33) % panels.len()]
            };
            let mut moves = 0;
            let (mut tag, mut button) = (None, None);
            while SHUFFLE.load(Ordering::Relaxed) {
                let other = any().button.replace(button);
                button = any().button.replace(other);
                if let Some(button) = &button {
                    tag = button.tag.replace(tag);
                }
                moves += 1;
            }
            // What is left in hand.
            SHELF.lock().unwrap().extend(tag);
            any().buttons.extend(button);
            moves
        })
    };
    *SHUFFLERS.lock().unwrap() = (1..=threads).map(shuffle).collect();
}

/// Stops them. Gives the number of moves.
#[ffi_function]
fn stop_shuffle() -> usize {
    SHUFFLE.store(false, Ordering::SeqCst);
    let shufflers = std::mem::take(&mut *SHUFFLERS.lock().unwrap());
    ffi_python::detach(|| shufflers.into_iter().map(|thread| thread.join().expect("moving does not panic")).sum())
}

static KEPT: Mutex<Vec<Obj<Button>>> = Mutex::new(Vec::new());

/// Owns a button where no collector looks.
#[ffi_function]
fn keep_button(button: Obj<Button>) {
    KEPT.lock().unwrap().push(button);
}

/// Gives the buttons back.
#[ffi_function]
fn kept_buttons() -> Vec<Obj<Button>> {
    std::mem::take(&mut KEPT.lock().unwrap())
}
