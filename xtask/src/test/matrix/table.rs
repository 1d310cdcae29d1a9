//! The table, on the terminal and in the guide.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use console::style;

use super::row::Build;
use crate::progress::duration;
use crate::test::count::Count;

/// An interpreter and a build, and what became of the tests.
#[derive(Debug)]
pub(super) struct Row {
    interpreter: String,
    build: Build,
    /// What was counted; nothing, if nothing was run.
    result: Option<(Count, u64)>,
    remarks: Vec<String>,
    took: Duration,
}

impl Row {
    /// The tests were run.
    pub(super) fn tested(
        interpreter: String,
        build: Build,
        count: Count,
        skipped: BTreeMap<String, u64>,
        mut remarks: Vec<String>,
        took: Duration,
    ) -> Self {
        let total = skipped.values().sum();
        remarks.extend(skipped.into_iter().map(|(reason, number)| format!("{number} skipped: {reason}")));
        Self { interpreter, build, result: Some((count, total)), remarks, took }
    }

    /// There is nothing to run them with.
    pub(super) fn not_run(interpreter: String, build: Build, reason: String) -> Self {
        Self { interpreter, build, result: None, remarks: vec![reason], took: Duration::ZERO }
    }

    /// How it went.
    pub(super) fn sentence(&self) -> String {
        let (count, skipped) = self.result.unwrap_or_default();
        let result = match count.failed {
            0 => style("passed").green(),
            _ => style("FAILED").red().bold(),
        };
        let numbers = format!("{} passed, {} failed, {skipped} skipped", count.python, count.failed);
        format!("{result} in {}: {numbers}", duration(self.took))
    }

    fn cells(&self) -> [String; 6] {
        let number =
            |value: fn(&(Count, u64)) -> u64| self.result.as_ref().map_or("–".into(), |r| value(r).to_string());
        [
            self.interpreter.clone(),
            self.build.name().to_owned(),
            number(|(count, _)| count.python),
            number(|(count, _)| count.failed),
            number(|(_, skipped)| *skipped),
            self.remarks.join("; "),
        ]
    }
}

/// What the columns are called.
const HEAD: [&str; 6] = ["interpreter", "build", "passed", "failed", "skipped", "remarks"];

/// All rows.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a row.
    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Whether no test failed; an interpreter that is not there is no failure.
    pub(super) fn all_passed(&self) -> bool {
        self.total().failed == 0
    }

    fn total(&self) -> Count {
        let mut total = Count::default();
        self.rows.iter().filter_map(|row| row.result).for_each(|(count, _)| total += count);
        total
    }

    /// For a terminal: columns under their names.
    pub(super) fn plain(&self) -> String {
        let rows: Vec<_> = std::iter::once(HEAD.map(str::to_owned)).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for [interpreter, build, passed, failed, skipped, remarks] in &rows {
            let line = format!(
                "{interpreter:a$}  {build:b$}  {passed:>c$}  {failed:>d$}  {skipped:>e$}  {remarks}",
                a = width(0),
                b = width(1),
                c = width(2),
                d = width(3),
                e = width(4)
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// One line that says how it went.
    pub(super) fn verdict(&self, took: Duration) -> String {
        let run = self.rows.iter().filter(|row| row.result.is_some()).count();
        let failed: Vec<_> = (self.rows.iter())
            .filter(|row| row.result.is_some_and(|(count, _)| count.failed > 0))
            .map(|row| format!("{} {}", row.interpreter, row.build.name()))
            .collect();
        let not_there = match self.rows.len() - run {
            0 => String::new(),
            1 => "; 1 interpreter could not be had".to_owned(),
            number => format!("; {number} interpreters could not be had"),
        };
        let took = duration(took);
        match failed.is_empty() {
            true => format!("The tests passed on all {run} builds in {took}{not_there}."),
            false => format!("{} of {run} builds failed in {took}: {}{not_there}.", failed.len(), failed.join(", ")),
        }
    }

    /// `N passed, N failed`, of all tests.
    pub(super) fn count_line(&self) -> String {
        let total = self.total();
        format!("{} passed, {} failed", total.python, total.failed)
    }

    /// The guide's page; `about` says when and with what.
    pub(super) fn page(&self, about: &str) -> String {
        let mut page = format!(
            "# Tested interpreters\n\n\
             `cargo xtask test --matrix` runs the tests written in Python on every interpreter it finds: the extensions\n\
             built for its very version, and one abi3 build, made with the oldest, on all that have a GIL.\n\
             With `--write` it writes this page.\n\n{about}:\n\n"
        );
        let _ = writeln!(page, "| {} |\n|---|---|--:|--:|--:|---|", HEAD.join(" | "));
        for row in &self.rows {
            let _ = writeln!(
                page,
                "| {} |",
                row.cells().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).join(" | ")
            );
        }
        let _ = writeln!(page, "\n{}.", self.count_line());
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(failed: u64) -> Table {
        let count = Count { rust: 0, python: 12, failed };
        let skipped = BTreeMap::from([("the interpreter has a GIL".to_owned(), 2)]);
        let mut table = Table::default();
        let row = |build| Row::tested("3.11.7".into(), build, count, skipped.clone(), vec![], Duration::from_secs(2));
        table.add(row(Build::Version));
        table.add(Row::not_run("3.14t".into(), Build::FreeThreaded, "not found on this machine".into()));
        table.add(row(Build::Abi3));
        table
    }

    #[test]
    fn an_interpreter_that_is_not_there_is_no_failure() {
        let table = table(0);
        assert!(table.all_passed());
        assert_eq!(
            table.plain(),
            "interpreter  build             passed  failed  skipped  remarks\n\
             3.11.7       version-specific      12       0        2  2 skipped: the interpreter has a GIL\n\
             3.14t        free-threaded          –       –        –  not found on this machine\n\
             3.11.7       abi3                  12       0        2  2 skipped: the interpreter has a GIL\n"
        );
        assert_eq!(
            table.verdict(Duration::from_secs(60)),
            "The tests passed on all 2 builds in 1 min 0 s; 1 interpreter could not be had."
        );
        assert_eq!(table.count_line(), "24 passed, 0 failed");
        assert!(table.page("today").contains("| 3.14t | free-threaded | – | – | – | not found on this machine |\n"));
    }

    #[test]
    fn failures_are_named() {
        let table = table(3);
        assert!(!table.all_passed());
        assert!(table
            .verdict(Duration::ZERO)
            .starts_with("2 of 2 builds failed in 0.0 s: 3.11.7 version-specific, 3.11.7 abi3;"));
    }
}
