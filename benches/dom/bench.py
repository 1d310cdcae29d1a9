"""Measures dom beside lxml and xml.etree, on a document of yours.

    PYTHONPATH=../python python bench.py DOCUMENT [--rounds N] [--out figures.json]

A time is the best of all rounds, in milliseconds, with Python's collector off. In each round, each library parses the document
and walks over it, in another order each time, so that what disturbs the machine disturbs all.
"""

import argparse
import gc
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from pyexpat import EXPAT_VERSION

from lxml import etree
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import goals
import walks
from libraries import LIBRARIES
from machine import about
from report import HEADINGS, all_goals, table

#: On each tree, in this order: only the first finds it as it was parsed.
WALKS = {
    "first_walk": walks.walk,
    "walk": walks.walk,
    "walk_tails": walks.walk_tails,
    "iterate": walks.iterate,
    "walk_attrib": walks.walk_attrib,
}


def clock(figures, name, work, given):
    """Does some work on what is given; keeps the time, if it is the best."""
    start = time.perf_counter()
    result = work(given)
    took = (time.perf_counter() - start) * 1e3
    figures[name] = min(took, figures.get(name, took))
    return result


def one_round(figures, data):
    for name, library in random.sample(list(LIBRARIES.items()), len(LIBRARIES)):
        gc.collect()
        tree = clock(figures["parse"], name, library.parse, data)
        for key, walk in WALKS.items():
            clock(figures[key], name, walk, tree)
        del tree


def memory(name, path):
    """What `memory.py` says."""
    command = [sys.executable, "-B", Path(__file__).with_name("memory.py"), name, path]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(path, rounds, console):
    data = path.read_bytes()
    figures = {key: {} for key in ("parse", *WALKS, "parsed", "walked", "attribs")}
    gc.disable()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("parsing and walking", total=rounds + len(LIBRARIES))
        for _ in range(rounds):
            one_round(figures, data)
            progress.advance(task)
        for name in LIBRARIES:
            progress.update(task, description=f"memory of {name}")
            for key, figure in memory(name, path).items():
                figures[key][name] = figure
            progress.advance(task)
    gc.enable()
    return {
        **about(),
        "rounds": rounds,
        "versions": {
            "lxml": etree.__version__,
            "libxml2": ".".join(map(str, etree.LIBXML_VERSION)),
            "expat": EXPAT_VERSION.removeprefix("expat_"),
        },
        "bytes": len(data),
        "figures": figures,
    }


def show(result, console):
    """Prints the figures of a run; whether all is reached that is to be."""
    title = f"a document of {result['bytes'] / 1e6:.1f} MB, best of {result['rounds']} rounds, Python {result['python']}"
    shown = Table("", *HEADINGS, title=title)
    for column in shown.columns[1:]:
        column.justify = "right"
    for cells in table(result):
        shown.add_row(*cells)
    console.print(shown)
    return goals.show(all_goals(result), console)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", metavar="DOCUMENT", type=Path, help="an XML document")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="how often to measure [default: %(default)s]")
    parser.add_argument("--out", type=Path, help="where to keep the figures, as JSON")
    options = parser.parse_args()
    console = Console()
    result = measure(options.document, options.rounds, console)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if show(result, console) else 1


if __name__ == "__main__":
    sys.exit(main())
