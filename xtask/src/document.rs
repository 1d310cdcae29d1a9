//! The documents that the demo and the benchmark read: real, and the same for everyone.

use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use sha2::{Digest, Sha256};

use crate::progress::{Note, Watch};
use crate::venv::{Venv, DOCUMENT};
use crate::workspace::Workspace;

/// Khronos's registries (SPDX-License-Identifier: Apache-2.0). The first, OpenGL's, has 67,000 elements: the demo reads it.
const REGISTRIES: [&str; 5] = ["gl.xml", "vk.xml", "egl.xml", "glx.xml", "wgl.xml"];

/// Of exactly these bytes, one after the other.
const SHA256: &str = "26b0080c42e6ef9ca28540883d2f88568c18e5dc9bf6280fdee562cd87302c83";

/// How many bytes the large document has at least.
const LARGE: usize = 20_000_000;

/// What is fetched, and from where.
pub(crate) fn summary() -> String {
    format!("Khronos's XML registries (5.8 MB) from {} on PyPI", DOCUMENT.summary())
}

/// Where the demo's document is once fetched.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    directory(workspace).join(REGISTRIES[0])
}

/// Where the package is put.
fn package(workspace: &Workspace) -> PathBuf {
    workspace.target().join("glad2")
}

/// Where it has the registries.
fn directory(workspace: &Workspace) -> PathBuf {
    package(workspace).join("glad").join("files")
}

/// Fetches the registries through pip, unless they are there.
///
/// # Errors
///
/// If pip fails, or what it brought is not what is expected.
pub(crate) fn fetch(workspace: &Workspace, venv: &Venv<'_>, watch: &Watch) -> Result<Note> {
    let directory = directory(workspace);
    if digest(&directory).is_ok_and(|digest| digest == SHA256) {
        return Ok(Note::Already);
    }
    let pip = venv
        .pip_install()
        .args(["--no-deps", "--no-compile", "--upgrade", "--require-hashes"])
        .args(["--only-binary", ":all:", "--target"])
        .arg(package(workspace))
        .arg("-r")
        .arg(DOCUMENT.file(workspace));
    watch.check(&pip)?;
    let digest = digest(&directory)?;
    if digest != SHA256 {
        bail!("the registries of {} have the SHA-256 {digest}, not {SHA256}", DOCUMENT.summary());
    }
    Ok(Note::Done)
}

fn digest(directory: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    for name in REGISTRIES {
        digest.update(read(directory, name)?);
    }
    Ok(format!("{:x}", digest.finalize()))
}

fn read(directory: &Path, name: &str) -> Result<String> {
    let path = directory.join(name);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Writes a document of all registries, which were fetched, over and over in one element until it is large.
///
/// # Errors
///
/// If one cannot be read, or the document not written.
pub(crate) fn write_large(workspace: &Workspace, to: &Path) -> Result<()> {
    let mut registries = String::new();
    for name in REGISTRIES {
        let text = read(&directory(workspace), name)?;
        // The XML declaration may stand at the beginning of a document only.
        let (_, registry) = text.split_once("?>").with_context(|| format!("{name} has no XML declaration"))?;
        registries += registry;
    }
    let registries = registries.repeat(LARGE.div_ceil(registries.len()));
    std::fs::write(to, format!("<registries>{registries}</registries>\n"))
        .with_context(|| format!("cannot write `{}`", to.display()))
}
