//! Running an interpreter out of the files of another Linux system, such as `debootstrap` makes.
//!
//! It is started by that system's own loader, with that system's libraries, but sees this system's
//! files: so it makes environments, builds and tests like any other. A small script starts it that
//! way; `lib` and `include` beside the script's directory are where Python then looks for its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::python::Python;
use crate::workspace::Workspace;

/// Whether the directory holds a system.
pub(super) fn is_root(directory: &Path) -> bool {
    directory.join("usr/bin").is_dir() && loader(directory).is_some()
}

/// The interpreters in the systems below `/opt` that are named for Python: the system, and the path in it.
pub(super) fn interpreters() -> Vec<(PathBuf, PathBuf)> {
    let entries = |directory: &Path| std::fs::read_dir(directory).into_iter().flatten().flatten();
    let starts =
        |path: &Path, start: &str| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start));
    let mut found = Vec::new();
    for root in entries(Path::new("/opt")).map(|entry| entry.path()) {
        if starts(&root, "python") && is_root(&root) {
            for file in entries(&root.join("usr/bin")).map(|entry| entry.path()) {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let version = name.strip_prefix("python3.").map(|rest| rest.trim_end_matches('t'));
                if version.is_some_and(|version| version.parse::<u32>().is_ok()) {
                    found.push((root.clone(), Path::new("/usr/bin").join(name)));
                }
            }
        }
    }
    found
}

/// The interpreter that is at `inside` in the system at `root`.
///
/// # Errors
///
/// If it does not work.
pub(super) fn open(workspace: &Workspace, root: &Path, inside: &Path) -> Result<Python> {
    let loader = loader(root).with_context(|| format!("`{}` holds no Linux system", root.display()))?;
    let libraries = loader.parent().context("the loader is nowhere")?;
    let program = root.join(inside.strip_prefix("/").unwrap_or(inside));
    let name = program.file_name().context("no interpreter is named")?;
    let system = root.file_name().unwrap_or_default().to_string_lossy();
    let place = workspace.target().join("matrix/chroot").join(&*system);
    std::fs::create_dir_all(place.join("bin"))?;
    for directory in ["lib", "include"] {
        link(&root.join("usr").join(directory), &place.join(directory))?;
    }
    // Debian's `pyconfig.h` includes another by a path that compilers look for among this system's headers.
    let headers = place.join("headers");
    std::fs::create_dir_all(&headers)?;
    if let Some(triplet) = libraries.file_name() {
        link(&root.join("usr/include").join(triplet), &headers.join(triplet))?;
    }
    let script = place.join("bin").join(name);
    let text = format!(
        "#!/bin/sh\nexport CPATH='{}'\"${{CPATH:+:$CPATH}}\"\n\
         exec '{}' --library-path '{}' --argv0 \"$0\" '{}' \"$@\"\n",
        headers.display(),
        loader.display(),
        libraries.display(),
        program.display()
    );
    write_program(&script, &text)?;
    let mut python = Python::probe(&script)?;
    // Debian keeps pip outside of Python's own directory.
    let wheels = std::fs::read_dir(root.join("usr/share/python-wheels")).into_iter().flatten().flatten();
    python.pip = wheels
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pip-")));
    Ok(python)
}

/// The loader of the system at `root`.
fn loader(root: &Path) -> Option<PathBuf> {
    ["lib64", "lib"].into_iter().find_map(|directory| {
        let entries = std::fs::read_dir(root.join(directory)).ok()?.flatten();
        let mut loaders = entries.filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("ld-linux") && name.contains(".so")
        });
        loaders.next()?.path().canonicalize().ok()
    })
}

#[cfg(unix)]
fn link(to: &Path, link: &Path) -> Result<()> {
    if std::fs::read_link(link).is_ok_and(|found| found == to) {
        return Ok(());
    }
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(to, link).with_context(|| format!("cannot make `{}`", link.display()))
}

#[cfg(unix)]
fn write_program(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    anyhow::bail!("only Linux can run another Linux system's Python")
}

#[cfg(not(unix))]
fn write_program(_: &Path, _: &str) -> Result<()> {
    anyhow::bail!("only Linux can run another Linux system's Python")
}
