//! The workspace's own commands, run as `cargo xtask <command>`.
//!
//! | file | what it knows |
//! |---|---|
//! | `workspace` | where the tree and the target directory are, which packages there are |
//! | `command` | how to run a program: environment, captured output, how a command is shown |
//! | `progress` | how a step is announced, timed and finished |
//! | `python`, `venv` | finding an interpreter; making an environment and installing into it |
//! | `document` | fetching and verifying the XML that the demo reads, and the benchmark |
//! | `demo`, `test`, `sanitize`, `fuzz`, `soak`, `bench`, `tidy` | the commands |

mod bench;
mod command;
mod demo;
mod document;
mod fuzz;
mod progress;
mod python;
mod sanitize;
mod soak;
mod test;
mod tidy;
mod venv;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::test::{Choice, Step};
use crate::workspace::Workspace;

/// Commands for working on ffi-object.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the `dom` example and show it at work on a real document.
    ///
    /// Does all the set-up itself, under the target directory: a virtual environment, the Python
    /// packages, the document, the extension. A second run reuses what is there.
    Demo(DemoArgs),
    /// Run every check and every test, or some of them.
    ///
    /// Ends with a summary and a line that counts all tests. A step that could not be run is not
    /// a success: the exit status is 0 only when every chosen step passed.
    Test(TestArgs),
    /// Run the tests under AddressSanitizer, ThreadSanitizer, valgrind and CPython's development mode.
    ///
    /// Ends with a table. What cannot be run here is no failure, unless `--only` asks for it.
    Sanitize(SanitizeArgs),
    /// Run the conversions, the containers and the registry on input that a fuzzer makes up.
    Fuzz(FuzzArgs),
    /// Let threads turn a shared graph over for a while, and see that memory stays flat.
    ///
    /// Ends with status 0 only if it does, nothing failed, and no object is left.
    Soak(SoakArgs),
    /// Measure ffi-object beside others, and print the ratios.
    Bench(bench::Options),
    /// Check facts about the tree that no compiler checks.
    Tidy,
}

#[derive(Debug, clap::Args)]
struct DemoArgs {
    /// An XML document of your own, instead of the one fetched from PyPI.
    #[arg(long, value_name = "F.xml", value_parser = existing_file)]
    file: Option<PathBuf>,
    /// The Python to use, 3.10 or newer: a path, or a name on the PATH [default: the first found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, clap::Args)]
struct TestArgs {
    /// Only these steps, separated by commas; `--list` says which there are.
    #[arg(long, value_name = "STEP[,STEP]", value_enum, value_delimiter = ',', hide_possible_values = true)]
    only: Vec<Step>,
    /// Leave out these steps.
    #[arg(long, value_name = "STEP[,STEP]", value_enum, value_delimiter = ',', hide_possible_values = true)]
    skip: Vec<Step>,
    /// List the steps and what each does, and run nothing.
    #[arg(long)]
    list: bool,
    /// Stop at the first step that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Run the Python tests on every interpreter there is, and print a table.
    ///
    /// Looks on the PATH and where pyenv, uv and others put interpreters. FFI_OBJECT_PYTHONS names
    /// more, separated by colons. `chroot:/root:/usr/bin/python3.14` is an interpreter inside another
    /// Linux system's files.
    #[arg(long, conflicts_with_all = ["only", "skip", "list", "fail_fast"])]
    matrix: bool,
    /// With --matrix: only on these interpreters, separated by commas: `oldest`, `default`, `newest`,
    /// or versions such as `3.12` and `3.13t`.
    ///
    /// The oldest and the newest are those with a GIL; the default is the one that is used without
    /// --matrix. The abi3 build is tested on those of them that have a GIL.
    #[arg(long, value_name = "WHICH[,WHICH]", value_delimiter = ',', requires = "matrix", conflicts_with = "write")]
    on: Vec<Choice>,
    /// With --matrix: also write the table to docs/src/matrix.md.
    #[arg(long, requires = "matrix")]
    write: bool,
    /// The Python to use, 3.10 or newer: a path, or a name on the PATH [default: the first found].
    ///
    /// With --matrix: one more, and the option can be given again.
    #[arg(long, value_name = "PY")]
    python: Vec<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, clap::Args)]
struct SanitizeArgs {
    /// Only these tools, separated by commas.
    #[arg(long, value_name = "TOOL[,TOOL]", value_enum, value_delimiter = ',')]
    only: Vec<sanitize::Tool>,
    /// The Python to use, 3.10 or newer: a path, or a name on the PATH [default: the first found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, clap::Args)]
struct FuzzArgs {
    /// Only these targets.
    #[arg(value_name = "TARGET", value_enum)]
    targets: Vec<fuzz::Target>,
    /// How long each runs.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, clap::Args)]
struct SoakArgs {
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    minutes: f64,
    /// The Python to use, 3.10 or newer: a path, or a name on the PATH [default: the first found].
    #[arg(long, value_name = "PY")]
    python: Option<String>,
    /// Show what the tools print, also where nothing fails.
    #[arg(long, short)]
    verbose: bool,
}

fn main() -> ExitCode {
    end_quietly_without_reader();
    let outcome = match Cli::parse().command {
        Command::Demo(args) => Workspace::locate()
            .and_then(|workspace| demo::run(&workspace, args.file.as_deref(), args.python.as_deref(), args.verbose)),
        Command::Test(args) if args.list => {
            test::list();
            Ok(true)
        }
        Command::Test(args) if args.matrix => Workspace::locate().and_then(|workspace| {
            let options =
                test::MatrixOptions { pythons: args.python, on: args.on, write: args.write, verbose: args.verbose };
            test::run_matrix(&workspace, &options)
        }),
        Command::Test(args) if args.python.len() > 1 => {
            Err(anyhow::anyhow!("only --matrix takes more than one --python"))
        }
        Command::Test(args) => Workspace::locate().and_then(|workspace| {
            test::run(
                &workspace,
                &test::Options {
                    only: args.only,
                    skip: args.skip,
                    fail_fast: args.fail_fast,
                    python: args.python.into_iter().next(),
                    verbose: args.verbose,
                },
            )
        }),
        Command::Sanitize(args) => Workspace::locate().and_then(|workspace| {
            let options = sanitize::Options { only: args.only, python: args.python, verbose: args.verbose };
            sanitize::run(&workspace, &options)
        }),
        Command::Fuzz(args) => Workspace::locate().and_then(|workspace| {
            let time = std::time::Duration::from_secs(args.seconds);
            fuzz::run(&workspace, &fuzz::Options { targets: args.targets, time, verbose: args.verbose })
        }),
        Command::Soak(args) => Workspace::locate()
            .and_then(|workspace| soak::run(&workspace, args.minutes, args.python.as_deref(), args.verbose)),
        Command::Bench(options) => Workspace::locate().and_then(|workspace| bench::run(&workspace, &options)),
        Command::Tidy => Workspace::locate().and_then(|workspace| tidy::run(&workspace)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{} {error:#}", console::style("error:").red().bold());
            ExitCode::FAILURE
        }
    }
}

/// Ends the process when standard output is closed, as by `cargo xtask test | head`: `println!`
/// panics there.
fn end_quietly_without_reader() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        if message.is_some_and(|message| message.starts_with("failed printing to stdout")) {
            std::process::exit(1);
        }
        default(panic);
    }));
}

/// The file that `--file` names, as a path that holds whichever directory a tool runs in.
fn existing_file(given: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(given);
    let metadata = path.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("this is not a file".into());
    }
    if metadata.len() == 0 {
        return Err("this file is empty".into());
    }
    std::fs::File::open(&path).map_err(|error| error.to_string())?;
    path.canonicalize().map_err(|error| error.to_string())
}
