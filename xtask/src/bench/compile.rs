//! `cargo xtask bench compile`: the same crates of annotated structs with ffi-object and with PyO3.

mod crates;
mod table;
mod usage;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::crates::{Side, Subject};
use self::table::{Figures, Sizes};
use self::usage::Usage;
use crate::command::Cmd;
use crate::progress::{Note, Steps, Watch};
use crate::python::Python;
use crate::test::matrix::interpreters;
use crate::workspace::Workspace;

/// What to build, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these crates.
    #[arg(value_name = "CRATE", value_enum)]
    only: Vec<Subject>,
    /// How many structs each crate has.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    structs: u32,
    /// How often each crate is built; the best counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Leave out the release builds, which are for the sizes alone.
    #[arg(long)]
    no_sizes: bool,
    /// The Python to build for, 3.10 or newer: a path, a name on the PATH, or a version such as 3.13 [default: the first
    /// found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

/// Builds the crates and prints the table; whether ffi-object is no slower and no larger.
///
/// # Errors
///
/// If something does not build, or a module does not load.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let python = interpreters::one(workspace, options.python.as_deref())?;
    let bench = Bench { dir: workspace.target().join("bench").join("compile"), python };
    let subjects = Subject::chosen(&options.only);
    let sides: Vec<_> = subjects.iter().flat_map(|subject| [(*subject, Side::Ours), (*subject, Side::Pyo3)]).collect();
    let mut steps = Steps::new(if options.no_sizes { 3 } else { 5 }, options.verbose);

    let writing = format!("writing crates of {} structs to {}", options.structs, workspace.show(&bench.dir));
    steps.step(&writing, |_| {
        crates::write(workspace, &bench.dir, options.structs)?;
        Ok(Note::Done)
    })?;
    steps.step("building what they depend on", |watch| {
        sides.iter().try_for_each(|(subject, side)| watch.check(&bench.build(*subject, *side, false)))?;
        Ok(Note::Done)
    })?;

    let mut times = vec![Vec::new(); sides.len()];
    let timing = format!("building each crate, {} rounds in turns", options.rounds);
    steps.step(&timing, |watch| {
        for _ in 0..options.rounds {
            for (times, (subject, side)) in times.iter_mut().zip(&sides) {
                times.push(bench.time(watch, *subject, *side)?);
            }
        }
        Ok(Note::Done)
    })?;

    let mut sizes = vec![None; sides.len()];
    if !options.no_sizes {
        steps.step("building each crate with optimisation", |watch| {
            for (sizes, (subject, side)) in sizes.iter_mut().zip(&sides) {
                watch.check(&bench.build(*subject, *side, true))?;
                *sizes = Some(bench.sizes(watch, *subject, *side)?);
            }
            Ok(Note::Done)
        })?;
        steps.step("loading each module", |watch| {
            sides
                .iter()
                .try_for_each(|(subject, side)| watch.check(&bench.load(*subject, *side, options.structs)?))?;
            Ok(Note::Done)
        })?;
    }

    let figures = |place: usize| Figures { best: Usage::best(&times[place]), sizes: sizes[place] };
    let rows: Vec<_> = subjects.iter().enumerate().map(|(i, s)| (*s, figures(2 * i), figures(2 * i + 1))).collect();
    print!("\n{}", table::text(&rows));
    let (holds, verdict) = table::verdict(&rows);
    println!("{verdict}");
    Ok(holds)
}

/// Where the crates are, and for which interpreter they are built.
struct Bench {
    dir: PathBuf,
    python: Python,
}

impl Bench {
    /// Builds one crate, and what it depends on if that is not built yet.
    fn build(&self, subject: Subject, side: Side, release: bool) -> Cmd {
        let profile = if release { "release" } else { "dev" };
        Cmd::new("cargo")
            .dir(&self.dir)
            .args(["build", "--profile", profile, "--package", &side.package(subject)])
            .env("CARGO_TARGET_DIR", self.dir.join("target"))
            .env("PYO3_PYTHON", &self.python.executable)
            .env("PYO3_BUILD_EXTENSION_MODULE", "1")
            .shown_env("CARGO_INCREMENTAL", "0")
    }

    /// Builds one crate anew, without what it depends on.
    fn time(&self, watch: &Watch, subject: Subject, side: Side) -> Result<Usage> {
        let source = self.dir.join(side.package(subject)).join("src").join("lib.rs");
        let text = fs::read(&source)?;
        // Cargo looks at the time of the last change, not at the text.
        fs::write(&source, text)?;
        let cmd = self.build(subject, side, false);
        Usage::of(|| watch.check(&cmd))
    }

    fn library(&self, subject: Subject, side: Side) -> PathBuf {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        self.dir.join("target").join("release").join(format!("{prefix}{}{suffix}", side.package(subject)))
    }

    fn sizes(&self, watch: &Watch, subject: Subject, side: Side) -> Result<Sizes> {
        let library = self.library(subject, side);
        let stripped = library.with_extension("stripped");
        watch.check(&Cmd::new("strip").arg("-o").arg(&stripped).arg(&library))?;
        Ok(Sizes { whole: size(&library)?, stripped: size(&stripped)? })
    }

    /// Imports one module and looks for its classes.
    fn load(&self, subject: Subject, side: Side, structs: u32) -> Result<Cmd> {
        let name = side.package(subject);
        let modules = self.dir.join("modules");
        fs::create_dir_all(&modules)?;
        let suffix = if cfg!(windows) { "pyd" } else { "so" };
        fs::copy(self.library(subject, side), modules.join(format!("{name}.{suffix}")))?;
        let look = format!(
            "import {name} as m; classes = [getattr(m, f'S{{i}}') for i in range({structs})]; \
             assert all(hasattr(c, 'name') and hasattr(c, 'count') for c in classes)"
        );
        Ok(Cmd::new(&self.python.executable).dir(modules).args(["-c", &look]))
    }
}

fn size(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("`{}` was not built", file.display()))?.len())
}
