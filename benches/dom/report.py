"""The figures of a run as a table, and what follows from them."""

from dataclasses import dataclass, field

from libraries import DOM, ETREE, LXML

OTHERS = (LXML, ETREE)
HEADINGS = (DOM, *OTHERS, *(f"{DOM} / {other}" for other in OTHERS))


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    unit: str = "ms"
    #: How many times another library's figure is to be reached at most.
    goals: dict = field(default_factory=dict)


ROWS = (
    Row("parse", "parsing the bytes", goals={LXML: 1.5}),
    Row("first_walk", "first walk", goals={LXML: 0.8}),
    Row("walk", "walking again", goals={LXML: 0.8}),
    Row("walk_tails", "… with tail, too"),
    Row("iterate", "… reading nothing"),
    Row("walk_attrib", "… by attrib.items()"),
    Row("parsed", "memory, parsed", "MB", {LXML: 1.0, ETREE: 0.7}),
    Row("walked", "memory, walked", "MB", {LXML: 1.0}),
    Row("attribs", "… by attrib.items()", "MB"),
)


def table(run):
    """The cells of each row: its title, then what `HEADINGS` says."""
    for row in ROWS:
        figures = run["figures"][row.key]
        numbers = [f"{figures[name]:.1f}" for name in (DOM, *OTHERS)]
        ratios = [f"{figures[DOM] / figures[name]:.2f}" for name in OTHERS]
        yield [f"{row.title}, {row.unit}", *numbers, *ratios]


def all_goals(run):
    """Title, goal, ratio, and whether it holds."""
    for row in ROWS:
        figures = run["figures"][row.key]
        for name, limit in row.goals.items():
            ratio = figures[DOM] / figures[name]
            yield row.title, f"≤ {limit:.2f} × {name}", ratio, ratio <= limit
