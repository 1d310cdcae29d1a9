//! What is said at the end.

use std::fmt::Write;
use std::time::Duration;

use console::{pad_str, style, Alignment};

use super::{Count, Outcome, Step};
use crate::progress::duration;

/// The steps so far, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Summary {
    rows: Vec<(Step, Outcome, Duration)>,
}

impl Summary {
    /// Adds a step.
    pub(super) fn add(&mut self, step: Step, outcome: Outcome, took: Duration) {
        self.rows.push((step, outcome, took));
    }

    /// Whether every step passed; one that was not run has shown nothing.
    pub(super) fn all_passed(&self) -> bool {
        self.rows.iter().all(|(_, outcome, _)| matches!(outcome, Outcome::Passed(_)))
    }

    /// A line for each step: name, result, seconds, and what there is to say.
    pub(super) fn table(&self) -> String {
        let mut table = String::new();
        for (step, outcome, took) in &self.rows {
            let result = match outcome {
                Outcome::Passed(_) => style("passed").green(),
                Outcome::Failed(_) => style("FAILED").red().bold(),
                Outcome::NotRun(_) => style("not run").yellow(),
            };
            let _ = writeln!(
                table,
                "{}{}{:>8.1} s  {}",
                pad_str(step.name(), 11, Alignment::Left, None),
                pad_str(&result.to_string(), 9, Alignment::Left, None),
                took.as_secs_f64(),
                remark(outcome)
            );
        }
        table
    }

    /// One line that says how it went.
    pub(super) fn verdict(&self, took: Duration) -> String {
        let names = |wanted: fn(&Outcome) -> bool| -> Vec<&str> {
            let rows = self.rows.iter().filter(|(_, outcome, _)| wanted(outcome));
            rows.map(|(step, ..)| step.name()).collect()
        };
        let failed = names(|outcome| matches!(outcome, Outcome::Failed(_)));
        let not_run = names(|outcome| matches!(outcome, Outcome::NotRun(_)));
        let total = self.rows.len();
        let mut parts = Vec::new();
        if !failed.is_empty() {
            parts.push(format!("{} of {} failed: {} (see above)", failed.len(), steps(total), failed.join(", ")));
        }
        if !not_run.is_empty() {
            parts.push(format!("{} of {} not run: {}", not_run.len(), steps(total), not_run.join(", ")));
        }
        if parts.is_empty() {
            let Count { rust, python, .. } = self.total();
            return format!(
                "{}: {rust} Rust tests, {python} Python tests in {}.",
                match total {
                    1 => "The 1 step passed".to_owned(),
                    _ => format!("All {total} steps passed"),
                },
                duration(took)
            );
        }
        format!("{}.", parts.join("; "))
    }

    /// `N passed, N failed`, of all tests. A step that failed with no failing test, as where
    /// something does not compile, counts as one failure.
    pub(super) fn count_line(&self) -> String {
        let total = self.total();
        format!("{} passed, {} failed", total.rust + total.python, total.failed)
    }

    fn total(&self) -> Count {
        let mut total = Count::default();
        for (_, outcome, _) in &self.rows {
            match outcome {
                Outcome::Passed(count) => total += *count,
                Outcome::Failed(count) => {
                    total += *count;
                    total.failed += u64::from(count.failed == 0);
                }
                Outcome::NotRun(_) => (),
            }
        }
        total
    }
}

/// What became of one step, for the line below its commands.
pub(super) fn sentence(outcome: &Outcome, took: Duration) -> String {
    let result = match outcome {
        Outcome::Passed(_) => style("passed").green(),
        Outcome::Failed(_) => style("FAILED").red().bold(),
        Outcome::NotRun(reason) => return format!("{}: {reason}", style("not run").yellow()),
    };
    match remark(outcome) {
        remark if remark.is_empty() => format!("{result} in {}", duration(took)),
        remark => format!("{result} in {}: {remark}", duration(took)),
    }
}

fn remark(outcome: &Outcome) -> String {
    let count = match outcome {
        Outcome::NotRun(reason) => return reason.clone(),
        Outcome::Passed(count) | Outcome::Failed(count) => count,
    };
    let passed = count.rust + count.python;
    match (passed, count.failed) {
        (0, 0) => String::new(),
        (1, 0) => "1 test".to_owned(),
        (passed, 0) => format!("{passed} tests"),
        (passed, failed) => format!("{passed} passed, {failed} failed"),
    }
}

fn steps(number: usize) -> String {
    match number {
        1 => "1 step".to_owned(),
        _ => format!("{number} steps"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: Count = Count { rust: 412, python: 133, failed: 0 };

    fn summary(outcomes: Vec<(Step, Outcome)>) -> Summary {
        let mut summary = Summary::default();
        for (step, outcome) in outcomes {
            summary.add(step, outcome, Duration::from_secs(2));
        }
        summary
    }

    #[test]
    fn all_is_well() {
        let summary =
            summary(vec![(Step::Fmt, Outcome::Passed(Count::default())), (Step::Rust, Outcome::Passed(COUNT))]);
        assert!(summary.all_passed());
        assert_eq!(
            summary.verdict(Duration::from_secs(372)),
            "All 2 steps passed: 412 Rust tests, 133 Python tests in 6 min 12 s."
        );
        assert_eq!(summary.count_line(), "545 passed, 0 failed");
    }

    #[test]
    fn a_failure_counts_even_without_a_failing_test() {
        let summary = summary(vec![
            (Step::Clippy, Outcome::Failed(Count::default())),
            (Step::Rust, Outcome::Failed(Count { failed: 3, ..COUNT })),
            (Step::Loom, Outcome::NotRun("no models".to_owned())),
        ]);
        assert!(!summary.all_passed());
        assert_eq!(
            summary.verdict(Duration::ZERO),
            "2 of 3 steps failed: clippy, rust (see above); 1 of 3 steps not run: loom."
        );
        assert_eq!(summary.count_line(), "545 passed, 4 failed");
        assert!(summary.table().contains("no models"));
    }
}
