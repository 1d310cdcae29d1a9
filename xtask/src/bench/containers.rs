//! `cargo xtask bench containers`: many elements in containers, in both languages.

use anyhow::{Context, Result};

use crate::command::Cmd;
use crate::progress::{Note, Steps};
use crate::test::matrix::interpreters;
use crate::test::matrix::row;
use crate::venv::{Venv, TEST};
use crate::workspace::Workspace;

/// A crate whose module has the containers.
const CRATE: &str = "examples/geometry";

/// The half in Python.
const SCRIPT: &str = "benches/containers.py";

/// How many elements, and for whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1_000..))]
    elements: u32,
    /// The Python to use, 3.10 or newer: a path, a name on the PATH, or a version such as 3.13 [default: the first
    /// found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

/// Sets up what is not there yet, then runs both halves; whether all that was checked holds.
///
/// # Errors
///
/// If the set-up fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let python = interpreters::one(workspace, options.python.as_deref())?;
    let venv = Venv::new(workspace, python);
    let mut steps = Steps::new(5, options.verbose);
    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    steps.step("installing maturin", |watch| venv.install_wheels(watch, TEST).map(|_| Note::Done))?;
    steps.announce(&format!("building {CRATE} with optimisation"));
    row::build_for(workspace, &venv, &[CRATE], "release", options.verbose)?;
    let elements = options.elements.to_string();
    steps.announce(&format!("running {SCRIPT} with {elements} elements"));
    let script = venv.python().arg(workspace.root().join(SCRIPT)).args(["--elements", &elements]);
    let held = script.hand_over().context("cannot run the half in Python")?;
    steps.announce("running the half in Rust");
    let bench = Cmd::new(env!("CARGO")).args(["bench", "--quiet", "-p", "ffi-object-benches", "--bench", "containers"]);
    Ok(bench.dir(workspace.root()).args(["--", &elements]).hand_over().context("cannot run the half in Rust")? && held)
}
