//! What the tools wrote: a file for each process.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What begins a report of a tool, in any of its files.
const BEGINNINGS: [&str; 3] = ["ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer"];

/// How much of a file is shown.
const SHOWN: usize = 60;

/// The directory of the reports of one run.
#[derive(Debug)]
pub(super) struct Reports {
    directory: PathBuf,
}

impl Reports {
    /// To be written in `directory`, which is emptied.
    pub(super) fn new(directory: PathBuf) -> Result<Self> {
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::create_dir_all(&directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
        Ok(Self { directory })
    }

    /// What the files' names begin with.
    pub(super) fn prefix(&self) -> PathBuf {
        self.directory.join("report")
    }

    /// Counts what was reported, and shows some of it.
    pub(super) fn findings(&self) -> Result<usize> {
        let mut total = 0;
        for (path, text) in self.files()? {
            let findings = count(&text);
            if findings > 0 {
                show(&path, &text, total == 0);
            }
            total += findings;
        }
        Ok(total)
    }

    /// Whether something with `name` in it was reported.
    pub(super) fn names(&self, name: &str) -> Result<bool> {
        Ok(self.files()?.iter().any(|(_, text)| count(text) > 0 && text.contains(name)))
    }

    fn files(&self) -> Result<Vec<(PathBuf, String)>> {
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry?.path();
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            Ok((path, text))
        };
        std::fs::read_dir(&self.directory)?.map(read).collect()
    }
}

/// The reports in a file: for valgrind, its number of places with errors.
fn count(text: &str) -> usize {
    let reports: usize = BEGINNINGS.iter().map(|beginning| text.matches(beginning).count()).sum();
    let contexts = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("ERROR SUMMARY: ")?;
        rest.split_once(" errors from ")?.1.split_whitespace().next()?.parse::<usize>().ok()
    });
    reports + contexts.sum::<usize>()
}

fn show(path: &Path, text: &str, whole: bool) {
    println!("      reports in {}", path.display());
    let reported = text.lines().skip_while(|line| line.trim().is_empty());
    for line in reported.take(if whole { SHOWN } else { 0 }) {
        println!("        {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_the_tools_write() {
        assert_eq!(count("==1== ERROR SUMMARY: 12 errors from 3 contexts (suppressed: 4 from 1)"), 3);
        assert_eq!(count("==1== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)"), 0);
        assert_eq!(count("WARNING: ThreadSanitizer: data race\nx\nWARNING: ThreadSanitizer: data race"), 2);
        assert_eq!(count("==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1"), 1);
    }

    #[test]
    fn an_old_report_is_not_counted() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("reports");
        let reports = Reports::new(directory.clone()).unwrap();
        std::fs::write(reports.prefix().with_extension("1"), "WARNING: ThreadSanitizer: data race").unwrap();
        assert_eq!(reports.findings().unwrap(), 1);
        assert_eq!(Reports::new(directory).unwrap().findings().unwrap(), 0);
    }
}
