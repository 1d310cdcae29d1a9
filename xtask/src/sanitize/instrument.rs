//! The sanitizers of the compiler.
//!
//! They are switched on by an option that only a nightly compiler takes, or one that is told by `RUSTC_BOOTSTRAP` to
//! behave like one. The standard library comes as it is, without instrumentation: what that hides from ThreadSanitizer
//! is in `xtask/sanitize/tsan.supp`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};

use super::reports::Reports;
use super::{python, Outcome, Part, Tool};
use crate::command::Cmd;
use crate::test::count::{self, Count};
use crate::test::steps::{joined_flags, show_and_run, EXTENSIONS, HEADLESS};
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Where what belongs to this command is, besides its code.
const FILES: &str = "xtask/sanitize";

/// The Rust tests that are run: all but those of the compiler's messages, which run the compiler.
const RUST_TESTS: [&str; 13] = [
    "--package",
    "ffi-object",
    "--package",
    "ffi-object-tests",
    "--lib",
    "--test",
    "objects",
    "--test",
    "types",
    "--test",
    "functions",
    "--test",
    "hygiene",
];

/// A sanitizer, and where what is built with it goes.
#[derive(Debug)]
struct Sanitizer<'s> {
    workspace: &'s Workspace,
    venv: &'s Venv<'s>,
    tool: Tool,
    verbose: bool,
}

/// What is run with a sanitizer.
pub(super) fn parts<'p>(workspace: &'p Workspace, venv: &'p Venv<'p>, tool: Tool, verbose: bool) -> Vec<Part<'p>> {
    type Run<'p> = fn(&Sanitizer<'p>, &str) -> Result<Outcome>;
    let runs: [(&'static str, Run<'p>); 4] = [
        ("finds a planted mistake", Sanitizer::planted),
        ("runtime and macros", Sanitizer::rust),
        ("program without Python", Sanitizer::headless),
        ("Python tests", Sanitizer::python),
    ];
    let part = |(what, run): (&'static str, Run<'p>)| -> Part<'p> {
        let sanitizer = Sanitizer { workspace, venv, tool, verbose };
        let boxed = move || {
            let (host, runtime) = sanitizer.host()?;
            match runtime {
                Some(_) => run(&sanitizer, &host),
                None => {
                    let name = sanitizer.option();
                    Ok(Outcome::NotRun(format!("the Rust toolchain has no runtime of -Zsanitizer={name} for {host}")))
                }
            }
        };
        (what, Box::new(boxed))
    };
    runs.into_iter().map(part).collect()
}

impl Sanitizer<'_> {
    /// What the compiler calls it.
    fn option(&self) -> &'static str {
        match self.tool {
            Tool::Tsan => "thread",
            _ => "address",
        }
    }

    /// The mistake that it has to find, and what its report says of it.
    fn mistake(&self) -> [&'static str; 2] {
        match self.tool {
            Tool::Tsan => ["race", "data race"],
            _ => ["use-after-free", "heap-use-after-free"],
        }
    }

    /// The machine that the compiler runs on, and its runtime, if it has one.
    fn host(&self) -> Result<(String, Option<PathBuf>)> {
        let said = self.workspace.command("rustc").args(["--version", "--verbose"]).read()?;
        let host = said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say its host")?;
        let sysroot = self.workspace.command("rustc").args(["--print", "sysroot"]).read()?;
        let directory = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("lib");
        let ending = format!("_rt.{}.a", self.tool.name());
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let runtime = entries.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(&ending));
        Ok((host.to_owned(), runtime))
    }

    fn target(&self) -> PathBuf {
        self.workspace.target().join("sanitize").join(self.tool.name())
    }

    /// The compiler's options. The second admits a standard library that is not instrumented.
    fn flags(&self) -> [String; 3] {
        let sanitizer = format!("-Zsanitizer={}", self.option());
        [sanitizer, "-Cunsafe-allow-abi-mismatch=sanitizer".to_owned(), format!("--cfg={}", self.tool.name())]
    }

    /// A cargo command that instruments what it builds, but not what runs while it builds.
    fn cargo(&self, host: &str, command: &str) -> Cmd {
        self.workspace
            .cargo([command, "--target", host])
            .unset("CARGO_ENCODED_RUSTFLAGS")
            .env("CARGO_TARGET_DIR", self.target())
            .env("CARGO_INCREMENTAL", "0")
            .env("PYO3_PYTHON", &self.venv.base().executable)
            .env("PYO3_BUILD_EXTENSION_MODULE", "1")
            .shown_env("RUSTC_BOOTSTRAP", "1")
            .shown_env("RUSTFLAGS", joined_flags("RUSTFLAGS", &self.flags().join(" ")))
    }

    /// Compiles a program of [`FILES`].
    fn compile(&self, source: &str, more: &[OsString]) -> Result<PathBuf> {
        let program = self.target().join(source).with_extension("");
        std::fs::create_dir_all(self.target())?;
        let rustc = self.workspace.command("rustc").shown_env("RUSTC_BOOTSTRAP", "1").args(self.flags());
        let rustc = rustc.args(["--edition", "2021", "-g", "-o"]).arg(&program);
        let source = self.workspace.root().join(FILES).join(source);
        let finished = show_and_run(self.tool.name(), &rustc.arg(source).args(more), self.verbose)?;
        ensure!(finished.success, "`{}` does not compile", program.display());
        Ok(program)
    }

    /// With the tool's options; it writes its reports to files, so that they are counted also for processes that a test
    /// starts.
    fn watched(&self, cmd: Cmd, part: &str, leaks: bool) -> Result<(Cmd, Reports)> {
        let reports = Reports::new(self.target().join("reports").join(part))?;
        // What asks for more memory than there is gets none, as without the tool: tests see what becomes of that.
        let log = format!("log_path={}:allocator_may_return_null=1", reports.prefix().display());
        let cmd = match self.tool {
            Tool::Tsan => {
                let known = self.workspace.root().join(FILES).join("tsan.supp");
                // A child of a fork may start threads: a test does.
                let options = "halt_on_error=0:die_after_fork=0";
                cmd.env("TSAN_OPTIONS", format!("{log}:{options}:suppressions={}", known.display()))
            }
            _ => cmd.env("ASAN_OPTIONS", format!("{log}:detect_leaks={}", u8::from(leaks))),
        };
        Ok((cmd, reports))
    }

    /// A tool that finds nothing has shown nothing, unless it finds what is there.
    fn planted(&self, _: &str) -> Result<Outcome> {
        let [mistake, found] = self.mistake();
        let program = self.compile("planted.rs", &[])?;
        let (cmd, reports) = self.watched(self.workspace.command(program).arg(mistake), "planted", true)?;
        println!("      $ {cmd}");
        let finished = cmd.run(|_| ())?;
        if !finished.success && reports.names(found)? {
            return Ok(Outcome::Found);
        }
        println!("      the mistake was not found ({}): {}", finished.status, finished.output);
        Ok(Outcome::Ran { count: Count::default(), success: false, findings: 0 })
    }

    fn rust(&self, host: &str) -> Result<Outcome> {
        let cmd = self.cargo(host, "test").arg("--no-fail-fast").args(RUST_TESTS);
        let (cmd, reports) = self.watched(cmd, "rust", true)?;
        let finished = show_and_run(self.tool.name(), &cmd, self.verbose)?;
        let count = count::cargo_test(&finished.output);
        Ok(Outcome::Ran { count, success: finished.success, findings: reports.findings()? })
    }

    fn headless(&self, host: &str) -> Result<Outcome> {
        let cmd = self.cargo(host, "run").args(["--quiet", "--manifest-path", HEADLESS]);
        let (cmd, reports) = self.watched(cmd, "headless", true)?;
        let finished = show_and_run(self.tool.name(), &cmd, self.verbose)?;
        Ok(Outcome::Ran { count: Count::default(), success: finished.success, findings: reports.findings()? })
    }

    fn python(&self, host: &str) -> Result<Outcome> {
        let base = self.venv.base();
        if let Some(reason) = base.not_embeddable() {
            return Ok(Outcome::NotRun(reason));
        }
        let launcher = self.launcher()?;
        let modules = self.modules(host)?;
        let venv = self.venv.run_by(launcher);
        let (cmd, report) = python::pytest(self.workspace, &venv, self.tool)?;
        // CPython's own allocator would hide which object a piece of memory belongs to. What CPython keeps until its end
        // counts as leaked.
        let cmd = cmd.shown_env("PYTHONMALLOC", "malloc").shown_env("PYTHONPATH", modules);
        let (cmd, reports) = self.watched(cmd, "python", false)?;
        python::run(&cmd, &report, &reports, self.tool, self.verbose)
    }

    /// Puts a Python with the tool's runtime beside the environment's own.
    fn launcher(&self) -> Result<PathBuf> {
        let base = self.venv.base();
        let libdir = base.libdir.as_deref().context("Python does not say where its shared library is")?;
        let option = |name: &str| {
            let mut option = OsString::from(name);
            option.push(libdir);
            option
        };
        let threads = if base.is_free_threaded() { "t" } else { "" };
        let program = self.compile(
            "launcher.rs",
            &[
                option("-L"),
                format!("-lpython3.{}{threads}", base.minor()).into(),
                // The extensions find the runtime in the program.
                "-Clink-arg=-rdynamic".into(),
                option("-Clink-arg=-Wl,-rpath,"),
            ],
        )?;
        let launcher = self.venv.executable().with_file_name(format!("python-{}", self.tool.name()));
        std::fs::copy(program, &launcher).with_context(|| format!("cannot write `{}`", launcher.display()))?;
        Ok(launcher)
    }

    /// Builds the extensions; the directory with them.
    fn modules(&self, host: &str) -> Result<PathBuf> {
        let modules = self.target().join("modules");
        std::fs::create_dir_all(&modules)?;
        for directory in EXTENSIONS {
            let manifest = self.workspace.root().join(directory).join("Cargo.toml");
            let cmd = self.cargo(host, "build").args(["--lib", "--manifest-path"]).arg(&manifest);
            let finished = show_and_run(self.tool.name(), &cmd, self.verbose)?;
            ensure!(finished.success, "building {directory} failed");
            let packages = self.workspace.packages().iter();
            let name =
                packages.filter(|package| package.manifest == manifest).map(|package| package.name.replace('-', "_"));
            for name in name {
                let built = self.target().join(host).join("debug").join(format!("lib{name}.so"));
                let module = modules.join(format!("{name}.so"));
                std::fs::copy(&built, module).with_context(|| format!("there is no `{}`", built.display()))?;
            }
        }
        Ok(modules)
    }
}
