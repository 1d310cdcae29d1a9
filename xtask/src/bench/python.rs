//! `cargo xtask bench python`: classes of ffi-object beside those of its peers.

use std::fs;
use std::path::Path;

use anyhow::{ensure, Context, Result};
use sha2::{Digest, Sha256};

use super::guide;
use crate::progress::{Note, Steps, Watch};
use crate::python::Python;
use crate::test::matrix::{interpreters, row};
use crate::venv::{Venv, BENCH, PAGE};
use crate::workspace::Workspace;

/// Where the benchmark is.
pub(super) const BENCH_DIR: &str = "benches/python";

/// The types with ffi-object.
pub(super) const OURS: &str = "benches/python/peers/ffi_object";

/// Those that are crates, which maturin builds.
const CRATES: [&str; 2] = [OURS, "benches/python/peers/pyo3"];

/// Those in C++, which pip builds with CMake.
const PROJECTS: [&str; 2] = ["nanobind", "pybind11"];

/// The guide's page of the figures.
const PAGE_FILE: &str = "docs/src/speed.md";

/// What to measure, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these rows.
    #[arg(value_name = "ROW")]
    only: Vec<String>,
    /// How often each peer runs each row; the best counts.
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The Python to measure with, 3.10 or newer: a path, a name on the PATH, or a version such as 3.13t [default: the first
    /// found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Put the figures, tables and plots into the guide, beside those of other interpreters.
    #[arg(long, conflicts_with = "only")]
    write: bool,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

/// How often each peer runs each row, if no one says otherwise.
const ROUNDS: u32 = 30;

impl Default for Options {
    fn default() -> Self {
        Self { only: Vec::new(), rounds: ROUNDS, python: None, write: false, verbose: false }
    }
}

/// Builds all peers and measures; whether all is reached that is to be.
///
/// # Errors
///
/// If ffi-object or PyO3 does not build. Who else does not is left out.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let venv = Venv::new(workspace, interpreters::one(workspace, options.python.as_deref())?);
    let dir = workspace.root().join(BENCH_DIR);
    let mut steps = Steps::new(4 + PROJECTS.len() + usize::from(options.write), options.verbose);

    // First, so that no one measures for half an hour what cannot be shown.
    let pages = if options.write { Some(environment_for_pages(workspace, &mut steps)?) } else { None };
    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    let mut missing = Vec::new();
    steps.step(&format!("installing {}", BENCH.summary()), |watch| {
        missing = venv.install_wheels(watch, BENCH)?;
        Ok(Note::Done)
    })?;
    for package in missing {
        println!("      there is no wheel of {package} for {}", venv.base().name());
    }
    for project in PROJECTS {
        let source = dir.join("peers").join(project);
        steps.step(&format!("building the types with {project}"), |watch| {
            build_project(&venv, watch, project, &source)
        })?;
    }
    steps.announce("building them with ffi-object and with PyO3");
    let older_pyo3 = row::build_for(workspace, &venv, &CRATES, "release", options.verbose)?;

    let figures = workspace.target().join("bench").join("python").join(format!("{}.json", venv.base().tag()));
    steps.announce(&format!("measuring; the figures are kept in {}", workspace.show(&figures)));
    let mut bench = venv.python().arg("-B").arg(dir.join("bench.py"));
    bench = bench.args(["--rounds", &options.rounds.to_string()]).arg("--out").arg(&figures);
    if !options.only.is_empty() {
        bench = bench.arg("--only").args(&options.only);
    }
    if let Some(version) = older_pyo3 {
        bench = bench.args(["--pyo3", version]);
    }
    let reached = bench.hand_over().context("cannot run the benchmark")?;
    if let Some(pages) = pages {
        let page = pages.python().arg("-B").arg(dir.join("page.py"));
        guide::publish(workspace, &figures, page, PAGE_FILE)?;
    }
    Ok(reached)
}

/// The environment that writes the page: that of the first interpreter found, whichever is measured. There may be nothing
/// that draws plots for the one that is measured, and plots that come from one version differ only where their figures do.
fn environment_for_pages<'w>(workspace: &'w Workspace, steps: &mut Steps) -> Result<Venv<'w>> {
    let venv = Venv::new(workspace, Python::find(None)?);
    let name = venv.base().name();
    steps.step(&format!("installing {} for {name}, which writes the page", PAGE.summary()), |watch| {
        venv.create(watch)?;
        let missing = venv.install_wheels(watch, PAGE)?;
        ensure!(missing.is_empty(), "there is no wheel of {} for {name}", missing.join(", "));
        Ok(Note::Done)
    })?;
    Ok(venv)
}

/// Builds a project in C++ and installs it, unless that was done before. One that does not build, as without a compiler,
/// is said to be missing by the benchmark itself.
fn build_project(venv: &Venv<'_>, watch: &Watch, name: &str, source: &Path) -> Result<Note> {
    let stamp = venv.dir().join(format!("xtask-peer-{name}"));
    let mut digest = Sha256::new();
    for file in ["pyproject.toml", "CMakeLists.txt", "src/peer.cpp"] {
        let path = source.join(file);
        digest.update(fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?);
    }
    let digest = format!("{:x}", digest.finalize());
    if fs::read_to_string(&stamp).is_ok_and(|found| found == digest) {
        return Ok(Note::Already);
    }
    let finished = watch.run(&venv.pip_install().arg(source))?;
    if finished.success {
        fs::write(&stamp, digest).with_context(|| format!("cannot write `{}`", stamp.display()))?;
    } else {
        watch.show_output(&finished);
    }
    Ok(Note::Done)
}
