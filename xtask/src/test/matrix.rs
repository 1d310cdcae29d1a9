//! `cargo xtask test --matrix`: the Python tests on every interpreter there is.
//!
//! | file | what it knows |
//! |---|---|
//! | `interpreters` | where interpreters are, and which of those found are taken |
//! | `selection` | which of them `--on` asks for |
//! | `chroot` | running an interpreter out of another Linux system's files |
//! | `older_pyo3` | the workspace with the last PyO3 that builds for 3.13t |
//! | `row` | building for one interpreter, and testing |
//! | `table` | the table, on the terminal and in the guide |
//!
//! What is built for one interpreter has a target directory of its own, so that nothing is ever
//! tested with another interpreter than it was built for, and a second run builds only what changed.

mod chroot;
pub(crate) mod interpreters;
mod older_pyo3;
pub(crate) mod row;
mod selection;
mod table;

use std::time::Instant;

use anyhow::{bail, Context, Result};

use crate::python::Python;
use crate::venv::Venv;
use crate::workspace::Workspace;

use self::interpreters::{Kind, Slot};
use self::row::{Build, Tester};
pub(crate) use self::selection::Choice;
use self::table::{Row, Table};

/// Where the table goes with `--write`.
const DOCUMENT: &str = "docs/src/matrix.md";

/// What to run, and how.
#[derive(Debug)]
pub(crate) struct Options {
    /// Interpreters beyond those that are found.
    pub(crate) pythons: Vec<String>,
    /// Only these; all, if empty.
    pub(crate) on: Vec<Choice>,
    /// Whether to write the guide's page.
    pub(crate) write: bool,
    /// Show all output as it comes.
    pub(crate) verbose: bool,
}

/// Runs the tests on each interpreter; whether none failed.
///
/// # Errors
///
/// If no interpreter is found, or one that was asked for does not work.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let started = Instant::now();
    let default = Python::find(None);
    let all = interpreters::find(workspace, &options.pythons, default.as_ref().ok())?;
    let slots = selection::select(&all, &options.on, default.as_ref().map(Kind::of))?;
    let there = |slot: &Slot| slot.python.as_ref().ok().cloned();
    let oldest_with_gil = all.iter().filter(|slot| !slot.kind.free_threaded).find_map(there);
    let plan = plan(&slots);
    let total = plan.iter().filter(|(_, python)| python.is_ok()).count();
    if total == 0 {
        let wanted: Vec<_> = slots.iter().map(|slot| slot.kind.to_string()).collect();
        bail!("there is none of Python {}; name one with --python", wanted.join(", "));
    }
    let found: Vec<_> = slots.iter().filter_map(there).map(|python| python.name()).collect();
    println!("Found {}.\n", found.join(", "));

    let mut tester = Tester::new(workspace, oldest_with_gil, options.verbose);
    let mut table = Table::default();
    let mut begun = 0;
    for (build, python) in plan {
        let row = match python {
            Err((interpreter, reason)) => Row::not_run(interpreter, build, reason),
            Ok(python) => {
                begun += 1;
                println!("[{begun}/{total}] {}, {}", python.name(), build.name());
                let venv = Venv::new(workspace, python);
                let row = tester.run(&venv, build);
                println!("      {}\n", row.sentence());
                row
            }
        };
        table.add(row);
    }
    print!("{}", table.plain());
    println!("{}", table.verdict(started.elapsed()));
    println!("{}", table.count_line());
    if options.write {
        let page = workspace.root().join(DOCUMENT);
        std::fs::write(&page, table.page(&about(workspace, &slots)?))
            .with_context(|| format!("cannot write `{}`", page.display()))?;
        println!("Written to {DOCUMENT}.");
    }
    Ok(table.all_passed())
}

/// An interpreter, or the name of one and why it cannot be had.
type Planned = Result<Python, (String, String)>;

/// Every row: for each interpreter the build for its very version, then the one abi3 build for each
/// that has a GIL and is there.
fn plan(slots: &[Slot]) -> Vec<(Build, Planned)> {
    let mut plan = Vec::new();
    for slot in slots {
        let build = if slot.kind.free_threaded { Build::FreeThreaded } else { Build::Version };
        let python = slot.python.clone().map_err(|reason| (slot.kind.to_string(), reason));
        plan.push((build, python));
    }
    for slot in slots.iter().filter(|slot| !slot.kind.free_threaded) {
        if let Ok(python) = &slot.python {
            plan.push((Build::Abi3, Ok(python.clone())));
        }
    }
    plan
}

/// The date, and what the tests were built with.
fn about(workspace: &Workspace, slots: &[Slot]) -> Result<String> {
    let python = slots.iter().find_map(|slot| slot.python.as_ref().ok()).context("there is no Python")?;
    let print = "import datetime, platform; print(datetime.date.today(), platform.system(), platform.machine())";
    let said = workspace.command(&python.executable).args(["-I", "-c", print]).read()?;
    let (date, machine) = said.trim().split_once(' ').context("Python did not say the date")?;
    let rustc = workspace.command("rustc").arg("--version").read()?;
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("unknown");
    let lock = std::fs::read_to_string(workspace.root().join("Cargo.lock"))?;
    let pyo3 = older_pyo3::locked(&lock, "pyo3").context("no PyO3 in Cargo.lock")?;
    Ok(format!(
        "{date}, {machine}, rustc {rustc}, PyO3 {pyo3} ({} for the free-threaded 3.13, the last that builds for it)",
        older_pyo3::VERSION
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abi3_is_for_every_gil_that_is_there() {
        let slot = |minor, free_threaded, there: bool| Slot {
            kind: Kind { minor, free_threaded },
            python: match there {
                true => Ok(interpreters::example(minor, free_threaded, "3.9.9", "/p")),
                false => Err("gone".to_owned()),
            },
        };
        let plan = plan(&[slot(10, false, true), slot(11, false, false), slot(13, true, true)]);
        let rows: Vec<_> = plan.iter().map(|(build, python)| (*build, python.is_ok())).collect();
        let expected =
            [(Build::Version, true), (Build::Version, false), (Build::FreeThreaded, true), (Build::Abi3, true)];
        assert_eq!(rows, expected);
    }
}
