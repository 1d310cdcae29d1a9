"""Classes that the tests define, and what they have in common."""

import enum
import gc
from typing import Any, Optional

import pytest

import ffi_test as t
from ffi_test import ffi


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Plain:
    """A class of Python's."""


class SubAnchor(t.Anchor):
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


def holding(annotation, **options):
    return ffi.define(type("Holding", (ffi.Object,), {"__annotations__": {"x": annotation}, "__module__": __name__}), **options)
