//! Finding a Python that will do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use crate::command::Cmd;

/// The oldest Python that ffi-object supports.
const OLDEST: (u32, u32) = (3, 10);

/// Where to look when nobody said which.
const NAMES: [&str; 7] = ["python3", "python", "python3.13", "python3.14", "python3.12", "python3.11", "python3.10"];

/// Prints what [`Python`] holds, one `name=value` a line, in the words of any Python 3.
const PROBE: &str = r#"
import importlib.util, os, platform, sys, sysconfig
get = sysconfig.get_config_var
library = get("LDLIBRARY") or ""
libdirs = [os.path.join(get("LIBDIR") or "", sub) for sub in ("", get("MULTIARCH") or "")]
missing = [library] if sys.platform == "linux" else []
if any(os.path.exists(os.path.join(libdir, library)) for libdir in libdirs):
    missing = []
for name, value in [
    ("implementation", platform.python_implementation()),
    ("major", sys.version_info[0]),
    ("minor", sys.version_info[1]),
    ("version", platform.python_version()),
    ("executable", sys.executable),
    ("base", getattr(sys, "_base_executable", sys.executable)),
    ("libdir", get("LIBDIR") or ""),
    ("missing_library", "".join(missing)),
    ("free_threaded", int(bool(get("Py_GIL_DISABLED")))),
    ("venv", int(importlib.util.find_spec("venv") is not None)),
    ("ensurepip", int(importlib.util.find_spec("ensurepip") is not None)),
]:
    print("%s=%s" % (name, value))
"#;

/// An interpreter, and what it says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    /// The interpreter proper, not a shim or a link to it.
    pub(crate) executable: PathBuf,
    /// Its full version, such as `3.11.7`.
    pub(crate) version: String,
    /// The directory of its shared library, if it says so.
    pub(crate) libdir: Option<PathBuf>,
    /// pip as a wheel, to install it from where the interpreter's own `ensurepip` has none.
    pub(crate) pip: Option<PathBuf>,
    /// The name of the library that programs which embed it link with, if that is not there.
    missing_library: Option<String>,
    version_info: (u32, u32),
    free_threaded: bool,
    cpython: bool,
    lacks: Vec<&'static str>,
}

impl Python {
    /// The interpreter called `wanted`, or else the first that will do.
    ///
    /// # Errors
    ///
    /// If there is none, it is too old, or it cannot make virtual environments; says what to do.
    pub(crate) fn find(wanted: Option<&str>) -> Result<Self> {
        if let Some(wanted) = wanted {
            let python = Self::probe(wanted)
                .with_context(|| format!("`{wanted}` (given as --python) is no Python that works"))?;
            python.will_do()?;
            return Ok(python);
        }
        let mut first_reason = None;
        for name in NAMES {
            // A name that is not there, or a version manager's stand-in for a version that is not
            // there, says nothing about the next.
            let Ok(python) = Self::probe(name) else {
                continue;
            };
            match python.will_do() {
                Ok(()) => return Ok(python),
                Err(reason) => first_reason.get_or_insert(reason),
            };
        }
        match first_reason {
            Some(reason) => Err(reason),
            None => bail!(
                "no Python found under the names {}; install Python {}.{} or newer, or say where \
                 it is with --python",
                NAMES.join(", "),
                OLDEST.0,
                OLDEST.1
            ),
        }
    }

    /// Asks `program` what it is.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or is no Python.
    pub(crate) fn probe(program: impl Into<OsString>) -> Result<Self> {
        let finished = Cmd::new(program).args(["-I", "-c", PROBE]).run(|_| ())?;
        if !finished.success {
            let said = finished.output.lines().next().unwrap_or("nothing");
            bail!("asked for its version, it said: {said}");
        }
        Self::from_probe(&finished.output).context("it gave no answer that makes sense")
    }

    /// Reads what [`PROBE`] printed.
    pub(crate) fn from_probe(said: &str) -> Option<Self> {
        let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let given = |name: &str| value(name).filter(|value| !value.is_empty());
        Some(Self {
            executable: given("base").or(given("executable"))?.into(),
            version: value("version")?.to_owned(),
            libdir: given("libdir").map(PathBuf::from),
            pip: None,
            missing_library: given("missing_library").map(str::to_owned),
            version_info: (value("major")?.parse().ok()?, value("minor")?.parse().ok()?),
            free_threaded: value("free_threaded")? == "1",
            cpython: value("implementation")? == "CPython",
            lacks: ["venv", "ensurepip"].into_iter().filter(|module| value(module) != Some("1")).collect(),
        })
    }

    /// Its minor version.
    pub(crate) fn minor(&self) -> u32 {
        self.version_info.1
    }

    /// Whether it is built without the GIL.
    pub(crate) fn is_free_threaded(&self) -> bool {
        self.free_threaded
    }

    /// Whether ffi-object can be tested with it.
    ///
    /// # Errors
    ///
    /// If it cannot; says why, and what to do.
    pub(crate) fn will_do(&self) -> Result<()> {
        let (major, minor) = self.version_info;
        let program = self.executable.display();
        if !self.cpython {
            bail!("`{program}` is not CPython; name one with --python");
        }
        if self.version_info < OLDEST {
            bail!(
                "`{program}` is Python {}, but {}.{} or newer is needed; install one, or name one \
                 with --python",
                self.version,
                OLDEST.0,
                OLDEST.1
            );
        }
        if !self.lacks.is_empty() {
            bail!(
                "`{program}` cannot make virtual environments: it has no module {}; on Debian and \
                 Ubuntu, `sudo apt install python{major}.{minor}-venv` adds it",
                self.lacks.join(" and no module ")
            );
        }
        Ok(())
    }

    /// Why no program that embeds it can be linked, if that is so.
    pub(crate) fn not_embeddable(&self) -> Option<String> {
        let library = self.missing_library.as_deref()?;
        let (major, minor) = self.version_info;
        Some(format!(
            "`{}` comes without {library}, which tests that embed Python link with; on Debian and \
             Ubuntu, `sudo apt install libpython{major}.{minor}-dev` adds it",
            self.executable.display()
        ))
    }

    /// A short name for what is compatible with it, such as `cp311` or `cp313t`.
    pub(crate) fn tag(&self) -> String {
        let (major, minor) = self.version_info;
        let threads = if self.free_threaded { "t" } else { "" };
        format!("cp{major}{minor}{threads}")
    }

    /// What changes when this interpreter is no longer the one it was.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.version, self.executable.display())
    }

    /// `Python 3.11.7`, with the free-threaded build named.
    pub(crate) fn name(&self) -> String {
        let threads = if self.free_threaded { " (free-threaded)" } else { "" };
        format!("Python {}{threads}", self.version)
    }
}

/// A given `--python` as it reads from any directory: a path is made absolute, a name stays.
pub(crate) fn absolute(given: &str) -> String {
    let path = Path::new(given);
    if path.components().count() > 1 {
        if let Ok(absolute) = std::path::absolute(path) {
            return absolute.display().to_string();
        }
    }
    given.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(minor: u32, extra: &str) -> Python {
        let said = format!(
            "{extra}\nimplementation=CPython\nmajor=3\nminor={minor}\nversion=3.{minor}.1\n\
             executable=/v/python\nbase=/b/python\nlibdir=\nfree_threaded=0\nvenv=1\nensurepip=1\n"
        );
        Python::from_probe(&said).unwrap()
    }

    #[test]
    fn reads_the_probe() {
        let python = python(11, "");
        assert_eq!(python.tag(), "cp311");
        assert_eq!(python.executable, Path::new("/b/python"));
        assert_eq!(python.libdir, None);
        assert_eq!(python.not_embeddable(), None);
        python.will_do().unwrap();
    }

    #[test]
    fn says_what_is_wrong() {
        let reason = |python: Python| python.will_do().unwrap_err().to_string();
        assert!(reason(python(9, "")).contains("is Python 3.9.1, but 3.10 or newer"));
        assert!(reason(python(12, "ensurepip=0")).contains("apt install python3.12-venv"));
        assert!(reason(python(12, "implementation=PyPy")).contains("not CPython"));
        let reason = python(11, "missing_library=libpython3.11.so").not_embeddable();
        assert!(reason.unwrap().contains("apt install libpython3.11-dev"));
        assert_eq!(python(13, "free_threaded=1").tag(), "cp313t");
        assert!(Python::from_probe("hello").is_none());
    }
}
