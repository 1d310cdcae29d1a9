"""Exceptions cross both ways unchanged, of whatever class, on whatever way."""

import gc
import sys
import traceback

import pytest

import ffi_test as t
from ffi_test import ffi


class Own(Exception):
    pass


class OwnBase(BaseException):
    pass


def loop(relay):
    for _ in relay:
        raise AssertionError


WAYS = {
    "method": lambda relay: relay.method(),
    "getter": lambda relay: relay.attribute,
    "setter": lambda relay: setattr(relay, "attribute", 1),
    "operator": lambda relay: relay + 1,
    "comparison": lambda relay: relay == relay,
    "length": lambda relay: len(relay),
    "item": lambda relay: relay[0],
    "call": lambda relay: relay(),
    "iterator": loop,
    "thread": lambda relay: relay.elsewhere(),
    "closure": lambda relay: t.through_function(lambda: relay.run()),
    "named": lambda relay: t.call_named("test.relay"),
    "second": lambda relay: relay.second(),
    "sort": lambda relay: ffi.List([2, 1]).sort(key=lambda _: relay.run()),
}
KINDS = [ValueError, KeyError, Own, OwnBase, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, RecursionError]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_it_comes_out_as_itself(way, kind):
    own = kind("mine")
    own.note = ["kept"]
    cause = LookupError("before")

    def raises():
        raise own from cause

    relay = t.Relay(raises)
    if way == "named":
        ffi.register_function("test.relay", raises)
    try:
        with pytest.raises(kind) as caught:
            WAYS[way](relay)
    finally:
        if way == "named":
            ffi.unregister_function("test.relay")
    assert caught.value is own
    assert own.args == ("mine",) and own.note == ["kept"] and own.__cause__ is cause
    names = [frame.name for frame in traceback.extract_tb(own.__traceback__)]
    assert names[0] == "test_it_comes_out_as_itself" and names[-1] == "raises"


@pytest.mark.parametrize("kind", [Own, KeyboardInterrupt, OwnBase])
def test_it_crosses_many_times_back_and_forth(kind):
    own = kind("deep")

    def descend(relay, depth):
        if depth == 0:
            raise own
        return relay.descend(depth)

    with pytest.raises(kind) as caught:
        t.Relay(descend).descend(20)
    assert caught.value is own
    names = [frame.name for frame in traceback.extract_tb(own.__traceback__)]
    assert names.count("descend") == 20


def test_python_may_handle_it_in_between():
    def descend(relay, depth):
        try:
            return relay.descend(depth) + 1
        except KeyboardInterrupt:
            raise Own("instead") from None

    def stop(relay, depth):
        raise KeyboardInterrupt

    assert t.Relay(descend).descend(5) == 5
    outer = t.Relay(lambda relay, depth: descend(t.Relay(stop), depth))
    with pytest.raises(Own, match="instead"):
        outer.descend(3)


def test_500_deep_is_a_recursion_error_at_every_depth():
    def descend(relay, depth):
        return relay.descend(depth) + 1

    relay = t.Relay(descend)
    assert relay.descend(100) == 100
    limit = sys.getrecursionlimit()
    for most in (150, 400):
        sys.setrecursionlimit(most)
        try:
            for depth in (500, 100_000):
                with pytest.raises(RecursionError):
                    relay.descend(depth)
        finally:
            sys.setrecursionlimit(limit)
        assert relay.descend(100) == 100


def test_errors_leave_nothing_behind():
    def raises():
        raise Own("x")

    relay = t.Relay(raises)
    ways = [way for name, way in WAYS.items() if name not in ("thread", "named")]

    def rounds(n):
        for _ in range(n):
            for way in ways:
                try:
                    way(relay)
                except Own:
                    pass
        gc.collect()
        return ffi.live_objects(), sys.getallocatedblocks()

    objects, blocks = rounds(100)
    after, more = rounds(3_000)
    assert after == objects and more - blocks < 500
