"""ffi.define: what fields may hold."""

import abc
import copy
import enum
import sys
import typing
from typing import Annotated, Any, Callable, ClassVar, Final, Literal, NewType, Optional, TypeVar, Union

import pytest

import ffi_test as t
from defined_classes import Color, Node, Plain, SubAnchor, holding, nothing_is_left_behind  # noqa: F401
from ffi_test import ffi


UserId = NewType("UserId", int)
Bound = TypeVar("Bound", bound=str)
function, inner, sub, plain = (lambda: 1), t.Anchor(1), SubAnchor(2), Plain()

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
    (t.Anchor, [inner, sub], [None, 1, plain], "Anchor"),
    (SubAnchor, [sub], [inner, None], "SubAnchor"),
    (Node, [], [inner], "Node"),
    (ffi.List, [ffi.List([1])], [1, None, "ab"], "List"),
    (ffi.List[int], [ffi.List([1])], [1], "List"),
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
    (None | t.Anchor, [None, inner], [1], "None | Anchor"),
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
