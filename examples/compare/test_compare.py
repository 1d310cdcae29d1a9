"""The same model with both: what works is what the comparison says."""

import copy
import enum
import inspect
import pickle
import re
import weakref
from pathlib import Path

import pytest

import compare

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "src" / "comparison.md"
SOURCES = Path(__file__).parent / "src"
MODULES = {"ffi-object": compare.ours, "PyO3": compare.pyo3}
FILES = {"ffi-object": SOURCES / "with_ffi_object.rs", "PyO3": SOURCES / "with_pyo3.rs"}


def drawing(m):
    return m.Drawing({"a": m.Layer("a", [m.Circle("c"), m.Rectangle("r", 0.5, height=2)])}, m.Shape("sky"))


def error_class(m, name):
    return getattr(m.DrawingError, name, None) or getattr(m, name)


def defaults_and_keywords(m):
    circle = m.Circle("c", radius=3)
    layer = m.Layer(title="t")
    return (circle.opacity, circle.radius) == (1.0, 3.0) and layer.visible is True and len(layer.shapes) == 0


def signatures(m):
    return list(inspect.signature(m.Circle).parameters) == ["name", "opacity", "radius"]


def inheritance(m):
    circle = m.Circle("c")
    circle.name = "other"
    return isinstance(circle, m.Shape) and m.Shape.name.__get__(circle) == "other"


def edits_write_through(m):
    d = drawing(m)
    d.background.opacity -= 0.5
    d.layers["a"].shapes.append(m.Circle("new"))
    return d.background.opacity == 0.5 and d.top("a").name == "new"


def one_identity(m):
    d = drawing(m)
    return d.background is d.background and d.top("a") is d.layers["a"].shapes[1]


def enums_are_members(m):
    layer = m.Layer("t", blend=m.Blend.Multiply)
    layer.blend = m.Blend.Normal
    try:
        layer.blend = "Multiply"
    except TypeError:
        return layer.blend == m.Blend.Normal != m.Blend.Multiply
    return False


def enums_have_one_member_each(m):
    return m.Layer("t", blend=m.Blend.Multiply).blend is m.Blend.Multiply


def enums_are_of_python(m):
    return isinstance(m.Blend, enum.EnumMeta) and [member.name for member in m.Blend] == ["Normal", "Multiply"]


def errors_have_classes(m):
    d = drawing(m)
    d.layers["a"].visible = False
    for name, title in [("NoLayer", "b"), ("Hidden", "a")]:
        try:
            d.top(title)
        except m.DrawingError as error:
            if type(error) is not error_class(m, name):
                return False
    return True


def errors_have_fields(m):
    with pytest.raises(m.DrawingError) as caught:
        drawing(m).top("b")
    return getattr(caught.value, "title", None) == "b"


def errors_extend_builtin_classes(m):
    return issubclass(error_class(m, "NoLayer"), KeyError) and issubclass(error_class(m, "Hidden"), ValueError)


def weak_references(m):
    shape = m.Shape("s")
    try:
        return weakref.ref(shape)() is shape
    except TypeError:
        return False


def readable_repr(m):
    return repr(m.Circle("c")) == "Circle(name='c', opacity=1.0, radius=1.0)"


def deep_copies(m):
    d = drawing(m)
    try:
        twin = copy.deepcopy(d)
    except TypeError:
        return False
    return twin is not d and twin.top("a").height == 2.0


def pickles(m):
    try:
        return pickle.loads(pickle.dumps(drawing(m))).top("a").height == 2.0
    except TypeError:
        return False


def collections_check_types(m):
    shapes = m.Layer("t").shapes
    try:
        shapes.append("no shape")
        m.Drawing({"t": m.Layer("t", shapes)}).top("t")
    except TypeError:
        return len(shapes) == 0
    return False


def lists_are_shared(m):
    shapes = [m.Circle("c")]
    layer = m.Layer("t", shapes)
    shapes.append(m.Circle("d"))
    return isinstance(layer.shapes, list) and len(layer.shapes) == 2


ROWS = {
    "defaults and keywords in the constructor": defaults_and_keywords,
    "`inspect.signature`": signatures,
    "inheritance, attributes of the base": inheritance,
    "edits through a path: `d.background.opacity -= 0.5`": edits_write_through,
    "one identity: `d.background is d.background`": one_identity,
    "an enum: `layer.blend == Blend.Normal`, and nothing else fits": enums_are_members,
    "… whose members are one object each: `layer.blend is Blend.Normal`": enums_have_one_member_each,
    "… and an `enum.Enum`: `for blend in Blend`": enums_are_of_python,
    "errors are classes in a hierarchy": errors_have_classes,
    "… with fields: `error.title`": errors_have_fields,
    "… that extend Python's too: `except KeyError`": errors_extend_builtin_classes,
    "weak references to any object": weak_references,
    "`repr` shows the fields": readable_repr,
    "`copy.deepcopy`": deep_copies,
    "`pickle`": pickles,
    "a list refuses what is no shape, when it is put in": collections_check_types,
    "a plain `list` that is passed in is kept as it is": lists_are_shared,
}


def lines_of_code(file):
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return sum(1 for line in lines if line and not line.startswith("//"))


def table():
    found = re.findall(r"^\| (.*?) \| (\S+) \| (\S+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {what: {"ffi-object": ours, "PyO3": theirs} for what, ours, theirs in found if ours != "ffi-object"}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("row", ROWS)
def test_what_works(row, kind):
    assert table()[row][kind] == ("yes" if ROWS[row](MODULES[kind]) else "no")


@pytest.mark.parametrize("kind", FILES)
def test_lines_of_code(kind):
    assert table()["lines of Rust, without blank lines and comments"][kind] == str(lines_of_code(FILES[kind]))


def test_the_table_has_nothing_else():
    assert set(table()) == {"lines of Rust, without blank lines and comments", *ROWS}


def test_the_page_shows_the_files():
    shown = re.findall(r"^```rust\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert shown == [file.read_text(encoding="utf-8") for file in FILES.values()]
