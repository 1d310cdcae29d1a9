//! `cargo xtask bench python`: classes of ffi-object beside those of its peers.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::guide;
use crate::progress::{Note, Steps, Watch};
use crate::python::{self, Python};
use crate::venv::{Venv, BENCH};
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
const PAGE: &str = "docs/src/speed.md";

/// What to measure, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these rows.
    #[arg(value_name = "ROW")]
    only: Vec<String>,
    /// How often each peer runs each row; the best counts.
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The Python to measure with, 3.10 or newer: a path, or a name on the PATH [default: the first found].
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
    let python = Python::find(options.python.as_deref().map(python::absolute).as_deref())?;
    let venv = Venv::new(workspace, python);
    let dir = workspace.root().join(BENCH_DIR);
    let mut steps = Steps::new(4 + PROJECTS.len(), options.verbose);

    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    steps.step(&format!("installing {}", BENCH.summary()), |watch| {
        venv.install_wheels(watch, BENCH)?;
        Ok(Note::Done)
    })?;
    for project in PROJECTS {
        let source = dir.join("peers").join(project);
        steps.step(&format!("building the types with {project}"), |watch| {
            build_project(&venv, watch, project, &source)
        })?;
    }
    steps.step("building them with ffi-object and with PyO3", |watch| {
        for name in CRATES {
            watch.check(&venv.maturin_develop(name, "release"))?;
        }
        Ok(Note::Done)
    })?;

    let figures = workspace.target().join("bench").join("python").join(format!("{}.json", venv.base().tag()));
    steps.announce(&format!("measuring; the figures are kept in {}", workspace.show(&figures)));
    let mut bench = venv.python().arg("-B").arg(dir.join("bench.py"));
    bench = bench.args(["--rounds", &options.rounds.to_string()]).arg("--out").arg(&figures);
    if !options.only.is_empty() {
        bench = bench.arg("--only").args(&options.only);
    }
    let reached = bench.hand_over().context("cannot run the benchmark")?;
    if options.write {
        guide::publish(workspace, &figures, venv.python().arg("-B").arg(dir.join("page.py")), PAGE)?;
    }
    Ok(reached)
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
