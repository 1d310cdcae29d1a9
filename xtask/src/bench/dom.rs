//! `cargo xtask bench dom`: a large document, with the example that is a document model and with its peers.

use std::fs;

use anyhow::{ensure, Context, Result};

use super::guide;
use crate::document;
use crate::progress::{Note, Steps};
use crate::test::matrix::interpreters;
use crate::venv::{Venv, DOM};
use crate::workspace::Workspace;

/// Where the benchmark is.
const BENCH_DIR: &str = "benches/dom";

/// The crate that it measures.
const CRATE: &str = "examples/dom";

/// The guide's page of the figures.
const PAGE: &str = "docs/src/speed_dom.md";

/// How often to measure, and with what.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each library parses and walks; the best counts.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The Python to measure with, 3.10 or newer: a path, a name on the PATH, or a version such as 3.13 [default: the first
    /// found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Put the figures into the guide, beside those of other interpreters.
    #[arg(long)]
    write: bool,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

/// Sets up what is not there yet and measures; whether all is reached that is to be.
///
/// # Errors
///
/// If the set-up fails, or dom's tree is not lxml's.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let venv = Venv::new(workspace, interpreters::one(workspace, options.python.as_deref())?);
    let dir = workspace.target().join("bench").join("dom");
    let large = dir.join("registries.xml");
    let mut steps = Steps::new(7, options.verbose);

    let environment = format!("making an environment with {} in {}", venv.base().name(), workspace.show(venv.dir()));
    steps.step(&environment, |watch| venv.create(watch))?;
    steps.step(&format!("installing {}", DOM.summary()), |watch| venv.install(watch, DOM))?;
    steps.step(&format!("fetching {}", document::summary()), |watch| document::fetch(workspace, &venv, watch))?;
    steps.step(&format!("writing them, over and over, to {}", workspace.show(&large)), |_| {
        fs::create_dir_all(&dir)?;
        document::write_large(workspace, &large)?;
        Ok(Note::Done)
    })?;
    steps.step(&format!("building {CRATE} with optimisation"), |watch| {
        watch.check(&venv.maturin_develop(CRATE, "release"))?;
        Ok(Note::Done)
    })?;

    let script = |name| {
        let benches = workspace.root().join(BENCH_DIR);
        // What benchmarks in Python share is there.
        let shared = workspace.root().join(super::python::BENCH_DIR);
        venv.python().env("PYTHONPATH", shared).arg("-B").arg(benches.join(name))
    };
    steps.announce("comparing dom's tree with lxml's, node by node");
    let same = script("same.py").arg(&large).hand_over().context("cannot compare the trees")?;
    ensure!(same, "dom and lxml do not read the same");

    let figures = dir.join(format!("dom-{}.json", venv.base().tag()));
    steps.announce(&format!("measuring; the figures are kept in {}", workspace.show(&figures)));
    let bench =
        script("bench.py").arg(&large).args(["--rounds", &options.rounds.to_string()]).arg("--out").arg(&figures);
    let reached = bench.hand_over().context("cannot run the benchmark")?;
    if options.write {
        guide::publish(workspace, &figures, script("page.py"), PAGE)?;
    }
    Ok(reached)
}
