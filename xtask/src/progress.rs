//! Saying what is going on, and for how long.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{bail, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::{Cmd, Finished};

/// A piece of work under way: on a terminal, a line that moves, with the last line the tool printed.
#[derive(Debug)]
pub(crate) struct Watch {
    bar: ProgressBar,
    started: Instant,
    verbose: bool,
}

impl Watch {
    /// Starts the clock. With `verbose`, what tools print is shown in full instead.
    pub(crate) fn start(label: &str, verbose: bool) -> Self {
        let bar = if verbose || !std::io::stdout().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        let style = ProgressStyle::with_template("{prefix} {spinner} {elapsed} {wide_msg:.dim}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, started: Instant::now(), verbose }
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub(crate) fn run(&self, cmd: &Cmd) -> Result<Finished> {
        cmd.run(|line| {
            if self.verbose {
                println!("{line}");
            } else if !line.trim().is_empty() {
                self.bar.set_message(console::strip_ansi_codes(line.trim()).into_owned());
            }
        })
    }

    /// Runs a command that has to succeed; if it does not, shows all it printed.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or fails.
    pub(crate) fn check(&self, cmd: &Cmd) -> Result<()> {
        let finished = self.run(cmd)?;
        if finished.success {
            return Ok(());
        }
        self.show_output(&finished);
        bail!("`{cmd}` failed ({}); what it printed is above", finished.status)
    }

    /// Prints what a command printed, unless it was shown as it came.
    pub(crate) fn show_output(&self, finished: &Finished) {
        if !self.verbose {
            self.bar.suspend(|| {
                println!();
                print!("{}", finished.output);
                if !finished.output.ends_with('\n') {
                    println!();
                }
            });
        }
    }

    /// Removes the moving line; the time since the start.
    pub(crate) fn finish(self) -> Duration {
        self.bar.finish_and_clear();
        self.started.elapsed()
    }
}

/// A number of steps, each announced as `[2/5] installing lxml … 12 s`.
#[derive(Debug)]
pub(crate) struct Steps {
    total: usize,
    begun: usize,
    verbose: bool,
}

impl Steps {
    /// `total` steps to come.
    pub(crate) fn new(total: usize, verbose: bool) -> Self {
        Self { total, begun: 0, verbose }
    }

    /// The next step: does `work`, which returns what to add to the line besides the time.
    ///
    /// # Errors
    ///
    /// Those of `work`.
    pub(crate) fn step(&mut self, what: &str, work: impl FnOnce(&Watch) -> Result<Note>) -> Result<()> {
        self.begun += 1;
        let label = format!("[{}/{}] {what} …", self.begun, self.total);
        let moving = std::io::stdout().is_terminal() && !self.verbose;
        if self.verbose {
            println!("{label}");
        } else if !moving {
            // In a log the line is there from the start, so that one sees what is slow.
            print!("{label} ");
            std::io::stdout().flush()?;
        }
        let watch = Watch::start(&label, self.verbose);
        let outcome = work(&watch);
        let took = duration(watch.finish());
        let end = match &outcome {
            Ok(Note::Done) => took,
            Ok(Note::Already) => format!("already there ({took})"),
            Err(_) => format!("failed after {took}"),
        };
        match moving {
            true => println!("{label} {end}"),
            false => println!("{end}"),
        }
        outcome.map(|_| ())
    }

    /// The last step, whose output is the point: announces it and leaves the terminal to it.
    pub(crate) fn announce(&mut self, what: &str) {
        self.begun += 1;
        println!("[{}/{}] {what}\n", self.begun, self.total);
    }
}

/// What became of a step that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// The work was done.
    Done,
    /// There was nothing left to do.
    Already,
}

/// A duration for people: `0.4 s`, `12 s`, `6 min 12 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    match duration.as_secs() + u64::from(duration.subsec_millis() >= 500) {
        whole @ 0..=59 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let shown = |millis| duration(Duration::from_millis(millis));
        assert_eq!(shown(400), "0.4 s");
        assert_eq!(shown(9_960), "10 s");
        assert_eq!(shown(59_600), "1 min 0 s");
        assert_eq!(shown(372_000), "6 min 12 s");
    }
}
