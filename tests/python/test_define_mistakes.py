"""ffi.define: what is refused."""

from typing import Any, ClassVar

import pytest

import ffi_test as t
from defined_classes import Fixed, Node, nothing_is_left_behind  # noqa: F401
from ffi_test import ffi


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
