//! One row: building for an interpreter, and testing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{bail, ensure, Context, Result};
use walkdir::WalkDir;

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

/// Packages that no test can do without.
const NEEDED: [&str; 3] = ["maturin", "pytest", "pytest-timeout"];

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
        if let Some(needed) = missing.iter().find(|package| NEEDED.contains(&package.as_str())) {
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
                remarks.extend(build_for(self.workspace, venv, &EXTENSIONS, EXTENSION_PROFILE, self.verbose)?);
                &PYTHON_TESTS
            }
        };
        for (path, package) in left_out(self.workspace.root(), tests, &missing)? {
            let name = self.workspace.show(&path);
            remarks.push(format!("{name} left out: no wheel of {package} for this interpreter"));
            cmd = cmd.arg(format!("--ignore={name}"));
        }
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

/// Builds these extension crates for the environment and installs them there; a remark, if it is not with what Cargo.lock
/// names.
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
) -> Result<Option<String>> {
    let mut root = workspace.root().to_owned();
    let mut remark = None;
    if (venv.base().minor(), venv.base().is_free_threaded()) == (13, true) {
        let watch = Watch::start("      older PyO3", verbose);
        let copy = older_pyo3::copy(workspace, &watch);
        watch.finish();
        root = copy?;
        remark = Some(format!("with PyO3 {}", older_pyo3::VERSION));
    }
    for directory in crates {
        let cmd = venv.maturin("develop", &root.join(directory), profile).dir(&root);
        let finished = show_and_run("build", &in_target(workspace, cmd, &venv.base().tag()), verbose)?;
        ensure!(finished.success, "building {directory} failed");
    }
    Ok(remark)
}

/// Builds in a directory of its own; what was built for one interpreter cannot be taken for
/// another's. Incremental data would be half of what is there.
fn in_target(workspace: &Workspace, cmd: Cmd, name: &str) -> Cmd {
    let target = workspace.target().join("matrix").join(name);
    cmd.env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0")
}

/// What cannot be imported below these directories without the missing packages, each with one of
/// these: files of tests, and directories whose `conftest.py` it is.
fn left_out(root: &Path, directories: &[&str], missing: &[String]) -> Result<BTreeMap<PathBuf, String>> {
    let mut files = Vec::new();
    for entry in directories.iter().flat_map(|directory| WalkDir::new(root.join(directory))) {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "py") {
            files.push((std::fs::read_to_string(&path)?, path));
        }
    }
    // Modules that cannot be imported, and for want of what; helpers of the tests come in by and by.
    let mut broken: BTreeMap<String, String> =
        missing.iter().map(|package| (package.clone(), package.clone())).collect();
    let mut out = BTreeMap::new();
    loop {
        let before = broken.len();
        for (text, path) in &files {
            let Some(package) = broken.iter().find(|(module, _)| imports(text, module)).map(|(_, p)| p.clone()) else {
                continue;
            };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if stem == "conftest" {
                out.insert(path.parent().unwrap_or(root).to_owned(), package);
            } else {
                if stem.starts_with("test_") {
                    out.insert(path.clone(), package.clone());
                }
                broken.entry(stem).or_insert(package);
            }
        }
        if broken.len() == before {
            break;
        }
    }
    let whole: Vec<_> = out.keys().filter(|path| path.is_dir()).cloned().collect();
    out.retain(|path, _| !whole.iter().any(|directory| path != directory && path.starts_with(directory)));
    Ok(out)
}

/// Whether a file needs a package as soon as it is imported.
fn imports(text: &str, package: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split([' ', '.', ',']);
        !line.starts_with(' ') && matches!(words.next(), Some("import" | "from")) && words.next() == Some(package)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_missing_package_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a/test_plain.py", "import gc"),
            ("a/test_lxml.py", "import gc\nimport lxml"),
            ("a/test_helped.py", "from helper import f"),
            ("a/helper.py", "from lxml import etree"),
            ("b/conftest.py", "from samples import x"),
            ("b/samples.py", "import lxml"),
            ("b/test_b.py", "import samples"),
            ("c/test_c.py", "import lxml"),
        ] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = |missing: &[String]| -> Vec<_> {
            let out = left_out(root.path(), &["a", "b"], missing).unwrap();
            out.into_keys().map(|path| path.strip_prefix(root.path()).unwrap().to_owned()).collect()
        };
        assert_eq!(found(&["lxml".to_owned()]), ["a/test_helped.py", "a/test_lxml.py", "b"].map(Path::new));
        assert!(found(&[]).is_empty());
    }

    #[test]
    fn what_a_file_imports() {
        for (text, expected) in [
            ("import dom\nfrom lxml import etree", true),
            ("import lxml.etree", true),
            ("import lxml", true),
            ("def test():\n    import lxml", false),
            ("lxml = pytest.importorskip(\"lxml\")", false),
            ("import lxmlish", false),
        ] {
            assert_eq!(imports(text, "lxml"), expected, "{text}");
        }
    }
}
