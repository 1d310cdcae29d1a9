//! `cargo xtask bench --guard`: the instructions of the hottest paths, beside those of a table in the tree.

use anyhow::{Context, Result};

use super::python::{BENCH_DIR, OURS};
use crate::progress::{Note, Steps};
use crate::test::matrix::interpreters;
use crate::venv::{Venv, GUARD};
use crate::workspace::Workspace;

/// Where the table is.
const TABLE: &str = "benches/python/guard.json";

/// Counts; whether all counts are within the band.
///
/// # Errors
///
/// If ffi-object does not build, or valgrind fails.
pub(super) fn run(workspace: &Workspace, python: Option<&str>, write: bool) -> Result<bool> {
    if workspace.command("valgrind").arg("--version").read().is_err() {
        println!("valgrind is not installed: nothing is counted.");
        return Ok(true);
    }
    let python = interpreters::one(workspace, python)?;
    let venv = Venv::new(workspace, python);
    let mut steps = Steps::new(4, false);
    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    steps.step(&format!("installing {}", GUARD.summary()), |watch| venv.install(watch, GUARD))?;
    steps.step("building the types with ffi-object", |watch| {
        watch.check(&venv.maturin_develop(OURS, "release"))?;
        Ok(Note::Done)
    })?;
    steps.announce("counting instructions with callgrind, a minute or two");
    let dir = workspace.root().join(BENCH_DIR);
    let mut guard = venv.python().arg("-B").arg(dir.join("guard.py")).arg(workspace.root().join(TABLE));
    if write {
        guard = guard.arg("--write");
    }
    guard.hand_over().context("cannot count")
}
