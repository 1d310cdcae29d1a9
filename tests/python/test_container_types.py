"""What `List` and `Map` are in Python beside what the builtins can do, and what typed ones refuse."""

import collections.abc
import copy
import types
import weakref

import ffi_test as t
import pytest
from ffi_test import ffi


def test_classes_take_types():
    assert ffi.List[int] == types.GenericAlias(ffi.List, int)
    assert (ffi.Map[str, int].__origin__, ffi.Map[str, int].__args__) == (ffi.Map, (str, int))
    assert ffi.List[int]([1]) == [1]

    class Names(ffi.List[str]):
        pass

    assert Names.__mro__[1] is ffi.List and Names(["a"]) == ["a"]


def test_what_they_are_in_collections_abc():
    items, table = ffi.List([1]), ffi.Map({"a": 1})
    assert isinstance(items, collections.abc.MutableSequence) and isinstance(iter(items), collections.abc.Iterator)
    assert isinstance(table, collections.abc.MutableMapping) and isinstance(iter(table), collections.abc.Iterator)
    assert isinstance(table.keys(), collections.abc.KeysView) and isinstance(table.keys(), collections.abc.Set)
    assert isinstance(table.values(), collections.abc.ValuesView)
    assert isinstance(table.items(), collections.abc.ItemsView)
    for made in (iter(items), table.keys()):
        with pytest.raises(TypeError, match="cannot create"):
            type(made)()


def test_they_are_made_as_the_builtins():
    assert ffi.List() == [] and ffi.List("ab") == ["a", "b"] and ffi.Map() == {}
    assert ffi.Map([("a", 1)], b=2, mapping=3) == {"a": 1, "b": 2, "mapping": 3} and ffi.Map(a=1) == {"a": 1}
    for wrong in (lambda: ffi.List(1), lambda: ffi.List([], []), lambda: ffi.List(iterable=[]), lambda: ffi.Map({}, {})):
        with pytest.raises(TypeError):
            wrong()


def test_what_operators_give():
    class Items(ffi.List):
        pass

    class Table(ffi.Map):
        pass

    items, table = Items([1]), Table({"a": 1})
    for result in (items + [2], [2] + items, items * 2, 2 * items, items[:], items.copy()):
        assert type(result) is ffi.List
    for result in (table | {}, {} | table, table.copy()):
        assert type(result) is ffi.Map
    assert type(Table.fromkeys("ab")) is Table and Table.fromkeys("ab", 1) == {"a": 1, "b": 1}
    plain = [1]
    plain += items
    assert type(plain) is ffi.List and plain == [1, 1]
    plain = {"b": 2}
    plain |= table
    assert type(plain) is dict and plain == {"b": 2, "a": 1}


def test_views_show_the_map_as_it_is():
    table = ffi.Map({"a": 1})
    keys, values, items = table.keys(), table.values(), table.items()
    table["b"] = 2
    assert (list(keys), list(values), list(items)) == (["a", "b"], [1, 2], [("a", 1), ("b", 2)])
    assert repr(keys) == "Map_keys(['a', 'b'])" and repr(values) == "Map_values([1, 2])"
    assert repr(items) == "Map_items([('a', 1), ('b', 2)])"
    assert keys & {"a"} == {"a"} and {"a", "c"} - keys == {"c"} and keys | ["c"] == {"a", "b", "c"}
    assert keys.mapping["a"] == 1 and isinstance(keys.mapping, types.MappingProxyType)
    assert list(reversed(items)) == [("b", 2), ("a", 1)]


def test_a_value_that_is_not_a_number_is_itself():
    nan = float("nan")
    items, table = ffi.List([nan]), ffi.Map({nan: nan})
    assert nan in items and items.index(nan) == 0 and items == [nan] and [nan] == items
    assert table[nan] != nan and nan in table and (nan, nan) in table.items() and table == {nan: nan}
    assert table.items() == table.items() and table.keys() == {nan: nan}.keys()


@pytest.fixture
def elements():
    holder = t.Holder(t.Inner(0), list=[t.Inner(i) for i in (3, 1, 2)], map={"a": t.Inner(1), "b": t.Inner(2)})
    yield holder


def test_elements_are_the_same_objects_whichever_way_they_come(elements):
    items, table = elements.list, elements.map
    first, second, third = items[0], items[1], items[2]
    expected = [first, second, third]

    def check(found, expected=expected):
        found = list(found)
        assert len(found) == len(expected)
        assert all(a is b for a, b in zip(found, expected))

    check(items)
    check(iter(items))
    check(reversed(items), expected[::-1])
    check([*items])
    check(items[:])
    check(items.copy())
    check(items + [], expected)
    check([] + items, expected)
    check(items * 2, expected * 2)
    check(sorted(items, key=lambda item: item.val), [second, third, first])
    check([min(items, key=lambda item: item.val), max(items, key=lambda item: item.val)], [second, first])
    items.sort(key=lambda item: item.val)
    check(items, [second, third, first])
    check([items.pop()], [first])
    a, b = table["a"], table["b"]
    check(table.values(), [a, b])
    check((value for _, value in table.items()), [a, b])
    check(reversed(table.values()), [b, a])
    check([table.get("a"), table.setdefault("a", first), table.pop("a"), table.popitem()[1]], [a, a, a, b])
    check([(table | {"c": first})["c"], ({"c": first} | table)["c"]], [first, first])


def test_looking_for_a_key_wraps_no_value():
    holder = t.Holder(t.Inner(0))
    inner = t.Inner(1)
    t.shelve(inner)
    holder.map["a"] = inner
    t.shelve(inner._move())
    del inner
    assert "a" in holder.map and "a" in holder.map.keys() and list(holder.map) == ["a"]
    assert ffi.state(t.unshelve()) == "bare"
    t.clear_shelf()


# Typed containers: all or nothing


def failing_last(*items):
    yield from items
    raise LookupError("no more")


LIST_WAYS = {
    "append": (lambda items: items.append("x"), 3),
    "insert": (lambda items: items.insert(1, "x"), 1),
    "set": (lambda items: items.__setitem__(1, "x"), 1),
    "extend": (lambda items: items.extend([7, "x", 8]), 1),
    "extend by an iterator": (lambda items: items.extend(iter([7, "x", 8])), 1),
    "+=": (lambda items: items.__iadd__([7, "x"]), 1),
    "+": (lambda items: items + [7, "x"], 1),
    "list +": (lambda items: [7, "x"] + items, 1),
    "slice": (lambda items: items.__setitem__(slice(0, 2), [7, 8, "x"]), 2),
    "slice by itself and more": (lambda items: items.__setitem__(slice(1, 1), [*items, "x"]), 3),
    "extended slice": (lambda items: items.__setitem__(slice(None, None, 2), [7, "x"]), 1),
    "another list": (lambda items: items.extend(ffi.List([7, "x"])), 1),
}


@pytest.mark.parametrize("way", LIST_WAYS)
def test_a_list_of_numbers_refuses_text_whichever_way_it_comes(way):
    refused, index = LIST_WAYS[way]
    numbers = t.Lists(numbers=[1, 2, 3]).numbers
    with pytest.raises(TypeError, match=rf"List\[float\] item {index}: expected float, got str"):
        refused(numbers)
    assert numbers == [1.0, 2.0, 3.0] and all(type(number) is float for number in numbers)


def test_a_list_of_numbers_stays_one():
    numbers = t.Lists(numbers=[1, 2, 3]).numbers
    numbers *= 2
    for made in (numbers, numbers + [1], [1] + numbers, numbers * 2, numbers[::2], numbers.copy()):
        with pytest.raises(TypeError, match=r"List\[float\]"):
            made.append("x")
        assert all(type(number) is float for number in made)
        t.Lists(numbers=made)


def test_a_copy_of_what_is_open_is_open():
    items, table = ffi.List([1]), ffi.Map({"a": t.Inner(1)})
    for made in (items[:], items.copy(), items + [], [] + items, items * 1, copy.copy(items), copy.deepcopy(items)):
        assert t.Lists(numbers=made).numbers == [1.0]
    for made in (table.copy(), table | {}, {} | table, copy.copy(table)):
        assert t.Holder(t.Inner(0), map=made).map["a"] is table["a"]
    items.append("still open")


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items.extend(failing_last(7.0, 8.0)),
        lambda items: items.__iadd__(failing_last(7.0)),
        lambda items: items.__setitem__(slice(0, 2), failing_last(7.0)),
        lambda items: items.sort(key=lambda item: failing_last().__next__()),
    ],
)
def test_what_fails_in_the_middle_changes_nothing(change):
    for items in (ffi.List([3, 1, 2]), t.Lists(numbers=[3, 1, 2]).numbers):
        with pytest.raises(LookupError):
            change(items)
        assert items == [3, 1, 2]


INNER = "expected Inner, got int"
MAP_WAYS = {
    "set": (lambda table: table.__setitem__("x", 5), rf"Map\[str, Inner\] value: {INNER}"),
    "set a key": (lambda table: table.__setitem__(5, t.Inner(5)), r"Map\[str, Inner\] key: expected str, got int"),
    "setdefault": (lambda table: table.setdefault("x", 5), rf"Map\[str, Inner\] value: {INNER}"),
    "setdefault without": (lambda table: table.setdefault("x"), r"Map\[str, Inner\] value: expected Inner, got NoneType"),
    "update": (lambda table: table.update({"y": t.Inner(6), "x": 5}), rf"Map\[str, Inner\] value: {INNER}"),
    "update by pairs": (lambda table: table.update([("y", t.Inner(6)), ("x", 5)]), rf"Map\[str, Inner\] value: {INNER}"),
    "update by names": (lambda table: table.update(y=t.Inner(6), x=5), rf"Map\[str, Inner\] value: {INNER}"),
    "|=": (lambda table: table.__ior__({"y": t.Inner(6), "x": 5}), rf"Map\[str, Inner\] value: {INNER}"),
    "|": (lambda table: table | {"x": 5}, rf"Map\[str, Inner\] value: {INNER}"),
    "dict |": (lambda table: {"x": 5} | table, rf"Map\[str, Inner\] value: {INNER}"),
}


@pytest.mark.parametrize("way", MAP_WAYS)
def test_a_map_to_objects_refuses_numbers_whichever_way_they_come(way, elements):
    refused, message = MAP_WAYS[way]
    before = list(elements.map.items())
    with pytest.raises(TypeError, match=message):
        refused(elements.map)
    assert list(elements.map.items()) == before


def test_a_key_of_another_type_is_not_there(elements):
    table = elements.map
    assert 5 not in table and table.get(5) is None and table.pop(5, "none") == "none" and (5, 1) not in table.items()
    for use in (lambda: table[5], lambda: table.__delitem__(5), lambda: table.pop(5)):
        with pytest.raises(KeyError, match="5"):
            use()


def test_keys_must_be_what_rust_can_compare():
    table = ffi.Map()
    for key in (object(), (1, object()), 2**200):
        with pytest.raises(TypeError, match="expected a key that Rust can compare, got"):
            table[key] = 1
        assert key not in table and len(table) == 0


# Lifetime


def test_iterators_and_views_keep_their_container():
    items, table = ffi.List([1, 2]), ffi.Map({"a": 1})
    kept = [iter(items), reversed(items), iter(table), table.keys(), table.items(), reversed(table.values())]
    gone = [weakref.ref(items), weakref.ref(table)]
    del items, table
    assert [list(part) for part in kept] == [[1, 2], [2, 1], ["a"], ["a"], [("a", 1)], [1]]
    assert all(ref() is not None for ref in gone)
    kept.clear()
    assert all(ref() is None for ref in gone)


def test_what_was_moved_can_neither_be_walked_nor_viewed():
    items, table = ffi.List([1]), ffi.Map({"a": 1})
    parts = [iter(items), iter(table), table.keys(), table.items(), reversed(items)]
    moving = items._move(), table._move()
    for part in parts:
        with pytest.raises(ReferenceError):
            list(part)
    for use in (lambda: iter(table), table.keys, lambda: items + [], lambda: [] + items, lambda: {} | table, lambda: items == []):
        with pytest.raises(ReferenceError):
            use()
    del moving
