//! Counting tests in what test runners print or write.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use anyhow::{Context, Result};

/// How many tests passed, and how many did not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    /// Tests of Rust code that passed.
    pub(crate) rust: u64,
    /// Tests of Python code that passed.
    pub(crate) python: u64,
    /// Tests that failed, in either.
    pub(crate) failed: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.rust += other.rust;
        self.python += other.python;
        self.failed += other.failed;
    }
}

/// Counts in what `cargo test` printed: the sum of its `test result:` lines.
pub(crate) fn cargo_test(output: &str) -> Count {
    let mut count = Count::default();
    for line in plain_lines(output) {
        // A test's own output can precede the line without a line end between them.
        if let Some((_, result)) = line.split_once("test result: ") {
            count.rust += number_before(result, "passed");
            count.failed += number_before(result, "failed");
        }
    }
    count
}

/// Counts in what `cargo nextest run` printed: its summary.
///
/// `Summary [ 1.2s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 3 skipped`
pub(crate) fn nextest(output: &str) -> Count {
    let mut count = Count::default();
    for line in plain_lines(output) {
        let Some(("Summary", rest)) = line.trim().split_once(' ') else {
            continue;
        };
        let Some((_, result)) = rest.split_once(" run: ") else {
            continue;
        };
        count = Count {
            rust: number_before(result, "passed"),
            python: 0,
            failed: ["failed", "timed out", "exec failed"].iter().map(|word| number_before(result, word)).sum(),
        };
    }
    count
}

/// Counts in the JUnit report that pytest wrote. Skipped tests and expected failures count as
/// neither; an error in a fixture counts as a failure.
///
/// # Errors
///
/// If this is no such report.
pub(crate) fn junit(report: &str) -> Result<Count> {
    let report = roxmltree::Document::parse(report)?;
    let mut count = Count::default();
    let mut suites = 0;
    for suite in report.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let number = |name: &str| -> Result<u64> {
            let text = suite.attribute(name).unwrap_or("0");
            text.parse().with_context(|| format!("{name}=\"{text}\""))
        };
        let failed = number("failures")? + number("errors")?;
        count.failed += failed;
        count.python += number("tests")?.saturating_sub(failed + number("skipped")?);
        suites += 1;
    }
    (suites > 0).then_some(count).context("no test suite in it")
}

/// The reasons of the skipped tests and expected failures in the JUnit report that pytest wrote, each
/// with the number of tests.
///
/// # Errors
///
/// If this is no such report.
pub(crate) fn junit_skipped(report: &str) -> Result<BTreeMap<String, u64>> {
    let report = roxmltree::Document::parse(report)?;
    let mut reasons = BTreeMap::new();
    for skipped in report.descendants().filter(|node| node.has_tag_name("skipped")) {
        let mut reason = skipped.attribute("message").unwrap_or("no reason given").trim();
        // What `pytest.importorskip` and `skipif` add tells a reader nothing.
        reason = reason.strip_prefix("Skipped: ").unwrap_or(reason);
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }
    Ok(reasons)
}

fn plain_lines(output: &str) -> impl Iterator<Item = String> + '_ {
    output.lines().map(|line| console::strip_ansi_codes(line).into_owned())
}

/// The number in the part of `list` that reads `<number> <word>`; 0 if there is none.
fn number_before(list: &str, word: &str) -> u64 {
    list.split([',', ';', '.', '('])
        .filter_map(|part| part.trim().trim_end_matches(')').split_once(' '))
        .find(|(_, rest)| *rest == word)
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(passed: u64, failed: u64) -> Count {
        Count { rust: passed, python: 0, failed }
    }

    #[test]
    fn cargo_test_lines_are_summed() {
        let output = "\
running 3 tests
test a ... ok

test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

no line end here test result: \x1b[31mFAILED\x1b[m. 10 passed; 2 failed; 1 ignored; 0 measured
";
        assert_eq!(cargo_test(output), rust(13, 2));
        assert_eq!(cargo_test("error: could not compile"), rust(0, 0));
    }

    #[test]
    fn nextest_summary_in_its_forms() {
        for (line, expected) in [
            ("     Summary [   0.005s] 3 tests run: 3 passed, 0 skipped", rust(3, 0)),
            ("Summary [ 1.2s] 1 test run: 1 passed (1 leaky), 5 skipped", rust(1, 0)),
            (
                "\x1b[32m Summary\x1b[0m [ 9.0s] 9/20 tests run: 6 passed (2 slow, 1 flaky), 1 failed, \
                 1 timed out, 1 exec failed, 3 skipped",
                rust(6, 3),
            ),
            ("Summary of something else", rust(0, 0)),
        ] {
            assert_eq!(nextest(line), expected, "{line}");
        }
    }

    #[test]
    fn junit_report() {
        let report = r#"<?xml version="1.0"?><testsuites name="pytest tests">
            <testsuite name="pytest" errors="1" failures="2" skipped="3" tests="16" time="1.0">
            <testcase classname="a" name="b"/></testsuite></testsuites>"#;
        let expected = Count { rust: 0, python: 10, failed: 3 };
        assert_eq!(junit(report).unwrap(), expected);
        let report = r#"<testsuites><testsuite tests="2" skipped="2">
            <testcase><skipped type="pytest.skip" message="Skipped: a GIL"/></testcase>
            <testcase><skipped type="pytest.skip" message="a GIL"/></testcase></testsuite></testsuites>"#;
        assert_eq!(junit_skipped(report).unwrap(), BTreeMap::from([("a GIL".to_owned(), 2)]));
        assert!(junit("<testsuites/>").is_err());
        assert!(junit("").is_err());
    }
}
