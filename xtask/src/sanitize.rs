//! `cargo xtask sanitize`: the tests, watched by tools that see what a test cannot.
//!
//! | file | what it knows |
//! |---|---|
//! | `instrument` | building with a sanitizer of the compiler, a Python that carries its runtime, planted mistakes |
//! | `python` | running the Python tests: instrumented, under valgrind, in development mode |
//! | `reports` | what the tools wrote |
//! | `table` | the table at the end |

mod instrument;
mod python;
mod reports;
mod table;

use std::time::Instant;

use anyhow::{bail, Result};
use clap::ValueEnum;

use crate::test::count::Count;
use crate::workspace::Workspace;

use self::table::Table;

/// A tool, in the order they are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// The Python tests with CPython's own checks.
    Devmode,
    /// AddressSanitizer: memory that is used after its end, or beyond it.
    Asan,
    /// ThreadSanitizer: accesses that nothing orders.
    Tsan,
    /// Valgrind's memcheck: the same as AddressSanitizer in code that no one instrumented, and values never set.
    Valgrind,
}

impl Tool {
    /// What the user calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Devmode => "devmode",
            Self::Asan => "asan",
            Self::Tsan => "tsan",
            Self::Valgrind => "valgrind",
        }
    }
}

/// What to run, and how.
#[derive(Debug)]
pub(crate) struct Options {
    /// Only these; all, if empty.
    pub(crate) only: Vec<Tool>,
    /// The Python to use.
    pub(crate) python: Option<String>,
    /// Show all output as it comes.
    pub(crate) verbose: bool,
}

/// What became of one run of some tests under a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// These tests ran, and the tool reported this often.
    Ran {
        /// The tests.
        count: Count,
        /// Whether the command succeeded.
        success: bool,
        /// What the tool reported.
        findings: usize,
    },
    /// What was planted was found.
    Found,
    /// It cannot be run here, for this reason.
    NotRun(String),
}

impl Outcome {
    fn is_clean(&self) -> bool {
        match self {
            Self::Ran { count, success, findings } => *success && *findings == 0 && count.failed == 0,
            Self::Found => true,
            Self::NotRun(_) => false,
        }
    }
}

/// Part of what a tool watches: what it is called, and how it is run.
type Part<'p> = (&'static str, Box<dyn Fn() -> Result<Outcome> + 'p>);

/// Runs the tools; whether nothing was found.
///
/// # Errors
///
/// If there is no Python, or a tool that was asked for cannot be run.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let started = Instant::now();
    let venv = crate::test::set_up(workspace, options.python.as_deref(), options.verbose)?;
    let chosen: Vec<Tool> = Tool::value_variants()
        .iter()
        .copied()
        .filter(|tool| options.only.is_empty() || options.only.contains(tool))
        .collect();
    let mut table = Table::default();
    for (index, &tool) in chosen.iter().enumerate() {
        println!("[{}/{}] {}", index + 1, chosen.len(), tool.name());
        let parts: Vec<Part<'_>> = match tool {
            Tool::Devmode => vec![python::devmode(workspace, &venv, options.verbose)],
            Tool::Asan | Tool::Tsan => instrument::parts(workspace, &venv, tool, options.verbose),
            Tool::Valgrind => vec![python::valgrind(workspace, &venv, options.verbose)],
        };
        for (what, run) in parts {
            let began = Instant::now();
            let outcome = run().unwrap_or_else(|error| {
                println!("      {error:#}");
                Outcome::Ran { count: Count::default(), success: false, findings: 0 }
            });
            table.add(tool.name(), what, outcome, began.elapsed());
            println!("      {}\n", table.last());
        }
    }
    print!("{}", table.plain());
    println!("{}", table.verdict(started.elapsed()));
    if let (false, Some(reason)) = (options.only.is_empty(), table.not_run()) {
        bail!("what was asked for cannot be run here: {reason}");
    }
    Ok(table.is_clean())
}
