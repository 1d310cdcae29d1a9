//! The Python tests under a tool.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure, Context, Result};

use super::reports::Reports;
use super::{Outcome, Part, Tool};
use crate::command::Cmd;
use crate::progress::Watch;
use crate::test::count::{self, Count};
use crate::test::matrix::interpreters;
use crate::test::matrix::row;
use crate::test::steps::{show_and_run, EXTENSIONS, EXTENSION_PROFILE, PYTHON_TESTS};
use crate::venv::{Venv, TEST};
use crate::workspace::Workspace;

/// Tests of how much memory something takes or leaves: the tools take their own share, and keep what was freed for a while.
const OF_MEMORY: [&str; 3] = [
    "tests/python/test_identity.py::test_100_000_cycles_keep_the_id_and_memory_flat",
    "tests/python/test_identity.py::test_an_object_seen_by_python_costs_at_most_80_bytes",
    "tests/python/test_origin_593.py::test_compressed_header",
];

/// Tests of what is left of the memory that all Python objects take, which the compilers' sanitizers keep for a while.
const OF_ALL_MEMORY: [&str; 2] =
    ["tests/python/test_call_leaks.py", "tests/python/test_define_objects.py::test_nothing_leaks"];

/// Tests that compare so many documents with what another library makes of them that they would take valgrind minutes
/// each, or not come to an end that hypothesis accepts.
const SLOW: [&str; 2] = [
    "examples/dom/test_dom_life.py::test_any_tree_survives_the_way_to_text_and_back",
    "examples/dom/test_dom_text.py::test_what_lxml_refuses_is_refused",
];

/// Where the errors are that are not errors, for valgrind.
const KNOWN: &str = "xtask/sanitize/valgrind.supp";

/// The first CPython whose small numbers valgrind understands: those before compute the address of one from a digit that
/// a zero does not have, and all that such a number meets counts as never set.
const FIRST_FOR_VALGRIND: u32 = 12;

/// Runs pytest; with its report, and the tool's.
pub(super) fn run(cmd: &Cmd, report: &Path, reports: &Reports, tool: Tool, verbose: bool) -> Result<Outcome> {
    let finished = show_and_run(tool.name(), cmd, verbose)?;
    let count = match std::fs::read_to_string(report) {
        Ok(text) => count::junit(&text).with_context(|| format!("cannot read `{}`", report.display()))?,
        Err(_) => {
            println!("      pytest ended before its report ({})", finished.status);
            Count::default()
        }
    };
    Ok(Outcome::Ran { count, success: finished.success && report.exists(), findings: reports.findings()? })
}

/// pytest over all Python tests that a tool can run, and its report. All is slower under a tool: tests may take their time.
pub(super) fn pytest(workspace: &Workspace, venv: &Venv<'_>, tool: Tool) -> Result<(Cmd, PathBuf)> {
    let watch = Watch::start("      pip", false);
    let installed = venv.install(&watch, TEST);
    watch.finish();
    installed?;
    let report = workspace.target().join("sanitize").join(format!("{}-pytest.xml", tool.name()));
    std::fs::create_dir_all(workspace.target().join("sanitize"))?;
    if report.exists() {
        // It must not be taken for that of a run that crashed.
        std::fs::remove_file(&report)?;
    }
    let mut cmd = crate::test::steps::pytest(workspace, venv, &report);
    // In one process, the one that the tool watches.
    cmd = cmd.args(["--timeout", "600", "-o", "faulthandler_timeout=660", "--numprocesses", "0"]);
    let more: &[&str] = match tool {
        Tool::Asan | Tool::Tsan => &OF_ALL_MEMORY,
        Tool::Valgrind => &SLOW,
        _ => &[],
    };
    for test in OF_MEMORY.iter().chain(more) {
        cmd = cmd.args(["--deselect", test]);
    }
    Ok((cmd.args(PYTHON_TESTS), report))
}

/// The tests with CPython's own checks.
pub(super) fn devmode<'p>(workspace: &'p Workspace, venv: &'p Venv<'p>, verbose: bool) -> Part<'p> {
    let run = move || {
        row::build_for(workspace, venv, &EXTENSIONS, EXTENSION_PROFILE, verbose)?;
        let (cmd, report) = pytest(workspace, venv, Tool::Devmode)?;
        let cmd = cmd.shown_env("PYTHONDEVMODE", "1").shown_env("PYTHONMALLOC", "debug");
        let reports = Reports::new(workspace.target().join("sanitize/devmode"))?;
        run(&cmd, &report, &reports, Tool::Devmode, verbose)
    };
    ("Python tests", Box::new(run))
}

/// The tests under valgrind.
pub(super) fn valgrind<'p>(workspace: &'p Workspace, venv: &'p Venv<'p>, verbose: bool) -> Part<'p> {
    let run = move || {
        if workspace.command("valgrind").arg("--version").read().is_err() {
            return Ok(Outcome::NotRun("valgrind is not installed".to_owned()));
        }
        let venv = match for_valgrind(workspace, venv, verbose) {
            Ok(venv) => venv,
            Err(reason) => return Ok(Outcome::NotRun(format!("{reason:#}"))),
        };
        println!("      with {}", venv.base().name());
        row::build_for(workspace, &venv, &EXTENSIONS, EXTENSION_PROFILE, verbose)?;
        let reports = Reports::new(workspace.target().join("sanitize/valgrind"))?;
        let (cmd, report) = pytest(workspace, &venv, Tool::Valgrind)?;
        let option = |name: &str, path: &Path| format!("{name}={}", path.display());
        let cmd = cmd.shown_env("PYTHONMALLOC", "malloc").shown_env("FFI_OBJECT_FREE_LISTS", "0").under(
            "valgrind",
            [
                // What CPython keeps until its end counts as leaked.
                "--leak-check=no".to_owned(),
                "--error-exitcode=66".to_owned(),
                "--num-callers=40".to_owned(),
                // Threads that wait for each other in a loop would otherwise keep the others from running.
                "--fair-sched=yes".to_owned(),
                option("--suppressions", &workspace.root().join(KNOWN)),
                option("--log-file", &reports.prefix().with_extension("%p")),
            ],
        );
        run(&cmd, &report, &reports, Tool::Valgrind, verbose)
    };
    ("Python tests", Box::new(run))
}

/// An environment whose CPython valgrind understands: this one, or one of the newest there is.
fn for_valgrind<'w>(workspace: &'w Workspace, venv: &Venv<'w>, verbose: bool) -> Result<Venv<'w>> {
    let will_do = |minor, free_threaded: bool| minor >= FIRST_FOR_VALGRIND && !free_threaded;
    if will_do(venv.base().minor(), venv.base().is_free_threaded()) {
        return Ok(venv.clone());
    }
    let slots = interpreters::find(workspace, &[], None)?;
    let fit = slots.into_iter().filter(|slot| will_do(slot.kind.minor, slot.kind.free_threaded));
    // One in another system's files is run through a program that valgrind does not follow.
    let native = fit.filter_map(|slot| slot.python.ok()).find(|python| python.pip.is_none());
    let Some(python) = native else {
        bail!("there is no CPython 3.{FIRST_FOR_VALGRIND} or newer with a GIL, and older ones look broken to valgrind");
    };
    let venv = Venv::new(workspace, python);
    let watch = Watch::start("      environment", verbose);
    // What builds the modules is among what tests need.
    let made = venv.create(&watch).and_then(|_| venv.install(&watch, TEST));
    watch.finish();
    made?;
    ensure!(venv.executable().exists(), "the environment in `{}` has no Python", venv.dir().display());
    Ok(venv)
}
