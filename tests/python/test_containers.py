"""List and Map."""

import collections.abc
import gc
import pickle

import pytest

import ffi_test as t
from ffi_test import ffi


def test_list_is_a_mutable_sequence():
    items = ffi.List([1, "a", None])
    assert isinstance(items, collections.abc.MutableSequence)
    items.append(2.5)
    items.insert(0, b"x")
    items += [True]
    assert list(items) == [b"x", 1, "a", None, 2.5, True]
    assert (items[0], items[-1], len(items)) == (b"x", True, 6)
    assert items.pop() is True and items.pop(0) == b"x"
    assert items.index("a") == 1 and items.count(None) == 1
    items.remove("a")
    items.reverse()
    assert items == [2.5, None, 1] and items != (2.5, None, 1)
    del items[1]
    items[0] = 3
    items.sort()
    assert items == ffi.List([1, 3])
    assert items[:1] == [1] and items + [4] == [1, 3, 4]
    items[1:] = [7, 8, 9]
    del items[::2]
    assert items == [7, 9]
    assert repr(items) == "List([7, 9])"
    assert list(reversed(items)) == [9, 7]
    items.clear()
    assert not items and items == []
    with pytest.raises(TypeError, match="unhashable"):
        hash(items)


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda items: items[3], IndexError, "List index out of range"),
        (lambda items: items[-4], IndexError, "List index out of range"),
        (lambda items: items["a"], TypeError, "List indices must be integers or slices, not str"),
        (lambda items: items.__setitem__(3, 1), IndexError, "List assignment index out of range"),
        (lambda items: items.pop(3), IndexError, "pop index out of range"),
        (lambda items: items.extend(3), TypeError, "'int' object is not iterable"),
        (lambda items: items.append(), TypeError, r"List.append\(\) takes exactly one argument \(0 given\)"),
        (lambda items: items + (1,), TypeError, "can only concatenate List or list"),
        (lambda items: ffi.List().pop(), IndexError, "pop from empty List"),
        (lambda items: ffi.List(1), TypeError, "expected an iterable, got int"),
    ],
)  # fmt: skip
def test_list_errors_change_nothing(use, error, message):
    items = ffi.List([1, 2, 3])
    with pytest.raises(error, match=message):
        use(items)
    assert items == [1, 2, 3]


def test_elements_come_out_cached():
    holder = t.Holder(t.Inner(0), list=[t.Inner(1), t.Inner(2)])
    assert holder.list is holder.list
    assert holder.list[0] is holder.list[0]
    for i, inner in enumerate(holder.list):
        assert inner is holder.list[i]
    first, second = holder.list
    assert first is holder.list[0] and second is holder.list[-1]
    holder.map["a"] = first
    assert holder.map["a"] is first
    assert list(holder.map.values()) == [first] and next(iter(holder.map.items()))[1] is first


def test_slices_are_deleted_as_from_a_list():
    bounds = [None, -9, -4, -1, 0, 1, 3, 5, 9]
    for start in bounds:
        for stop in bounds:
            for step in (None, 1, 2, 3, -1, -2, 7):
                items, expected = ffi.List(range(6)), list(range(6))
                del items[start:stop:step], expected[start:stop:step]
                assert list(items) == expected, (start, stop, step)
    with pytest.raises(ValueError):
        del ffi.List(range(6))[::0]


def test_what_is_deleted_or_stays_beside_it_gets_no_wrapper():
    holder = t.Holder(t.Inner(0))
    for delete in (
        lambda: holder.list.__delitem__(0),
        lambda: holder.list.__delitem__(slice(0, 2)),
        lambda: holder.list.__delitem__(slice(None, None, 2)),
        lambda: holder.map.__delitem__("a"),
    ):
        for i in range(3):
            # What Python has not seen since it was moved has no wrapper.
            inner = t.Inner(i)
            t.shelve(inner)
            t.shelve(inner)
            holder.list.append(inner)
            holder.map["abc"[i]] = inner
            t.shelve(inner._move())
        del inner
        delete()
        for _ in range(3):
            assert ffi.state(t.unshelve()) == "bare"
            t.unshelve()
            t.unshelve()
        t.clear_shelf()
        holder.list.clear()
        holder.map.clear()


def test_a_list_is_bound_to_its_type_by_its_first_use():
    numbers = ffi.List([1, 2.5])
    lists = t.Lists(numbers=numbers)
    assert lists.numbers is numbers
    assert numbers == [1.0, 2.5] and type(numbers[0]) is float
    with pytest.raises(TypeError, match=r"List\[float\] item 2: expected float, got str"):
        numbers.append("x")
    with pytest.raises(TypeError, match="item 1: expected float, got str"):
        numbers.extend([1, "x"])
    assert len(numbers) == 2
    with pytest.raises(TypeError, match=r"expected List\[object\], got List\[float\]"):
        t.Lists(anything=numbers)
    words = ffi.List(["a"])
    with pytest.raises(TypeError, match=r"List\[float\] item 0: expected float, got str"):
        t.Lists(numbers=words)
    words.append(1)
    assert words == ["a", 1]


def test_plain_values_convert():
    lists = t.Lists(numbers=(i for i in range(3)))
    assert lists.numbers == [0.0, 1.0, 2.0]
    for wrong in ("text", b"bytes", 5, {"a": 1}):
        with pytest.raises(TypeError, match="expected List"):
            t.Lists(numbers=wrong)
    holder = t.Holder(t.Inner(0), map={"a": t.Inner(1)})
    assert holder.map["a"].val == 1


def test_a_list_that_contains_itself():
    items = ffi.List()
    items.append(items)
    assert items[0] is items
    assert repr(items) == "List([List(...)])"
    items.clear()


def test_a_list_may_change_while_it_is_iterated():
    items = ffi.List(range(5))
    seen = []
    for item in items:
        seen.append(item)
        if item < 3:
            items.append(item + 10)
    assert seen == [0, 1, 2, 3, 4, 10, 11, 12]


def test_map_is_a_mutable_mapping():
    table = ffi.Map({"a": 1})
    assert isinstance(table, collections.abc.MutableMapping)
    table["b"] = 2
    table.update(c=3)
    table.update([("d", 4)])
    assert list(table) == ["a", "b", "c", "d"] and len(table) == 4
    assert list(table.keys()) == ["a", "b", "c", "d"] and list(table.values()) == [1, 2, 3, 4]
    assert table == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert "a" in table and 5 not in table
    assert table.get("x") is None and table.get("x", 0) == 0
    assert table.pop("a") == 1 and table.pop("a", None) is None
    assert table.popitem() == ("d", 4) and table.setdefault("e", 5) == 5
    del table["b"]
    assert repr(table) == "Map({'c': 3, 'e': 5})"
    assert table.copy() == table and table.copy() is not table
    table[1] = "one"
    assert table[1.0] == table[True] == "one"
    table.clear()
    assert table == {} and not table


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda table: table["x"], KeyError, "'x'"),
        (lambda table: table.__delitem__("x"), KeyError, "'x'"),
        (lambda table: table.pop("x"), KeyError, "'x'"),
        (lambda table: table[[]], TypeError, "unhashable type: 'list'"),
        (lambda table: table.update(3), TypeError, "'int' object is not iterable"),
        (lambda table: ffi.Map().popitem(), KeyError, "Map is empty"),
        (lambda table: ffi.Map([1]), TypeError, "element #0"),
    ],
)  # fmt: skip
def test_map_errors_change_nothing(use, error, message):
    table = ffi.Map({"a": 1})
    with pytest.raises(error, match=message):
        use(table)
    assert table == {"a": 1}


def test_changing_a_map_while_iterating_raises():
    table = ffi.Map({i: i for i in range(5)})
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        for key in table:
            del table[key]


def test_containers_leak_nothing():
    gc.collect()
    before = ffi.live_objects()
    for _ in range(100):
        holder = t.Holder(t.Inner(0), list=[t.Inner(i) for i in range(10)], map={"a": t.Inner(1)})
        holder.list[3].val += 1
        list(holder.map.items())
        holder.list[2:5]  # noqa: B018
        holder.list.copy()
    del holder
    gc.collect()
    assert ffi.live_objects() == before


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_containers_pickle(protocol):
    items = ffi.List([1, "a", ffi.List([2])])
    items.append(items)
    back = pickle.loads(pickle.dumps(items, protocol))
    assert back[:2] == [1, "a"] and back[2] == [2] and back[3] is back
    back.clear()
    items.clear()


def test_tuples_nest_as_deep_as_python_goes():
    def nested(depth):
        value = ()
        for _ in range(depth):
            value = (value,)
        return value

    items = ffi.List([nested(200)])
    assert items[0] == nested(200) and items == ffi.List([nested(200)])
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded while converting a tuple"):
        items.append(nested(200_000))
    with pytest.raises(RecursionError):
        for _ in range(200_000):
            items[0] = (items[0],)
    assert len(items) == 1
