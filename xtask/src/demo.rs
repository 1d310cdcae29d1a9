//! `cargo xtask demo`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::document;
use crate::progress::{Note, Steps};
use crate::python::{self, Python};
use crate::venv::{Venv, DEMO};
use crate::workspace::Workspace;

/// The crate the demo shows.
const CRATE: &str = "examples/dom";

/// The script that shows it, given the document's path.
const SCRIPT: &str = "examples/dom/demo.py";

/// Sets up what is not there yet, then runs the script; whether that succeeded.
///
/// # Errors
///
/// If the set-up fails.
pub(crate) fn run(workspace: &Workspace, file: Option<&Path>, python: Option<&str>, verbose: bool) -> Result<bool> {
    let python = Python::find(python.map(python::absolute).as_deref())?;
    let venv = Venv::new(workspace, python);
    let mut steps = Steps::new(5, verbose);

    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;

    let packages = format!("installing {}", DEMO.summary());
    steps.step(&packages, |watch| venv.install(watch, DEMO))?;

    let document = match file {
        Some(file) => {
            let chosen = format!("taking {} instead of fetching a document", file.display());
            steps.step(&chosen, |_| Ok(Note::Already))?;
            file.to_owned()
        }
        None => {
            let fetching = format!("fetching {}", document::summary());
            steps.step(&fetching, |watch| document::fetch(workspace, &venv, watch))?;
            document::path(workspace)
        }
    };

    steps.step(&format!("building {CRATE} with optimisation"), |watch| {
        watch.check(&venv.maturin_develop(CRATE, "release"))?;
        Ok(Note::Done)
    })?;

    steps.announce(&format!("running {SCRIPT} {}", workspace.show(&document)));
    let script = venv.python().arg(workspace.root().join(SCRIPT)).arg(document);
    script.hand_over().context("cannot run the demo")
}
