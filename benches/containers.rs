//! What containers of many numbers take in Rust, beside the standard library's: `cargo bench -p ffi-object-benches --bench
//! containers -- [ELEMENTS]`.
//!
//! Each is made in a process of its own, and checked. Memory is what the process has gained, resident.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::process::Command;
use std::time::Instant;

use ffi_object::{List, Map, Set};

/// Each with what it stands beside.
const PAIRS: [(&str, &str); 3] =
    [("List<i64>", "Vec<i64>"), ("Map<i64, i64>", "HashMap<i64, i64>"), ("Set<i64>", "HashSet<i64>")];

fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.expect("Linux says how much memory is resident") * 4096
}

/// Makes a container, checks it, and gives bytes and nanoseconds of each element.
fn measure(name: &str, count: i64) -> (f64, f64) {
    fn run<C>(count: i64, make: impl FnOnce() -> C, check: impl FnOnce(&C) -> bool) -> (f64, f64) {
        let (before, start) = (resident(), Instant::now());
        let made = make();
        let (took, gained) = (start.elapsed(), resident() - before);
        assert!(check(&made));
        (gained as f64 / count as f64, took.as_nanos() as f64 / count as f64)
    }
    let (sum, last) = (count * (count - 1) / 2, count - 1);
    let pairs = || (0..count).map(|i| (i, i));
    match name {
        "List<i64>" => run(count, || List::from_iter(0..count), |l| l.with(|l| l.iter().sum::<i64>()) == sum),
        "Vec<i64>" => run(count, || Vec::from_iter(0..count), |v| v.iter().sum::<i64>() == sum),
        "Map<i64, i64>" => run(
            count,
            || Map::from_iter(pairs()),
            |m| m.remove(&last) == Some(last) && m.with(|m| m.iter().map(|(_, i)| i).sum::<i64>()) == sum - last,
        ),
        "HashMap<i64, i64>" => {
            run(count, || HashMap::<i64, i64>::from_iter(pairs()), |m| m.values().sum::<i64>() == sum)
        }
        "Set<i64>" => run(
            count,
            || Set::from_iter(0..count),
            |s| s.remove(&last) && !s.contains(&last) && s.with(|s| s.keys().sum::<i64>()) == sum - last,
        ),
        _ => run(count, || HashSet::<i64>::from_iter(0..count), |s| s.iter().sum::<i64>() == sum),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo says `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let count = args.first().map_or(Ok(10_000_000), |count| count.parse())?;
    if let Some(name) = args.get(1) {
        let (bytes, nanoseconds) = measure(name, count);
        println!("{bytes:.1} {nanoseconds:.0}");
        return Ok(());
    }
    println!("{count} numbers, each checked\n\n| | bytes an element | ns to build, each |\n|---|---|---|");
    for name in PAIRS.iter().flat_map(|(ours, other)| [ours, other]) {
        let said = Command::new(std::env::current_exe()?).args([&count.to_string(), *name]).output()?;
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).into());
        }
        println!("| `{name}` | {} |", String::from_utf8(said.stdout)?.trim().replace(' ', " | "));
    }
    Ok(())
}
