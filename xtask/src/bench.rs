//! `cargo xtask bench`: figures beside those of others, in groups.

mod compile;
mod containers;
mod dom;
mod guard;
mod guide;
mod python;

use anyhow::Result;
use clap::Subcommand;

use crate::command::Cmd;
use crate::workspace::Workspace;

/// What to measure, or to count.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    /// What to measure [default: python].
    #[command(subcommand)]
    group: Option<Group>,
    /// Count the instructions of the hottest paths instead, with valgrind, and compare them with the table in the tree.
    ///
    /// Ends with status 0 only if none is more than 3 % away. Where valgrind is not there, or the table is for other versions
    /// of Python, nothing is compared.
    #[arg(long)]
    guard: bool,
    /// Put the counts into the table.
    #[arg(long, requires = "guard")]
    write: bool,
    /// The Python to count with: a path, a name on the PATH, or a version such as 3.13 [default: the first found].
    #[arg(long, value_name = "PY", requires = "guard")]
    python: Option<String>,
}

/// What to measure.
#[derive(Debug, Subcommand)]
enum Group {
    /// How long crates of annotated structs take to build, and how large they are, beside PyO3's classes.
    ///
    /// Builds the same structs with both, in turns, and compares the best of each. Ends with status 0 only
    /// if ffi-object is no slower and no larger.
    Compile(compile::Options),
    /// How long attributes, calls, construction and containers take in Python, beside PyO3, nanobind, pybind11, tvm-ffi and
    /// classes of Python's own.
    ///
    /// Builds the same types with each, and runs them in turns in one process. Ends with status 0 only if ffi-object reaches
    /// what it is to reach.
    Python(python::Options),
    /// What owning an object costs in Rust, beside `std::sync::Arc` and `triomphe::Arc`.
    Rust,
    /// What containers of many elements take, in Python beside the builtins, and in Rust beside the standard library's.
    Containers(containers::Options),
    /// What a document of 23 MB takes to parse, to walk and to keep with `examples/dom`, beside lxml and xml.etree.
    ///
    /// Compares the tree with lxml's, node by node. Ends with status 0 only if they are the same and dom reaches what it is to
    /// reach.
    Dom(dom::Options),
}

/// Measures; whether what is promised holds.
///
/// # Errors
///
/// If something does not build or run.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    if options.guard {
        return guard::run(workspace, options.python.as_deref(), options.write);
    }
    match &options.group {
        Some(Group::Compile(options)) => compile::run(workspace, options),
        Some(Group::Python(options)) => python::run(workspace, options),
        Some(Group::Rust) => {
            let bench =
                Cmd::new(env!("CARGO")).args(["bench", "--quiet", "-p", "ffi-object-benches", "--bench", "arc"]);
            bench.dir(workspace.root()).hand_over()
        }
        Some(Group::Containers(options)) => containers::run(workspace, options),
        Some(Group::Dom(options)) => dom::run(workspace, options),
        None => python::run(workspace, &python::Options::default()),
    }
}
