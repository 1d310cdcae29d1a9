//! Putting figures into the guide.

use std::fs;
use std::path::Path;

use anyhow::{bail, Context, Result};

use crate::command::Cmd;
use crate::workspace::Workspace;

/// Where the guide keeps figures and plots.
const FIGURES: &str = "docs/src/speed";

/// Keeps a file of figures, and has a script write the page that shows all that are kept.
///
/// # Errors
///
/// If something cannot be written.
pub(super) fn publish(workspace: &Workspace, figures: &Path, script: Cmd, page: &str) -> Result<()> {
    let kept = workspace.root().join(FIGURES);
    let name = figures.file_name().context("the figures are no file")?;
    fs::copy(figures, kept.join(name)).with_context(|| format!("cannot write to `{FIGURES}`"))?;
    if !script.arg(&kept).arg(workspace.root().join(page)).hand_over().context("cannot write the page")? {
        bail!("`{page}` was not written");
    }
    println!("Written to {page} and {FIGURES}.");
    Ok(())
}
