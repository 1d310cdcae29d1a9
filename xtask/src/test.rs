//! `cargo xtask test`.

pub(crate) mod count;
pub(crate) mod matrix;
pub(crate) mod steps;
mod summary;

use std::time::Instant;

use anyhow::{ensure, Result};
use clap::ValueEnum;

use crate::progress::{duration, Note, Watch};
use crate::python::{self, Python};
use crate::venv::Venv;
use crate::workspace::Workspace;

use self::count::Count;
pub(crate) use self::matrix::{run as run_matrix, Choice, Options as MatrixOptions};
use self::steps::Runner;
pub(crate) use self::steps::Step;
use self::summary::Summary;

/// What to run, and how.
#[derive(Debug)]
pub(crate) struct Options {
    /// Only these; all, if empty.
    pub(crate) only: Vec<Step>,
    /// Not these.
    pub(crate) skip: Vec<Step>,
    /// Stop at the first failure.
    pub(crate) fail_fast: bool,
    /// The Python to use.
    pub(crate) python: Option<String>,
    /// Show all output as it comes.
    pub(crate) verbose: bool,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It succeeded; these tests ran.
    Passed(Count),
    /// It failed; these tests ran, and a failing test need not be among them.
    Failed(Count),
    /// It could not be run, for this reason.
    NotRun(String),
}

/// Lists the steps.
pub(crate) fn list() {
    for step in Step::value_variants() {
        println!("{:10}{}", step.name(), step.about());
    }
}

/// Runs the steps; whether all of them passed.
///
/// # Errors
///
/// If there is nothing to run.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let started = Instant::now();
    // In the order of the list, whatever the order asked for: the quick ones first.
    let chosen: Vec<Step> = Step::value_variants()
        .iter()
        .copied()
        .filter(|step| options.only.is_empty() || options.only.contains(step))
        .filter(|step| !options.skip.contains(step))
        .collect();
    ensure!(!chosen.is_empty(), "--skip leaves no step to run");
    let venv = chosen.iter().any(|step| step.needs_python()).then(|| {
        let venv = set_up(workspace, options.python.as_deref(), options.verbose);
        venv.map_err(|error| format!("{error:#}"))
    });
    let mut summary = Summary::default();
    let mut stop = false;
    for (index, &step) in chosen.iter().enumerate() {
        if stop {
            let reason = "left out, as --fail-fast asks".to_owned();
            summary.add(step, Outcome::NotRun(reason), std::time::Duration::ZERO);
            continue;
        }
        println!("[{}/{}] {}", index + 1, chosen.len(), step.name());
        let began = Instant::now();
        let runner = Runner::new(workspace, venv.as_ref().and_then(|venv| venv.as_ref().ok()), step, options.verbose);
        let outcome = match &venv {
            Some(Err(reason)) if step.needs_python() => Outcome::NotRun(reason.clone()),
            _ => runner.run(),
        };
        println!("      {}\n", summary::sentence(&outcome, began.elapsed()));
        stop = options.fail_fast && !matches!(outcome, Outcome::Passed(_));
        summary.add(step, outcome, began.elapsed());
    }
    print!("{}", summary.table());
    println!("{}", summary.verdict(started.elapsed()));
    println!("{}", summary.count_line());
    Ok(summary.all_passed())
}

/// Makes the environment whose interpreter every step that builds against Python uses.
///
/// # Errors
///
/// If there is no Python that will do, or it cannot make one.
pub(crate) fn set_up<'w>(workspace: &'w Workspace, python: Option<&str>, verbose: bool) -> Result<Venv<'w>> {
    let wanted = python.map(python::absolute);
    let venv = Venv::new(workspace, Python::find(wanted.as_deref())?);
    let watch = Watch::start("making a Python environment", verbose);
    let made = venv.create(&watch);
    let took = watch.finish();
    let place = workspace.show(venv.dir());
    match made? {
        Note::Already => println!("Using {} in {place}.\n", venv.base().name()),
        Note::Done => println!("Made an environment with {} in {place}: {}.\n", venv.base().name(), duration(took)),
    }
    Ok(venv)
}
