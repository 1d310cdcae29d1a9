"""`__replace__`, which `copy.replace` calls from Python 3.13 on: what `dataclasses.replace` does."""

import copy
import sys

import pytest

import ffi_test as t
from ffi_test import ffi


class Sub(t.Inner):
    """Keeps something of its own, which is no field."""

    def __init__(self, val, note="none"):
        super().__init__(val)
        self.note = note


def replace(obj, /, **changes):
    if sys.version_info >= (3, 13):
        return copy.replace(obj, **changes)
    return type(obj).__replace__(obj, **changes)


def test_a_new_object_has_the_fields_that_are_not_given():
    ring = t.Ring("r", 2.0, 0.25)
    other = replace(ring, radius=3.0)
    assert (other.name, other.radius, other.hole) == ("r", 3.0, 0.25) and type(other) is t.Ring
    assert ring.radius == 2.0 and not other.same_as(ring)


def test_objects_are_shared():
    inner = t.Inner(1)
    holder = t.Holder(inner, weak=inner)
    holder.list.append(inner)
    other = replace(holder)
    assert other.inner is inner and other.weak is inner and other.list is holder.list


def test_fields_by_name_alone_and_none_at_all():
    obj = t.Extended(1, k=2, m="m")
    obj.hidden = 99
    other = replace(obj, k=5, c=7)
    assert (other.a, other.k, other.b, other.c, other.m) == (1, 5, 2, 7, "m")
    # As in a dataclass, what the constructor does not take begins anew.
    assert other.hidden == 10
    with pytest.raises(TypeError, match=r"Extended.__replace__\(\): field 'hidden' has init=False and cannot be given"):
        replace(obj, hidden=1)


def test_a_subclass_is_called():
    obj = Sub(1, note="mine")
    other = replace(obj, val=2)
    assert type(other) is Sub and (other.val, other.note) == (2, "none")
    assert replace(obj, note="yours").note == "yours"


def test_wrong_changes_change_nothing():
    inner = t.Inner(1)
    before = ffi.live_objects(t.Inner)
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        replace(inner, other=1)
    with pytest.raises(TypeError, match="expected int, got str"):
        replace(inner, val="2")
    with pytest.raises(TypeError, match=r"__replace__\(\) takes 1 positional argument but 2 were given"):
        type(inner).__replace__(inner, 2)
    assert inner.val == 1 and ffi.live_objects(t.Inner) == before


@pytest.mark.parametrize("obj", [ffi.List([1]), ffi.Map({1: 2}), t.MadeTarget(1)], ids=["List", "Map", "own constructor"])
def test_what_is_not_made_from_its_fields(obj):
    with pytest.raises(TypeError, match="objects are not made from their fields"):
        type(obj).__replace__(obj)


def test_an_object_that_is_not_there():
    inner = t.Inner(1)
    moved = inner._move()
    with pytest.raises(ReferenceError):
        replace(inner, val=2)
    del moved
