//! The steps, and how each is run.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::count::{self, Count};
use super::Outcome;
use crate::command::{Cmd, Finished};
use crate::progress::Watch;
use crate::tidy;
use crate::venv::{Venv, TEST};
use crate::workspace::Workspace;

/// The crates that `python` builds and installs: the tests' own, and the examples.
pub(crate) const EXTENSIONS: [&str; 7] = [
    "tests/python",
    "examples/geometry",
    "examples/dom",
    "examples/mixed",
    "examples/compare",
    "examples/language",
    "examples/folding",
];

/// The profile they are built in; `.cargo/config.toml` has it.
pub(crate) const EXTENSION_PROFILE: &str = "python-test";

/// Where the Python tests are.
pub(crate) const PYTHON_TESTS: [&str; 2] = ["tests/python", "examples"];

/// The crate that must not know of Python, and a program made with it.
const CORE: &str = "ffi-object";
pub(crate) const HEADLESS: &str = "examples/headless/Cargo.toml";

/// A step of `cargo xtask test`, in the order they are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Formatting.
    Fmt,
    /// Facts about the tree.
    Tidy,
    /// Lints.
    Clippy,
    /// Unit and integration tests.
    Rust,
    /// Examples in the documentation.
    Doc,
    /// The documentation itself.
    Rustdoc,
    /// The core without Python.
    Nopython,
    /// Models of the atomics.
    Loom,
    /// Tests in Python.
    Python,
}

impl Step {
    /// What the user calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Clippy => "clippy",
            Self::Rust => "rust",
            Self::Doc => "doc",
            Self::Rustdoc => "rustdoc",
            Self::Nopython => "nopython",
            Self::Loom => "loom",
            Self::Python => "python",
        }
    }

    /// What it does, in a line.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "all code is formatted by rustfmt",
            Self::Tidy => "documents name files that exist, no file names this machine, lints are inherited",
            Self::Clippy => "no warnings from the compiler or clippy, in any target",
            Self::Rust => "unit, integration and compile-fail tests (with cargo-nextest where it is installed)",
            Self::Doc => "the examples in the documentation",
            Self::Rustdoc => "the documentation builds without warnings",
            Self::Nopython => "the core neither depends on PyO3 nor needs a Python",
            Self::Loom => "models of the concurrent code, in every interleaving",
            Self::Python => "builds the extensions and runs the tests written in Python",
        }
    }

    /// Whether it builds something that is configured for a Python.
    pub(super) fn needs_python(self) -> bool {
        matches!(self, Self::Clippy | Self::Rust | Self::Doc | Self::Rustdoc | Self::Python)
    }
}

/// Runs one step.
#[derive(Debug)]
pub(super) struct Runner<'r> {
    workspace: &'r Workspace,
    venv: Option<&'r Venv<'r>>,
    step: Step,
    verbose: bool,
}

/// How a test runner's output is counted.
type Counter = fn(&str) -> Count;

impl<'r> Runner<'r> {
    /// To run `step`; with `venv`, if there is one.
    pub(super) fn new(workspace: &'r Workspace, venv: Option<&'r Venv<'r>>, step: Step, verbose: bool) -> Self {
        Self { workspace, venv, step, verbose }
    }

    /// Runs the step; says so where something that should have started did not.
    pub(super) fn run(&self) -> Outcome {
        let outcome = match self.step {
            Step::Fmt => self.fmt(),
            Step::Tidy => self.tidy(),
            Step::Clippy => self.clippy(),
            Step::Rust => self.rust(),
            Step::Doc => self.doc(),
            Step::Rustdoc => self.rustdoc(),
            Step::Nopython => self.nopython(),
            Step::Loom => self.loom(),
            Step::Python => self.python(),
        };
        outcome.unwrap_or_else(|error| {
            println!("      {error:#}");
            Outcome::Failed(Count::default())
        })
    }

    fn fmt(&self) -> Result<Outcome> {
        if !self.installed("fmt") {
            return Ok(missing_component("rustfmt"));
        }
        self.all([self.cargo(["fmt", "--all", "--check"])])
    }

    fn tidy(&self) -> Result<Outcome> {
        Ok(passed_if(tidy::run(self.workspace)?, Count::default()))
    }

    fn clippy(&self) -> Result<Outcome> {
        if !self.installed("clippy") {
            return Ok(missing_component("clippy"));
        }
        self.all([self.cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])])
    }

    fn rust(&self) -> Result<Outcome> {
        if let Some(reason) = self.not_embeddable() {
            return Ok(Outcome::NotRun(reason));
        }
        let (cmd, counter): (_, Counter) = if self.installed("nextest") {
            let tool_config = self.workspace.root().join("xtask/nextest.toml");
            let mut option = OsString::from("xtask:");
            option.push(tool_config);
            let cmd =
                self.cargo(["nextest", "run", "--workspace", "--no-fail-fast"]).arg("--tool-config-file").arg(option);
            (cmd, count::nextest)
        } else {
            println!("      (cargo-nextest is not installed: using cargo test)");
            let cmd = self.cargo(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
            (cmd, count::cargo_test)
        };
        self.counted(&self.with_libpython(cmd), counter)
    }

    fn doc(&self) -> Result<Outcome> {
        if let Some(reason) = self.not_embeddable() {
            return Ok(Outcome::NotRun(reason));
        }
        let cmd = self.cargo(["test", "--doc", "--workspace", "--no-fail-fast"]);
        self.counted(&self.with_libpython(cmd), count::cargo_test)
    }

    fn rustdoc(&self) -> Result<Outcome> {
        let flags = joined_flags("RUSTDOCFLAGS", "-D warnings");
        self.all([self.cargo(["doc", "--workspace", "--no-deps"]).shown_env("RUSTDOCFLAGS", flags)])
    }

    fn nopython(&self) -> Result<Outcome> {
        let without = |cmd: Cmd| cmd.shown_env("PYO3_PYTHON", "/nonexistent");
        for package in [CORE, &self.package_of(HEADLESS)?] {
            let tree = self.cargo(["tree", "--edges", "normal,build", "--prefix", "none"]);
            let tree = tree.args(["--package", package]);
            let finished = self.show_and_run(&tree)?;
            let found = finished.output.lines().find(|line| line.starts_with("pyo3"));
            if let (true, Some(found)) = (finished.success, found) {
                println!("      {package} depends on {found}");
            }
            if !finished.success || found.is_some() {
                return Ok(Outcome::Failed(Count::default()));
            }
        }
        // These tests are among those that `rust` counts.
        self.all([
            without(self.cargo(["test", "--package", CORE, "--lib", "--tests"])),
            without(self.cargo(["run", "--quiet", "--manifest-path", HEADLESS])),
        ])
    }

    fn loom(&self) -> Result<Outcome> {
        let tests = self.workspace.root().join(CORE).join("tests");
        let is_model = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("loom_") && name.ends_with(".rs"))
        };
        let mut entries = std::fs::read_dir(&tests).into_iter().flatten().flatten();
        if !entries.any(|entry| is_model(&entry.path())) {
            let place = self.workspace.show(&tests);
            return Ok(Outcome::NotRun(format!("there is no loom_*.rs in {place}")));
        }
        let cmd = self
            .cargo(["test", "--package", CORE, "--release", "--no-fail-fast", "--test", "loom_*"])
            .unset("CARGO_ENCODED_RUSTFLAGS")
            .env("CARGO_TARGET_DIR", self.workspace.target().join("loom"))
            .shown_env("RUSTFLAGS", joined_flags("RUSTFLAGS", "--cfg loom"));
        self.counted(&cmd, count::cargo_test)
    }

    fn python(&self) -> Result<Outcome> {
        let venv = self.venv.context("there is no Python environment")?;
        println!("      installing {}", TEST.summary());
        let watch = Watch::start("      pip", self.verbose);
        let installed = venv.install(&watch, TEST);
        watch.finish();
        installed?;
        for directory in EXTENSIONS {
            let finished = self.show_and_run(&venv.maturin_develop(directory, EXTENSION_PROFILE))?;
            if !finished.success {
                return Ok(Outcome::Failed(Count::default()));
            }
        }
        let report = self.workspace.target().join("pytest.xml");
        // An old report must not be taken for that of a run that crashed.
        if report.exists() {
            std::fs::remove_file(&report)?;
        }
        let finished = self.show_and_run(&pytest(self.workspace, venv, &report).args(PYTHON_TESTS))?;
        match std::fs::read_to_string(&report) {
            Ok(text) => {
                let count = count::junit(&text).with_context(|| format!("cannot read `{}`", report.display()))?;
                Ok(passed_if(finished.success && count.failed == 0, count))
            }
            Err(_) => {
                println!("      pytest ended before its report ({})", finished.status);
                Ok(Outcome::Failed(Count::default()))
            }
        }
    }

    /// Runs commands until one fails.
    fn all<const N: usize>(&self, cmds: [Cmd; N]) -> Result<Outcome> {
        for cmd in cmds {
            if !self.show_and_run(&cmd)?.success {
                return Ok(Outcome::Failed(Count::default()));
            }
        }
        Ok(Outcome::Passed(Count::default()))
    }

    /// Runs a test runner and counts.
    fn counted(&self, cmd: &Cmd, counter: Counter) -> Result<Outcome> {
        let finished = self.show_and_run(cmd)?;
        Ok(passed_if(finished.success, counter(&finished.output)))
    }

    /// Prints the command and runs it; if it fails, prints all it printed.
    fn show_and_run(&self, cmd: &Cmd) -> Result<Finished> {
        show_and_run(self.step.name(), cmd, self.verbose)
    }

    /// A cargo command. PyO3 is always configured by the same interpreter, or else it and all that
    /// depends on it would be built again and again. It is the one the environment was made with:
    /// the environment's own path stays the same when another Python takes its place.
    fn cargo<const N: usize>(&self, args: [&str; N]) -> Cmd {
        let mut cmd = self.workspace.cargo(args);
        if let Some(venv) = self.venv {
            cmd = cmd.env("PYO3_PYTHON", &venv.base().executable);
        }
        if std::io::stdout().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
            cmd = cmd.env("CARGO_TERM_COLOR", "always");
        }
        cmd
    }

    fn not_embeddable(&self) -> Option<String> {
        self.venv.and_then(|venv| venv.base().not_embeddable())
    }

    /// Lets programs that embed Python find its shared library.
    fn with_libpython(&self, cmd: Cmd) -> Cmd {
        let Some(libdir) = self.venv.and_then(|venv| venv.base().libdir.as_ref()) else {
            return cmd;
        };
        let variable = match std::env::consts::OS {
            "macos" => "DYLD_FALLBACK_LIBRARY_PATH",
            "windows" => return cmd,
            _ => "LD_LIBRARY_PATH",
        };
        let before = std::env::var_os(variable).unwrap_or_default();
        let paths = std::iter::once(libdir.clone()).chain(std::env::split_paths(&before));
        match std::env::join_paths(paths) {
            Ok(paths) => cmd.env(variable, paths),
            Err(_) => cmd,
        }
    }

    /// Whether cargo has this subcommand.
    fn installed(&self, subcommand: &str) -> bool {
        self.workspace.cargo([subcommand, "--version"]).read().is_ok()
    }

    /// The name of the package with this manifest.
    fn package_of(&self, manifest: &str) -> Result<String> {
        let manifest = self.workspace.root().join(manifest);
        let mut packages = self.workspace.packages().iter();
        let package = packages.find(|package| package.manifest == manifest);
        let name = package.map(|package| package.name.clone());
        name.with_context(|| format!("`{}` is no member of the workspace", manifest.display()))
    }
}

/// pytest, but for what it is to test.
///
/// A test that hangs is ended after two minutes, with tracebacks; one that hangs without
/// letting the interpreter run ends its process, half a minute later.
pub(crate) fn pytest(workspace: &Workspace, venv: &Venv<'_>, report: &Path) -> Cmd {
    let target = workspace.target();
    let option = |name: &str, path: PathBuf| {
        let mut option = OsString::from(name);
        option.push(path);
        option
    };
    venv.python()
        .env("HYPOTHESIS_STORAGE_DIRECTORY", target.join("hypothesis"))
        .args(["-X", "faulthandler", "-m", "pytest", "-ra", "--numprocesses", "auto"])
        .args(["--timeout", "120", "-o", "faulthandler_timeout=150"])
        .args(["-o", "faulthandler_exit_on_timeout=true"])
        .args(["--rootdir", ".", "-o"])
        .arg(option("cache_dir=", target.join("pytest-cache")))
        .arg(option("--junit-xml=", report.to_owned()))
}

/// Prints the command and runs it; if it fails, prints all it printed.
pub(crate) fn show_and_run(name: &str, cmd: &Cmd, verbose: bool) -> Result<Finished> {
    println!("      $ {cmd}");
    let watch = Watch::start(&format!("      {name}"), verbose);
    let finished = watch.run(cmd)?;
    if !finished.success {
        watch.show_output(&finished);
        println!("      ({})", finished.status);
    }
    watch.finish();
    Ok(finished)
}

fn passed_if(success: bool, count: Count) -> Outcome {
    if success {
        Outcome::Passed(count)
    } else {
        Outcome::Failed(count)
    }
}

fn missing_component(component: &str) -> Outcome {
    Outcome::NotRun(format!("{component} is not installed; `rustup component add {component}` adds it"))
}

/// What the user set, with `ours` added.
pub(crate) fn joined_flags(variable: &str, ours: &str) -> String {
    match std::env::var(variable) {
        Ok(theirs) if !theirs.trim().is_empty() => format!("{theirs} {ours}"),
        _ => ours.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for step in Step::value_variants() {
            let value = step.to_possible_value().unwrap();
            assert_eq!(value.get_name(), step.name());
        }
    }
}
