//! A virtual environment under the target directory, and what is installed into it.

use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use sha2::{Digest, Sha256};

use crate::command::Cmd;
use crate::progress::{Note, Watch};
use crate::python::Python;
use crate::workspace::Workspace;

/// Says for which interpreter an environment was made.
const MADE_FOR: &str = "xtask-python";

/// A list of packages with their versions: a file of `xtask/requirements`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requirements {
    name: &'static str,
    text: &'static str,
}

/// For the demo.
pub(crate) const DEMO: Requirements = Requirements { name: "demo", text: include_str!("../requirements/demo.txt") };

/// For the tests.
pub(crate) const TEST: Requirements = Requirements { name: "test", text: include_str!("../requirements/test.txt") };

/// For the benchmark in Python.
pub(crate) const BENCH: Requirements = Requirements { name: "bench", text: include_str!("../requirements/bench.txt") };

/// For the benchmark of documents.
pub(crate) const DOM: Requirements = Requirements { name: "dom", text: include_str!("../requirements/dom.txt") };

/// For the page that shows what it measured.
pub(crate) const PAGE: Requirements = Requirements { name: "page", text: include_str!("../requirements/page.txt") };

/// For counting instructions.
pub(crate) const GUARD: Requirements = Requirements { name: "guard", text: include_str!("../requirements/guard.txt") };

/// The package the demo's document comes from, and the benchmark's.
pub(crate) const DOCUMENT: Requirements =
    Requirements { name: "document", text: include_str!("../requirements/document.txt") };

impl Requirements {
    /// The file, for pip to read.
    pub(crate) fn file(self, workspace: &Workspace) -> PathBuf {
        let file = format!("xtask/requirements/{}.txt", self.name);
        workspace.root().join(file)
    }

    /// `maturin 1.16.0, lxml 6.1.3`.
    pub(crate) fn summary(self) -> String {
        self.pins().join(", ").replace("==", " ")
    }

    /// `maturin==1.16.0` and `lxml==6.1.3`.
    fn pins(self) -> Vec<String> {
        let pins = self.text.lines().filter_map(|line| {
            let (name, rest) = line.split_once("==")?;
            let version = rest.split_whitespace().next()?;
            (!name.starts_with('#')).then(|| format!("{name}=={version}"))
        });
        pins.collect()
    }

    fn digest(self) -> String {
        format!("{:x}", Sha256::digest(self.text))
    }
}

/// A virtual environment.
#[derive(Debug, Clone)]
pub(crate) struct Venv<'w> {
    workspace: &'w Workspace,
    base: Python,
    dir: PathBuf,
    /// What runs instead of its interpreter.
    program: Option<PathBuf>,
}

impl<'w> Venv<'w> {
    /// The environment for `base`; it need not be there yet.
    pub(crate) fn new(workspace: &'w Workspace, base: Python) -> Self {
        let dir = workspace.target().join("venv").join(base.tag());
        Self { workspace, base, dir, program: None }
    }

    /// The interpreter it was, or will be, made with.
    pub(crate) fn base(&self) -> &Python {
        &self.base
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The same environment, run by another program, which has to stand where its interpreter does.
    pub(crate) fn run_by(&self, program: PathBuf) -> Self {
        Self { program: Some(program), ..self.clone() }
    }

    /// Its interpreter.
    pub(crate) fn executable(&self) -> PathBuf {
        if let Some(program) = &self.program {
            program.clone()
        } else if cfg!(windows) {
            self.dir.join("Scripts").join("python.exe")
        } else {
            self.dir.join("bin").join("python")
        }
    }

    /// Makes it, unless it is there and made with this very interpreter.
    ///
    /// # Errors
    ///
    /// If Python's `venv` fails.
    pub(crate) fn create(&self, watch: &Watch) -> Result<Note> {
        let stamp = self.dir.join(MADE_FOR);
        if self.executable().exists() && holds(&stamp, &self.base.identity()) {
            return Ok(Note::Already);
        }
        let python = self.workspace.command(&self.base.executable);
        let make = python.args(["-m", "venv", "--clear"]);
        match &self.base.pip {
            None => watch.check(&make.arg(&self.dir))?,
            Some(wheel) => {
                watch.check(&make.arg("--without-pip").arg(&self.dir))?;
                watch.check(
                    &self.python().arg(wheel.join("pip")).args(["install", "--quiet", "--no-index"]).arg(wheel),
                )?;
            }
        }
        write(&stamp, &self.base.identity())?;
        Ok(Note::Done)
    }

    /// Installs packages, unless these very versions were installed before.
    ///
    /// # Errors
    ///
    /// If pip fails.
    pub(crate) fn install(&self, watch: &Watch, requirements: Requirements) -> Result<Note> {
        let stamp = self.dir.join(format!("xtask-{}", requirements.name));
        if holds(&stamp, &requirements.digest()) {
            return Ok(Note::Already);
        }
        let pip = self.pip_install().arg("--prefer-binary").arg("-r");
        watch.check(&pip.arg(requirements.file(self.workspace)))?;
        write(&stamp, &requirements.digest())?;
        Ok(Note::Done)
    }

    /// Installs packages as far as there are wheels of them for this interpreter, if need be of older
    /// versions, unless that was done before; returns the names of those that there are not.
    ///
    /// # Errors
    ///
    /// If pip fails for another reason.
    pub(crate) fn install_wheels(&self, watch: &Watch, requirements: Requirements) -> Result<Vec<String>> {
        let stamp = self.dir.join(format!("xtask-{}-wheels", requirements.name));
        let found = std::fs::read_to_string(&stamp).unwrap_or_default();
        if let Some(missing) = found.strip_prefix(&requirements.digest()) {
            return Ok(missing.split_whitespace().map(str::to_owned).collect());
        }
        if self.install_all_wheels(watch, &requirements.pins())? {
            write(&stamp, &requirements.digest())?;
            return Ok(Vec::new());
        }
        let mut missing = Vec::new();
        for package in requirements.pins() {
            // An older one can have a wheel for every interpreter.
            let (pinned, older) = (std::slice::from_ref(&package), [package.replace("==", "<")]);
            if !self.install_all_wheels(watch, pinned)? && !self.install_all_wheels(watch, &older)? {
                missing.extend(package.split("==").next().map(str::to_owned));
            }
        }
        write(&stamp, &format!("{}\n{}", requirements.digest(), missing.join("\n")))?;
        Ok(missing)
    }

    /// Whether there are wheels of these packages; installs them.
    fn install_all_wheels(&self, watch: &Watch, packages: &[String]) -> Result<bool> {
        let finished = watch.run(&self.pip_install().args(["--only-binary", ":all:"]).args(packages))?;
        if !finished.success && !finished.output.contains("No matching distribution found") {
            watch.show_output(&finished);
            bail!("pip failed ({}); what it printed is above", finished.status);
        }
        Ok(finished.success)
    }

    /// `python -m pip install`, quiet and asking nothing.
    pub(crate) fn pip_install(&self) -> Cmd {
        let pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install"];
        // Variables that send packages elsewhere than into the environment.
        ["PIP_USER", "PIP_TARGET", "PIP_PREFIX"].into_iter().fold(self.python(), Cmd::unset).args(pip).arg("--quiet")
    }

    /// Its interpreter, to run in the root of the workspace with the environment active.
    pub(crate) fn python(&self) -> Cmd {
        // maturin refuses to choose between two environments.
        self.workspace
            .command(self.executable())
            .env("VIRTUAL_ENV", &self.dir)
            .unset("CONDA_PREFIX")
            .unset("PYTHONHOME")
            .unset("PYTHONPATH")
    }

    /// Builds the extension crate in `directory` and installs it, always afresh: what has not
    /// changed costs little, as Cargo knows.
    pub(crate) fn maturin_develop(&self, directory: &str, profile: &str) -> Cmd {
        self.maturin("develop", &self.workspace.root().join(directory), profile)
    }

    /// `python -m maturin develop` or `build` for the extension crate in `directory`.
    pub(crate) fn maturin(&self, command: &str, directory: &Path, profile: &str) -> Cmd {
        let cmd = self.python().args(["-m", "maturin", command, "--profile", profile]);
        cmd.arg("--manifest-path").arg(directory.join("Cargo.toml"))
    }
}

fn holds(stamp: &Path, text: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|found| found == text)
}

fn write(stamp: &Path, text: &str) -> Result<()> {
    std::fs::write(stamp, text).with_context(|| format!("cannot write `{}`", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_pinned_and_summed_up() {
        for requirements in [DEMO, TEST, BENCH, DOM, PAGE, DOCUMENT] {
            for line in requirements.text.lines() {
                assert!(line.starts_with('#') || line.contains("=="), "{line}");
            }
        }
        assert!(DEMO.summary().starts_with("maturin 1."));
        assert_eq!(DOCUMENT.summary(), "glad2 2.0.8");
    }

    #[test]
    fn the_tests_use_what_the_demo_uses() {
        let pins = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
        for pin in pins(DEMO.text) {
            assert!(pins(TEST.text).any(|other| other == pin), "{pin}");
        }
    }
}
