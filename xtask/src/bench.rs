//! `cargo xtask bench`: figures beside those of others, in groups.

mod compile;
mod containers;
mod python;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Group {
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
    /// What containers of many elements take, in Python beside the builtins, and in Rust beside the standard library's.
    Containers(containers::Options),
}

/// Measures; whether what is promised holds.
///
/// # Errors
///
/// If something does not build or run.
pub(crate) fn run(workspace: &Workspace, group: &Group) -> Result<bool> {
    match group {
        Group::Compile(options) => compile::run(workspace, options),
        Group::Python(options) => python::run(workspace, options),
        Group::Containers(options) => containers::run(workspace, options),
    }
}
