"""Tables of figures, and what follows from them."""

from rich.table import Table

import goals
from rows import EVERYTHING, OURS

#: How many peers a table has beside ffi-object, so that it fits on a terminal.
WIDTH = 4


def columns(result):
    """The peers that are in any row, in the order in which they are met."""
    return list(dict.fromkeys(name for row in result["figures"].values() for name in row))


def reached(row, result):
    """For each thing to reach in a row: what it says, the ratio or figure, and whether it holds. Nothing where a peer is
    missing."""
    version = tuple(int(part) for part in result["python"].split(".")[:2])
    for reach in row.reach:
        limit = reach.on(version)
        ours = result["figures"].get(row.key, {}).get(reach.ours)
        if reach.peer is None:
            # Whole bytes: there is always a page more or less.
            ours = None if ours is None else round(ours)
            theirs, goal = 1, f"≤ {limit} {row.unit}{reach.ours.removeprefix(OURS)}"
        else:
            theirs = result["figures"].get(reach.row or row.key, {}).get(reach.peer)
            of = f"'s {next(other.title for other in EVERYTHING if other.key == reach.row)}" if reach.row else ""
            goal = f"≤ {limit:.2f} × {reach.peer}{of}"
        if ours is not None and theirs is not None:
            yield goal, ours / theirs, ours / theirs <= limit


def grown(result):
    """The same for what `growth.py` measures."""
    growth = result.get("growth", {}).get(OURS, {})
    for what in next(iter(growth.values()), {}):
        figures = [figures[what] for figures in growth.values()]
        if "gc" not in what:
            ratio = max(figures) / min(figures)
            yield f"{what.partition(',')[0]}, from 10³ to 10⁷ objects", "≤ 1.20 × the least", ratio, ratio <= 1.2
    slots = result.get("growth", {}).get("__slots__", {})
    if growth and slots:
        collect = "gc.collect(), ms"
        ratio = growth["1000000"][collect] / slots["1000000"][collect]
        yield "gc.collect() with a million objects", "≤ 0.20 × __slots__", ratio, ratio <= 0.2


def threaded(result):
    """The same for what `threads.py` measures."""
    for title, ratio in result.get("threads", {}).get(OURS, {}).items():
        if result["free_threaded"] and title.endswith("an object each"):
            yield title, "≥ 1.80 × one thread alone", ratio, ratio >= 1.8
        elif not result["free_threaded"] and title.endswith("builds and drops"):
            yield title, "≤ 1.20 × as long as alone", 1 / ratio, 1 / ratio <= 1.2


def all_goals(result):
    """Title, goal, ratio, and whether it holds."""
    for row in EVERYTHING:
        for goal, ratio, holds in reached(row, result):
            yield row.title, goal, ratio, holds
    yield from grown(result)
    yield from threaded(result)


def threads(result):
    """What `threads.py` measures, by title and peer; not every peer has all."""
    rows = {}
    for name, ratios in result.get("threads", {}).items():
        for title, ratio in ratios.items():
            rows.setdefault(title, {})[name] = ratio
    return rows


def title_of(row):
    return f"{row.title}, {row.unit}"


def show(result, console):
    """Prints the figures of a run; whether all is reached that is to be."""
    title = f"best of all rounds, for each operation or object, Python {result['python']}"
    tables(title, columns(result), {title_of(row): result["figures"].get(row.key, {}) for row in EVERYTHING}, console)
    if "threads" in result:
        tables("how much is done together, what one thread does alone being 1", list(result["threads"]), threads(result), console)
    all_hold = goals.show(all_goals(result), console)
    for peer, reason in result["missing"].items():
        console.print(f"without {peer}: {reason}")
    return all_hold


def compare(before, after, console):
    """Prints how the figures of two runs differ."""
    rows = {}
    for row in EVERYTHING:
        old, new = (run["figures"].get(row.key, {}) for run in (before, after))
        rows[title_of(row)] = {name: new[name] / old[name] for name in new if name in old}
    title = f"after / before, Python {before['python']} and {after['python']}"
    tables(title, columns(after), rows, console)


def tables(title, names, rows, console):
    """Prints the figures of rows, by title and peer: ffi-object in each table, with some of the others."""
    others = [name for name in names if name != OURS]
    for start in range(0, len(others), WIDTH):
        shown = [OURS, *others[start : start + WIDTH]]
        table = Table("", *shown, title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for heading, figures in rows.items():
            if any(name in figures for name in shown):
                table.add_row(heading, *(f"{figures[name]:.2f}" if name in figures else "–" for name in shown))
        console.print(table)
