"""Pickling and copying keep identity, sharing and cycles."""

import copy
import gc
import pickle

import pytest

import ffi_test as t
from ffi_test import ffi
from test_identity import plain_value

protocols = pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))


class Sub(t.Inner):
    def __init__(self, val, note):
        super().__init__(val)
        self.note = note


class Slotted(t.Inner):
    __slots__ = ("extra",)


@protocols
def test_pickle_round_trip_keeps_identity_inside(protocol):
    inner = t.Inner(5)
    holder = t.Holder(inner, maybe=inner, weak=inner, list=[inner, t.Inner(6)], map={"a": inner})
    back = pickle.loads(pickle.dumps(holder, protocol))
    assert back.inner is back.maybe is back.weak is back.list[0] is back.map["a"]
    assert back.inner is not inner and back.inner.val == 5 and back.list[1].val == 6
    assert back.inner is back.inner


@protocols
def test_pickle_of_a_cycle(protocol):
    a, b = t.Node(1), t.Node(2)
    a.next, b.next, b.prev = b, a, a
    back = pickle.loads(pickle.dumps(a, protocol))
    assert back.next.next is back and back.next.prev is back and back.next.val == 2
    a.next = back.next = None


@protocols
def test_pickle_of_subclasses(protocol):
    back = pickle.loads(pickle.dumps(Sub(1, ["note"]), protocol))
    assert type(back) is Sub and back.val == 1 and back.note == ["note"]
    slotted = Slotted(2)
    slotted.extra = "x"
    back = pickle.loads(pickle.dumps(slotted, protocol))
    assert type(back) is Slotted and back.val == 2 and back.extra == "x"


@protocols
def test_pickle_of_plain_values(protocol):
    plain = plain_value()
    back = pickle.loads(pickle.dumps(plain, protocol))
    assert repr(back) == repr(plain)
    account = t.Account("Ada", 100)
    account.deposit(1)
    back = pickle.loads(pickle.dumps(account, protocol))
    assert list(back) == ["deposit: 1"] and back.cents == 101 and back.owner == "Ada"


def test_deepcopy_keeps_sharing_and_cycles():
    a, b = t.Node(1), t.Node(2)
    a.next, b.next = b, a
    deep = copy.deepcopy(a)
    assert deep is not a and deep.next is not b and deep.next.next is deep
    shallow = copy.copy(a)
    assert shallow.next is b
    inner = t.Inner(1)
    holder = t.Holder(inner, maybe=inner, list=[inner])
    deep = copy.deepcopy(holder)
    assert deep.inner is deep.maybe is deep.list[0] is not inner
    sub = Sub(1, [[]])
    deep = copy.deepcopy(sub)
    assert deep.note == [[]] and deep.note is not sub.note
    a.next = b.next = deep.next = None


def test_copies_leak_nothing():
    gc.collect()
    before = ffi.live_objects()
    for _ in range(50):
        holder = t.Holder(t.Inner(1), list=[t.Inner(2)])
        copy.deepcopy(holder)
        pickle.loads(pickle.dumps(holder))
    del holder
    gc.collect()
    assert ffi.live_objects() == before


def test_a_damaged_pickle_is_an_error():
    restore = ffi._restore
    for args in ((int, {}), (t.Inner, {}), (t.Inner, {"val": "x"}), (t.Inner,), (ffi.Object, {})):
        with pytest.raises(TypeError):
            restore(*args)
