//! The workspace with an older PyO3, in a copy of its own: PyO3 0.28 is the last that builds for the
//! free-threaded 3.13. The workspace's own lock file stays as it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::progress::Watch;
use crate::workspace::Workspace;

/// The version.
pub(super) const VERSION: &str = "0.28.3";

/// What is of that version, in the order in which Cargo can be told so.
const PACKAGES: [&str; 2] = ["pyo3", "pyo3-build-config"];

/// Copies what changed, and makes the lock file where the workspace's is another than before; the
/// copy's root.
///
/// # Errors
///
/// If the copy cannot be written, or Cargo cannot find the versions.
pub(super) fn copy(workspace: &Workspace, watch: &Watch) -> Result<PathBuf> {
    let copy = workspace.target().join("matrix").join(format!("pyo3-{VERSION}"));
    let ours = std::fs::read_to_string(workspace.root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    mirror(workspace, &copy)?;
    let made_from = copy.join("Cargo.lock.workspace");
    if std::fs::read_to_string(&made_from).is_ok_and(|found| found == ours) {
        return Ok(copy);
    }
    let lock = copy.join("Cargo.lock");
    std::fs::write(&lock, &ours)?;
    for package in PACKAGES {
        // Once PyO3 is an older one, there are two of what it shares with build scripts.
        let text = std::fs::read_to_string(&lock)?;
        if let Some(found) = other_version(&text, package) {
            let cargo = workspace.cargo(["update", "--package"]).dir(&copy);
            watch.check(&cargo.arg(format!("{package}@{found}")).args(["--precise", VERSION]))?;
        }
    }
    std::fs::write(&made_from, &ours)?;
    Ok(copy)
}

/// Makes the copy's packages what the workspace's are. A file that has not changed is not written, so
/// that Cargo does not build it again.
fn mirror(workspace: &Workspace, copy: &Path) -> Result<()> {
    let root = workspace.root();
    let mut wanted = BTreeSet::new();
    let mut copy_file = |file: &Path| -> Result<()> {
        let to = copy.join(file.strip_prefix(root).context("a package lies outside of the workspace")?);
        let text = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        if std::fs::read(&to).ok().as_ref() != Some(&text) {
            std::fs::create_dir_all(to.parent().context("no directory")?)?;
            std::fs::write(&to, text).with_context(|| format!("cannot write `{}`", to.display()))?;
        }
        wanted.insert(to);
        Ok(())
    };
    for file in ["Cargo.toml", "README.md", ".cargo/config.toml"].map(|name| root.join(name)) {
        if file.is_file() {
            copy_file(&file)?;
        }
    }
    let written = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !(path == workspace.target() || name == "__pycache__" || name.ends_with(".so") || name == ".git")
    };
    let mut directories: BTreeSet<&Path> =
        workspace.packages().iter().filter_map(|package| package.manifest.parent()).collect();
    // An example takes its code from the guide.
    let guide = root.join("docs");
    directories.insert(&guide);
    for directory in &directories {
        for entry in WalkDir::new(directory).into_iter().filter_entry(|entry| written(entry.path())) {
            let entry = entry?;
            if entry.file_type().is_file() {
                copy_file(entry.path())?;
            }
        }
    }
    // What is gone must not go on being built.
    for entry in WalkDir::new(copy).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let ours = entry.file_name().to_string_lossy().starts_with("Cargo.lock");
        if !ours && !wanted.contains(entry.path()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The version of a package in a lock file.
pub(super) fn locked(lock: &str, package: &str) -> Option<String> {
    versions(lock, package).into_iter().next()
}

/// The version of a package in a lock file that is not the one wanted here.
fn other_version(lock: &str, package: &str) -> Option<String> {
    versions(lock, package).into_iter().find(|version| version != VERSION)
}

fn versions(lock: &str, package: &str) -> Vec<String> {
    let lock = lock.parse::<toml::Table>().unwrap_or_default();
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |value: &toml::Value, key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let named = packages.iter().filter(|value| text(value, "name").as_deref() == Some(package));
    named.filter_map(|value| text(value, "version")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lock_files() {
        let lock = format!(
            "[[package]]\nname = \"pyo3-build-config\"\nversion = \"{VERSION}\"\n\
             [[package]]\nname = \"pyo3-build-config\"\nversion = \"0.30.1\"\n\
             [[package]]\nname = \"pyo3\"\nversion = \"{VERSION}\"\n"
        );
        assert_eq!(locked(&lock, "pyo3").as_deref(), Some(VERSION));
        assert_eq!(other_version(&lock, "pyo3"), None);
        assert_eq!(other_version(&lock, "pyo3-build-config").as_deref(), Some("0.30.1"));
        assert_eq!(locked(&lock, "serde"), None);
    }
}
