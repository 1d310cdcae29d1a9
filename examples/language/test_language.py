"""The pages on the language of the macros: every row of their tables has an example, and the example is true."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import language

PAGES = sorted((Path(__file__).parents[2] / "docs" / "src").glob("language*.md"))
CELL = re.compile(r"(?<!\\)\|")
SPAN = re.compile(r"`([^`]+)`")
EXAMPLE = re.compile(r"`([^`]+)`(?: → `([^`]+)`)?")


@dataclass
class Row:
    """A row of a table; `names` are its cells but the last."""

    place: str
    names: list
    examples: str
    rust: str
    python: str


def sections(text):
    """The sections of a page, each with the number of its first line."""
    line, fenced = 1, False
    start, lines = 1, []
    for line, text in enumerate(text.splitlines(), 1):
        fenced ^= text.startswith("```")
        if text.startswith("#") and not fenced:
            yield start, lines
            start, lines = line, []
        lines.append(text)
    yield start, lines


def rows(page):
    for start, lines in sections(page.read_text(encoding="utf-8")):
        body = "\n".join(lines)
        rust, python = ("\n".join(re.findall(rf"^```{kind}\n(.*?)^```", body, re.M | re.S)) for kind in ("rust", "python"))
        heading = True
        for line, text in enumerate(lines, start):
            if not text.startswith("|"):
                heading = True
                continue
            place = f"{page.stem}:{line}"
            *names, examples = (cell.strip() for cell in CELL.split(text)[1:-1])
            if heading or set(text) <= set("|-"):
                assert not heading or examples == "in Python", f"{place}: a table without examples"
                heading = False
                continue
            yield Row(place, names, examples.replace(r"\|", "|"), rust, python)


ROWS = [row for page in PAGES for row in rows(page)]
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.place}: {row.names[0]}")


def pattern(span):
    """What Rust looks like that has what a row is about."""
    attribute, inside = re.fullmatch(r"(?:#\[(ffi|derive)\()?(.*?)(?:\)\])?", span).groups()
    if attribute is None:
        inside = span
    text = re.escape(inside).replace("…", r"[^\"]*")
    text = re.sub(r"\bexpr\b|\bOtherError\b|\b[TKVN]\b", ".+", text)
    if inside[0].isalnum():
        text = rf"(?<!\w){text}"
    if attribute:
        # Among others, and a flag is not the option with a value.
        return rf"#\[{attribute}\([^\n]*{text}" + ("" if "=" in text else r"(?!\w| ?[=(])")
    return text


@each
def test_the_rust_of_a_row_is_on_the_page(row):
    """What is new in a row, in the first of its cells that has code, occurs in the section's Rust."""
    spans = next(filter(None, map(SPAN.findall, row.names[:2])), [])
    for span in spans:
        assert re.search(pattern(span), row.rust), span


def outcome(code, scope):
    """The value of the last statement, if it is an expression, or the class of what is raised."""
    *statements, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        statements.append(last)
    try:
        exec(compile(ast.Module(statements, []), code, "exec"), scope)
        return eval(compile(ast.Expression(last.value), code, "eval"), scope) if isinstance(last, ast.Expr) else None
    except Exception as error:
        return type(error)


@each
def test_a_row_is_true(row):
    """The examples of a row share their variables, and begin with the section's Python."""
    examples = EXAMPLE.findall(row.examples)
    assert examples, "a row without an example"
    assert EXAMPLE.sub("", row.examples).strip(", ") == "", "this is no example"
    scope = {name: value for name, value in vars(language).items() if not name.startswith("_")}
    exec(row.python, scope)
    for code, result in examples:
        expected = eval(result, scope) if result else True
        found = outcome(code, scope)
        assert (found, type(found)) == (expected, type(expected)), code


def test_all_tables_are_found():
    """As many rows as lines begin with a bar, but for two in each table; there are many."""
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    bars = sum(line.startswith("|") for line in lines)
    tables = sum(bool(re.fullmatch(r"[|-]+", line)) for line in lines)
    assert len(ROWS) == bars - 2 * tables and tables >= 13 and len(ROWS) > 80
