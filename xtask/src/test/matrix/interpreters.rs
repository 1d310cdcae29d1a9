//! Finding interpreters, and choosing among them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{anyhow, bail, Context, Error, Result};

use super::chroot;
use crate::python::{self, Python};
use crate::workspace::Workspace;

/// What is looked for, and named where it is not there.
const KINDS: [Kind; 8] = [
    Kind { minor: 10, free_threaded: false },
    Kind { minor: 11, free_threaded: false },
    Kind { minor: 12, free_threaded: false },
    Kind { minor: 13, free_threaded: false },
    Kind { minor: 13, free_threaded: true },
    Kind { minor: 14, free_threaded: false },
    Kind { minor: 14, free_threaded: true },
    Kind { minor: 15, free_threaded: false },
];

/// The newest minor version that the matrix knows.
const NEWEST: u32 = 15;

/// Names more interpreters.
const VARIABLE: &str = "FFI_OBJECT_PYTHONS";

/// Interpreters that can stand for each other: a minor version and a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    /// Its minor version.
    pub(crate) minor: u32,
    /// Whether it is without the GIL.
    pub(crate) free_threaded: bool,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}{}", self.minor, if self.free_threaded { "t" } else { "" })
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let free_threaded = name.ends_with('t');
        let minor = name.strip_suffix('t').unwrap_or(name).strip_prefix("3.").and_then(|minor| minor.parse().ok());
        let minor = minor.with_context(|| format!("`{name}` is no version such as 3.12 or 3.13t"))?;
        Ok(Self { minor, free_threaded })
    }
}

impl Kind {
    /// That of an interpreter.
    pub(super) fn of(python: &Python) -> Self {
        Self { minor: python.minor(), free_threaded: python.is_free_threaded() }
    }
}

/// A kind, and the interpreter taken for it or why there is none.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// The kind.
    pub(crate) kind: Kind,
    /// The interpreter, or why there is none.
    pub(crate) python: Result<Python, String>,
}

/// How an interpreter came to be considered; what counts for more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// It is in one of the places where interpreters are.
    Found,
    /// It is the one that all other commands use.
    Default,
    /// Someone named it.
    Named,
}

/// A slot for each kind that is looked for, and for each other one that is found.
///
/// # Errors
///
/// If an interpreter that someone named does not work.
pub(crate) fn find(workspace: &Workspace, named: &[String], default: Option<&Python>) -> Result<Vec<Slot>> {
    let variable = std::env::var(VARIABLE).unwrap_or_default();
    let mut candidates = Vec::new();
    for name in named.iter().cloned().chain(split(&variable)) {
        let python = open(workspace, &name).with_context(|| format!("`{name}` is no Python that works"))?;
        python.will_do()?;
        if python.minor() > NEWEST {
            bail!("`{name}` is {}; the newest that the matrix knows is 3.{NEWEST}", python.name());
        }
        candidates.push((Source::Named, python));
    }
    candidates.extend(default.map(|python| (Source::Default, python.clone())));
    let mut seen = BTreeSet::new();
    for path in places() {
        // A link or a second name for what was asked before.
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            if let Ok(python) = Python::probe(&path) {
                candidates.push((Source::Found, python));
            }
        }
    }
    for path in chroot::interpreters() {
        if let Ok(python) = chroot::open(workspace, &path.0, &path.1) {
            candidates.push((Source::Found, python));
        }
    }
    Ok(choose(candidates))
}

/// The interpreter that someone named, where a version such as `3.13t` is a name, or else the first that will do.
///
/// # Errors
///
/// If there is none, or it will not do; says why.
pub(crate) fn one(workspace: &Workspace, name: Option<&str>) -> Result<Python> {
    let Some(name) = name else { return Python::find(None) };
    let python = match name.parse::<Kind>() {
        Err(_) => open(workspace, name).with_context(|| format!("`{name}` is no Python that works"))?,
        Ok(kind) => {
            let slots = find(workspace, &[], Python::find(None).ok().as_ref())?;
            let slot = slots.into_iter().find(|slot| slot.kind == kind);
            let python =
                slot.map_or_else(|| Err("not among those that the matrix knows".to_owned()), |slot| slot.python);
            python.map_err(|reason| anyhow!("there is no Python {kind}: {reason}"))?
        }
    };
    python.will_do()?;
    Ok(python)
}

/// An interpreter that someone named.
fn open(workspace: &Workspace, name: &str) -> Result<Python> {
    match name.strip_prefix("chroot:").map(|rest| rest.split_once(':')) {
        None => Python::probe(python::absolute(name)),
        Some(Some((root, inside))) => chroot::open(workspace, Path::new(root), Path::new(inside)),
        Some(None) => bail!("write `chroot:/the/root:/usr/bin/python3.14`"),
    }
}

/// The names in a list separated by colons, where `chroot:A:B` is one name.
fn split(list: &str) -> Vec<String> {
    let mut parts = list.split(':').filter(|part| !part.is_empty());
    let mut names = Vec::new();
    while let Some(part) = parts.next() {
        let rest: Vec<_> = if part == "chroot" { parts.by_ref().take(2).collect() } else { Vec::new() };
        names.push([&[part], rest.as_slice()].concat().join(":"));
    }
    names
}

/// Where to look, better places first.
fn places() -> Vec<PathBuf> {
    let names: Vec<String> =
        KINDS.iter().map(|kind| format!("python{kind}")).chain(["python3".into(), "python".into()]).collect();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        // A version manager's stand-ins start what the current directory asks for.
        .filter(|directory| !directory.ends_with("shims"))
        .collect();
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let pyenv = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    directories.extend(newest_of_each(subdirectories(&pyenv.join("versions"))));
    directories.extend(newest_of_each(subdirectories(&home.join(".local/share/uv/python"))));
    let opt = subdirectories(Path::new("/opt"));
    let of_opt = |path: &PathBuf| name_of(path).starts_with("python") && !chroot::is_root(path);
    directories.extend(opt.into_iter().filter(of_opt).map(|directory| directory.join("bin")));
    directories.extend(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    let frameworks = subdirectories(Path::new("/Library/Frameworks/Python.framework/Versions"));
    directories.extend(frameworks.into_iter().map(|directory| directory.join("bin")));
    let files = directories.iter().flat_map(|directory| names.iter().map(|name| directory.join(name)));
    files.filter(|file| file.is_file()).collect()
}

/// The directories of interpreters below those of versions: of each minor version and build, the newest.
fn newest_of_each(mut versions: Vec<PathBuf>) -> Vec<PathBuf> {
    versions.retain(|path| version_in(&name_of(path)).is_some_and(|(kind, _)| (10..=NEWEST).contains(&kind.minor)));
    versions.sort_by_key(|path| Reverse(version_in(&name_of(path)).map(|(_, version)| version)));
    let mut seen = BTreeSet::new();
    versions.retain(|path| version_in(&name_of(path)).is_some_and(|(kind, _)| seen.insert(kind)));
    versions.into_iter().map(|directory| directory.join("bin")).collect()
}

/// How far a version got: its patch number, and whether it is a release.
type Patch = (u32, bool);

/// The version that a directory is named for: `3.13.0t`, `cpython-3.13.1+freethreaded-linux-…`.
fn version_in(name: &str) -> Option<(Kind, Patch)> {
    let rest = name.strip_prefix("cpython-").unwrap_or(name).strip_prefix("3.")?;
    let (minor, rest) = rest.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (patch, suffix) = rest.split_at(digits);
    let released = !suffix.starts_with(['a', 'b', 'r']);
    let free_threaded =
        suffix.starts_with('t') || suffix.ends_with('t') && !suffix.contains('-') || suffix.contains("freethreaded");
    Some((Kind { minor: minor.parse().ok()?, free_threaded }, (patch.parse().ok()?, released)))
}

/// Takes one interpreter of each kind: one that was named before the default one, that before one that was
/// found, then the newest, then the first. One that will not do is taken only as a reason.
fn choose(mut candidates: Vec<(Source, Python)>) -> Vec<Slot> {
    candidates.retain(|(_, python)| (10..=NEWEST).contains(&python.minor()));
    candidates.sort_by_key(|(source, python)| {
        Reverse((python.will_do().is_ok(), *source, version_in(&python.version).map(|(_, patch)| patch)))
    });
    let kinds: BTreeSet<Kind> =
        KINDS.into_iter().chain(candidates.iter().map(|(_, python)| Kind::of(python))).collect();
    let slot = |kind| {
        let best = candidates.iter().map(|(_, python)| python).find(|python| Kind::of(python) == kind);
        let python = match best {
            None => Err("not found on this machine".to_owned()),
            Some(python) => match python.will_do() {
                Ok(()) => Ok(python.clone()),
                Err(reason) => Err(format!("{reason:#}")),
            },
        };
        Slot { kind, python }
    };
    kinds.into_iter().map(slot).collect()
}

fn subdirectories(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// An interpreter to test with.
#[cfg(test)]
pub(super) fn example(minor: u32, free_threaded: bool, version: &str, path: &str) -> Python {
    let said = format!(
        "implementation=CPython\nmajor=3\nminor={minor}\nversion={version}\nexecutable={path}\nbase={path}\n\
         libdir=\nfree_threaded={}\nvenv=1\nensurepip={}\n",
        u8::from(free_threaded),
        u8::from(!path.contains("broken"))
    );
    Python::from_probe(&said).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chroot_is_one_name() {
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("/a:chroot:/r:/usr/p::/b"), ["/a", "chroot:/r:/usr/p", "/b"]);
    }

    #[test]
    fn versions_of_directories() {
        let kind = |minor, free_threaded| Kind { minor, free_threaded };
        for (name, expected) in [
            ("3.13.0", Some((kind(13, false), (0, true)))),
            ("3.13.2t", Some((kind(13, true), (2, true)))),
            ("3.14.0rc2", Some((kind(14, false), (0, false)))),
            ("3.14.0rc2t", Some((kind(14, true), (0, false)))),
            ("cpython-3.14.2+freethreaded-linux-x86_64-gnu", Some((kind(14, true), (2, true)))),
            ("cpython-3.12.11-linux-x86_64-gnu", Some((kind(12, false), (11, true)))),
            ("pypy3.10-7.3", None),
            ("2.7.18", None),
        ] {
            assert_eq!(version_in(name), expected, "{name}");
        }
        let newest =
            newest_of_each(["3.12.9", "3.12.10", "3.12.11rc1", "3.9.18", "3.13.0t", "x"].map(PathBuf::from).into());
        assert_eq!(newest, ["3.12.11rc1/bin", "3.13.0t/bin"].map(PathBuf::from));
    }

    #[test]
    fn one_of_each_kind() {
        let slots = choose(vec![
            (Source::Found, example(11, false, "3.11.2", "/usr/broken")),
            (Source::Found, example(11, false, "3.11.7", "/found")),
            (Source::Default, example(11, false, "3.11.6", "/default")),
            (Source::Named, example(11, false, "3.11.4", "/named")),
            (Source::Found, example(12, false, "3.12.9", "/older")),
            (Source::Found, example(12, false, "3.12.10", "/newer")),
            (Source::Found, example(14, false, "3.14.9", "/found")),
            (Source::Default, example(14, false, "3.14.1", "/default")),
            (Source::Found, example(13, true, "3.13.0", "/broken")),
            (Source::Found, example(9, false, "3.9.1", "/old")),
            (Source::Found, example(15, true, "3.15.0", "/t")),
        ]);
        let said: Vec<_> = slots
            .iter()
            .map(|slot| match &slot.python {
                Ok(python) => format!("{} {}", slot.kind, python.executable.display()),
                Err(reason) => format!("{} {}", slot.kind, reason.split_whitespace().next().unwrap()),
            })
            .collect();
        assert_eq!(
            said,
            [
                "3.10 not",
                "3.11 /named",
                "3.12 /newer",
                "3.13 not",
                "3.13t `/broken`",
                "3.14 /default",
                "3.14t not",
                "3.15 not",
                "3.15t /t"
            ]
        );
    }
}
