//! One row: building for an interpreter, and testing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{bail, ensure, Context, Result};

use super::older_pyo3;
use super::table::Row;
use crate::command::{Cmd, Finished};
use crate::progress::Watch;
use crate::python::Python;
use crate::test::count::{self, Count};
use crate::test::steps::{pytest, show_and_run, EXTENSIONS, EXTENSION_PROFILE, PYTHON_TESTS};
use crate::venv::{Venv, TEST};
use crate::workspace::Workspace;

/// The crate that the abi3 build is of, and its module.
const ABI3_CRATE: &str = "tests/python";
const ABI3_MODULE: &str = "ffi_test";

/// Packages that tests compare with, and skip themselves where they are not there.
const OPTIONAL: [&str; 1] = ["lxml"];

/// How the extensions are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// For one version of Python.
    Version,
    /// For one version of Python without the GIL.
    FreeThreaded,
    /// Once, for all versions.
    Abi3,
}

impl Build {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Version => "version-specific",
            Self::FreeThreaded => "free-threaded",
            Self::Abi3 => "abi3",
        }
    }
}

/// What was counted, and the reason of each test that was skipped.
type Tested = (Count, BTreeMap<String, u64>);

/// Builds and tests.
#[derive(Debug)]
pub(super) struct Tester<'t> {
    workspace: &'t Workspace,
    /// The interpreter that the abi3 build is made with.
    oldest: Option<Python>,
    /// The abi3 build, or why there is none; made when first asked for.
    wheel: Option<Result<PathBuf, String>>,
    verbose: bool,
}

impl<'t> Tester<'t> {
    /// To build for abi3 with `oldest`.
    pub(super) fn new(workspace: &'t Workspace, oldest: Option<Python>, verbose: bool) -> Self {
        Self { workspace, oldest, wheel: None, verbose }
    }

    /// Builds for the interpreter and tests; what went wrong is in the row.
    pub(super) fn run(&mut self, venv: &Venv<'_>, build: Build) -> Row {
        let started = Instant::now();
        let mut remarks = Vec::new();
        let outcome = self.test(venv, build, &mut remarks);
        let interpreter = venv.base().version.clone() + if venv.base().is_free_threaded() { "t" } else { "" };
        let (count, skipped) = outcome.unwrap_or_else(|error| {
            println!("      {error:#}");
            remarks.push(error.to_string());
            (Count { failed: 1, ..Count::default() }, BTreeMap::new())
        });
        Row::tested(interpreter, build, count, skipped, remarks, started.elapsed())
    }

    fn test(&mut self, venv: &Venv<'_>, build: Build, remarks: &mut Vec<String>) -> Result<Tested> {
        let missing = self.set_up(venv)?;
        if let Some(needed) = missing.iter().find(|package| !OPTIONAL.contains(&package.as_str())) {
            bail!("there is no wheel of {needed} for it");
        }
        let tag = venv.base().tag();
        let report = self.workspace.target().join("matrix").join(format!("{tag}-{}.xml", build.name()));
        let mut cmd = pytest(self.workspace, venv, &report);
        let tests: &[&str] = match build {
            Build::Abi3 => {
                cmd = cmd.env("PYTHONPATH", self.install_abi3(venv)?);
                &[ABI3_CRATE]
            }
            Build::Version | Build::FreeThreaded => {
                let older = build_for(self.workspace, venv, &EXTENSIONS, EXTENSION_PROFILE, self.verbose)?;
                remarks.extend(older.map(|version| format!("with PyO3 {version}")));
                &PYTHON_TESTS
            }
        };
        if report.exists() {
            // It must not be taken for that of a run that crashed.
            std::fs::remove_file(&report)?;
        }
        let finished = self.show_and_run(&cmd.args(tests))?;
        let text = std::fs::read_to_string(&report)
            .with_context(|| format!("pytest ended before its report ({})", finished.status))?;
        let mut count = count::junit(&text).with_context(|| format!("cannot read `{}`", report.display()))?;
        if !finished.success && count.failed == 0 {
            remarks.push(format!("pytest failed ({})", finished.status));
            count.failed = 1;
        }
        Ok((count, count::junit_skipped(&text)?))
    }

    /// Makes the environment; the packages that it has to do without.
    fn set_up(&self, venv: &Venv<'_>) -> Result<Vec<String>> {
        println!("      environment in {}", self.workspace.show(venv.dir()));
        let watch = Watch::start("      environment", self.verbose);
        let missing = venv.create(&watch).and_then(|_| venv.install_wheels(&watch, TEST));
        watch.finish();
        missing
    }

    /// Installs the abi3 build to be found before any other; where it is.
    fn install_abi3(&mut self, venv: &Venv<'_>) -> Result<PathBuf> {
        let wheel = match &self.wheel {
            Some(wheel) => wheel.clone(),
            None => {
                let wheel = self.build_abi3().map_err(|error| format!("{error:#}"));
                self.wheel.insert(wheel).clone()
            }
        };
        let wheel = wheel.map_err(anyhow::Error::msg)?;
        let place = self.workspace.target().join("matrix/abi3").join(venv.base().tag());
        if place.exists() {
            std::fs::remove_dir_all(&place)?;
        }
        let pip = venv.pip_install().args(["--no-deps", "--no-index", "--target"]).arg(&place).arg(wheel);
        ensure!(self.show_and_run(&pip)?.success, "the abi3 build cannot be installed");
        // An extension built for the version alone is in the environment, too.
        let print = format!("import {ABI3_MODULE}.{ABI3_MODULE} as module; print(module.__file__)");
        let file = venv.python().env("PYTHONPATH", &place).args(["-c", &print]).read()?;
        let file = Path::new(file.trim());
        ensure!(
            file.starts_with(&place) && file.to_string_lossy().contains("abi3"),
            "`{}` was imported instead of the abi3 build",
            file.display()
        );
        Ok(place)
    }

    /// Builds the wheel, with the oldest interpreter.
    fn build_abi3(&self) -> Result<PathBuf> {
        let oldest = self.oldest.clone().context("there is no interpreter with a GIL")?;
        let venv = Venv::new(self.workspace, oldest);
        self.set_up(&venv)?;
        let wheels = self.workspace.target().join("matrix/abi3/wheels");
        if wheels.exists() {
            std::fs::remove_dir_all(&wheels)?;
        }
        let crate_directory = self.workspace.root().join(ABI3_CRATE);
        let cmd = venv
            .maturin("build", &crate_directory, EXTENSION_PROFILE)
            .args(["--features", "abi3", "--interpreter"])
            .arg(&venv.base().executable)
            .arg("--out")
            .arg(&wheels);
        let finished = self.show_and_run(&in_target(self.workspace, cmd, "abi3/build"))?;
        ensure!(finished.success, "the abi3 build failed");
        let mut files = std::fs::read_dir(&wheels)?.flatten().map(|entry| entry.path());
        let wheel = files.find(|file| file.to_string_lossy().contains("-abi3-"));
        wheel.with_context(|| format!("there is no abi3 wheel in `{}`", wheels.display()))
    }

    fn show_and_run(&self, cmd: &Cmd) -> Result<Finished> {
        show_and_run("matrix", cmd, self.verbose)
    }
}

/// Builds these extension crates for the environment and installs them there; the version of PyO3, if it is not the one
/// that Cargo.lock names.
///
/// # Errors
///
/// If they do not build.
pub(crate) fn build_for(
    workspace: &Workspace,
    venv: &Venv<'_>,
    crates: &[&str],
    profile: &str,
    verbose: bool,
) -> Result<Option<&'static str>> {
    let mut root = workspace.root().to_owned();
    let mut older = None;
    if (venv.base().minor(), venv.base().is_free_threaded()) == (13, true) {
        let watch = Watch::start("      older PyO3", verbose);
        let copy = older_pyo3::copy(workspace, &watch);
        watch.finish();
        root = copy?;
        older = Some(older_pyo3::VERSION);
    }
    for directory in crates {
        let cmd = venv.maturin("develop", &root.join(directory), profile).dir(&root);
        let finished = show_and_run("build", &in_target(workspace, cmd, &venv.base().tag()), verbose)?;
        ensure!(finished.success, "building {directory} failed");
    }
    Ok(older)
}

/// Builds in a directory of its own; what was built for one interpreter cannot be taken for
/// another's. Incremental data would be half of what is there.
fn in_target(workspace: &Workspace, cmd: Cmd, name: &str) -> Cmd {
    let target = workspace.target().join("matrix").join(name);
    cmd.env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0")
}
