"""Tables of figures, and what follows from them."""

from rich.table import Table

from rows import ROWS

OURS = "ffi-object"

#: How many peers a table has beside ffi-object, so that it fits on a terminal.
WIDTH = 4


def columns(result):
    """The peers that are in any row, in the order in which they are met."""
    met = dict.fromkeys(name for row in result["nanoseconds"].values() for name in row)
    return list(met)


def reached(row, result):
    """For each thing to reach in a row: what it says, the ratio, and whether it holds. Nothing where a peer is missing."""
    version = tuple(int(part) for part in result["python"].split(".")[:2])
    for reach in row.reach:
        ours = result["nanoseconds"].get(row.key, {}).get(OURS)
        theirs = result["nanoseconds"].get(reach.row or row.key, {}).get(reach.peer)
        if ours is None or theirs is None:
            continue
        limit = reach.on(version)
        yield f"≤ {limit:.2f} × {reach.peer}", ours / theirs, ours / theirs <= limit


def show(result, console):
    """Prints the figures of a run; whether all is reached that is to be."""
    title = f"nanoseconds for each operation, Python {result['python']}"
    tables(title, columns(result), lambda row, name: result["nanoseconds"].get(row.key, {}).get(name), console)
    goals = Table(title="what is to be reached")
    for heading in ("", "goal", "ratio", ""):
        goals.add_column(heading, justify="right" if heading == "ratio" else "left")
    all_hold = True
    for row in ROWS:
        for goal, ratio, holds in reached(row, result):
            all_hold &= holds
            goals.add_row(row.title, goal, f"{ratio:.2f}", "holds" if holds else "[bold]does not hold[/bold]")
    console.print(goals)
    for peer, reason in result["missing"].items():
        console.print(f"without {peer}: {reason}")
    return all_hold


def compare(before, after, console):
    """Prints how the figures of two runs differ."""

    def ratio(row, name):
        old, new = (run["nanoseconds"].get(row.key, {}).get(name) for run in (before, after))
        return None if old is None or new is None else new / old

    title = f"after / before, Python {before['python']} and {after['python']}"
    tables(title, columns(after), ratio, console)


def tables(title, names, figure, console):
    """Prints a figure for each row and peer: ffi-object in each table, with some of the others."""
    others = [name for name in names if name != OURS]
    for start in range(0, len(others), WIDTH):
        shown = [OURS, *others[start : start + WIDTH]]
        table = Table("", *shown, title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in ROWS:
            figures = [figure(row, name) for name in shown]
            if any(value is not None for value in figures):
                table.add_row(row.title, *("–" if value is None else f"{value:.2f}" for value in figures))
        console.print(table)
