"""Measures ffi-object beside its peers, all in one process, in turns.

    python bench.py --out figures.json [--rounds N] [--only ROW …]
    python bench.py --compare before.json after.json

A figure is the best of all rounds, in nanoseconds for each operation, the loop's own cost included. In each round, every peer
runs each row for about as long, in another order each time, so that what disturbs the machine disturbs all.
"""

import argparse
import collections
import importlib.metadata
import json
import random
import re
import sys
import timeit
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

import peers
import processes
from machine import about
from report import compare, show
from rows import EVERYTHING, MEASURES, ROWS

#: How long one peer runs one row in a round, in seconds.
SLICE = 0.004
#: The objects of how many rounds are kept.
KEPT = 5
#: How many rounds a slow row has at most.
SLOW_ROUNDS = 3


def runs_for(timer, row):
    """How often the statement fits into a slice."""
    if row.fresh or row.slow:
        return 1
    runs, _ = timer.autorange()
    seconds = timer.timeit(runs)
    return max(1, round(runs * SLICE / max(seconds, 1e-9)))


class Contest:
    """A row, with the peers that are in it.

    Each round has objects of its own: where they lie makes a few in a thousand of ffi-object's slower as long as they live (see the
    guide's page of these figures), and a row should not be about such a one.
    """

    def __init__(self, row, everyone):
        self.row = row
        self.timers = {}
        for peer in everyone:
            names = row.names(peer)
            if names is not None:
                timer = timeit.Timer(row.statement, globals=names)
                self.timers[peer.name] = (peer, timer, runs_for(timer, row))
        self.best = dict.fromkeys(self.timers, float("inf"))
        #: What was used last, so that the next lies elsewhere.
        self.kept = collections.deque(maxlen=KEPT * len(self.timers))

    def round(self):
        for name in random.sample(list(self.timers), len(self.timers)):
            peer, timer, runs = self.timers[name]
            if self.row.fresh or not self.row.slow:
                names = self.row.names(peer)
                timer = timeit.Timer(self.row.statement, globals=names)
                if not self.row.fresh:
                    self.kept.append(names)
            seconds = timer.timeit(runs)
            self.best[name] = min(self.best[name], seconds / runs / self.row.operations)


def versions(pyo3):
    """The versions of what is compared, as the lock file (unless PyO3's is given) and the peers' projects name them."""
    here = Path(__file__).parent
    lock = (here.parent.parent / "Cargo.lock").read_text()
    found = {"PyO3": pyo3 or re.search(r'name = "pyo3"\nversion = "(.+?)"', lock)[1]}
    for project in ("nanobind", "pybind11"):
        found[project] = re.search(project + r"==([\d.]+)", (here / "peers" / project / "pyproject.toml").read_text())[1]
    try:
        found["tvm-ffi"] = importlib.metadata.version("apache-tvm-ffi")
    except importlib.metadata.PackageNotFoundError:
        pass
    return found


def measure(rounds, only, pyo3, console):
    everyone, missing = peers.there()
    rows = [row for row in ROWS if not only or row.key in only]
    figures = {}
    with Progress(console=console, transient=True) as progress:
        counts = {row.key: min(rounds, SLOW_ROUNDS) if row.slow else rounds for row in rows}
        task = progress.add_task("", total=sum(counts.values()))
        for row in rows:
            progress.update(task, description=row.title)
            contest = Contest(row, everyone)
            for _ in range(counts[row.key]):
                contest.round()
                progress.advance(task)
            figures[row.key] = {name: seconds * 1e9 for name, seconds in contest.best.items()}
        if not only or any(measure.key in only for measure in MEASURES):
            figures.update(processes.measure(everyone, progress))
        more = {}
        if not only:
            for what, program in (("growth", "growth.py"), ("threads", "threads.py")):
                task = progress.add_task(what, total=None)
                more[what] = processes.run(program)
                progress.remove_task(task)
    return {
        **about(),
        "rounds": rounds,
        "versions": versions(pyo3),
        "missing": missing,
        "figures": figures,
        **more,
    }


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=positive, default=30, help="how often each peer runs each row")
    parser.add_argument("--only", nargs="+", choices=[row.key for row in EVERYTHING], metavar="ROW", help="only these rows")
    parser.add_argument("--pyo3", metavar="VERSION", help="that of PyO3, if it is not the one that the lock file names")
    parser.add_argument("--out", type=Path, help="where to keep the figures, as JSON")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("BEFORE", "AFTER"), help="compare two such files")
    options = parser.parse_args()
    console = Console()
    if options.compare:
        compare(*[json.loads(path.read_text()) for path in options.compare], console)
        return 0
    result = measure(options.rounds, options.only, options.pyo3, console)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if show(result, console) else 1


if __name__ == "__main__":
    sys.exit(main())
