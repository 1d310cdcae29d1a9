"""Set: what it is beside what `set` can do (`test_oracle.py` has that), what typed ones refuse, copies, lifetime."""

import collections.abc
import copy
import gc
import itertools
import pickle
import sys
import types
import weakref

import ffi_test as t
import pytest
from ffi_test import ffi

PROTOCOLS = pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))


@pytest.fixture(autouse=True)
def nothing_is_left():
    gc.collect()
    before = ffi.live_objects()
    yield
    gc.collect()
    assert ffi.live_objects() == before


# What it is


def test_a_set_is_a_mutable_set():
    items = ffi.Set([3, "a", None])
    assert t.Set is ffi.Set and issubclass(ffi.Set, ffi.Object)
    assert isinstance(items, collections.abc.MutableSet) and isinstance(items, collections.abc.Set)
    assert isinstance(iter(items), collections.abc.Iterator) and not isinstance(items, (set, collections.abc.Sequence))
    items.add(1.5)
    items.add(3)
    assert list(items) == [3, "a", None, 1.5] and len(items) == 4 and None in items and 7 not in items
    items.remove(3)
    items.discard(3)
    items.add(3)
    assert list(items) == ["a", None, 1.5, 3] and items.pop() == 3
    assert items == {"a", None, 1.5} and {"a", None, 1.5} == items and items != {"a"} and items != ["a", None, 1.5]
    assert repr(items) == "Set({'a', None, 1.5})" and repr(ffi.Set()) == "Set()"
    items.clear()
    assert not items and items == set() and items == frozenset()
    with pytest.raises(TypeError, match="unhashable"):
        hash(items)


def test_the_class_takes_a_type():
    assert ffi.Set[int] == types.GenericAlias(ffi.Set, int) and ffi.Set[int]([1]) == {1}

    class Names(ffi.Set[str]):
        pass

    assert Names.__mro__[1] is ffi.Set and Names("ab") == {"a", "b"} and repr(Names("a")).endswith(".Names({'a'})")
    with pytest.raises(TypeError, match="cannot create"):
        type(iter(ffi.Set()))()


def test_sets_are_made_as_the_builtin():
    assert ffi.Set() == set() and list(ffi.Set("abba")) == ["a", "b"] and ffi.Set({1: 2}) == {1} and ffi.Set(ffi.Set([1])) == {1}
    for wrong in (lambda: ffi.Set(1), lambda: ffi.Set([], []), lambda: ffi.Set(iterable=[]), lambda: ffi.Set([[]])):
        with pytest.raises(TypeError):
            wrong()


def test_operators_give_ours_in_the_order_of_their_sides():
    class Own(ffi.Set):
        pass

    a, b = Own([3, 1, 2]), ffi.Set([2, 9])
    for result, expected in (
        (a | b, [3, 1, 2, 9]), (b | a, [2, 9, 3, 1]), (a & b, [2]), (a - b, [3, 1]), (a ^ b, [3, 1, 9]),
        ({7} | a, [7, 3, 1, 2]), (a | frozenset([7]), [3, 1, 2, 7]), ({3} & a, [3]), ({3, 8} - a, [8]), (frozenset([3, 8]) ^ a, [8, 1, 2]),
        (a.union([5], b), [3, 1, 2, 5, 9]), (a.intersection([2, 1]), [1, 2]), (a.difference([1], iter([2])), [3]), (a.copy(), [3, 1, 2]),
    ):  # fmt: skip
        assert type(result) is ffi.Set and list(result) == expected
    plain = {1}
    plain |= ffi.Set([2])
    assert type(plain) is ffi.Set and plain == {1, 2}
    assert type({1}.union(a)) is set and {1}.union(a) == {1, 2, 3}


def test_of_equal_elements_the_one_that_is_there_stays():
    items = ffi.Set([1])
    items.add(True)
    items.update([1.0])
    items |= {True}
    items &= {1.0}
    items.intersection_update([True])
    for same in (items, items | {1.0}, {1} | items, items & {True}, {True} & items, items.intersection([1.0]), items.union([1.0])):
        assert [type(item) for item in same] == [int]


def test_a_value_that_is_not_a_number_is_itself():
    nan = float("nan")
    items = ffi.Set([nan])
    items.add(nan)
    assert nan in items and len(items) == 1 and items == {nan} and {nan} == items and items <= {nan} and items == items.copy()
    assert items - {nan} == set() and items & {nan} == items
    items.remove(nan)
    assert not items


def test_views_and_sets_know_each_other():
    table, items = ffi.Map(a=1, b=2), ffi.Set("ab")
    assert table.keys() == items == table.keys() and {"a": 1, "b": 2}.keys() == items and items > {"a": 1}.keys()
    assert table.keys() - items == set() and items - table.keys() == set() and table.keys() & ffi.Set("a") == {"a"}


def test_the_text_of_a_set_that_holds_itself():
    member = t.Member()
    member.club = ffi.Set([member])
    assert repr(member.club) == "Set({Member(tag=None, club=Set(...))})"
    member.club.clear()


def test_elements_are_the_same_objects_whichever_way_they_come():
    inners = [t.Inner(i) for i in range(3)]
    sets = t.Sets(inners=[*inners, inners[0]])
    items = sets.inners
    assert items is sets.inners and len(items) == 3
    for found in (
        items, iter(items), [*items], items.copy(), items | set(), set(items), sorted(items, key=lambda item: item.val), items & {*inners},
        items - {1}, items ^ ffi.Set(), set() | items, copy.copy(items), items.union(), copy.copy(iter(items)),
    ):  # fmt: skip
        assert all(a is b for a, b in zip(sorted(found, key=lambda item: item.val), inners, strict=True))
    assert inners[1] in items and t.Inner(1) not in items
    assert items.pop() is inners[2]
    items.clear()


def test_containers_of_rust_may_be_elements():
    lists = t.set_of_lists()
    assert [list(items) for items in lists] == [[], [0], [0, 1]]
    first = next(iter(lists))
    for use in (lambda: first in lists, lambda: lists.remove(first), lambda: lists.add(ffi.List()), lambda: lists | [first]):
        with pytest.raises(TypeError):
            use()
    assert lists.pop() == [0, 1] and len(lists & lists.copy()) == 2


# Types

WAYS = {
    "add": lambda items: items.add("x"),
    "update": lambda items: items.update([7, "x", 8]),
    "update by an iterator": lambda items: items.update(iter([7, "x"])),
    "update by several": lambda items: items.update([7], [8], {"x"}),
    "symmetric_difference_update": lambda items: items.symmetric_difference_update([7, "x"]),
    "|=": lambda items: items.__ior__({7, "x"}),
    "^=": lambda items: items.__ixor__({7, "x"}),
    "|": lambda items: items | {7, "x"},
    "^": lambda items: items ^ {7, "x"},
    "set |": lambda items: {"x"} | items,
    "set ^": lambda items: {"x"} ^ items,
    "set -": lambda items: {"x"} - items,
    "union": lambda items: items.union("x"),
    "another set": lambda items: items.update(ffi.Set([7, "x"])),
    "a set of texts": lambda items: items.update(t.Sets(words=["x"]).words),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_set_of_numbers_refuses_text_whichever_way_it_comes(way):
    numbers = t.Sets(numbers=[1, 2, 3]).numbers
    with pytest.raises(TypeError, match=r"Set\[int\] element: expected int, got str"):
        WAYS[way](numbers)
    assert list(numbers) == [1, 2, 3]


def test_what_is_no_element_is_none():
    numbers = t.Sets(numbers=[1, 2, 3]).numbers
    assert "x" not in numbers and None not in numbers and object() not in numbers and 2**200 not in numbers
    numbers.discard("x")
    with pytest.raises(KeyError, match="'x'"):
        numbers.remove("x")
    assert numbers - {"x", 1} == {2, 3} and numbers & {"x", 1} == {1} and {"x", 1} & numbers == {1}
    assert numbers.isdisjoint(["x"]) and not numbers >= {"x"} and numbers < {"x", 1, 2, 3} and numbers != {"x", 1, 2}
    assert not numbers.issuperset(["x"]) and numbers.issubset(["x", 1, 2, 3, object()])
    numbers.difference_update("xyz")
    numbers -= {object(), 1}
    assert numbers == {2, 3}


def test_errors_say_what_is_wrong_in_a_function_too():
    assert t.sum_of_set([1, 2, 2]) == t.sum_of_set({1, 2}) == t.sum_of_set(iter([1, 2])) == t.sum_of_set(ffi.Set([1, 2])) == 3
    for wrong, message in (
        ([1, "x"], r"Set\[int\] element: expected int, got str"), ("12", "expected Set, got str"), (5, "expected Set, got int"),
        ({1: 2}, "expected Set, got dict"), (ffi.List([1, "x"]), "expected int"), ([[]], "unhashable type: 'list'"),
        (t.Sets(words=["a", "b"]).words, r"expected Set\[int\], got Set\[str\]"), ([2**70], "out of range"),
    ):  # fmt: skip
        with pytest.raises((TypeError, OverflowError), match=message):
            t.sum_of_set(wrong)


def test_a_set_is_passed_by_reference_and_given_back():
    words = ffi.Set(["a"])
    assert t.same_set(words) is words
    sets = t.Sets(words=words, other=words)
    assert sets.words is words is sets.other and sets.note("b") and not sets.note("b") and words == {"a", "b"}
    assert list(t.squares(4)) == [0, 1, 4, 9]
    with pytest.raises(TypeError, match=r"Set\[int\]"):
        t.squares(2).add("x")


def test_an_open_set_is_bound_at_its_first_typed_use():
    items = ffi.Set([1, 2])
    made = [items.copy(), items | {3}, {3} | items, copy.copy(items), copy.deepcopy(items), items - {1}]
    items.add("x")
    with pytest.raises(TypeError, match=r"Set\[int\] element: expected int, got str"):
        t.sum_of_set(items)
    items.remove("x")
    assert t.sum_of_set(items) == 3
    for bound in (items, items.copy(), items | set(), {1} | items, items & items):
        with pytest.raises(TypeError, match=r"Set\[int\] element: expected int, got str"):
            bound.add("x")
    for still_open in made:
        still_open.add("x")
    with pytest.raises(TypeError, match=r"expected Set\[str\], got Set\[int\]"):
        t.same_set(items)
    pairs = t.Sets(pairs=[(1, "a")]).pairs
    assert (1, "a") in pairs and (1, 2) not in pairs
    with pytest.raises(TypeError, match=r"Set\[tuple\[int, str\]\] element"):
        pairs.add((1, 2))


def test_elements_must_be_what_rust_can_compare():
    items = ffi.Set([1])
    for element in (object(), (1, object()), 2**200, frozenset()):
        for use in (lambda: items.add(element), lambda: items.update([2, element]), lambda: items | {element}, lambda: ffi.Set([element])):
            with pytest.raises(TypeError, match="Set.object. element: expected an element that Rust can compare, got"):
                use()
        assert element not in items and items == {1} and items - {element} == items and items < {1, element}


@pytest.mark.parametrize("name", ["update", "intersection_update", "difference_update", "symmetric_difference_update"])
def test_what_fails_in_the_middle_changes_nothing(name):
    def failing():
        yield 1
        raise LookupError("no more")

    for items in (ffi.Set([3, 1, 2]), t.Sets(numbers=[3, 1, 2]).numbers):
        for others in ([failing()], [[1, 7], failing()]):
            with pytest.raises(LookupError if name != "symmetric_difference_update" or len(others) == 1 else TypeError):
                getattr(items, name)(*others)
            assert list(items) == [3, 1, 2]


def test_methods_go_no_further_than_they_need():
    items = ffi.Set([3])
    assert not items.isdisjoint(itertools.count()) and not items.issuperset(itertools.count())


def test_rust_asks_python_under_no_lock():
    sets = t.Sets(numbers=range(6))
    sets.keep(lambda number: number % 2 == 0 and len(sets.numbers) == 6)
    assert list(sets.numbers) == [0, 2, 4]


# Copies


@PROTOCOLS
def test_sets_pickle(protocol):
    items = ffi.Set([3, 1, "a", (1, None)])
    back = pickle.loads(pickle.dumps(items, protocol))
    assert type(back) is ffi.Set and list(back) == list(items)
    back.add("still open")
    assert pickle.loads(pickle.dumps(ffi.Set(), protocol)) == set()
    inner = t.Inner(1)
    back = pickle.loads(pickle.dumps(t.Sets(inners=[inner, t.Inner(2)], words=["a", "b"]), protocol))
    assert [item.val for item in back.inners] == [1, 2] and back.words == {"a", "b"}
    with pytest.raises(TypeError, match="expected str"):
        back.words.add(1)


class Tagged(ffi.Set):
    """With a state of its own."""


@PROTOCOLS
def test_what_python_put_on_a_set_is_kept(protocol):
    items = Tagged([2, 1])
    items.tag = [1]
    for back in (pickle.loads(pickle.dumps(items, protocol)), copy.deepcopy(items), copy.copy(items)):
        assert type(back) is Tagged and list(back) == [2, 1] and back.tag == [1]
    assert items.__reduce_ex__(protocol)[0] and copy.copy(items).tag is items.tag and copy.deepcopy(items).tag is not items.tag


@PROTOCOLS
def test_a_member_of_a_set_may_refer_to_it(protocol):
    member = t.Member(tag="x")
    member.club = ffi.Set([member, t.Member()])
    for back in (pickle.loads(pickle.dumps(member, protocol)), copy.deepcopy(member)):
        assert back in back.club and len(back.club) == 2 and back.club is back.club and member not in back.club
        back.club.clear()
    club = pickle.loads(pickle.dumps(member.club, protocol))
    first = next(iter(club))
    assert first.club is club and first.tag == "x"
    club.clear()
    shallow = copy.copy(member.club)
    assert member in shallow and shallow is not member.club
    member.club.clear()


def test_a_copy_goes_deep_once():
    inner = t.Inner(1)
    shared = t.Sets(inners=[inner])
    a, b = copy.deepcopy((shared.inners, [inner]))
    assert b[0] in a and b[0] is not inner and next(iter(a)) is b[0]


# Lifetime


def test_an_iterator_keeps_its_set():
    items = ffi.Set([1, 2])
    kept, gone = iter(items), weakref.ref(items)
    del items
    assert list(kept) == [1, 2] and gone() is not None
    del kept
    assert gone() is None


def test_what_was_moved_can_not_be_used():
    items, other = ffi.Set([1]), ffi.Set([1])
    iterator, moving = iter(items), items._move()
    for use in (
        lambda: list(iterator), lambda: iter(items), lambda: items | {1}, lambda: {1} | items, lambda: other | items, lambda: other == items,
        lambda: 1 in items, lambda: other.update(items), lambda: items.add(1), lambda: len(items), lambda: other.issubset(items),
    ):  # fmt: skip
        with pytest.raises(ReferenceError):
            use()
    assert other == {1}
    del moving


def test_cycles_through_a_set_are_garbage():
    refs = []

    def one_member():
        member = t.Member()
        member.club = ffi.Set([member])
        return member

    def two_members():
        club = ffi.Set([t.Member(), t.Member()])
        for member in club:
            member.tag = [club]
        return club

    def open_set():
        items = ffi.Set([t.Member(), 1])
        next(iter(items)).tag = lambda: items
        return items

    def its_own_iterator():
        items = ffi.Set([t.Member()])
        next(iter(items)).tag = iter(items)
        return items

    def a_subclass():
        items = Tagged([1])
        items.me = items
        return items

    for make in (two_members, open_set, its_own_iterator, a_subclass):
        made = make()
        refs.append(weakref.ref(made))
        gc.collect()
        assert refs[-1]() is made
        del made
        gc.collect()
        assert refs[-1]() is None, make
    # One without a Python value in it is Rust's own: `clear` ends it.
    member = one_member()
    member.club.clear()


def test_sets_leak_nothing():
    kept = ffi.Set()

    def round():
        inners = [t.Inner(i) for i in range(5)]
        sets = t.Sets(inners=inners, words={"a", "b", "c"}, pairs=[(1, "a")], anything=[1, inners[0]])
        sets.inners.update(t.Inner(9) for _ in range(3))
        sets.inners.symmetric_difference_update(inners[:2])
        sets.inners & set(inners), {inners[0]} - sets.inners
        for wrong in (lambda: sets.inners.add(1), lambda: sets.words | {1}, lambda: sets.inners.remove(1), lambda: sets.words.update(["d", 2])):
            with pytest.raises((TypeError, KeyError)):
                wrong()
        list(sets.inners), sets.inners.pop(), repr(sets), sets.inners == set(inners), sets.inners <= sets.anything
        kept.update(sets.inners)
        kept.difference_update(inners)
        kept.clear()
        t.sum_of_set({1, 2}), t.squares(5), copy.deepcopy(sets), pickle.loads(pickle.dumps(sets))

    def growth():
        gc.collect()
        blocks, objects = sys.getallocatedblocks(), ffi.live_objects()
        for _ in range(200):
            round()
        gc.collect()
        assert ffi.live_objects() == objects
        return sys.getallocatedblocks() - blocks

    # What leaks does so every time; Python's own pools fill up once.
    assert min(growth() for _ in range(5)) < 150
