//! The end of the interpreter: how long wrappers may be touched, and the report of what is still alive then.
//!
//! | when | what |
//! |---|---|
//! | `atexit` handlers run | the queue is emptied and closed: what detached threads give back from now on is leaked |
//! | modules and their globals go | attached threads go on as ever, so that what only Python keeps dies |
//! | the interpreter is gone (`Py_AtExit`) | no wrapper is touched again in this process; then the report |

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use ffi_object::defined::defined_types;
use ffi_object::{live_objects, registry};
use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};

use crate::instance::memory;
use crate::{class, named, queue};

/// The interpreter that the classes were made in is gone. Another may be there: an embedding program can start one.
static ENDED: AtomicBool = AtomicBool::new(false);
/// Whether the report was asked for.
static REPORT: AtomicBool = AtomicBool::new(false);
/// The name of the module.
static MODULE: OnceLock<String> = OnceLock::new();
/// Whether CPython calls [`ended_now`]. It has room for 32 such functions.
static LAST_CALL: OnceLock<bool> = OnceLock::new();

/// Whether wrappers must not be touched any more, by any thread.
///
/// Relaxed: a thread that is attached to a later interpreter got there after this one has ended, by CPython's own locks.
pub(crate) fn ended() -> bool {
    ENDED.load(Ordering::Relaxed)
}

/// # Errors
///
/// An `ImportError` if the interpreter that the classes were made in has ended.
pub(crate) fn first_interpreter_only() -> PyResult<()> {
    if !ended() {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "modules made with ffi-python cannot be imported again after the interpreter was finalized: their classes are \
         made once in a process",
    ))
}

/// Prepares for forks, and for the end of the interpreter that imports the module of this name.
pub(crate) fn prepare(py: Python<'_>, module: &str) -> PyResult<()> {
    queue::survive_forks();
    if MODULE.set(module.to_owned()).is_ok() && asked_by_environment() {
        REPORT.store(true, Ordering::Relaxed);
    }
    // SAFETY: attached; the function stays.
    LAST_CALL.get_or_init(|| unsafe { ffi::Py_AtExit(Some(ended_now)) } == 0);
    py.import("atexit")?.call_method1("register", (PyCFunction::new_closure(py, None, None, at_exit)?,))?;
    // After that, since what gives it back is there now.
    memory::open(py)
}

fn asked_by_environment() -> bool {
    std::env::var_os("FFI_OBJECT_LEAKS").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Turns the report on or off.
pub(crate) fn set_report(on: bool) {
    REPORT.store(on, Ordering::Relaxed);
}

fn at_exit(args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    if REPORT.load(Ordering::Relaxed) {
        // CPython clears the globals of those modules that something still refers to. The globals of others go only if
        // the collector can take them, which sees no cycle that leads through Rust: all they keep would be reported.
        let modules = args.py().import("sys")?.getattr("modules")?.call_method0("values")?;
        for module in modules.try_iter()?.collect::<PyResult<Vec<_>>>()? {
            if module.is_instance_of::<PyModule>() {
                let _ = module.into_ptr();
            }
        }
        if let Ok(registry) = registry() {
            class::drop_constants(args.py(), registry);
        }
    }
    named::forget();
    queue::close(args.py());
    memory::close(args.py());
    if LAST_CALL.get() != Some(&true) {
        // Early, so that it is not too late.
        ended_now();
    }
    Ok(())
}

/// Called by CPython when nothing is left of the interpreter.
extern "C" fn ended_now() {
    ENDED.store(true, Ordering::Relaxed);
    if !REPORT.load(Ordering::Relaxed) {
        return;
    }
    if let Some(report) = report() {
        // Nothing can be done about a stderr that is closed.
        let _ = std::io::stderr().write_all(report.as_bytes());
    }
}

/// A line for each class that has living objects, after one for all; nothing if there are none.
fn report() -> Option<String> {
    let module = MODULE.get().map_or("?", String::as_str);
    let defined = defined_types();
    let classes = registry()
        .ok()?
        .classes
        .iter()
        .chain(defined.iter().copied())
        .map(|class| (class.info, live_objects(class.info)));
    let mut all = 0;
    let mut lines = String::new();
    for (info, count) in classes.filter(|(_, count)| *count > 0) {
        all += count;
        let _ = writeln!(lines, "  {}.{}: {count}", info.module.unwrap_or(module), info.name);
    }
    let objects = if all == 1 { "object is" } else { "objects are" };
    (all > 0).then(|| format!("{module}: {all} {objects} still alive after the interpreter has ended:\n{lines}"))
}
