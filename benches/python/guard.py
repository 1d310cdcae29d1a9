"""Counts the instructions of the hottest paths, and compares them with those of a table.

    python guard.py TABLE [--write]

Counts are repeatable where times are not. They are those of valgrind's callgrind, for one operation with the loop that it runs
in: the difference between two runs that differ in nothing but how often they do it. They belong to one version of Python; for
another there is nothing to compare with.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

import peers
from rows import ROWS

#: The hottest paths.
GUARDED = ("read_scalar", "read_object", "new", "method", "function", "walk_list")
#: How often the shorter and the longer run do it.
SHORT, LONG = 10_000, 60_000
#: How far a count may be from the table's.
BAND = 0.03


def repeat(key, operations):
    """What is counted."""
    row = next(row for row in ROWS if row.key == key)
    names = row.names(peers.ffi_object())
    statement = row.statement.replace("\n", "\n        ")
    exec(f"def run(times):\n    for _ in range(times):\n        {statement}", names)
    names["run"](operations // row.operations)


def instructions(key, operations):
    """The instructions of a whole process."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-B", __file__]
    command += ["--repeat", key, str(operations)]
    finished = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    found = re.search(r"Collected : (\d+)", finished.stderr)
    if finished.returncode or not found:
        raise SystemExit(f"callgrind failed:\n{finished.stderr}")
    return int(found[1])


def count(key):
    return (instructions(key, LONG) - instructions(key, SHORT)) / (LONG - SHORT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, nargs="?", help="the table, as JSON")
    parser.add_argument("--write", action="store_true", help="put the counts into the table")
    parser.add_argument("--repeat", nargs=2, metavar=("ROW", "TIMES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.repeat:
        repeat(options.repeat[0], int(options.repeat[1]))
        return 0
    if options.table is None:
        parser.error("name the table")
    tables = json.loads(options.table.read_text()) if options.table.exists() else {}
    version = platform.python_version()
    console = Console()
    before = tables.get(version)
    if before is None and not options.write:
        console.print(f"There is no table for Python {version}, only for {', '.join(tables)}: nothing is compared.")
        return 0
    counts = {key: count(key) for key in track(GUARDED, "counting", console=console, transient=True)}
    shown = Table("", "counted", "table", "change", title=f"instructions for each operation, Python {version}")
    within = True
    for key, counted in counts.items():
        title = next(row.title for row in ROWS if row.key == key)
        expected = (before or {}).get(key)
        change = counted / expected - 1 if expected else 0
        within &= abs(change) <= BAND
        remark = "" if abs(change) <= BAND else " [bold]outside the band[/bold]"
        shown.add_row(title, f"{counted:.0f}", f"{expected:.0f}" if expected else "–", f"{change:+.1%}{remark}")
    console.print(shown)
    if options.write:
        tables[version] = {key: round(counted, 1) for key, counted in counts.items()}
        options.table.write_text(json.dumps(tables, indent=1, sort_keys=True) + "\n")
        return 0
    if not within:
        console.print(f"A count is more than {BAND:.0%} from the table's. If that is meant, `cargo xtask bench --guard --write`.")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
