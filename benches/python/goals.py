"""Tables of what is to be reached. A goal is a tuple: title, what it says, the ratio or figure, and whether it holds."""

from rich.table import Table


def show(goals, console):
    """Prints them; whether all hold."""
    table, all_hold = Table(title="what is to be reached"), True
    for heading in ("", "goal", "ratio", ""):
        table.add_column(heading, justify="right" if heading == "ratio" else "left")
    for title, goal, ratio, holds in goals:
        all_hold &= holds
        table.add_row(title, goal, f"{ratio:.2f}", "holds" if holds else "[bold]does not hold[/bold]")
    console.print(table)
    return all_hold


def markdown(goals):
    lines = ["| | goal | ratio or figure | |", "|---|---|--:|---|"]
    for title, goal, ratio, holds in goals:
        lines.append(f"| {title} | {goal} | {ratio:.2f} | {'holds' if holds else '**does not hold**'} |")
    return "\n".join(lines) + "\n"
