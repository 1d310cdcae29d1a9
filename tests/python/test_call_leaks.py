"""100,000 calls of each call path: no object and no memory is left."""

import gc
import sys

import pytest

import ffi_test as t
from ffi_test import ffi
from test_identity import resident_kib

CALLS = 100_000


class Sub(t.Inner):
    def __init__(self, val):
        super().__init__(val)
        self.note = val


def raises():
    raise ValueError


@pytest.fixture(autouse=True)
def registered():
    ffi.register_function("test.leak", lambda x: x)
    yield
    ffi.unregister_function("test.leak")


def paths():
    """Each call path, by name: a function that takes it once."""
    inner, number, account = t.Inner(1), t.Number(2), t.Account("Ada", 100)
    outer, holder, target = t.Outer(t.Inner(1)), t.Holder(t.Inner(1)), t.Target(1)
    add, part, cells = t.adder(1), t.Part(3), t.Cells(text="text")
    relay, failing = t.Relay(lambda: inner), t.Relay(raises)
    items, table = ffi.List([t.Inner(i) for i in range(3)]), ffi.Map({"a": t.Inner(1)})
    value = object()

    def fails(call):
        try:
            call()
        except (ValueError, TypeError):
            return
        raise AssertionError

    return {
        "function, borrowing": lambda: t.borrow(inner),
        "function, owning": lambda: t.identity(inner),
        "function, cached": lambda: t.identity_cached(inner),
        "method": lambda: target.method(1, b=2),
        "method of an owner": lambda: target.owner_method(1),
        "method giving its object": account.me,
        "static method": lambda: t.Account.currency(),
        "class method": lambda: t.Target.class_method(1),
        "constructor": lambda: t.Inner(1),
        "constructor by function": lambda: t.Account("Ada", 1),
        "constructor of a subclass": lambda: Sub(1),
        "constructor that fails": lambda: fails(lambda: t.Account("")),
        "field": lambda: outer.x,
        "field, first wrapped": lambda: t.Outer(t.Inner(1)).x,
        "field, text": lambda: cells.text,
        "field, written": lambda: setattr(holder, "inner", inner),
        "getter": lambda: account.units,
        "setter": lambda: setattr(account, "units", 2.0),
        "operator": lambda: number + number,
        "operator, reflected": lambda: 1 + number,
        "comparison": lambda: number < number,
        "length, item, containment": lambda: (len(account), "x" in account, bool(account)),
        "call of an object": lambda: account(2),
        "iterator": lambda: list(part.countdown()),
        "iterator, left early": lambda: next(part.countdown()),
        "list": lambda: [x.val for x in items] + [items[0], items[-1]],
        "map": lambda: (table["a"], list(table), list(table.items())),
        "list made and bound": lambda: t.Holder(inner, list=[inner]),
        "callback": relay.method,
        "callback that raises": lambda: fails(failing.method),
        "callback whose result is refused": lambda: fails(lambda: t.through_callback(lambda part: value, 1)),
        "callback with an object": lambda: t.call_with(lambda button: button, t.Button()),
        "Rust function": lambda: add(1),
        "Rust function, made": lambda: t.adder(1)(2),
        "by name": lambda: ffi.get_function("adder")(1),
        "by name from Rust": lambda: t.through_function(lambda: ffi.get_function("test.leak")(inner)),
        "any": lambda: t.Button(any=(1, "a", value, inner)).any,
        "opaque value": lambda: t.carry(value),
        "moved": lambda: t.identity(t.Inner(1)._move()),
        "moved through a callback": lambda: t.through_callback(lambda part: part._move(), 1),
        "refused argument": lambda: fails(lambda: t.borrow("x")),
        "weak reference": lambda: t.through_weak(account),
    }


@pytest.mark.parametrize("name", list(paths()))
def test_nothing_is_left_of_100_000_calls(name):
    call = paths()[name]

    def rounds(n):
        for _ in range(n):
            call()
        gc.collect()
        # First: `live_objects` would see to what is left to do.
        blocks = sys.getallocatedblocks()
        return ffi.live_objects(), blocks, resident_kib()

    rounds(2_000)
    objects, blocks, memory = rounds(2_000)
    after_objects, after_blocks, after_memory = rounds(CALLS)
    assert after_objects == objects
    assert after_blocks - blocks < 200
    # A byte a call would be 98 KiB; an object a call thousands.
    assert after_memory - memory < 512


def test_threads_leave_nothing():
    call = t.Relay(lambda: 1).elsewhere

    def rounds(n):
        for _ in range(n):
            call()
        gc.collect()
        # First: `live_objects` would see to what is left to do.
        blocks = sys.getallocatedblocks()
        return ffi.live_objects(), blocks, resident_kib()

    rounds(200)
    objects, blocks, memory = rounds(500)
    after_objects, after_blocks, after_memory = rounds(5_000)
    assert after_objects == objects and after_blocks - blocks < 200
    assert after_memory - memory < 1024
