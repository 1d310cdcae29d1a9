"""Writes the guide's page on speed, and its plots, from the figures of runs.

    python page.py DIRECTORY PAGE

The directory has a file of figures for each interpreter, as `bench.py --out` makes it; the plots go beside them.
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
# The same text for the same figures.
matplotlib.rcParams["svg.hashsalt"] = "ffi-object"
from matplotlib import pyplot

import goals
from machine import heading
from report import all_goals, columns, threads
from rows import EVERYTHING, GROUPS, OURS

HEAD = """# Speed and memory

`cargo xtask bench python` builds the same types with ffi-object and with its peers and runs all of them in turns, in one
process; a figure is the best of all rounds, with the cost of the loop that it runs in. `--python` chooses the interpreter,
also by a version such as `3.13t`, and `--write` puts the figures on this page. `Inner` has a number `val`, `Outer` an object
`x`: both can be written, unless a column says otherwise. A goal that does not hold is shown as such;
[below](#what-does-not-hold) is why.
"""


def page(runs, directory):
    """The whole page."""
    text = [HEAD, (directory / "notes.md").read_text()]
    for tag, run in runs.items():
        text.append(heading(run))
        text.append(goals.markdown(all_goals(run)))
        for group in (*GROUPS, "processes"):
            rows = [row for row in EVERYTHING if row.group == group and row.key in run["figures"]]
            if rows:
                text.append(f"### {group.capitalize()}, {tag}\n")
                if group in GROUPS:
                    text.append(f"![{group}]({directory.name}/{plot(tag, run, group, rows, directory)})\n")
                text.append(table(run, rows))
        if "growth" in run:
            text.append(grown(run, tag))
        if "threads" in run:
            text.append(threaded(run, tag))
    return "\n".join(text)


def table(run, rows):
    names = [name for name in columns(run) if any(name in run["figures"][row.key] for row in rows)]
    lines = [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for row in rows:
        figures = run["figures"][row.key]
        cells = (f"{figures[name]:.1f}" if name in figures else "–" for name in names)
        lines.append(f"| {row.title}, {row.unit} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def grown(run, tag):
    """What many objects cost."""
    counts = list(run["growth"][OURS])
    lines = [f"### Many objects, {tag}\n", f"| | {' | '.join(f'{int(count):,}' for count in counts)} |", f"|---|{'--:|' * len(counts)}"]
    for name, growth in run["growth"].items():
        for what in growth[counts[0]]:
            cells = (f"{growth[count][what]:.1f}" if count in growth else "–" for count in counts)
            lines.append(f"| {name}: {what} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def threaded(run, tag):
    """What threads cost each other."""
    names = list(run["threads"])
    lines = [f"### Threads, {tag}\n", "How much is done together, what one thread does alone being 1:\n"]
    lines += [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for title, figures in threads(run).items():
        cells = (f"{figures[name]:.2f}" if name in figures else "–" for name in names)
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def plot(tag, run, group, rows, directory):
    """How long each peer takes for what ffi-object does in one unit of time; the name of the file."""
    rows = [row for row in rows if OURS in run["figures"][row.key]]
    names = [name for name in columns(run) if "," not in name and any(name in run["figures"][row.key] for row in rows)]
    height = 0.8 / len(names)
    figure, axes = pyplot.subplots(figsize=(8, 0.6 + 0.16 * len(names) * len(rows)))
    for index, name in enumerate(names):
        places, lengths = [], []
        for place, row in enumerate(rows):
            figures = run["figures"][row.key]
            if name in figures:
                places.append(place - 0.4 + height * (index + 0.5))
                lengths.append(figures[name] / figures[OURS])
        # A label that begins with an underscore would be left out.
        axes.barh(places, lengths, height, label=f" {name}")
    axes.set_yticks(range(len(rows)), [row.title for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel(f"time of {OURS} = 1, Python {run['python']}; shorter is faster")
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    name = f"{tag}-{group}.svg"
    # No date, so that a plot changes only with its figures.
    figure.savefig(directory / name, metadata={"Date": None})
    pyplot.close(figure)
    return name


def main():
    directory, to = map(Path, sys.argv[1:])
    runs = {path.stem: json.loads(path.read_text()) for path in sorted(directory.glob("cp*.json"))}
    to.write_text(page(runs, directory))


if __name__ == "__main__":
    main()
