//! The table, and what follows from it.

use std::fmt::Write;
use std::time::Duration;

use console::{pad_str, style, Alignment};

use super::crates::Subject;
use super::usage::Usage;

/// The size of a release build, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// As it was linked.
    pub(super) whole: u64,
    /// Without symbols.
    pub(super) stripped: u64,
}

/// What was measured of a crate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    /// The best of the debug builds.
    pub(super) best: Usage,
    /// The release build, unless it was left out.
    pub(super) sizes: Option<Sizes>,
}

/// A crate, with ffi-object and with PyO3.
pub(super) type Row = (Subject, Figures, Figures);

/// A figure of both sides: its name, how it is shown, whether it decides, and how it is read.
struct Column {
    name: &'static str,
    decides: bool,
    read: fn(&Figures) -> Option<f64>,
    show: fn(f64) -> String,
}

const COLUMNS: [Column; 4] = [
    Column { name: "processor time", decides: true, read: |f| Some(seconds(f.best.cpu)), show: show_seconds },
    Column { name: "time", decides: false, read: |f| Some(seconds(f.best.wall)), show: show_seconds },
    Column { name: "size", decides: true, read: |f| f.sizes.map(|s| kilobytes(s.whole)), show: show_kilobytes },
    Column { name: "stripped", decides: true, read: |f| f.sizes.map(|s| kilobytes(s.stripped)), show: show_kilobytes },
];

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn show_seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

#[expect(clippy::cast_precision_loss, reason = "no file is that large")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

fn show_kilobytes(kilobytes: f64) -> String {
    format!("{kilobytes:.0} KB")
}

/// A line for each crate and figure: both sides, and the ratio.
pub(super) fn text(rows: &[Row]) -> String {
    let mut table = String::new();
    line(&mut table, ["crate", "figure", "ffi-object", "PyO3", "ratio"].map(|head| style(head).bold().to_string()));
    for (subject, ours, theirs) in rows {
        for column in &COLUMNS {
            let (Some(ours), Some(theirs)) = ((column.read)(ours), (column.read)(theirs)) else { continue };
            let ratio = format!("{:.2}", ours / theirs);
            let ratio = match (column.decides, ours <= theirs) {
                (false, _) => ratio,
                (true, true) => style(ratio).green().to_string(),
                (true, false) => style(ratio).red().to_string(),
            };
            let (ours, theirs) = ((column.show)(ours), (column.show)(theirs));
            line(&mut table, [subject.name().to_owned(), column.name.to_owned(), ours, theirs, ratio]);
        }
    }
    table
}

fn line(table: &mut String, cells: [String; 5]) {
    let widths = [(14, Alignment::Left), (16, Alignment::Left), (12, Alignment::Right), (12, Alignment::Right)];
    for (cell, (width, alignment)) in cells.iter().zip(widths) {
        let _ = write!(table, "{}", pad_str(cell, width, alignment, None));
    }
    let _ = writeln!(table, "{}", pad_str(&cells[4], 8, Alignment::Right, None));
}

/// Whether ffi-object is no slower and no larger, and a line that says so.
pub(super) fn verdict(rows: &[Row]) -> (bool, String) {
    let worse = |(subject, ours, theirs): &Row| -> Vec<String> {
        let columns = COLUMNS.iter().filter(|column| column.decides && (column.read)(ours) > (column.read)(theirs));
        columns.map(|column| format!("{} ({})", subject.name(), column.name)).collect()
    };
    let worse: Vec<_> = rows.iter().flat_map(worse).collect();
    match worse.as_slice() {
        [] => (true, "ffi-object is no slower to build, and no larger.".to_owned()),
        worse => (false, format!("ffi-object is behind in {}.", worse.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(cpu: u64, size: u64) -> Figures {
        let best = Usage { wall: Duration::from_secs(9), cpu: Duration::from_secs(cpu) };
        Figures { best, sizes: Some(Sizes { whole: size * 1024, stripped: 2048 }) }
    }

    #[test]
    fn what_decides_is_processor_time_and_size() {
        let (holds, _) = verdict(&[(Subject::Attributes, figures(2, 30), figures(2, 40))]);
        assert!(holds);
        let (holds, said) = verdict(&[(Subject::Attributes, figures(3, 50), figures(2, 40))]);
        assert!(!holds);
        assert_eq!(said, "ffi-object is behind in attributes (processor time), attributes (size).");
    }

    #[test]
    fn sizes_that_were_left_out_say_nothing() {
        let left_out = Figures { sizes: None, ..figures(2, 0) };
        let rows = [(Subject::Objects, left_out, Figures { sizes: None, ..figures(4, 0) })];
        let table = text(&rows);
        assert_eq!(table.lines().count(), 3);
        assert!(table.contains("0.50"));
        assert!(verdict(&rows).0);
    }
}
