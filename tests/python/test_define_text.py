"""ffi.define where all annotations are text."""

from __future__ import annotations

import typing
from typing import ClassVar, Optional

import pytest

import ffi_test as t
from ffi_test import ffi


@ffi.define
class Tree(ffi.Object):
    name: str
    kids: ffi.List = ffi.field(factory=ffi.List)
    parent: Tree | None = None
    inner: Optional[t.Inner] = None
    shared: ClassVar[int] = 1
    fixed: typing.Final[int] = 3
    other: Other | None = None


@ffi.define
class Other(ffi.Object):
    tree: Tree


def test_they_mean_what_they_would_without_quotes():
    tree = Tree("a", parent=Tree("b"), inner=t.Inner(1))
    tree.other = Other(tree.parent)
    assert [(field.name, field.type) for field in ffi.fields(Tree)] == [
        ("name", "str"),
        ("kids", "List"),
        ("parent", "Tree | None"),
        ("inner", "Inner | None"),
        ("fixed", "int"),
        ("other", "Other | None"),
    ]
    assert tree.other.tree is tree.parent and Tree.shared == 1
    with pytest.raises(TypeError, match=r"^Tree.other: expected Other \| None, got Tree$"):
        tree.other = tree
    with pytest.raises(AttributeError):
        tree.fixed = 4


def test_in_a_function():
    @ffi.define
    class Local(ffi.Object):
        me: Local | None = None
        neighbor: Neighbor | None = None

    @ffi.define
    class Neighbor(Local):
        pass

    assert Local(Local(), Neighbor()).neighbor.me is None


def test_what_is_not_there():
    @ffi.define
    class Lost(ffi.Object):
        x: Nowhere  # noqa: F821

    with pytest.raises(TypeError, match=r"^Lost\(\) argument 'x': cannot resolve the annotation 'Nowhere': name 'Nowhere'"):
        Lost(1)
