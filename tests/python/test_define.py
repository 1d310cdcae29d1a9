"""ffi.define: making objects, and what is asked for."""

import copy
import functools
import inspect

import pytest

import ffi_test as t
from defined_classes import Color, Fixed, Leaf, Node, nothing_is_left_behind  # noqa: F401
from ffi_test import ffi


def test_fields_defaults_and_factories():
    a, b = Node("a"), Node("b", weight=2)
    assert (a.name, a.weight, a.parent) == ("a", 1.0, None) and type(b.weight) is float
    assert a.kids is a.kids is not b.kids and isinstance(a.kids, ffi.List)
    a.kids.append(b)
    b.parent = a
    assert a.kids[0] is b and b.parent is a and a.total() == 3.0
    assert repr(b) == "Node(name='b', kids=List([]), weight=2.0)"
    assert (a.upper, Node.answer(), [n.name for n in Node.named("x", "y")]) == ("A", 42, ["x", "y"])
    a.kids.clear()


def test_it_is_a_class_as_others():
    assert Node.__name__ == Node.__qualname__ == "Node" and Node.__module__ == "defined_classes"
    assert Node.__doc__ == "A node of a tree." and isinstance(Node, type)
    assert issubclass(Leaf, Node) and issubclass(Node, ffi.Object) and isinstance(Leaf("l"), Node)
    assert Leaf.__match_args__ == ("name", "kids", "weight", "parent", "color")
    match Leaf("l", weight=3.0):
        case Leaf("l", _, weight):
            assert weight == 3.0
        case _:
            raise AssertionError


def test_reflection_knows_defaults():
    assert [field.default for field in ffi.fields(Leaf)] == [None, ..., 1.0, None, Color.RED, 1]
    assert [field.required for field in ffi.fields(Leaf)] == [True, False, False, False, False, False]


def test_signatures():
    assert str(inspect.signature(Node)) == "(name, kids=Ellipsis, weight=1.0, parent=None)"
    assert str(inspect.signature(Leaf)) == "(name, kids=Ellipsis, weight=1.0, parent=None, color=Ellipsis, *, size=1)"
    assert str(inspect.signature(Fixed)) == "(a, b=0.5, c='c', d=True, inner=None, any=None)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Node(), "Node() missing 1 required positional argument: 'name'"),
        (lambda: Node(1), "Node() argument 'name': expected str, got int"),
        (lambda: Node("a", weight="w"), "Node() argument 'weight': expected float, got str"),
        (lambda: Node("a", other=1), "Node() got an unexpected keyword argument 'other'"),
        (lambda: Leaf("a", [], 1.0, None, Color.RED, 2), "Leaf() takes from 1 to 5 positional arguments but 6 were given"),
        (lambda: Leaf("a", color=1), "Leaf() argument 'color': expected Color, got int"),
        (lambda: Leaf(1), "Leaf() argument 'name': expected str, got int"),
    ],
)
def test_wrong_calls(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


def test_assignments_are_checked_and_change_nothing_when_they_fail():
    node = Node("a")
    for name, value, message in [
        ("weight", "x", "Node.weight: expected float, got str"),
        ("name", None, "Node.name: expected str, got None"),
        ("parent", 1, "Node.parent: expected Node | None, got int"),
        ("kids", 1, "Node.kids: expected List, got int"),
    ]:
        before = getattr(node, name)
        with pytest.raises(TypeError) as caught:
            setattr(node, name, value)
        assert str(caught.value) == message and getattr(node, name) is before or getattr(node, name) == before
    with pytest.raises(AttributeError, match="attribute 'name' of 'Node' objects cannot be deleted"):
        del node.name
    with pytest.raises(AttributeError, match="'Node' object has no attribute 'nmae'"):
        node.nmae = "typo"
    node.kids = [node.parent, 1]
    assert list(node.kids) == [None, 1]


def test_inherited_fields_name_their_class():
    with pytest.raises(TypeError, match=r"^Node.weight: expected float, got str$"):
        Leaf("l").weight = "x"
    with pytest.raises(TypeError, match=r"^Leaf.color: expected Color, got str$"):
        Leaf("l").color = "x"


def test_super_and_class_cells():
    @ffi.define
    class Base(ffi.Object):
        x: int = 1

        def who(self):
            return [__class__]

        @functools.lru_cache  # noqa: B019
        def wrapped(self):
            return __class__

        @classmethod
        def made(cls):
            return __class__, cls

    @ffi.define
    class Derived(Base):
        def who(self):
            return [*super().who(), __class__]

        @property
        def prop(self):
            return super().x

    assert Derived().who() == [Base, Derived] and Derived().prop == 1
    assert Base.made() == (Base, Base) and Derived.made() == (Base, Derived)
    assert Base().wrapped() is Base
    Base.wrapped.cache_clear()


def test_frozen_classes():
    fixed = Fixed(1)
    assert all(field.read_only for field in ffi.fields(Fixed))
    with pytest.raises(AttributeError, match="attribute 'a' of '.*Fixed' objects is not writable"):
        fixed.a = 2
    with pytest.raises(AttributeError):
        t.write_field(fixed, "b", 1.0)
    inner = t.Inner(5)
    full = Fixed(1, 2.0, "x", False, inner, (inner, [1]))
    assert full.inner is inner and full.any == (inner, [1]) and full.d is False


def test_equality_by_fields():
    assert Fixed(1) == Fixed(1) != Fixed(2) and hash(Fixed(1)) == hash(Fixed(1))
    assert Fixed(1) != (1,) and {Fixed(1): "x"}[Fixed(1)] == "x"

    @ffi.define(eq=True)
    class Changing(ffi.Object):
        a: int

    assert Changing(1) == Changing(1)
    with pytest.raises(TypeError, match="unhashable type: 'Changing'"):
        hash(Changing(1))
    assert Node("a") != Node("a") and hash(Node("a")) is not None

    @ffi.define(order=True, frozen=True)
    class Version(ffi.Object):
        major: int
        minor: int = 0

    assert Version(1) < Version(1, 1) <= Version(2) and sorted([Version(2), Version(1)])[0] == Version(1)
    with pytest.raises(TypeError, match="'<' not supported"):
        Version(1) < 1  # noqa: B015

    @ffi.define(eq=True)
    class Own(ffi.Object):
        a: int

        def __eq__(self, other):
            return "own"

    assert (Own(1) == 2) == "own"


def test_keyword_only_hidden_and_unshown_fields():
    @ffi.define(kw_only=True, repr=True)
    class Some(ffi.Object):
        a: int
        b: int = ffi.field(default=2, kw_only=False)
        c: int = ffi.field(default=3, init=False)
        d: list = ffi.field(factory=list, init=False, repr=False, doc="Unshown.")

    some = Some(5, a=1)
    assert repr(some).endswith("Some(a=1, b=5, c=3)") and some.d == [] and Some(a=1).d is not some.d
    assert str(inspect.signature(Some)) == "(b=2, *, a)"
    with pytest.raises(TypeError, match="unexpected keyword argument 'c'"):
        Some(a=1, c=3)
    assert ffi.fields(Some)[3].doc == "Unshown."

    import dataclasses

    @ffi.define(repr=False)
    class Other(ffi.Object):
        a: int
        _: dataclasses.KW_ONLY
        b: int

    assert repr(Other(1, b=2)).startswith("<") and str(inspect.signature(Other)) == "(a, *, b)"


def test_post_init():
    @ffi.define
    class Area(ffi.Object):
        width: float
        height: float
        area: float = ffi.field(default=0.0, init=False)

        def __post_init__(self):
            if self.width < 0:
                raise ValueError("negative")
            self.area = self.width * self.height

    assert Area(2, 3).area == 6.0
    with pytest.raises(ValueError, match="negative"):
        Area(-1, 1)
    # Nothing of Python's runs for an object that Rust makes.
    assert t.make_by_name("Area", {"width": 2.0, "height": 3.0}).area == 0.0
    assert copy.copy(Area(2, 3)).area == 6.0

    @ffi.define
    class Volume(Area):
        depth: float = 1.0

        def __post_init__(self):
            super().__post_init__()
            self.area *= self.depth

    assert Volume(2, 3, 4).area == 24.0


def test_an_init_of_its_own():
    @ffi.define
    class Parsed(ffi.Object):
        a: int
        b: int

        def __init__(self, text):
            a, b = text.split(",")
            super().__init__(int(a), b=int(b))

    parsed = Parsed("1,2")
    assert (parsed.a, parsed.b) == (1, 2) and str(inspect.signature(Parsed)) == "(text)"
    assert copy.deepcopy(parsed).b == 2


def test_dataclass_transform():
    assert ffi.define.__dataclass_transform__ == {
        "eq_default": False,
        "order_default": False,
        "kw_only_default": False,
        "frozen_default": False,
        "field_specifiers": (ffi.field,),
        "kwargs": {},
    }
    assert ffi.define.__module__ == ffi.field.__module__ == "ffi_test.ffi"
    with pytest.raises(AttributeError, match="module 'ffi_test.ffi' has no attribute 'nothing'"):
        ffi.nothing  # noqa: B018
