"""Sets that change while someone is at work on them: by code that runs meanwhile, or by another thread."""

import gc
import itertools
import random
import threading

import ffi_test as t
import pytest
from ffi_test import ffi
from test_container_changes import Meddling, run_together
from test_sets import nothing_is_left  # noqa: F401

BOTH = pytest.mark.parametrize("make", [set, ffi.Set], ids=["set", "Set"])


# The same tests run with the builtin, which shows what it says.


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        lambda items: items.pop(), lambda items: items.add("new"), lambda items: items.clear(), lambda items: items.update("xy"),
        lambda items: items.remove(3), lambda items: items.__ior__({"new"}), lambda items: items.__isub__({0}),
        lambda items: items.__ixor__({0}), lambda items: items.intersection_update([1]),
    ],
)  # fmt: skip
def test_a_set_of_another_size_ends_iteration_for_good(make, change):
    items = make(range(5))
    iterator = iter(items)
    next(iterator)
    change(items)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="[Ss]et changed size during iteration"):
            next(iterator)


def test_no_element_is_left_out_silently_when_others_come_and_go():
    errors = 0
    for seed in range(300):
        rng = random.Random(seed)
        items = ffi.Set(range(rng.randrange(1, 40)))
        stays, seen = set(items), []
        try:
            for item in items:
                assert item not in seen
                seen.append(item)
                for _ in range(rng.choice([0, 0, 1, 1, 5, 40])):
                    gone = rng.choice(list(items))
                    stays.discard(gone)
                    items.remove(gone)
                    items.add(rng.randrange(1000))
        except RuntimeError as error:
            errors += 1
            assert str(error) in ("Set elements changed during iteration", "Set changed size during iteration")
        else:
            assert stays <= set(seen)
    assert 0 < errors < 300


def test_a_set_that_is_bound_meanwhile_is_walked_to_the_end():
    items = ffi.Set("abc")
    seen = []
    for item in items:
        seen.append(item)
        t.same_set(items)
    assert seen == ["a", "b", "c"]
    items = ffi.Set("abcd")
    items.remove("a")
    with pytest.raises(RuntimeError, match="Set elements changed during iteration"):
        for _ in items:
            t.same_set(items)


def test_what_is_added_while_a_set_is_bound_is_not_lost():
    def binding():
        yield "b"
        t.same_set(items)
        yield "c"

    for change in (
        lambda more: items.update(more), lambda more: items.__ior__(ffi.Set(more)), lambda more: items.symmetric_difference_update(more),
        lambda more: items.update([], more),
    ):  # fmt: skip
        items = ffi.Set("a")
        change(binding())
        assert list(items) == ["a", "b", "c"]
    items = ffi.Set("a")
    assert list(items.union(binding())) == ["a", "b", "c"]


@BOTH
def test_hashing_an_element_may_change_the_set(make):
    items = make([1, 2])
    assert Meddling(items.clear) not in items and not items
    items = make([2])
    items.discard(Meddling(lambda: items.discard(2)))
    assert not items
    items = make([2])
    with pytest.raises(KeyError):
        items.remove(Meddling(items.clear))
    items = make([2])
    assert items.isdisjoint([Meddling(items.clear), 2]) and not items
    items = make([2])
    items.difference_update([Meddling(lambda: items.add(3))])
    assert items == {2, 3}


class Rude(t.Inner):
    """An object whose equality and hash do what they want."""

    def __eq__(self, other):
        raise LookupError("never asked")

    def __hash__(self):
        if self.val < 0:
            raise LookupError("no hash")
        return 1


def test_objects_are_elements_by_identity_whatever_their_equality_says():
    rude = [Rude(i) for i in range(10)]
    items = ffi.Set(rude)
    assert len(items) == 10 and all(item in items for item in rude) and Rude(0) not in items
    assert items == items.copy() and items - ffi.Set(rude[:9]) == ffi.Set(rude[9:])
    for item in rude:
        item.val = -1
        for use in (lambda: item in items, lambda: items.add(item), lambda: items.remove(item), lambda: items.update([item]), lambda: ffi.Set([item])):
            with pytest.raises(LookupError, match="no hash"):
                use()
    assert len(items) == 10 and items == ffi.Set(items) and not items - items
    items.clear()


def test_the_end_of_elements_may_change_the_set():
    class Last(t.Inner):
        items = None

        def __del__(self):
            if Last.items is not None:
                Last.items.update([1, 2, 3])
                list(Last.items), len(Last.items), 5 in Last.items, Last.items | {9}
                ended.append(self.val)

    for change in (
        lambda items: items.clear(), lambda items: items.pop(), lambda items: items.intersection_update([]), lambda items: items.__iand__(set()),
        lambda items: items.difference_update(items), lambda items: items.__ixor__(items), lambda items: items.__isub__(items.copy()),
    ):  # fmt: skip
        ended = []
        items = Last.items = ffi.Set([Last(i) for i in range(5)])
        change(items)
        gc.collect()
        assert ended and 1 in items
        Last.items = None
        items.clear()
    items = Last.items = ffi.Set([0])
    items.symmetric_difference_update(Last(i) for i in range(5))
    with pytest.raises(TypeError, match="that Rust can compare"):
        items.update(itertools.chain((Last(i) for i in range(5)), [object()]))
    assert len(items) >= 6
    Last.items = None
    items.clear()


def test_threads_may_change_a_set_while_others_use_it():
    items, stop, refused = ffi.Set(range(50)), threading.Event(), []

    def change(seed):
        rng = random.Random(seed)
        for _ in range(1500):
            item = rng.randrange(100)
            rng.choice([
                lambda: items.add(item), lambda: items.discard(item), lambda: items.update([item, item + 1]), lambda: items.__ior__({item}),
                lambda: items.__isub__({item}), lambda: items.__ixor__({item}), lambda: items.pop() if len(items) > 10 else None,
                lambda: items.intersection_update(range(90)),
            ])()  # fmt: skip

    def use():
        while not stop.is_set():
            assert items - items.copy() <= set(range(101)) and len(items | {1}) >= 1 and repr(items).startswith("Set(")
            items == items.copy(), items & {1, 2}, items ^ items, 7 in items, items.isdisjoint([1]), {1} | items
            try:
                assert all(type(item) is int for item in items)
            except RuntimeError as error:
                refused.append(str(error))

    def all_changes():
        try:
            run_together(lambda: change(1), lambda: change(2))
        finally:
            stop.set()

    run_together(all_changes, use, use)
    assert set(refused) <= {"Set changed size during iteration", "Set elements changed during iteration"}


def test_threads_lose_nothing():
    items = ffi.Set()
    run_together(*(lambda part=part: [items.add(part * 1000 + i) for i in range(1000)] for part in range(4)))
    assert items == set(range(4000))
    run_together(*(lambda part=part: items.difference_update(range(part * 1000, part * 1000 + 1000)) for part in range(4)))
    assert not items


def test_threads_may_share_an_iterator():
    items = ffi.Set(range(2000))
    iterator, seen = iter(items), [[], [], []]
    run_together(*(lambda part=part: part.extend(iterator) for part in seen))
    assert {value for part in seen for value in part} == set(range(2000))
    assert list(iterator) == []
