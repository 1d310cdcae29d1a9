"""`Array`: the immutable sequence whose items follow the header (what it does as `tuple` does: `test_oracle.py`)."""

import collections.abc
import copy
import gc
import math
import pickle
import threading
import types
import weakref

import ffi_test as t
import pytest
from ffi_test import ffi


def test_what_it_is():
    items = ffi.Array([1, "a", None])
    assert isinstance(items, collections.abc.Sequence) and not isinstance(items, collections.abc.MutableSequence)
    assert isinstance(items, collections.abc.Hashable) and isinstance(iter(items), collections.abc.Iterator)
    assert ffi.Array[int] == types.GenericAlias(ffi.Array, int) and ffi.Array[int]([1]) == (1,)
    assert ffi.Array() == () and ffi.Array("ab") == ("a", "b") and ffi.Array(ffi.Array([1])) == (1,)
    assert repr(items) == "Array((1, 'a', None))" and repr(ffi.Array([1])) == "Array((1,))" and repr(ffi.Array()) == "Array(())"
    first, *rest = items
    assert (first, rest) == (1, ["a", None])


def test_what_matches():
    match ffi.Array([1, 2, 3]), ffi.List([1]), ffi.Map(a=1):
        case [1, *rest], [one], {"a": value}:
            assert (rest, one, value) == ([2, 3], 1, 1)
        case _:
            pytest.fail("no match")


def test_it_cannot_be_changed():
    items = ffi.Array([1, 2])
    for change in (
        lambda: items.__setitem__(0, 1), lambda: items.append(1), lambda: items.extend([]), lambda: items.sort(), lambda: items.clear(),
    ):  # fmt: skip
        with pytest.raises(AttributeError):
            change()
    with pytest.raises(TypeError, match="'.*Array' object does not support item assignment"):
        items[0] = 3
    with pytest.raises(TypeError, match="does not support item deletion|doesn't support item deletion"):
        del items[0]
    with pytest.raises(TypeError, match="was called twice"):
        items.__init__([3])
    before = items
    items += (3,)
    assert items == (1, 2, 3) and before == (1, 2)


def test_items_are_what_is_in_there():
    pearls = t.pearls(5)
    first = pearls[0]
    assert all(pearl is found for pearl, found in zip(pearls, [first, *pearls[1:]]))
    assert [*reversed(pearls)][-1] is first and min(pearls, key=lambda pearl: pearl.size) is first
    assert pearls[::-1][-1] is first and (pearls * 2)[5] is first and (pearls + pearls)[5] is first and first in pearls
    assert pearls.index(first) == 0 and pearls.count(first) == 1
    first.size += 10
    assert pearls[0].size == 10
    mine = ffi.Array([first, pearls])
    assert mine[0] is first and mine[1] is pearls


def test_equality_and_hash_are_those_of_the_items():
    inner = t.Inner(1)
    a, b = ffi.Array([1, "x", inner]), ffi.Array([1.0, "x", inner])
    assert a == b and a is not b and not a.same_as(b) and hash(a) == hash(b) == hash((1, "x", inner))
    assert a == (1, "x", inner) and (1, "x", inner) == a and {a: 1}[(1, "x", inner)] == 1
    assert a != [1, "x", inner] and a != ffi.List(a) and a < ffi.Array([2]) and (0,) < a
    with pytest.raises(TypeError, match="unhashable"):
        hash(ffi.Array([[]]))
    nan = ffi.Array([math.nan, 1.0])
    assert nan == nan and hash(nan) == hash(nan) and math.nan in nan and nan == ffi.Array([math.nan, 1.0])


def test_text_of_one_that_contains_itself():
    items = ffi.List()
    loop = ffi.Array([items, 1])
    items.append(loop)
    assert repr(loop) == "Array((List([Array(...)]), 1))"
    items.clear()


def test_what_operators_give():
    class Items(ffi.Array):
        pass

    items = Items([1, 2])
    for result in (items + (2,), (2,) + items, items * 2, 2 * items, items[:], items[1:], items * 1):
        assert type(result) is ffi.Array
    native = ffi.Array([1, 2])
    assert native[:] is native and native * 1 is native and native[0:9] is native
    assert native[1:] is not native and tuple(native) == (1, 2)


# Types


def test_an_array_of_rusts_has_its_type():
    names = t.Shelves(["a", "b"]).names
    assert names == ("a", "b") and (names + ("c",)) == ("a", "b", "c")
    for wrong in (lambda: names + (1,), lambda: (1,) + names):
        with pytest.raises(TypeError, match=r"Array\[str\] item 0: expected str, got int"):
            wrong()
    with pytest.raises(TypeError, match=r"Array\[str\] item 1: expected str, got int"):
        t.Shelves(["a", 1])


def test_an_array_is_passed_by_reference():
    names = ffi.Array(["a", "b"])
    shelves = t.Shelves(names, ffi.Array([ffi.Array([1, 2]), ffi.Array([0.5])]), tags=ffi.Array([1, None]))
    assert shelves.names is names and t.first_of(names) == "a"
    assert shelves.rows == (ffi.Array([1.0, 2.0]), (0.5,)) and shelves.rows[0] is shelves.rows[0]
    shelves.tags = tags = ffi.Array([t.Inner(3), "tag"])
    assert shelves.tags is tags and shelves.tags[0].__class__ is t.Inner
    assert shelves.weights is None
    shelves.weights = [1, 2]
    assert shelves.weights == (1.0, 2.0) and shelves.weights is shelves.weights
    with pytest.raises(TypeError, match="float"):
        shelves.weights = ["x"]
    assert shelves.weights == (1.0, 2.0)


def test_what_else_is_converted():
    for given in ([1, 2], (1, 2), {1: 0, 2: 0}.keys(), iter([1, 2]), range(1, 3), ffi.List([1, 2]), (n for n in (1, 2))):
        assert t.array_of_f64(given) == (1.0, 2.0)
    for wrong in ("ab", b"ab", {1: 2}, ffi.Map(), 5, None):
        with pytest.raises(TypeError, match="expected Array, got"):
            t.array_of_f64(wrong)
    with pytest.raises(TypeError, match="expected Inner, got Array"):
        t.Outer(ffi.Array())
    # One where the other is wanted, by its items.
    assert t.list_of_f64(ffi.Array([1, 2])) == [1.0, 2.0] and t.array_of_f64(t.list_of_f64([1, 2])) == (1.0, 2.0)
    with pytest.raises(TypeError, match=r"expected Array\[float\], got Array\[int\]"):
        t.array_of_f64(t.array_of_i64([1]))


def test_what_is_nested_is_converted_too():
    for rows in ([[1, 2], (3,)], ([1, 2], ffi.Array([3])), [ffi.Array([1, 2]), iter([3])]):
        assert t.Shelves([], rows).rows == (ffi.Array([1.0, 2.0]), (3.0,))
    inner = ffi.List([3])
    rows = t.rows_of_lists([[1, 2], inner, ()])
    assert rows == [[1.0, 2.0], [3.0], []] and rows[1] is inner
    with pytest.raises(TypeError, match=r"List\[List\] item 1: List\[float\] item 0: expected float, got str"):
        t.rows_of_lists([[1], ["x"]])
    for wrong in ([[1], 5], [[1], "x"], [{1: 2}]):
        with pytest.raises(TypeError, match="expected List"):
            t.rows_of_lists(wrong)


def test_an_open_array_is_bound_at_its_first_use():
    numbers = ffi.Array([1, 2.5])
    assert numbers[0] == 1 and type(numbers[0]) is int
    iterator = iter(numbers)
    assert next(iterator) == 1
    assert t.sum_of(numbers) == 3.5
    assert type(numbers[0]) is float and next(iterator) == 2.5 and list(iterator) == []
    with pytest.raises(TypeError, match=r"expected Array\[str\], got Array\[float\]"):
        t.first_of(numbers)
    words = ffi.Array(["a", 1])
    with pytest.raises(TypeError, match=r"Array\[str\] item 1: expected str, got int"):
        t.first_of(words)
    assert words == ("a", 1) and words + (2,) == ("a", 1, 2)


# Lifetime


def test_an_array_is_born_with_its_wrapper():
    before = ffi.live_objects(ffi.Array)
    items = ffi.Array([1, "a"])
    assert ffi.state(items) == "python" and ffi.owners(items) == 0
    address, holder = id(items), t.Shelves(["a"], tags=items)
    assert ffi.state(items) == "shared" and ffi.owners(items) == 1
    reference = weakref.ref(items)
    del items
    gc.collect()
    assert reference() is holder.tags and id(holder.tags) == address
    holder.tags = ()
    assert reference() is None
    del holder
    assert ffi.live_objects(ffi.Array) == before


def test_one_that_cannot_be_built_leaves_nothing():
    before = ffi.live_objects(ffi.Array)

    def items():
        yield t.Inner(1)
        raise LookupError

    with pytest.raises(LookupError):
        ffi.Array(items())
    with pytest.raises(TypeError):
        ffi.Array(5)
    with pytest.raises(MemoryError):
        ffi.Array([1]) * 2**62
    with pytest.raises(MemoryError):
        ffi.Array([1.5]) * 2**50
    assert ffi.live_objects(ffi.Array) == before


def test_state_of_python_lives_as_long_as_the_object():
    class Named(ffi.Array):
        def __init__(self, items, name):
            super().__init__(items)
            self.name = name

        def total(self):
            return sum(self)

    named = Named([1, 2], "n")
    shelves = t.Shelves([], tags=named)
    del named
    gc.collect()
    assert type(shelves.tags) is Named and shelves.tags.name == "n" and shelves.tags.total() == 3


def test_a_cycle_through_an_array_is_collected():
    class Knot:
        pass

    def make(array):
        knot = Knot()
        knot.array = array(knot)
        return weakref.ref(knot)

    for array in (lambda knot: ffi.Array([1, knot]), lambda knot: t.array_of_values([knot]), lambda knot: ffi.Array([ffi.Array([knot])])):
        reference = make(array)
        gc.collect()
        assert reference() is None

    items = ffi.List()
    loop = ffi.Array([items])
    items.append(loop)
    reference = weakref.ref(loop)
    del items, loop
    gc.collect()
    gc.collect()
    assert reference() is None


def test_an_array_of_arrays_a_million_deep():
    deep = t.nested_arrays(1_000_000)
    assert len(deep) == 1
    del deep
    deep = ffi.Array()
    for _ in range(100_000):
        deep = ffi.Array([deep])
    del deep


def test_the_only_owner_may_change_the_items_in_rust():
    numbers = ffi.Array([1.0, 2.0])
    in_place, result = t.doubled(numbers)
    assert not in_place and result == (2.0, 4.0) and numbers == (1.0, 2.0)
    again, more = t.doubled([1, 2])
    assert again and more == (2.0, 4.0)
    view = memoryview(numbers)
    in_place, result = t.doubled(numbers._move())
    assert not in_place and view.tolist() == [1.0, 2.0]
    with pytest.raises(ReferenceError):
        len(numbers)


def test_what_was_not_initialized_says_so():
    class Lazy(ffi.Array):
        def __init__(self):
            pass

    lazy = Lazy()
    assert repr(lazy).endswith("Lazy, not initialized>")
    for use in (len, list, hash, memoryview, lambda it: it[0], lambda it: it + (), lambda it: it == (), copy.copy, pickle.dumps):
        with pytest.raises((RuntimeError, BufferError)):
            use(lazy)


# Copies


class Marked(ffi.Array):
    pass


def test_copies():
    plain = ffi.Array([1, "a", (2,)])
    assert copy.copy(plain) is plain and copy.deepcopy(plain) is plain
    deep = ffi.Array([[1], t.Inner(2)])
    twin = copy.deepcopy(deep)
    assert copy.copy(deep) is deep and twin is not deep and twin[0] == [1] and twin[0] is not deep[0] and twin[1] is not deep[1]
    shared = ffi.Array([[1]])
    both = copy.deepcopy([shared, shared])
    assert both[0] is both[1] and both[0][0] is not shared[0]
    marked = Marked([1])
    marked.tag = [1]
    for twin, same in ((copy.copy(marked), True), (copy.deepcopy(marked), False)):
        assert type(twin) is Marked and twin is not marked and twin == (1,) and (twin.tag is marked.tag) is same


def test_copies_of_cycles():
    items = ffi.List()
    loop = ffi.Array([items])
    items.append(loop)
    twin = copy.deepcopy(loop)
    assert twin is not loop and twin[0] is not items and twin[0][0] is twin
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(loop, protocol))
        assert type(again) is ffi.Array and again[0][0] is again
        again[0].clear()
    marked = Marked([1])
    marked.me = marked
    twin = copy.deepcopy(marked)
    assert twin.me is twin and twin is not marked
    for end in (items, twin[0] if isinstance(twin[0], ffi.List) else items):
        end.clear()
    del marked.me, twin.me


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol):
    marked = Marked([1.5, 2.5])
    marked.tag = "t"
    for items in (ffi.Array(), ffi.Array([1, "a", None, (2,)]), ffi.Array(range(1000)), t.array_of_f64([1, 2]), marked):
        again = pickle.loads(pickle.dumps(items, protocol))
        assert type(again) is type(items) and again == items and again is not items
    assert again.tag == "t"
    shelves = pickle.loads(pickle.dumps(t.Shelves(["a"], [[1.0]], [t.Inner(1)]), protocol))
    assert shelves.names == ("a",) and shelves.rows == ((1.0,),) and shelves.tags[0].__class__ is t.Inner


def test_structural_equality():
    def shelves(x):
        return t.Shelves(["a"], [[x]], [t.Inner(1), "tag"])

    assert ffi.equal(shelves(1.0), shelves(1.0)) and ffi.hash(shelves(1.0)) == ffi.hash(shelves(1.0))
    assert not ffi.equal(shelves(1.0), shelves(2.0))


# Threads


def test_many_threads_bind_and_read_at_once():
    for items in ([1, 2.5, 3], [1.0, 2.0, 3.0], ["a", "b", "c"]):
        array, barrier, found = ffi.Array(items), threading.Barrier(4), []

        def use(function, array=array, barrier=barrier, found=found, items=items):
            barrier.wait()
            for _ in range(200):
                try:
                    found.append(function(array))
                except TypeError:
                    found.append(None)
                assert array == tuple(items) and len(array) == 3 and array[1] == items[1]

        threads = [threading.Thread(target=use, args=(f,)) for f in (t.sum_of, t.first_of, list, hash)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 800
