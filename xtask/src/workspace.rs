//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::Cmd;

/// The workspace: its root, its target directory, its packages.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
}

impl Workspace {
    /// Asks Cargo, so that `CARGO_TARGET_DIR` and Cargo's configuration count.
    ///
    /// # Errors
    ///
    /// If Cargo cannot make sense of the workspace.
    pub(crate) fn locate() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata = Cmd::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .dir(here.parent().unwrap_or(here))
            .read()?;
        Self::from_metadata(&metadata).context("cannot read what `cargo metadata` printed")
    }

    fn from_metadata(metadata: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)?;
        let path = |value: &Value, key: &str| -> Result<PathBuf> {
            Ok(value[key].as_str().with_context(|| format!("no `{key}`"))?.into())
        };
        let packages = metadata["packages"]
            .as_array()
            .context("no `packages`")?
            .iter()
            .map(|package| {
                Ok(Package {
                    name: package["name"].as_str().context("no `name`")?.to_owned(),
                    manifest: path(package, "manifest_path")?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self { root: path(&metadata, "workspace_root")?, target: path(&metadata, "target_directory")?, packages })
    }

    /// The directory of the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything that is built goes.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The workspace's members.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// `path` as a reader sees it: relative to the root where it lies below it.
    pub(crate) fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// A command that runs in the root.
    pub(crate) fn command(&self, program: impl Into<std::ffi::OsString>) -> Cmd {
        Cmd::new(program).dir(&self.root)
    }

    /// A cargo command that runs in the root.
    pub(crate) fn cargo<const N: usize>(&self, args: [&str; N]) -> Cmd {
        self.command("cargo").args(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_metadata_and_shows_paths_from_the_root() {
        let workspace = Workspace::from_metadata(
            r#"{"packages": [{"name": "a", "manifest_path": "/w/a/Cargo.toml", "id": "x"}],
                "workspace_root": "/w", "target_directory": "/elsewhere", "version": 1}"#,
        )
        .unwrap();
        assert_eq!(workspace.packages()[0].name, "a");
        assert_eq!(workspace.show(Path::new("/w/a/b.rs")), "a/b.rs");
        assert_eq!(workspace.show(Path::new("/elsewhere/b")), "/elsewhere/b");
        assert!(Workspace::from_metadata("{}").is_err());
    }
}
