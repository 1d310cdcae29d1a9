//! Running programs.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

/// A program to run.
///
/// Output is captured, errors and ordinary output in the order they came; there is no input. The
/// `Display` form is what someone would type, with the variables that matter to them.
#[derive(Debug, Clone)]
pub(crate) struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    dir: Option<PathBuf>,
    env: Vec<Variable>,
}

#[derive(Debug, Clone)]
struct Variable {
    name: String,
    value: Option<OsString>,
    shown: bool,
}

/// How a program that could be started ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Whether it ended with status 0.
    pub(crate) success: bool,
    /// How it ended, in words.
    pub(crate) status: String,
    /// All it printed.
    pub(crate) output: String,
}

impl Cmd {
    /// `program` with no arguments.
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        let mut cmd = Self { program: program.into(), args: Vec::new(), dir: None, env: Vec::new() };
        // `cargo run` describes xtask's own package to us; a build script that looks at such a
        // variable would run again each time the next cargo sets it differently.
        for (name, _) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            if name == "CARGO" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                cmd = cmd.unset(name);
            }
        }
        cmd
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs in `dir`.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Sets a variable that a reader need not know of.
    pub(crate) fn env(self, name: &str, value: impl Into<OsString>) -> Self {
        self.variable(name, Some(value.into()), false)
    }

    /// Sets a variable that is part of what is being run.
    pub(crate) fn shown_env(self, name: &str, value: impl Into<OsString>) -> Self {
        self.variable(name, Some(value.into()), true)
    }

    /// Unsets a variable.
    pub(crate) fn unset(self, name: &str) -> Self {
        self.variable(name, None, false)
    }

    /// The same, run by another program that takes it as arguments after its own.
    pub(crate) fn under<A: Into<OsString>>(mut self, program: &str, options: impl IntoIterator<Item = A>) -> Self {
        let inner = std::mem::replace(&mut self.program, program.into());
        let options: Vec<OsString> = options.into_iter().map(Into::into).chain([inner]).collect();
        self.args.splice(0..0, options);
        self
    }

    fn variable(mut self, name: &str, value: Option<OsString>, shown: bool) -> Self {
        self.env.retain(|variable| variable.name != name);
        self.env.push(Variable { name: name.to_owned(), value, shown });
        self
    }

    fn expression(&self) -> duct::Expression {
        let mut expression = duct::cmd(&self.program, &self.args).unchecked();
        for Variable { name, value, .. } in &self.env {
            expression = match value {
                Some(value) => expression.env(name, value),
                None => expression.env_remove(name),
            };
        }
        match &self.dir {
            Some(dir) => expression.dir(dir),
            None => expression,
        }
    }

    fn cannot_start(&self) -> String {
        format!("cannot run `{}`", self.program.to_string_lossy())
    }

    /// Runs to the end; `line` sees each line as it is printed.
    ///
    /// # Errors
    ///
    /// If the program cannot be started. A status other than 0 is not an error.
    pub(crate) fn run(&self, mut line: impl FnMut(&str)) -> Result<Finished> {
        let expression = self.expression().stdin_null().stderr_to_stdout();
        let reader = expression.reader().with_context(|| self.cannot_start())?;
        let mut lines = BufReader::new(&reader);
        let mut output = String::new();
        let mut bytes = Vec::new();
        while lines.read_until(b'\n', &mut bytes)? > 0 {
            let text = String::from_utf8_lossy(&bytes);
            line(text.trim_end());
            output.push_str(&text);
            bytes.clear();
        }
        drop(lines);
        let status = reader.try_wait()?.context("the program closed its output, but goes on")?.status;
        Ok(Finished { success: status.success(), status: status.to_string(), output })
    }

    /// Runs to the end and returns what was printed to standard output.
    ///
    /// # Errors
    ///
    /// If the program cannot be started or ends with another status than 0.
    pub(crate) fn read(&self) -> Result<String> {
        let output = self
            .expression()
            .stdin_null()
            .stdout_capture()
            .stderr_capture()
            .run()
            .with_context(|| self.cannot_start())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!("`{self}` failed ({}): {said}", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs to the end with the terminal as its own; whether it ended with status 0.
    ///
    /// # Errors
    ///
    /// If the program cannot be started.
    pub(crate) fn hand_over(&self) -> Result<bool> {
        let output = self.expression().run().with_context(|| self.cannot_start())?;
        Ok(output.status.success())
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Variable { name, value, shown } in &self.env {
            if let (Some(value), true) = (value, shown) {
                write!(f, "{name}={} ", quoted(&value.to_string_lossy()))?;
            }
        }
        // Below the directory it runs in, a path is shorter and says as much.
        let below = self.dir.as_ref().map(|dir| dir.join("").display().to_string());
        let relative = |text: &OsStr| match &below {
            Some(below) => quoted(&text.to_string_lossy().replace(below, "")),
            None => quoted(&text.to_string_lossy()),
        };
        f.write_str(&relative(&self.program))?;
        for arg in &self.args {
            write!(f, " {}", relative(arg))?;
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_as_one_would_type_it() {
        let cmd = Cmd::new("/w/target/python")
            .dir("/w")
            .env("HIDDEN", "1")
            .shown_env("RUSTFLAGS", "--cfg loom")
            .args(["--test", "loom_*", "--out=/w/tests"]);
        assert_eq!(cmd.to_string(), "RUSTFLAGS='--cfg loom' target/python --test 'loom_*' --out=tests");
    }

    #[test]
    fn runs_under_another_program() {
        let cmd = Cmd::new("python").arg("-V").under("valgrind", ["--quiet"]);
        assert_eq!(cmd.to_string(), "valgrind --quiet python -V");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Cmd::new("no-such-program").run(|_| ()).unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot run `no-such-program`: "));
    }

    #[test]
    fn captures_lines_and_status() {
        let mut seen = Vec::new();
        let finished = Cmd::new("cargo").arg("no-such-command").run(|line| seen.push(line.to_owned())).unwrap();
        assert!(!finished.success);
        assert!(seen[0].contains("no-such-command"));
        assert!(finished.output.contains(&seen[0]));
    }
}
