//! `cargo xtask fuzz`: the targets of the crate `fuzz`, with libFuzzer and AddressSanitizer.
//!
//! What `cargo fuzz` would do, for the compiler that the workspace uses: libFuzzer asks for instrumentation by options that
//! a stable compiler has, and only AddressSanitizer needs `RUSTC_BOOTSTRAP`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{bail, Result};
use clap::ValueEnum;

use crate::command::Cmd;
use crate::progress::{Note, Steps};
use crate::test::steps::joined_flags;
use crate::workspace::Workspace;

/// A target, in the order they are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Conversions.
    Values,
    /// `List`, `Map`, `Set` and what they are made of.
    Containers,
    /// The registry.
    Registry,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Containers => "containers",
            Self::Registry => "registry",
        }
    }
}

/// What to run, and how.
#[derive(Debug)]
pub(crate) struct Options {
    /// Only these; all, if empty.
    pub(crate) targets: Vec<Target>,
    /// How long each runs.
    pub(crate) time: Duration,
    /// Show all output as it comes.
    pub(crate) verbose: bool,
}

/// Runs the targets, each from where it stopped the last time; whether none found anything.
///
/// # Errors
///
/// If they do not build.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let targets = if options.targets.is_empty() { Target::value_variants().to_vec() } else { options.targets.clone() };
    let mut steps = Steps::new(targets.len() + 1, options.verbose);
    let host = workspace.command("rustc").args(["--print", "host-tuple"]).read()?;
    let host = host.trim();
    let place = workspace.target().join("fuzz");
    steps.step("building the targets", |watch| {
        watch.check(&build(workspace, host))?;
        Ok(Note::Done)
    })?;
    let mut clean = true;
    for target in targets {
        let name = target.name();
        let what = format!("fuzzing {name} for {} s", options.time.as_secs());
        let mut last = String::new();
        let outcome = steps.step(&what, |watch| {
            let program = place.join(host).join("debug").join(name);
            let cmd = command(workspace, program, name, options.time)?;
            let finished = watch.run(&cmd)?;
            if !finished.success {
                watch.show_output(&finished);
                bail!("`{cmd}` found something ({}); what it printed is above", finished.status);
            }
            let is_progress = |line: &&str| line.contains("cov:") || line.starts_with("Done");
            last = finished.output.lines().filter(is_progress).collect::<Vec<_>>().join("\n");
            Ok(Note::Done)
        });
        match outcome {
            // The last line says how far it got, `Done` how often it ran.
            Ok(()) => last.lines().rev().take(2).for_each(|line| println!("      {}", line.trim())),
            Err(error) => {
                println!("      {error:#}");
                clean = false;
            }
        }
    }
    Ok(clean)
}

/// Builds all targets.
fn build(workspace: &Workspace, host: &str) -> Cmd {
    let flags = [
        "--cfg fuzzing",
        "-Zsanitizer=address",
        "-Cunsafe-allow-abi-mismatch=sanitizer",
        // What libFuzzer asks for: where the program has been, and what it compared.
        "-Cpasses=sancov-module",
        "-Cllvm-args=-sanitizer-coverage-level=4",
        "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
        "-Cllvm-args=-sanitizer-coverage-pc-table",
        "-Cllvm-args=-sanitizer-coverage-trace-compares",
        "-Ccodegen-units=1",
    ];
    workspace
        .cargo(["build", "--package", "ffi-object-fuzz", "--bins", "--target", host])
        .unset("CARGO_ENCODED_RUSTFLAGS")
        .env("CARGO_TARGET_DIR", workspace.target().join("fuzz"))
        .env("CARGO_INCREMENTAL", "0")
        .shown_env("RUSTC_BOOTSTRAP", "1")
        .shown_env("RUSTFLAGS", joined_flags("RUSTFLAGS", &flags.join(" ")))
}

/// Runs a target for some time. What led further is kept below the target directory, and so is what failed.
fn command(workspace: &Workspace, program: PathBuf, name: &str, time: Duration) -> Result<Cmd> {
    let corpus = workspace.target().join("fuzz/corpus").join(name);
    std::fs::create_dir_all(&corpus)?;
    let failures = workspace.target().join("fuzz/failures").join(name);
    std::fs::create_dir_all(&failures)?;
    let cmd = workspace.command(program).arg(corpus);
    let cmd = cmd.arg(format!("-artifact_prefix={}/", failures.display()));
    Ok(cmd.args([
        format!("-max_total_time={}", time.as_secs()),
        "-timeout=20".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]))
}
