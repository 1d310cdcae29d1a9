"""Containers that change while someone is at work on them: by code that runs meanwhile, or by another thread."""

import gc
import random
import sys
import threading
import weakref

import ffi_test as t
import pytest
from ffi_test import ffi

BOTH_LISTS = pytest.mark.parametrize("make", [list, ffi.List], ids=["list", "List"])
BOTH_TABLES = pytest.mark.parametrize("make", [dict, ffi.Map], ids=["dict", "Map"])


# The same tests run with the builtins, which shows what they say.


@BOTH_TABLES
@pytest.mark.parametrize("view", [iter, reversed, *map(lambda name: lambda table: iter(getattr(table, name)()), ["keys", "values", "items"])])
@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.popitem(), lambda table: table.__setitem__("new", 1), lambda table: table.clear(),
        lambda table: table.update({"x": 1, "y": 2}), lambda table: table.pop(3), lambda table: table.setdefault("new"),
        lambda table: table.__ior__({"new": 1}), lambda table: table.__delitem__(0),
    ],
)  # fmt: skip
def test_a_table_of_another_size_ends_iteration_for_good(make, view, change):
    table = make({i: i for i in range(5)})
    iterator = view(table)
    next(iterator)
    change(table)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="(dictionary|Map) changed size during iteration"):
            next(iterator)


@BOTH_TABLES
def test_values_may_change_during_iteration(make):
    table = make({i: i for i in range(5)})
    for key in table:
        table[key] = -key
    assert table == {i: -i for i in range(5)}


def test_no_key_is_left_out_silently_when_others_come_and_go():
    """Whoever goes through a map sees every key that is there all the time, or an error."""
    errors = 0
    for seed in range(300):
        rng = random.Random(seed)
        table = ffi.Map({i: i for i in range(rng.randrange(1, 40))})
        stays, seen = set(table), []
        backwards = rng.random() < 0.3
        try:
            for key in reversed(table) if backwards else table:
                assert key not in seen
                seen.append(key)
                for _ in range(rng.choice([0, 0, 1, 1, 5, 40])):
                    gone = rng.choice(list(table))
                    stays.discard(gone)
                    del table[gone]
                    table[rng.randrange(1000)] = 0
        except RuntimeError as error:
            errors += 1
            assert str(error) in ("Map keys changed during iteration", "Map changed size during iteration")
        else:
            assert stays <= set(seen)
    assert 0 < errors < 300


def test_a_map_that_is_bound_meanwhile_is_walked_to_the_end():
    table = ffi.Map({"a": t.Inner(1), "b": t.Inner(2), "c": t.Inner(3)})
    seen = []
    for key in table:
        seen.append(key)
        t.Holder(t.Inner(0), map=table)
    assert seen == ["a", "b", "c"]
    table = ffi.Map({key: t.Inner(0) for key in "abcd"})
    del table["a"]
    with pytest.raises(RuntimeError, match="Map keys changed during iteration"):
        for _ in table:
            t.Holder(t.Inner(0), map=table)


def seen_objects(count):
    """Objects that have wrappers, so that they are seen ahead."""
    return [t.Inner(i) for i in range(count)]


def begin(items):
    """An iterator that has seen the items to come: it looks at them when it has given one, and nothing has changed since."""
    walk = iter(items)
    return walk, [next(walk), next(walk)]


def test_objects_are_seen_where_a_list_has_them():
    """By a walk, also of what is changed behind the place where it is, and by index, in turn or not."""
    rng = random.Random(7)
    changes = [
        lambda items, at, new: items.append(new),
        lambda items, at, new: items.insert(at, new),
        lambda items, at, new: items.pop(at) if at < len(items) else None,
        lambda items, at, new: items.__setitem__(slice(at, at + 2), [new]),
        lambda items, at, new: items.reverse(),
        lambda items, at, new: items.sort(key=lambda item: -item.val),
        lambda items, at, new: items.__delitem__(slice(at, at + 3)),
    ]
    for _ in range(400):
        plain = seen_objects(rng.randrange(40))
        native = ffi.List(plain)
        walks = iter(plain), iter(native)
        for _ in range(60):
            step = [next(walk, None) for walk in walks]
            assert step[0] is step[1]
            assert walks[0].__length_hint__() == walks[1].__length_hint__()
            first = rng.randrange(45)
            for index in range(first, min(first + rng.randrange(5), len(plain))):
                assert plain[index] is native[index]
            if rng.random() < 0.2:
                change, at, new = rng.choice(changes), rng.randrange(45), t.Inner(rng.randrange(100))
                change(plain, at, new)
                change(native, at, new)


def test_an_object_that_leaves_a_list_ahead_of_an_iterator_dies_at_once():
    items = ffi.List(seen_objects(6))
    walk, _ = begin(items)
    del _
    ahead = [weakref.ref(item) for item in items]
    del items[3]
    assert ahead[3]() is None
    assert next(walk) is ahead[2]()
    items.clear()
    assert not any(ref() for ref in ahead)
    assert list(walk) == []


def test_an_iterator_counts_no_reference_on_what_it_saw_ahead():
    items = ffi.List(seen_objects(6))
    last = items[5]
    before = sys.getrefcount(last)
    walk, _ = begin(items)
    assert items[0] is _[0] and items[1] is _[1]
    assert sys.getrefcount(last) == before


@pytest.mark.parametrize("make", [lambda: ffi.List(seen_objects(6)), lambda: t.pearls(6)], ids=["List", "Array"])
def test_an_object_that_is_moved_ahead_of_an_iterator_comes_with_its_new_wrapper(make):
    items = make()
    assert len(set(map(id, items))) == 6
    walk, _ = begin(items)
    moved = items[2]
    moving = moved._move()
    found = next(walk)
    assert found is items[2] is not moved
    assert "moved" in repr(moved) and "moved" not in repr(found)
    del moving


def test_an_object_that_leaves_a_list_which_was_indexed_dies_at_once():
    items = ffi.List(seen_objects(6))
    seen = [weakref.ref(items[index]) for index in range(6)]
    del items[4]
    assert seen[4]() is None and items[4] is seen[5]()
    whole = weakref.ref(items)
    del items
    assert whole() is None and not any(ref() for ref in seen)


class Listing(ffi.List):
    """A class of Python's."""


class Lasting(Listing):
    """Whose objects outlive their first death."""

    kept = []

    def __del__(self):
        if not Lasting.kept:
            Lasting.kept.append(self)


def in_a_cycle(items):
    items = Listing(items)
    items.itself = items
    return items


@pytest.mark.parametrize(
    "make",
    [ffi.List, lambda items: t.pass_list(ffi.List(items)), lambda items: t.pearls(len(items)), Listing, Lasting, in_a_cycle],
    ids=["List", "separate", "Array", "subclass", "resurrected", "garbage"],
)
def test_what_was_seen_by_index_is_of_that_container_alone(make):
    """Also if there is another one where it was."""
    count, places, before = 4, [], []
    other = ffi.List(seen_objects(count))
    assert other[0].val == 0
    for number in range(100):
        if make is in_a_cycle:
            gc.collect()
        items = make([t.Part(i) for i in range(count)])
        objects = [item for item, _ in zip(items, range(count))]
        places.append(id(items))
        # The first look is where the last one was, or behind it: at what was there before, if that could be taken for this.
        for index in [1] * (number % 3 == 2) + [0, 1, 2, 3, 1, 0]:
            assert items[index] is objects[index], number
            if number % 2:
                assert other[index].val == index
                assert items[index] is objects[index], number
        assert all(object is not one for object in objects for one in before)
        before = objects
        del items
        Lasting.kept.clear()
    if len(set(places)) == len(places):
        pytest.skip("the allocator put nothing where something else had been")


def test_a_list_that_was_moved_is_not_read_by_index():
    items = ffi.List([t.Part(i) for i in range(4)])
    separate = t.pass_list(items)
    assert separate is not items
    for moved in (separate, items):
        assert [moved[index].value for index in range(4)] == [0, 1, 2, 3]
        moving = moved._move()
        for index in range(4):
            with pytest.raises(ReferenceError):
                moved[index]
        del moving


def test_a_walk_through_an_array_outlives_its_name():
    walk = iter(t.pearls(20))
    pearls = [weakref.ref(pearl) for pearl in walk.__reduce__()[1][0]]
    assert [pearl is ref() for pearl, ref in zip(walk, pearls)] == [True] * 20
    del walk
    gc.collect()
    assert not any(ref() for ref in pearls)


@BOTH_LISTS
def test_an_iterator_that_has_ended_has_ended(make):
    items = make([1])
    forward, backward = iter(items), reversed(items)
    assert (list(forward), list(backward)) == ([1], [1])
    items.extend([2, 3])
    assert (list(forward), list(backward)) == ([], [])


# Code that runs meanwhile


class At:
    """An index whose evaluation changes something."""

    def __init__(self, value, change):
        self.value, self.change = value, change

    def __index__(self):
        self.change()
        return self.value


@BOTH_LISTS
@pytest.mark.parametrize("change", ["clear", "pop", "reverse", "append"])
def test_an_index_may_change_the_list(make, change):
    def run(use):
        items = make([1, 2, 3, 4])
        meddle = getattr(items, change)
        at = At(1, lambda: meddle(9) if change == "append" else meddle())
        try:
            result = use(items, at)
        except (IndexError, ValueError) as error:
            result = type(error)
        return result if result is None or isinstance(result, (int, type)) else list(result), list(items)

    expected = {
        "clear": [(IndexError, []), ([], []), (None, [7]), (None, [])],
        "pop": [(2, [1, 2, 3]), ([2, 3], [1, 2, 3]), (None, [1, 7]), (None, [1])],
        "reverse": [(3, [4, 3, 2, 1]), ([3, 2, 1], [4, 3, 2, 1]), (None, [4, 7]), (None, [4])],
        "append": [(2, [1, 2, 3, 4, 9]), ([2, 3, 4, 9], [1, 2, 3, 4, 9]), (None, [1, 7]), (None, [1])],
    }[change]
    assert [
        run(lambda items, at: items[at]), run(lambda items, at: items[at:]),
        run(lambda items, at: items.__setitem__(slice(at, None), [7])), run(lambda items, at: items.__delitem__(slice(at, None))),
    ] == expected  # fmt: skip


@BOTH_LISTS
def test_what_is_assigned_may_change_the_list(make):
    def meddle(items, *values):
        for value in values:
            yield value
            items.pop(0)

    items = make(range(6))
    items[4:] = meddle(items, "a", "b")
    assert list(items) == [2, 3, 4, 5, "a", "b"]


@pytest.mark.parametrize(
    "change", [lambda items, more: items.extend(more), lambda items, more: items.__iadd__(more), lambda items, more: items.__setitem__(slice(1, 1), more)]
)
def test_what_is_added_while_a_list_is_bound_is_not_lost(change):
    def binding():
        yield 2
        t.Lists(numbers=items)
        yield 3

    items = ffi.List([1])
    change(items, binding())
    assert items == [1, 2, 3] and [type(item) for item in items] == [float] * 3


def test_what_is_assigned_to_places_may_change_the_list():
    """Which places these are is decided when all that goes there is known, as in the newest versions of CPython."""

    def meddle(*values):
        for value in values:
            yield value
            items.pop(0)

    items = ffi.List(range(6))
    items[::2] = meddle("a", "b")
    assert items == ["a", 3, "b", 5]
    with pytest.raises(ValueError, match="attempt to assign sequence of size 2 to extended slice of size 1"):
        items[::2] = meddle("c", "d")
    assert items == ["b", 5]


def test_a_list_that_changes_while_it_is_sorted_keeps_the_change():
    for change in (lambda items: items.append(9), lambda items: items.clear(), lambda items: items.__setitem__(0, 5)):
        items = ffi.List([3, 1, 2])
        expected = [3, 1, 2]
        change(expected)
        with pytest.raises(ValueError, match="List modified during sort"):
            items.sort(key=lambda item: (item == 2 and change(items)) or 0)
        assert items == expected
    items = ffi.List([3, 1, 2])
    items.sort(key=lambda item: (item, list(items), items.index(item), 3 in items, len(items)))
    assert items == [1, 2, 3]


class Meddling:
    """A value that does something whenever it is compared or hashed."""

    def __init__(self, change):
        self.change = change

    def __eq__(self, other):
        self.change()
        return NotImplemented

    def __hash__(self):
        self.change()
        return 1


@BOTH_TABLES
def test_hashing_a_key_may_change_the_table(make):
    table = make({1: 1, 2: 2})
    assert Meddling(table.clear) not in table and not table
    table = make({2: 2})
    assert table.get(Meddling(lambda: table.pop(2, None))) is None and not table
    table = make({2: 2})
    with pytest.raises(KeyError):
        del table[Meddling(table.clear)]


@BOTH_TABLES
def test_comparing_values_may_change_the_table(make):
    table = make()
    table.update({i: Meddling(table.clear) for i in range(5)})
    other = {i: i for i in range(5)}
    assert table != other and not table
    other.clear()
    table.update({1: Meddling(lambda: other.clear()), 2: 2})
    other.update({1: 1, 2: 2})
    assert table != other and not other


def test_the_end_of_elements_may_change_the_container():
    class Last(t.Inner):
        container = None

        def __del__(self):
            if isinstance(Last.container, ffi.List):
                Last.container.extend([1, 2, 3])
                Last.container.sort(key=id)
            elif Last.container is not None:
                Last.container.update({1: 1, 2: 2})
                list(Last.container.items())

    def end_of(*changes):
        for change in changes:
            items = Last.container = ffi.List([Last(i) for i in range(5)])
            change(items)
            Last.container = None
            assert set(map(type, items)) <= {int, Last} and 1 in items

    end_of(
        lambda items: items.clear(), lambda items: items.__delitem__(slice(1, 3)), lambda items: items.__delitem__(slice(None, None, 2)),
        lambda items: items.__setitem__(slice(None), []), lambda items: items.__setitem__(0, 0), lambda items: items.pop(),
        lambda items: items.__imul__(0), lambda items: items.__setitem__(slice(None, None, 2), [0, 0, 0]),
    )  # fmt: skip
    items = Last.container = ffi.List(range(6))
    with pytest.raises(ValueError, match="attempt to assign sequence of size 2"):
        items[::2] = (Last(i) for i in range(2))
    assert len(items) == 12
    table = Last.container = ffi.Map({i: Last(i) for i in range(5)})
    table.clear()
    table[1] = Last(1)
    table.update({1: 5, 2: 5})
    table.popitem()
    with pytest.raises(TypeError, match="expected a key that Rust can compare"):
        table.update((key, Last(1)) for key in (1, object()))
    Last.container = None
    assert table[1] == 1


@pytest.mark.parametrize("hold", [iter, reversed, lambda table: table.keys(), lambda table: table.items()])
def test_a_container_that_holds_its_own_iterator_is_garbage(hold):
    gc.collect()
    before = ffi.live_objects()
    items, table = ffi.List([1]), ffi.Map({"a": 1})
    table["self"] = hold(table)
    items.append(iter(items))
    del items, table
    gc.collect()
    assert ffi.live_objects() == before


# Other threads


def run_together(*jobs):
    errors = []

    def run(job):
        try:
            job()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def test_threads_may_change_a_list_while_others_use_it():
    items, stop = ffi.List(range(50)), threading.Event()

    def change(seed):
        rng = random.Random(seed)
        for _ in range(1500):
            rng.choice([
                lambda: items.append(rng.randrange(50)), lambda: items.extend(range(3)), lambda: items.__delitem__(slice(0, 3)),
                lambda: items.__setitem__(slice(2, 4), [1, 2]), lambda: items.reverse(), lambda: items.insert(3, 7),
            ])()  # fmt: skip
            del items[200:]

    def use():
        while not stop.is_set():
            assert all(type(item) is int for item in items)
            assert all(type(item) is int for item in reversed(items))
            items.count(7), 7 in items, items == items.copy(), items < [7], items[2:9:2], items * 2, items + [1], repr(items)
            try:
                items.sort()
            except ValueError as error:
                assert str(error) == "List modified during sort"

    def all_changes():
        try:
            run_together(lambda: change(1), lambda: change(2))
        finally:
            stop.set()

    run_together(all_changes, use, use)


def test_threads_may_change_a_map_while_others_use_it():
    table, stop = ffi.Map({i: i for i in range(50)}), threading.Event()
    refused = []

    def change(seed):
        rng = random.Random(seed)
        for _ in range(1500):
            key = rng.randrange(100)
            rng.choice([
                lambda: table.__setitem__(key, key), lambda: table.pop(key, None), lambda: table.update({key: key, key + 1: key + 1}),
                lambda: table.setdefault(key, key), lambda: table.popitem() if len(table) > 10 else None,
            ])()  # fmt: skip

    def use():
        while not stop.is_set():
            for look in (lambda: list(table), lambda: list(reversed(table.values())), lambda: table == table.copy(),
                         lambda: table.keys() & {1, 2}, lambda: repr(table), lambda: table | {1: 1}):  # fmt: skip
                try:
                    look()
                except RuntimeError as error:
                    refused.append(str(error))
            assert all(key == value for key, value in table.copy().items())

    def all_changes():
        try:
            run_together(lambda: change(1), lambda: change(2))
        finally:
            stop.set()

    run_together(all_changes, use, use)
    assert set(refused) <= {"Map changed size during iteration", "Map keys changed during iteration"}


def test_threads_may_share_an_iterator():
    items, table = ffi.List(range(2000)), ffi.Map({i: i for i in range(2000)})
    for iterator in (iter(items), iter(table), reversed(table.values())):
        seen = [[], [], []]
        run_together(*(lambda part=part: part.extend(iterator) for part in seen))
        assert {value for part in seen for value in part} == set(range(2000))
        assert list(iterator) == []
