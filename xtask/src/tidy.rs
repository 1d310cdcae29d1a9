//! `cargo xtask tidy`: facts about the tree that no compiler checks.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::{DirEntry, WalkDir};

use crate::workspace::Workspace;

/// Directories that hold nothing anyone wrote.
const SKIPPED: [&str; 7] = [".git", "target", "__pycache__", ".venv", ".hypothesis", ".pytest_cache", "book"];

/// Past this many lines, a file wants a split.
const LONG: usize = 600;

/// Documents whose file names in backticks must be those of files: these, and all below `docs/`.
const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];

/// What names a file when it stands in backticks, and what counts for length.
const SOURCES: [&str; 4] = [".rs", ".py", ".toml", ".md"];

/// Texts that no file may have, and why. Taken apart, so that this file does not have them.
const FORBIDDEN: [(&[&str], &str); 9] = [
    (&["/ro", "ot/"], "a path of some machine"),
    (&["/wo", "rk/"], "a path of some machine"),
    (&["/ho", "me/"], "a path of some machine"),
    (&["/Us", "ers/"], "a path of some machine"),
    (&["artif", "actory"], "the host of some registry"),
    (&["index.", "crates.io"], "the host of a registry"),
    (&["static.", "crates.io"], "the host of a registry"),
    (&["files.", "pythonhosted.org"], "the host of a registry"),
    (&["registry.", "npmjs.org"], "the host of a registry"),
];

/// Something to say about a line of a file.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A text file of the tree, its name relative to the root and with `/`.
#[derive(Debug)]
struct File {
    name: String,
    text: String,
}

impl File {
    fn finding(&self, line: usize, what: String) -> Finding {
        Finding { file: self.name.clone(), line, what }
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// A check: looks at one file, given the names of all.
type Check = fn(&File, &BTreeSet<String>) -> Vec<Finding>;

/// What must not be found.
const ERRORS: [Check; 3] = [names_of_missing_files, forbidden_texts, lints_not_inherited];

/// What is only worth knowing.
const WARNINGS: [Check; 1] = [long_files];

/// Prints what there is to say of the tree; whether there is no error.
///
/// # Errors
///
/// If the tree cannot be read.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let (names, files) = read_tree(workspace.root(), workspace.target())?;
    let found = |checks: &[Check]| -> Vec<Finding> {
        let each = |file| checks.iter().flat_map(|check| check(file, &names)).collect::<Vec<_>>();
        files.iter().flat_map(each).collect()
    };
    for warning in found(&WARNINGS) {
        println!("      warning: {warning}");
    }
    let errors = found(&ERRORS);
    for error in &errors {
        println!("      error: {error}");
    }
    match errors.len() {
        0 => println!("      {} files are tidy", files.len()),
        number => println!("      {number} errors in {} files", files.len()),
    }
    Ok(errors.is_empty())
}

/// The names of all files, and those with text in them.
fn read_tree(root: &Path, target: &Path) -> Result<(BTreeSet<String>, Vec<File>)> {
    let wanted = |entry: &DirEntry| {
        let skipped = SKIPPED.iter().any(|name| entry.file_name() == *name);
        !(entry.file_type().is_dir() && skipped || entry.path() == target)
    };
    let mut names = BTreeSet::new();
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted) {
        let entry = entry.context("cannot read the tree")?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        names.insert(relative.clone());
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{relative}`"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { name: relative, text });
        }
    }
    Ok((names, files))
}

fn names_of_missing_files(file: &File, names: &BTreeSet<String>) -> Vec<Finding> {
    let in_docs = file.name.starts_with("docs/") && file.name.ends_with(".md");
    if !in_docs && !DOCUMENTS.contains(&file.name.as_str()) {
        return Vec::new();
    }
    let directory = file.name.rsplit_once('/').map_or("", |(directory, _)| directory);
    let exists = |name: &str| {
        // Also right: a name within a crate, or relative to the document.
        let ending = format!("/{}", name.trim_start_matches("./").trim_start_matches("../"));
        names.contains(name)
            || names.contains(&format!("{directory}/{name}"))
            || names.iter().any(|other| other.ends_with(&ending) || format!("/{other}") == ending)
    };
    let mut findings = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        for name in line.split('`').skip(1).step_by(2).filter_map(file_name) {
            if !exists(name) {
                findings.push(file.finding(number, format!("there is no file `{name}`")));
            }
        }
    }
    findings
}

/// The file that a text in backticks names, if it names one; without a line number after it.
fn file_name(text: &str) -> Option<&str> {
    let name = match text.rsplit_once(':') {
        Some((name, line)) if line.chars().all(|c| c.is_ascii_digit() || c == '-') => name,
        _ => text,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let stem = SOURCES.iter().find_map(|ending| name.strip_suffix(ending))?;
    (!stem.is_empty() && name.chars().all(plain)).then_some(name)
}

fn forbidden_texts(file: &File, _: &BTreeSet<String>) -> Vec<Finding> {
    let forbidden = FORBIDDEN.map(|(parts, why)| (parts.concat(), why));
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        for (text, why) in &forbidden {
            if occurs(line, text) {
                findings.push(file.finding(number, format!("`{text}` is {why}")));
            }
        }
    }
    findings
}

/// Whether `text` occurs in `line`; a path only where it begins, not in the middle of one.
fn occurs(line: &str, text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "-_.}>)~*".contains(c);
    line.match_indices(text)
        .any(|(at, _)| !text.starts_with('/') || !line[..at].chars().next_back().is_some_and(inside))
}

fn lints_not_inherited(file: &File, _: &BTreeSet<String>) -> Vec<Finding> {
    if !file.name.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    match file.text.parse::<toml::Table>() {
        Err(error) => {
            let before = error.span().map_or("", |span| &file.text[..span.start]);
            vec![file.finding(before.lines().count().max(1), error.message().to_owned())]
        }
        Ok(manifest) => {
            let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
            if !manifest.contains_key("package") || lints.and_then(toml::Value::as_bool) == Some(true) {
                return Vec::new();
            }
            vec![file.finding(
                1,
                "the workspace's lints are not inherited: add `[lints]` with `workspace = true`".to_owned(),
            )]
        }
    }
}

fn long_files(file: &File, _: &BTreeSet<String>) -> Vec<Finding> {
    let lines = file.text.lines().count();
    let source = SOURCES.iter().any(|ending| file.name.ends_with(ending));
    if !source || lines <= LONG {
        return Vec::new();
    }
    vec![file.finding(LONG + 1, format!("{lines} lines; past {LONG} a file wants a split"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: Check, name: &str, text: &str) -> Vec<String> {
        let names = ["README.md", "core/src/state.rs", "docs/guide/intro.md"];
        let names = names.into_iter().map(str::to_owned).collect();
        let file = File { name: name.to_owned(), text: text.to_owned() };
        let findings = check(&file, &names);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn documents_name_files_that_exist() {
        let check = |text| found(names_of_missing_files, "docs/guide/a.md", text);
        for fine in [
            "`core/src/state.rs` `src/state.rs:12` `state.rs` `intro.md` `../../README.md`",
            "`.rs` `a b.rs` `<name>.rs` `tests/*.rs` plain gone.rs",
            "```\n`gone.rs`\n```",
        ] {
            assert_eq!(check(fine), [""; 0], "{fine}");
        }
        assert_eq!(
            check("x\nsee `src/gone.rs` and `tate.rs`"),
            ["docs/guide/a.md:2: there is no file `src/gone.rs`", "docs/guide/a.md:2: there is no file `tate.rs`"]
        );
        assert_eq!(found(names_of_missing_files, "a.md", "`gone.rs`"), [""; 0]);
    }

    #[test]
    fn no_machine_is_named() {
        let path = ["/wo", "rk/main"].concat();
        let check = |text: &str| found(forbidden_texts, "a.rs", text).len();
        assert_eq!(check(&format!("cd {path}")), 1);
        assert_eq!(check(&format!("\"{path}\" # in a string")), 1);
        assert_eq!(check(&format!("the{path} in a longer path, https://a.b{path}")), 0);
    }

    #[test]
    fn lints_are_inherited() {
        let check = |text| found(lints_not_inherited, "a/Cargo.toml", text);
        assert_eq!(check("[package]\nname = \"a\"\n[lints]\nworkspace = true"), [""; 0]);
        assert_eq!(check("[package]\nname = \"a\"\nlints.workspace = true").len(), 1);
        assert_eq!(check("[package]\nname = \"a\"").len(), 1);
        assert_eq!(check("[workspace]"), [""; 0]);
        assert!(check("[package]\nname = ")[0].starts_with("a/Cargo.toml:2: "));
    }

    #[test]
    fn long_files_are_listed() {
        let text = "\n".repeat(LONG + 1);
        assert_eq!(found(long_files, "a.rs", &text).len(), 1);
        assert_eq!(found(long_files, "Cargo.lock", &text), [""; 0]);
    }
}
