"""Enums with data: a class for each variant, under the enum's class."""

import copy
import gc
import inspect
import pickle
import weakref

import pytest

import ffi_test as t
from ffi_test import Figure, ffi


def area(shape):
    """The area, as Python would find it."""
    match shape:
        case Figure.Circle(radius, label="zero"):
            return 0 * radius
        case Figure.Circle(radius=radius):
            return 3 * radius**2
        case Figure.Rectangle(width, height):
            return width * height
        case Figure.Group(shapes):
            return sum(map(area, shapes))
        case Figure.Within(outer):
            return area(outer) if outer is not None else 0
        case Figure.Nothing():
            return 0


def figures():
    circle = Figure.Circle(2.0)
    return [circle, Figure.Rectangle(2, 3), Figure.Group([circle, Figure.Rectangle(4)]), Figure.Within(circle), Figure.Nothing()]


def test_a_class_for_each_variant():
    assert issubclass(Figure, ffi.Object) and Figure.__doc__ == "A figure in the plane."
    for name in ("Circle", "Rectangle", "Group", "Within", "Nothing"):
        variant = getattr(Figure, name)
        assert issubclass(variant, Figure) and variant is getattr(t, f"Figure_{name}")
        assert variant.__name__ == f"Figure_{name}" and variant.__module__ == "ffi_test"
    assert not hasattr(Figure, "Empty")
    assert inspect.getdoc(Figure.Circle) == "All points at a distance."
    assert Figure.Circle.radius.__doc__ == "float: The distance."
    assert list(inspect.signature(Figure.Circle).parameters) == ["radius", "label"]


def test_match_finds_the_variant_and_its_fields():
    assert Figure.Circle.__match_args__ == ("radius", "label") and Figure.Rectangle.__match_args__ == ("_0", "_1")
    for shape in figures():
        assert area(shape) == shape.area()
    assert area(Figure.Circle(5, "zero")) == 0
    made_in_rust = t.rust_figures()
    assert [type(shape) for shape in made_in_rust] == [Figure.Circle, Figure.Rectangle, Figure.Nothing]
    assert [area(shape) for shape in made_in_rust] == [3.0, 6.0, 0]
    assert t.total_area(figures()) == sum(map(area, figures()))


def test_structs_can_be_matched_too():
    match t.PairIF(1, 2.0):
        case t.PairIF(first, second):
            assert (first, second) == (1, 2.0)
        case _:
            pytest.fail("a struct's fields have positions")


def test_fields_by_the_rules_of_structs():
    circle = Figure.Circle(radius=1)
    circle.radius += 1
    assert circle.radius == 2.0 and circle.label == "unnamed"
    with pytest.raises(AttributeError, match="label"):
        circle.label = "x"
    with pytest.raises(TypeError, match="Figure_Circle.radius: expected float, got str"):
        circle.radius = "x"
    with pytest.raises(TypeError, match=r"Figure_Rectangle\(\) argument '_0': expected float, got str"):
        Figure.Rectangle("x")
    with pytest.raises(TypeError, match="missing 1 required positional argument: '_0'"):
        Figure.Rectangle()
    assert not hasattr(circle, "_0")
    group = Figure.Group([circle])
    group._0.append(circle)
    assert group._0[0] is group._0[1] is circle


def test_the_enum_itself_has_no_constructor_and_does_not_change():
    with pytest.raises(TypeError, match="cannot create 'Figure' instances"):
        Figure()
    with pytest.raises(TypeError, match="immutable type"):
        Figure.Circle = None
    with pytest.raises(TypeError, match="immutable type"):
        Figure.Circle.__match_args__ = ()


def test_methods_belong_to_all_variants():
    assert type(Figure.Circle(1).scaled(2)) is Figure.Circle and Figure.Rectangle(1, 2).scaled(2)._1 == 4.0
    assert type(Figure.Circle.square(2)) is Figure.Rectangle
    assert all(map(t.is_figure, figures()))


def test_identity_and_fields_of_the_enums_type():
    drawing = t.Drawing(Figure.Circle(1), [Figure.Nothing()])
    assert drawing.main is drawing.main and type(drawing.all[0]) is Figure.Nothing
    drawing.main = circle = Figure.Rectangle(1)
    assert drawing.main is circle
    with pytest.raises(TypeError, match="Drawing.main: expected Figure, got float"):
        drawing.main = 1.0
    with pytest.raises(TypeError, match="expected Figure, got Drawing"):
        drawing.all.append(drawing)


class Named(Figure.Circle):
    def __init__(self, radius, name):
        super().__init__(radius)
        self.name = name


def test_a_variant_can_be_extended():
    named = Named(2, "n")
    assert area(named) == 12 and isinstance(named, Figure)
    drawing = t.Drawing(named)
    identity = id(named)
    del named
    gc.collect()
    assert id(drawing.main) == identity and drawing.main.name == "n"
    back = pickle.loads(pickle.dumps(drawing))
    assert type(back.main) is Named and back.main.name == "n" and back.main.radius == 2


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_and_copying(protocol):
    shapes = figures()
    for back in (pickle.loads(pickle.dumps(shapes, protocol)), copy.deepcopy(shapes)):
        assert repr(back) == repr(shapes)
        assert back[2]._0[0] is back[3].outer is back[0] is not shapes[0]
    assert repr([copy.copy(shape) for shape in shapes]) == repr(shapes)
    within = Figure.Within()
    within.outer = within
    back = pickle.loads(pickle.dumps(within, protocol))
    assert back.outer is back
    within.outer = back.outer = None


def test_printing():
    assert repr(Figure.Rectangle(1, 2)) == "Figure_Rectangle(_0=1.0, _1=2.0)" and repr(Figure.Nothing()) == "Figure_Nothing()"


def test_counts_are_by_variant_and_for_all():
    gc.collect()
    before = ffi.live_objects(Figure), ffi.live_objects(Figure.Circle)
    kept = [Figure.Circle(1), Figure.Nothing()]
    assert (ffi.live_objects(Figure), ffi.live_objects(Figure.Circle)) == (before[0] + 2, before[1] + 1)
    del kept
    assert (ffi.live_objects(Figure), ffi.live_objects(Figure.Circle)) == before


def test_python_values_in_a_variant_are_traced():
    class Anything:
        pass

    anything = Anything()
    anything.shape = Figure.Within(tag=anything)
    anything.drawing = t.Drawing(Figure.Group([Figure.Within(None, anything)]))
    gone = weakref.ref(anything)
    del anything
    gc.collect()
    assert gone() is None


def test_what_has_become_another_variant_says_so():
    shape = t.turncoat()
    assert type(shape) is Figure.Rectangle and shape.area() == 0
    with pytest.raises(AttributeError, match="the object has become another variant"):
        shape._0
