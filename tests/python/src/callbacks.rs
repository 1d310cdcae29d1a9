//! Objects that own Python values.

use std::sync::Mutex;
use std::thread;

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
