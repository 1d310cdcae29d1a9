"""ffi.define: object types that are defined in Python."""

import abc
import copy
import enum
import functools
import gc
import inspect
import os
import pickle
import sys
import typing
import weakref
from typing import Annotated, Any, Callable, ClassVar, Final, Literal, NewType, Optional, TypeVar, Union

import pytest

import ffi_test as t
from ffi_test import ffi


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Plain:
    """A class of Python's."""


class SubInner(t.Inner):
    pass


@ffi.define
class Node(ffi.Object):
    """A node of a tree."""

    name: str
    kids: ffi.List = ffi.field(factory=ffi.List)
    weight: float = 1.0
    parent: "Node | None" = ffi.field(default=None, repr=False)

    def total(self):
        return self.weight + sum(kid.total() for kid in self.kids)

    @property
    def upper(self):
        return self.name.upper()

    @classmethod
    def named(cls, *names):
        return [cls(name) for name in names]

    @staticmethod
    def answer():
        return 42


@ffi.define
class Leaf(Node):
    """A node with a color."""

    color: Color = Color.RED
    size: int = ffi.field(default=1, kw_only=True)

    def total(self):
        return super().total() + 100

    @property
    def upper(self):
        return super().upper + "!"


@ffi.define(frozen=True, eq=True)
class Fixed(ffi.Object):
    a: int
    b: float = 0.5
    c: str = "c"
    d: bool = True
    inner: Optional[t.Inner] = None
    any: Any = None


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    gc.collect()
    before = {cls: ffi.live_objects(cls) for cls in (Node, Leaf, Fixed, t.Inner)}
    yield
    gc.collect()
    assert {cls: ffi.live_objects(cls) for cls in before} == before


# Construction, fields, text.


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
    assert Node.__name__ == Node.__qualname__ == "Node" and Node.__module__ == __name__
    assert Node.__doc__ == "A node of a tree." and isinstance(Node, type)
    assert issubclass(Leaf, Node) and issubclass(Node, ffi.Object) and isinstance(Leaf("l"), Node)
    assert Leaf.__match_args__ == ("name", "kids", "weight", "parent", "color")
    match Leaf("l", weight=3.0):
        case Leaf("l", _, weight):
            assert weight == 3.0
        case _:
            raise AssertionError


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


# What fields may hold.


def holding(annotation, **options):
    return ffi.define(type("Holding", (ffi.Object,), {"__annotations__": {"x": annotation}, "__module__": __name__}), **options)


UserId = NewType("UserId", int)
Bound = TypeVar("Bound", bound=str)
function, inner, sub, plain = (lambda: 1), t.Inner(1), SubInner(2), Plain()

KINDS = [
    (bool, [True], ["x", 1.5], "bool"),
    (int, [0, -(2**63)], ["x", 1.5, None], "int"),
    (float, [0.5, -1.0], ["x", None], "float"),
    (str, ["", "é\0"], [1, b"x"], "str"),
    (bytes, [b"", b"\0"], [1, "x"], "bytes"),
    (None, [None], [1], "None"),
    (object, [None, 1, "x", plain, inner, [1]], [], "object"),
    (Any, [None, 2**100, (1, 2)], [], "object"),
    (Callable, [function, print], [1, None], "Callable"),
    (Callable[[int], int], [function], [1], "Callable"),
    (t.Inner, [inner, sub], [None, 1, plain], "Inner"),
    (SubInner, [sub], [inner, None], "SubInner"),
    (Node, [], [inner], "Node"),
    (ffi.List, [ffi.List([1])], [1, None, "ab"], "List"),
    (ffi.Map, [ffi.Map(a=1)], [1], "Map"),
    (Plain, [plain], [None, inner], "Plain"),
    (Color, [Color.RED], [1, "RED"], "Color"),
    (list, [[1]], [(1,), None], "list"),
    (list[int], [[1]], [(1,)], "list"),
    (typing.Dict[str, int], [{"a": 1}], [[1]], "dict"),
    (tuple, [(1, "a")], [[1]], "tuple"),
    (tuple[int, str], [(1, "a")], [(1, 2), (1,), "ab", 1], "tuple[int, str]"),
    (tuple[float, ...], [(), (1.0, 2.5)], [("x",), 1], "tuple[float, ...]"),
    (tuple[()], [()], [(1,)], "tuple[()]"),
    (Optional[int], [None, 3], ["x"], "int | None"),
    (Union[int, str], [3, "x"], [1.5, None], "int | str"),
    (int | None, [None, 3], ["x"], "int | None"),
    (None | t.Inner, [None, inner], [1], "None | Inner"),
    (float | int, [1.5, 3], ["x"], "float | int"),
    (bool | int | str, [True, 1, "s"], [1.5], "bool | int | str"),
    (Literal["a", 1], ["a", 1], ["b", 2], 'Literal["a", 1]'),
    (Annotated[int, "doc"], [1], ["x"], "int"),
    (UserId, [1], ["x"], "int"),
    (Bound, ["x"], [1], "str"),
    (type, [int], [1], "type"),
    (abc.ABC | None, [None], [1], "ABC | None"),
]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(("annotation", "good", "bad", "name"), KINDS, ids=[str(kind[0]) for kind in KINDS])
def test_annotations(annotation, good, bad, name, frozen):
    cls = holding(annotation, frozen=frozen)
    (field,) = ffi.fields(cls)
    assert field.type == name and field.read_only is frozen
    for value in good:
        made = cls(value)
        same = made.x is value if isinstance(value, (ffi.Object, Plain, Color, list, dict)) or callable(value) else True
        assert made.x == value and type(made.x) is type(value) and same
        assert copy.copy(made).x == value and t.read_field(made, "x") == value
        if not frozen:
            made.x = value
            assert made.x == value and type(made.x) is type(value)
    for value in bad:
        with pytest.raises((TypeError, ValueError)):
            cls(value)
        if good and not frozen:
            made = cls(good[0])
            with pytest.raises((TypeError, ValueError)):
                made.x = value
            with pytest.raises((TypeError, ValueError)):
                t.write_field(made, "x", value)
            assert made.x == good[0]


def test_numbers_convert_as_everywhere():
    assert type(holding(float)(1).x) is float and type(holding(float | None)(1).x) is float
    with pytest.raises(OverflowError, match=r"^Holding\(\) argument 'x': "):
        holding(int)(2**63)
    with pytest.raises(OverflowError):
        holding(int | None)(2**63)


def test_values_of_python_come_back_as_they_are():
    class Number(int):
        pass

    class Level(enum.IntEnum):
        LOW = 1

    one, numbers = Number(5), [1, 2]
    assert holding(Number)(one).x is one and holding(Level)(Level.LOW).x is Level.LOW
    assert holding(list)(numbers).x is numbers


def test_items_say_where_they_are():
    with pytest.raises(TypeError, match=r"^Holding\(\) argument 'x': item 1: expected str, got int$"):
        holding(tuple[int, str])((1, 2))
    with pytest.raises(ValueError, match=r"expected 2 items, got 3$"):
        holding(tuple[int, str])((1, "a", 3))


@pytest.mark.parametrize("annotation", [1, "1 +", typing.Required if hasattr(typing, "Required") else 2, ...])
def test_annotations_that_mean_nothing(annotation):
    with pytest.raises((TypeError, SyntaxError)):
        holding(annotation)


def test_class_variables_are_no_fields_and_final_is_frozen():
    @ffi.define
    class Some(ffi.Object):
        shared: ClassVar[int] = 1
        text: "ClassVar[str]" = "t"
        fixed: Final[int] = 2
        other: "Final[int]" = 3

    assert [field.name for field in ffi.fields(Some)] == ["fixed", "other"] and (Some.shared, Some.text) == (1, "t")
    assert all(field.read_only for field in ffi.fields(Some))
    with pytest.raises(AttributeError):
        Some().fixed = 3


def test_annotations_name_what_comes_later():
    @ffi.define
    class First(ffi.Object):
        second: "Second | None" = None
        seconds: "tuple[Second, ...]" = ()
        me: "First | None" = None

    with pytest.raises(TypeError, match=r"cannot resolve the annotation 'Second | None': name 'Second' is not defined"):
        First(1)

    @ffi.define
    class Second(ffi.Object):
        first: Optional[First] = None

    second = Second(First())
    first = First(second, (second,), second.first)
    assert first.second is second and first.seconds == (second,) and first.me is second.first
    with pytest.raises(TypeError, match=r"^First.second: expected Second \| None, got First$"):
        first.second = first
    assert ffi.fields(First)[0].type == "Second | None"


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated with the class body")
def test_annotations_may_name_the_class_itself_without_quotes():
    @ffi.define
    class Own(ffi.Object):
        me: Own | None = None  # noqa: F821
        mine: tuple[Own, ...] = ()  # noqa: F821
        later: Later | None = None  # noqa: F821

    own = Own(Own())
    own.mine = (own.me,)

    @ffi.define
    class Later(ffi.Object):
        pass

    own.later = Later()
    assert own.mine == (own.me,) and type(own.later) is Later
    with pytest.raises(TypeError, match=r"^Own.me: expected Own \| None, got Later$"):
        own.me = own.later


# Options.


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


# Mistakes.


def defining(body, bases=(ffi.Object,), **options):
    return ffi.define(type("Bad", bases, {"__module__": __name__, **body}), **options)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ffi.define(1), TypeError, "define() argument must be a class, not int"),
        (lambda: ffi.define(int), TypeError, "int does not extend ffi.Object: write `class int(ffi.Object):`"),
        (lambda: ffi.define(t.Inner), TypeError, "define() argument must be a class made in Python, not the native class 'Inner'"),
        (lambda: ffi.define(Node), TypeError, "Node is defined already"),
        (lambda: defining({"__annotations__": {"x": int}, "x": "a"}), TypeError, "Bad.x: expected int, got str"),
        (lambda: defining({"__annotations__": {"x": int}, "x": None}), TypeError, "Bad.x: expected int, got NoneType"),
        (
            lambda: defining({"__annotations__": {"x": list}, "x": []}),
            ValueError,
            "mutable default <class 'list'> for field x of Bad is not allowed: use ffi.field(factory=...)",
        ),
        (
            lambda: defining({"__annotations__": {"x": int, "y": int}, "x": 1}),
            TypeError,
            "Bad: non-default argument 'y' follows default argument 'x'",
        ),
        (
            lambda: defining({"__annotations__": {"extra": int}}, (Node,)),
            TypeError,
            "Bad: non-default argument 'extra' follows default argument 'parent'",
        ),
        (lambda: defining({"x": ffi.field(default=1)}), TypeError, "Bad.x is a field without a type annotation"),
        (
            lambda: defining({"__annotations__": {"x": ClassVar[int]}, "x": ffi.field(default=1)}),
            TypeError,
            "Bad.x cannot be both a field and a ClassVar",
        ),
        (
            lambda: defining({"__annotations__": {"x": int}, "x": ffi.field(init=False)}),
            TypeError,
            "Bad.x: a field with init=False needs a default or a factory",
        ),
        (lambda: ffi.field(default=1, factory=list), TypeError, "field() takes a default or a factory, not both"),
        (lambda: ffi.field(factory=1), TypeError, "field() argument 'factory' must be callable, not int"),
        (
            lambda: defining({"__annotations__": {"name": str}, "name": "x"}, (Node,)),
            TypeError,
            "Bad.name: 'Node' has a field of this name already",
        ),
        (lambda: defining({"__annotations__": {"x": 1}}), TypeError, "Bad.x: the annotation 1 is not supported"),
        (lambda: defining({"__annotations__": {"x": int}}, (ffi.List,)), TypeError, "class 'Bad' cannot add fields to 'List'"),
        (
            lambda: defining({"__annotations__": {"x": Any}, "x": 1}, (t.Inner,)),
            TypeError,
            "Bad.x: a class that extends 'Inner' cannot have a field of type object: Python's garbage collector does not "
            "look into objects of 'Inner'",
        ),
        (
            lambda: defining({"__annotations__": {"x": Node | None}, "x": None}, (t.Inner,)),
            TypeError,
            "Bad.x: a class that extends 'Inner' cannot have a field of type Node | None: Python's garbage collector does "
            "not look into objects of 'Inner'",
        ),
        (lambda: ffi.define(frozen=True)(1), TypeError, "define() argument must be a class, not int"),
    ],
)
def test_mistakes(make, error, message):
    before = ffi.live_objects()
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
    assert ffi.live_objects() == before
    with pytest.raises(ValueError, match="there is no type of objects 'Bad'"):
        t.make_by_name("Bad", {})


def test_final_classes_and_two_families_cannot_be_extended():
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Bad", (t.Closed,), {})
    with pytest.raises(TypeError, match="multiple bases have instance lay-out conflict: '.*' and '.*'"):
        type("Bad", (Node, Fixed), {})


def test_slots_of_a_base_leave_no_room():
    class Slotted(Node):
        __slots__ = ("slot",)

    slotted = Slotted("s")
    slotted.slot = 1
    with pytest.raises(TypeError, match="Bad extends 'Slotted', which has __slots__ of its own"):
        defining({"__annotations__": {"x": int}, "x": 1}, (Slotted,))


def test_a_definition_that_fails_late_leaves_no_name():
    class Refusing(Node):
        __slots__ = ()

        def __init_subclass__(cls):
            if "__annotations__" in cls.__dict__ and cls.__dict__.get("armed"):
                raise RuntimeError("refused")

    cls = type("Late", (Refusing,), {"__annotations__": {"x": int}, "x": 1, "__module__": __name__})
    cls.armed = True
    with pytest.raises(RuntimeError, match="refused"):
        ffi.define(cls)
    with pytest.raises(ValueError, match="there is no type of objects 'Late'"):
        t.make_by_name("Late", {"name": "a"})


# Inheritance.


@ffi.define
class Constant(t.Expr):
    value: float

    def __neg__(self):
        return Constant(-self.value)


@ffi.define
class Add(t.Expr):
    left: t.Expr
    right: t.Expr


@ffi.define
class Big(t.Wide):
    more: int = 3
    text: str = "t"


def test_classes_of_rust_are_extended():
    with pytest.raises(TypeError, match="cannot create 'Expr' instances"):
        t.Expr()
    one = Constant(1, note=[1])
    assert (one.value, one.note, one.serial) == (1.0, [1], 7) and (-one).value == -1.0
    # A method of Rust's, on a field that only Rust sees.
    assert (one.visit(), one.visit()) == (1, 2)
    assert repr(one) == "Constant(note=[1], serial=7, value=1.0)"
    assert str(inspect.signature(Constant)) == "(value, *, note=Ellipsis)" or "note" in str(inspect.signature(Constant))
    negate = t.Negate(one)
    total = Add(negate, one)
    assert total.left is negate and negate.operand is one is total.right
    with pytest.raises(TypeError, match=r"^Add.left: expected Expr, got Node$"):
        total.left = Node("a")
    with pytest.raises(TypeError, match=r"^Negate.operand: expected Expr, got Node$"):
        negate.operand = Node("a")


def test_alignment_and_options_of_the_base():
    big, same = Big(1), Big(1)
    assert (big.val, big.more, big.text) == (1, 3, "t")
    assert big != same and t.Wide(1) == t.Wide(1)
    assert ffi.type_info(Big).size % 64 == 0
    big.more, big.text = 4, "u"
    assert (big.val, big.more, big.text) == (1, 4, "u")


def test_mixins_abstract_bases_and_generics():
    class Loud:
        def shout(self):
            return self.word.upper()

    T = TypeVar("T")

    class Speaker(abc.ABC):
        @abc.abstractmethod
        def speak(self):
            """What concrete classes say."""

    @ffi.define
    class Dog(Loud, ffi.Object, typing.Generic[T], Speaker, metaclass=abc.ABCMeta):
        word: str = "wau"

        def speak(self):
            return self.word

    assert Dog().shout() == "WAU" and Dog().speak() == "wau" and isinstance(Dog(), Speaker) and Dog[int]

    @ffi.define
    class Silent(ffi.Object, Speaker, metaclass=abc.ABCMeta):
        word: str = ""

    with pytest.raises(TypeError, match="abstract"):
        Silent()


def test_plain_subclasses():
    class Sub(Leaf):
        extra = 1

        def total(self):
            return super().total() + 1000

    sub = Sub("s", size=4)
    sub.note = "has a dict"
    assert sub.total() == 1101.0 and sub.size == 4
    holder = Node("h", kids=[sub])
    number = id(sub)
    del sub
    gc.collect()
    assert type(holder.kids[0]) is Sub and id(holder.kids[0]) == number and holder.kids[0].note == "has a dict"


# Copies, pickles, replacement.


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(2, 6)]]
)
def test_copies_and_pickles(duplicate):
    leaf = Leaf("l", weight=2.0, color=Color.GREEN, size=9)
    other = duplicate(leaf)
    assert type(other) is Leaf and other is not leaf and repr(other) == repr(leaf)
    fixed = Fixed(1, any=(1, "a"))
    assert duplicate(fixed) == fixed


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_cycles_and_sharing_are_kept(duplicate):
    root = Node("root")
    kid = Node("kid", parent=root)
    root.kids.extend([kid, kid])
    other = duplicate(root)
    assert other.kids[0] is other.kids[1] and other.kids[0].parent is other and other is not root
    # Cycles through children that have more than one owner in Rust are not collected.
    kid.parent = other.kids[0].parent = None


def test_replace():
    leaf = Leaf("l", size=3)
    other = leaf.__replace__(name="m", color=Color.GREEN)
    assert (other.name, other.size, other.color, leaf.name) == ("m", 3, Color.GREEN, "l") and other.kids is leaf.kids
    with pytest.raises(TypeError, match="unexpected keyword argument 'nmae'"):
        leaf.__replace__(nmae="m")
    if sys.version_info >= (3, 13):
        assert copy.replace(leaf, name="m").name == "m"


# Rust.


def test_rust_reads_writes_and_makes():
    node = Node("a", weight=2)
    assert t.field_names(node) == ("name", "kids", "weight", "parent")
    assert t.read_field(node, "weight") == 2.0 and t.read_field(node, "kids") is node.kids
    t.write_field(node, "weight", 3)
    t.write_field(node, "parent", node)
    assert node.weight == 3.0 and node.parent is node
    with pytest.raises(TypeError, match=r"^Node.weight: expected float, got str$"):
        t.write_field(node, "weight", "x")
    with pytest.raises(TypeError, match=r"^Node.parent: expected Node \| None, got int$"):
        t.write_field(node, "parent", 1)
    node.parent = None
    made = t.make_by_name("Node", {"name": "made"})
    assert type(made) is Node and made.name == "made" and isinstance(made.kids, ffi.List) and made.total() == 1.0
    assert type(t.make_by_name(f"{__name__}.Leaf", {"name": "l"})) is Leaf
    with pytest.raises(TypeError, match=r"^Node\(\) missing required argument: 'name'$"):
        t.make_by_name("Node", {})
    leaf = t.make_by_name("Leaf", {"name": "l", "color": Color.GREEN})
    assert leaf.color is Color.GREEN
    with pytest.raises(TypeError, match=r"^Leaf\(\) argument 'color': expected Color, got int$"):
        t.make_by_name("Leaf", {"name": "l", "color": 1})


@ffi.define
class Counter(ffi.Object):
    count: int = 0
    text: str = "some text"
    inner: t.Inner | None = None


def test_threads_without_an_interpreter_make_and_change_them():
    before = ffi.live_objects(Counter)
    assert t.make_elsewhere("Counter", "count", 1000) == 1000
    assert ffi.live_objects(Counter) == before + 1000
    assert t.count_up_elsewhere("count") == 1000 * 1001 // 2
    assert ffi.live_objects(Counter) == before


def test_the_latest_definition_of_a_name_is_found():
    for number in range(3):

        @ffi.define
        class Again(ffi.Object):
            value: int = number

        assert t.make_by_name("Again", {}).value == number and type(t.make_by_name("Again", {})) is Again


def test_fields_of_rust_hold_them():
    @ffi.define
    class Special(t.Inner):
        label: str = "l"

    outer = t.Outer(Special(5, "x"))
    number = id(outer.x)
    gc.collect()
    assert type(outer.x) is Special and (id(outer.x), outer.x.label, outer.x.val) == (number, "x", 5)
    assert t.is_inner(outer.x) and not ffi.type_info(Special).traced


# Lifetime.


def test_cycles_are_collected():
    for make in [
        lambda node: setattr(node, "parent", node),
        lambda node: node.kids.append(node),
        lambda node: node.kids.append(Node("k", parent=node)),
        lambda node: node.kids.append(Leaf("k", kids=[[node]], parent=None)),
    ]:
        node = Node("a")
        make(node)
        weak = weakref.ref(node)
        del node
        gc.collect()
        assert weak() is None and ffi.live_objects(Node) == 0
    holding_any = holding(Any)
    one = holding_any([])
    one.x.append(one)
    weak, cls = weakref.ref(one), holding_any
    del one
    gc.collect()
    assert weak() is None and ffi.live_objects(cls) == 0
    call = holding(Callable)(print)
    call.x = lambda call=call: call
    weak = weakref.ref(call)
    del call
    gc.collect()
    assert weak() is None


def test_what_rust_owns_survives_a_collection_with_its_cycle():
    node = Node("a")
    node.parent = Node("p", parent=node)
    holder = Fixed(1, any=node)
    number = id(node)
    del node
    gc.collect()
    assert id(holder.any) == number and holder.any.parent.parent is holder.any
    holder.any.parent = None


def test_del_and_finalizers_run_once_with_fields_readable():
    calls = []

    @ffi.define
    class Mortal(ffi.Object):
        name: str
        other: Any = None

        def __del__(self):
            calls.append((self.name, self.other is not None))

    Mortal("a")
    assert calls == [("a", False)]
    cyclic = Mortal("b")
    cyclic.other = cyclic
    del cyclic
    gc.collect()
    assert calls == [("a", False), ("b", True)] and ffi.live_objects(Mortal) == 0


def test_a_long_chain_dies_without_deep_recursion():
    last = None
    for number in range(100_000):
        last = Node(str(number), parent=last, kids=[])
    del last
    assert ffi.live_objects(Node) == 0


def test_nothing_leaks():
    def rss():
        if not os.path.exists("/proc/self/statm"):
            return 0
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    def work(count):
        for number in range(count):
            leaf = Leaf("n", weight=number, color=Color.GREEN)
            leaf.kids.append(leaf)
            leaf.parent = leaf
            leaf.weight = leaf.weight + 1
            copy.copy(leaf).name = "m"
            leaf.kids.clear()
            leaf.parent = None
        gc.collect()

    work(5_000)
    before = rss()
    work(100_000)
    assert ffi.live_objects(Leaf) == 0
    assert rss() - before < 8_000_000


# For type checkers.


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
