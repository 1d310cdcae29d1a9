//! `cargo xtask bench`: figures beside those of others, in groups.

mod compile;

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
}

/// Measures; whether what is promised holds.
///
/// # Errors
///
/// If something does not build or run.
pub(crate) fn run(workspace: &Workspace, group: &Group) -> Result<bool> {
    match group {
        Group::Compile(options) => compile::run(workspace, options),
    }
}
