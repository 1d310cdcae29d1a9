//! The table at the end.

use std::fmt::Write;
use std::time::Duration;

use console::{pad_str, style, Alignment};

use super::Outcome;
use crate::progress::duration;

/// What was run so far.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<(&'static str, &'static str, Outcome, Duration)>,
}

impl Table {
    /// Adds a run.
    pub(super) fn add(&mut self, tool: &'static str, what: &'static str, outcome: Outcome, took: Duration) {
        self.rows.push((tool, what, outcome, took));
    }

    /// The last run, in a sentence.
    pub(super) fn last(&self) -> String {
        self.rows.last().map_or_else(String::new, |(_, what, outcome, took)| {
            format!("{what}: {} in {}", sentence(outcome), duration(*took))
        })
    }

    /// A line for each run.
    pub(super) fn plain(&self) -> String {
        let mut table = String::new();
        for (tool, what, outcome, took) in &self.rows {
            let cell = |text: &str, width| pad_str(text, width, Alignment::Left, None).into_owned();
            let took = duration(*took);
            let _ = writeln!(table, "{}{}{took:>12}  {}", cell(tool, 10), cell(what, 26), sentence(outcome));
        }
        table
    }

    /// One line that says how it went.
    pub(super) fn verdict(&self, took: Duration) -> String {
        let bad = self.rows.iter().filter(|(_, _, outcome, _)| !outcome.is_clean() && !is_not_run(outcome)).count();
        let left_out = self.rows.iter().filter(|(_, _, outcome, _)| is_not_run(outcome)).count();
        let verdict = match bad {
            0 => "Nothing was found".to_owned(),
            bad => format!("{bad} of {} runs failed or found something", self.rows.len()),
        };
        match left_out {
            0 => format!("{verdict} in {}.", duration(took)),
            _ => format!("{verdict} in {}; {left_out} of {} runs left out.", duration(took), self.rows.len()),
        }
    }

    /// Whether nothing was found in what was run.
    pub(super) fn is_clean(&self) -> bool {
        self.rows.iter().all(|(_, _, outcome, _)| outcome.is_clean() || is_not_run(outcome))
    }

    /// Why something was not run, if that is so.
    pub(super) fn not_run(&self) -> Option<&str> {
        self.rows.iter().find_map(|(_, _, outcome, _)| match outcome {
            Outcome::NotRun(reason) => Some(reason.as_str()),
            Outcome::Ran { .. } | Outcome::Found => None,
        })
    }
}

fn is_not_run(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotRun(_))
}

fn sentence(outcome: &Outcome) -> String {
    let (count, success, findings) = match outcome {
        Outcome::NotRun(reason) => return format!("{}: {reason}", style("cannot be run here").yellow()),
        Outcome::Found => return style("it does").green().to_string(),
        Outcome::Ran { count, success, findings } => (count, success, findings),
    };
    let result = if outcome.is_clean() { style("clean").green() } else { style("FAILED").red().bold() };
    let mut parts = Vec::new();
    match count.rust + count.python {
        0 => (),
        1 => parts.push("1 test".to_owned()),
        passed => parts.push(format!("{passed} tests")),
    }
    if count.failed > 0 {
        parts.push(format!("{} failed", count.failed));
    }
    match findings {
        0 if *success => parts.push("no reports".to_owned()),
        0 => (),
        1 => parts.push("1 report".to_owned()),
        findings => parts.push(format!("{findings} reports")),
    }
    format!("{result}: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::count::Count;

    fn ran(failed: u64, success: bool, findings: usize) -> Outcome {
        Outcome::Ran { count: Count { rust: 83, python: 0, failed }, success, findings }
    }

    #[test]
    fn only_what_is_clean_counts_as_clean() {
        for (outcome, clean, verdict) in [
            (ran(0, true, 0), true, "Nothing was found in 2.0 s."),
            (Outcome::Found, true, "Nothing was found in 2.0 s."),
            (ran(0, true, 2), false, "1 of 1 runs failed or found something in 2.0 s."),
            (ran(1, true, 0), false, "1 of 1 runs failed or found something in 2.0 s."),
            (ran(0, false, 0), false, "1 of 1 runs failed or found something in 2.0 s."),
            (Outcome::NotRun("no tool".to_owned()), true, "Nothing was found in 2.0 s; 1 of 1 runs left out."),
        ] {
            let mut table = Table::default();
            let not_run = is_not_run(&outcome).then_some("no tool");
            table.add("asan", "the runtime", outcome, Duration::from_secs(2));
            assert_eq!((table.is_clean(), table.not_run()), (clean, not_run));
            assert_eq!(table.verdict(Duration::from_secs(2)), verdict);
        }
    }

    #[test]
    fn a_run_reads_well() {
        assert!(sentence(&ran(0, true, 0)).ends_with("clean: 83 tests, no reports"));
        assert!(sentence(&Outcome::Found).ends_with("it does"));
        assert!(sentence(&ran(2, false, 1)).ends_with("FAILED: 83 tests, 2 failed, 1 report"));
    }
}
