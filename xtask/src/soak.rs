//! `cargo xtask soak`.

use anyhow::{Context, Result};

use crate::progress::{Note, Steps};
use crate::python::{self, Python};
use crate::test::matrix::row;
use crate::venv::{Venv, TEST};
use crate::workspace::Workspace;

/// The crate with the Rust half of the workload.
const CRATE: &str = "tests/python";

/// The Python half, which also measures and judges.
const SCRIPT: &str = "tests/python/soak.py";

/// Sets up what is not there yet, then runs the script; whether that succeeded.
///
/// # Errors
///
/// If the set-up fails.
pub(crate) fn run(workspace: &Workspace, minutes: f64, python: Option<&str>, verbose: bool) -> Result<bool> {
    let python = Python::find(python.map(python::absolute).as_deref())?;
    let venv = Venv::new(workspace, python);
    let mut steps = Steps::new(4, verbose);
    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    steps.step("installing maturin", |watch| venv.install_wheels(watch, TEST).map(|_| Note::Done))?;
    steps.announce(&format!("building {CRATE} with optimisation"));
    row::build_for(workspace, &venv, &[CRATE], "release", verbose)?;
    steps.announce(&format!("running {SCRIPT} for {minutes} minutes"));
    let script = venv.python().arg(workspace.root().join(SCRIPT)).args(["--minutes", &minutes.to_string()]);
    // Each arena of the C library's allocator keeps what its threads freed; with one for all, what stays is what is used.
    let script = script.env("MALLOC_ARENA_MAX", "1");
    script.hand_over().context("cannot run the workload")
}
