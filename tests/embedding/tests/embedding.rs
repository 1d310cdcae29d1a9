//! Runs the scenarios of `src/main.rs`, each in a process: it must not crash, hang, or print errors.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt;

/// What a scenario prints to stderr.
fn run(scenario: &str, leaks: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ffi-embedding-tests"))
        .arg(scenario)
        .env("FFI_OBJECT_LEAKS", leaks)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let Some(status) = child.wait_timeout(Duration::from_secs(60)).unwrap() else {
        child.kill().unwrap();
        panic!("{scenario} hangs");
    };
    let (mut out, mut errors) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(status.success() && out == "done\n", "{scenario}: {status}\n{out}\n{errors}");
    errors
}

#[test]
fn rust_goes_on_after_the_end() {
    assert_eq!(run("once", "0"), "");
}

#[test]
fn a_later_interpreter_cannot_have_the_module() {
    assert_eq!(run("again", "0"), "");
}

#[test]
fn threads_go_on_from_one_interpreter_to_the_next() {
    assert_eq!(run("threads", "0"), "");
}

#[test]
fn the_report_comes_once() {
    let report = "embedded: 6 objects are still alive after the interpreter has ended:\n  embedded.Part: 6\n";
    assert_eq!(run("again", "1"), report);
}
