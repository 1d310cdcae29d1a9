"""Moving an object out of its wrapper."""

import gc
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi


def test_move_of_an_object_that_a_field_also_owns_then_refetch():
    outer = t.Outer(t.Inner(5))
    wrapper = outer.x
    t.shelve(wrapper._move())
    with pytest.raises(ReferenceError, match="Inner was moved away"):
        wrapper.val  # noqa: B018
    refetched = outer.x
    assert refetched is not wrapper
    assert refetched.val == 5
    assert outer.x is refetched
    back = t.unshelve()
    assert back == refetched
    refetched.val = 6
    assert back.val == 6


def test_each_use_of_a_moved_wrapper_is_a_reference_error():
    inner = t.Inner(1)
    t.shelve(inner._move())
    for use in (
        lambda: inner.val,
        lambda: setattr(inner, "val", 2),
        lambda: t.borrow(inner),
        lambda: t.identity(inner),
        lambda: inner._move(),
        lambda: t.Outer(inner),
    ):
        with pytest.raises(ReferenceError):
            use()
    assert "moved" in repr(inner)
    t.clear_shelf()


def test_a_moved_object_is_passed_on_once():
    before = ffi.live_objects(t.Inner)
    inner = t.Inner(1)
    moving = inner._move()
    with pytest.raises(ReferenceError, match="being moved"):
        t.borrow(moving)
    assert t.identity(moving).val == 1
    with pytest.raises(ReferenceError, match="passed on already"):
        t.identity(moving)
    del inner, moving
    assert ffi.live_objects(t.Inner) == before


def test_a_move_that_no_one_takes_leaks_nothing():
    before = ffi.live_objects(t.Inner)
    inner = t.Inner(1)
    inner._move()
    del inner
    gc.collect()
    assert ffi.live_objects(t.Inner) == before


def test_weak_references_to_a_moved_wrapper_do_no_harm():
    outer = t.Outer(t.Inner(1))
    wrapper = outer.x
    fired = []
    weak = weakref.ref(wrapper, fired.append)
    t.shelve(wrapper._move())
    assert weak() is wrapper
    del wrapper
    assert weak() is None and len(fired) == 1
    assert outer.x.val == 1
    t.clear_shelf()


def test_moving_a_fresh_wrapper():
    outer = t.Outer(t.Inner(1))
    fresh = t.identity(outer.x)
    t.shelve(fresh._move())
    with pytest.raises(ReferenceError):
        fresh.val  # noqa: B018
    assert outer.x.val == 1
    t.clear_shelf()
