//! What a command took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The time that something took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    /// By the clock.
    pub(super) wall: Duration,
    /// Of all processors together, in programs that were run. Where the system does not tell: by the clock.
    pub(super) cpu: Duration,
}

impl Usage {
    /// Measures the programs that `work` runs and waits for.
    ///
    /// # Errors
    ///
    /// Those of `work`.
    pub(super) fn of(work: impl FnOnce() -> Result<()>) -> Result<Self> {
        let (started, before) = (Instant::now(), of_children());
        work()?;
        let wall = started.elapsed();
        let cpu = match (before, of_children()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => wall,
        };
        Ok(Self { wall, cpu })
    }

    /// The best of several, each figure by itself: what disturbs a measurement makes it longer.
    pub(super) fn best(all: &[Self]) -> Self {
        let least = |figure: fn(&Self) -> Duration| all.iter().map(figure).min().unwrap_or_default();
        Self { wall: least(|usage| usage.wall), cpu: least(|usage| usage.cpu) }
    }
}

/// What programs that this one has run and waited for have taken of the processors, with those that they ran.
#[cfg(unix)]
fn of_children() -> Option<Duration> {
    use nix::sys::resource::{getrusage, UsageWho};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    Some(Duration::from_micros(micros.unsigned_abs()))
}

#[cfg(not(unix))]
fn of_children() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cmd;

    #[test]
    fn the_best_is_of_each_figure() {
        let usage = |wall, cpu| Usage { wall: Duration::from_secs(wall), cpu: Duration::from_secs(cpu) };
        assert_eq!(Usage::best(&[usage(3, 5), usage(4, 2)]), usage(3, 2));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_program_takes_is_seen() {
        let busy = Cmd::new("sh").args(["-c", "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done"]);
        let usage = Usage::of(|| busy.run(|_| ()).map(|_| ())).unwrap();
        assert!(usage.cpu > Duration::from_millis(5), "{usage:?}");
    }
}
