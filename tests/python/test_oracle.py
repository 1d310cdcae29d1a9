"""Random operations on `List` and `Map`, each done to a `list` or `dict` as well, which must answer the same.

A program is a list of numbers, each of which stands for an operation and its arguments. After each the results must agree,
or the exceptions in class and words, and the contents element by element: native objects are the same objects, other
values are equal and of the same type.

Where the builtins leave half of the work done, the containers do nothing or all of it: an operation whose failure differs
in that is marked `whole`.

`FFI_OBJECT_ORACLE_STEPS` asks for more operations than the suite does, from seed `FFI_OBJECT_ORACLE_SEED`.
"""

import copy
import operator
import os
import random

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from ffi_test import ffi
from oracle import (
    KEYS, NUMBERS, POOLS, VALUES, Failure, Outcome, failing, figures, fill_pools, index, same_element, same_elements, same_pairs,
    slices, values,
)  # fmt: skip

STEPS = int(os.environ.get("FFI_OBJECT_ORACLE_STEPS", "20000"))
SEED = int(os.environ.get("FFI_OBJECT_ORACLE_SEED", "1"))
STEPS_IN_A_PROGRAM = 100
MOST_ELEMENTS = 40

LIST, DICT = [], []


def operation(table, *, whole=False, message=True):
    """What makes an operation from a source of chance: a function of the container, and of what makes another one."""

    def add(make):
        table.append((make, whole, message))
        return make

    return add


def new(kind, like):
    """What makes containers of a side, from plain values: of our own class, or of the builtin one for both."""
    return type(like) if kind else {ffi.List: list, ffi.Map: dict}.get(type(like), type(like))


# Lists


@operation(LIST)
def get(rng):
    i = index(rng)
    return lambda items: items[i]


@operation(LIST)
def get_slice(rng):
    s = slices(rng)
    return lambda items: items[s]


@operation(LIST)
def put(rng):
    i, value = index(rng), rng.choice(VALUES)
    return lambda items: operator.setitem(items, i, value)


@operation(LIST)
def put_slice(rng):
    s, more = slices(rng), values(rng)
    make = rng.choice([list, tuple, iter, ffi.List, lambda values: (value for value in values)])
    return lambda items: operator.setitem(items, s, make(more))


@operation(LIST)
def put_slice_that_fits(rng):
    s, more = slices(rng), values(rng, 50)
    return lambda items: operator.setitem(items, s, more[: len(items[s])])


@operation(LIST)
def put_itself(rng):
    s = slices(rng)
    return lambda items: operator.setitem(items, s, items)


@operation(LIST)
def put_what_is_none(rng):
    s, wrong = slices(rng), rng.choice([5, None, failing([1])])
    return lambda items: operator.setitem(items, s, failing([1]) if wrong not in (5, None) else wrong)


@operation(LIST)
def delete(rng):
    i = index(rng)
    return lambda items: operator.delitem(items, i)


@operation(LIST)
def delete_slice(rng):
    s = slices(rng)
    return lambda items: operator.delitem(items, s)


@operation(LIST)
def append(rng):
    value = rng.choice(VALUES)
    return lambda items: items.append(value)


@operation(LIST)
def extend(rng):
    more, make = values(rng), rng.choice([list, tuple, iter, dict.fromkeys, ffi.List, lambda values: (v for v in values)])
    more = [value for value in more if make is not dict.fromkeys or value.__hash__ and not isinstance(value, ffi.List)]

    def extend_in_place(items):
        # What `list += List` comes to is a `List`, as it is with a `UserList`.
        other = make(more)
        other = more if isinstance(items, list) and isinstance(other, ffi.List) else other
        return operator.iadd(items, other) is items

    return rng.choice([lambda items: items.extend(make(more)), extend_in_place])


@operation(LIST)
def extend_by_itself(rng):
    return rng.choice([lambda items: items.extend(items), lambda items: operator.iadd(items, items) is items])


@operation(LIST, whole=True)
def extend_by_what_fails(rng):
    more = values(rng)
    return rng.choice([lambda items: items.extend(failing(more)), lambda items: items.__iadd__(failing(more))])


@operation(LIST)
def extend_by_what_is_none(rng):
    wrong = rng.choice([5, None, int])
    return rng.choice([lambda items: items.extend(wrong), lambda items: operator.iadd(items, wrong)])


@operation(LIST)
def insert(rng):
    i, value = index(rng), rng.choice(VALUES)
    return lambda items: items.insert(i, value)


@operation(LIST)
def pop(rng):
    i = index(rng)
    return rng.choice([lambda items: items.pop(), lambda items: items.pop(i)])


@operation(LIST)
def remove(rng):
    value = rng.choice(VALUES)
    return lambda items: items.remove(value)


@operation(LIST)
def clear(rng):
    return (lambda items: items.clear()) if rng.random() < 0.3 else len


@operation(LIST, message=False)
def find(rng):
    value, bounds = rng.choice(VALUES), [index(rng) for _ in range(rng.randrange(3))]
    return lambda items: items.index(value, *bounds)


@operation(LIST)
def count(rng):
    value = rng.choice(VALUES)
    return rng.choice([lambda items: items.count(value), lambda items: value in items, lambda items: value not in items])


@operation(LIST)
def reverse(rng):
    return lambda items: items.reverse()


@operation(LIST, whole=True)
def sort(rng):
    how = {"reverse": rng.choice([True, False, 1])} if rng.random() < 0.5 else {}
    how |= rng.choice([{}, {"key": None}, {"key": repr}, {"key": lambda value: type(value).__name__}, {"key": lambda value: 0}])
    return lambda items: items.sort(**how)


@operation(LIST, whole=True)
def sort_numbers(rng):
    more, down = values(rng, 20, NUMBERS), rng.choice([True, False])

    def run(items):
        items[:] = more
        items.sort(reverse=down)

    return run


@operation(LIST, whole=True)
def sort_by_what_fails(rng):
    last = rng.randrange(10)

    def run(items):
        keys = iter(range(last, 0, -1))
        items.sort(key=lambda _: next(keys, None) or operator.itemgetter(0)({}))

    return run


@operation(LIST)
def copies(rng):
    return rng.choice([lambda items: items.copy(), copy.copy, lambda items: items[:], list, lambda items: type(items)(items)])


@operation(LIST)
def concatenate(rng):
    more, ours = values(rng), rng.random() < 0.5
    return rng.choice([
        lambda items: items + (new(ours, items)(more)),
        lambda items: new(ours, items)(more) + items,
        lambda items: items + items,
    ])  # fmt: skip


@operation(LIST)
def concatenate_what_is_none(rng):
    wrong = rng.choice([(1,), 5, None, "a", {}])
    return rng.choice([lambda items: items + wrong, lambda items: wrong + items])


@operation(LIST)
def multiply(rng):
    n = rng.choice([-1, 0, 1, 2, 3, True, 2**62, 2**200, 1.5, "a", None])
    if rng.random() < 0.5:
        return lambda items: operator.imul(items, n if items else 0) is items
    return rng.choice([lambda items: items * (n if items else 0), lambda items: (n if items else 0) * items])


@operation(LIST)
def compare(rng):
    compare_by = rng.choice([operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge])
    ours, change, more = rng.random() < 0.5, rng.choice("none shorter longer first last".split()), values(rng, 1)

    def run(items):
        other = [*items]
        if change == "shorter":
            other = other[:-1]
        elif change == "longer":
            other += more
        elif change in ("first", "last") and other:
            other[0 if change == "first" else -1] = more[0] if more else 5
        other = new(ours, items)(other)
        return [compare_by(items, other), compare_by(other, items)]

    return run


@operation(LIST)
def compare_with_what_is_none(rng):
    wrong, compare_by = rng.choice([(), (1,), 5, None, {}]), rng.choice([operator.eq, operator.ne, operator.lt, operator.ge])
    return lambda items: compare_by(items, wrong)


@operation(LIST)
def look_at_all(rng):
    def unpack(items):
        first, *middle, last = items
        return [first, middle, last]

    return rng.choice([
        list, tuple, len, bool, unpack, lambda items: [*items, *items], lambda items: list(reversed(items)),
        lambda items: list(enumerate(items)), lambda items: list(zip(items, items)), lambda items: list(map(type, items)),
        lambda items: operator.length_hint(iter(items)), lambda items: operator.length_hint(reversed(items)),
        lambda items: repr(items).removeprefix("List(").removesuffix(")" if isinstance(items, ffi.List) else ""),
    ])  # fmt: skip


@operation(LIST)
def ask_what_orders(rng):
    ask = rng.choice([sorted, min, max, sum, any, all])
    return lambda items: ask(items)


@operation(LIST)
def refuse(rng):
    return rng.choice([
        hash, lambda items: items.append(), lambda items: items.insert(1), lambda items: items.pop(1, 2), lambda items: items.clear(1),
        lambda items: items.index(), lambda items: items.sort(1), lambda items: items.sort(wrong=1), lambda items: items.append(x=1),
        lambda items: items.index(1, None), lambda items: items.sort(key=5), lambda items: items.missing, lambda items: items(),
        lambda items: items.count(1, 2), lambda items: items.index(1, 2, 3, 4), lambda items: items.extend(),
    ])  # fmt: skip


@operation(LIST)
def walk_and_change(rng):
    """The list changes, but does not grow without end, while someone is on the way through it."""
    forward = rng.random() < 0.5
    changes = [rng.choice(["no", "no", "append", "pop", "pop first", "insert", "reverse", "clear"]) for _ in range(20)]

    def run(items):
        seen = []
        iterator = iter(items) if forward else reversed(items)
        for change, value in zip(changes, iterator):
            seen.append(value)
            if change == "append":
                items.append(len(seen))
            elif change == "insert":
                items.insert(0, len(seen))
            elif change == "pop" and items:
                items.pop()
            elif change == "pop first" and items:
                items.pop(0)
            elif change == "reverse":
                items.reverse()
            elif change == "clear":
                items.clear()
        rest = list(iterator)
        items.append("after the end")
        return [seen, rest, list(iterator)]

    return run


@operation(LIST)
def go_on_with_a_copy(rng):
    skip, backwards = rng.randrange(4), rng.random() < 0.5

    def run(items):
        iterator = reversed(items) if backwards else iter(items)
        for _ in range(skip):
            next(iterator, None)
        twin = copy.copy(iterator)
        return [list(iterator), list(twin)]

    return run


class Meddler:
    """A value that changes the container when it is compared."""

    def __init__(self, change, equal):
        self.change, self.equal = change, equal

    def __eq__(self, other):
        self.change()
        return self.equal(other)

    __hash__ = None


@operation(LIST, message=False)
def search_and_change(rng):
    what = rng.choice(["pop", "pop first", "append", "clear", "reverse", "fail"])
    wanted, search = rng.choice(VALUES), rng.choice([operator.contains, "remove", "index", "count", operator.eq])
    steps = rng.randrange(1, 5)

    def run(items):
        left = [steps]

        def change():
            left[0] -= 1
            if left[0] < 0 or not items:
                return
            if what == "fail" and left[0] == 0:
                raise Failure
            {
                "pop": items.pop, "pop first": lambda: items.pop(0), "append": lambda: items.append(left[0]),
                "clear": items.clear, "reverse": items.reverse, "fail": len,
            }[what]() if what != "fail" else None  # fmt: skip

        meddler = Meddler(change, lambda other: left[0] <= 0 and not same_element(other, wanted))
        if search is operator.eq:
            return [meddler] * len(items) == items
        return search(items, meddler) if callable(search) else getattr(items, search)(meddler)

    return run


# Dicts


def key(rng):
    return [] if rng.random() < 0.03 else rng.choice(KEYS)


def pairs(rng, most=6):
    return [(rng.choice(KEYS), rng.choice(VALUES)) for _ in range(rng.randrange(most + 1))]


@operation(DICT)
def look_up(rng):
    k, default = key(rng), rng.choice(VALUES)
    return rng.choice([
        lambda table: table[k], lambda table: table.get(k), lambda table: table.get(k, default), lambda table: k in table,
        lambda table: k in table.keys(), lambda table: table.keys().isdisjoint([k]), lambda table: (k, default) in table.items(),
        lambda table: default in table.values(), lambda table: (k, table.get(k, default)) in table.items(),
        lambda table: k in table.items(), lambda table: (k,) in table.items(),
    ])  # fmt: skip


@operation(DICT)
def store(rng):
    k, value = key(rng), rng.choice(VALUES)
    return rng.choice([lambda table: operator.setitem(table, k, value)] * 3 + [lambda table: table.setdefault(k, value)])


@operation(DICT)
def store_by_default(rng):
    k = key(rng)
    return lambda table: table.setdefault(k)


@operation(DICT)
def take_out(rng):
    k, default = key(rng), rng.choice(VALUES)
    return rng.choice([
        lambda table: operator.delitem(table, k), lambda table: table.pop(k), lambda table: table.pop(k, default),
        lambda table: table.popitem(),
    ])  # fmt: skip


@operation(DICT)
def clear_table(rng):
    return (lambda table: table.clear()) if rng.random() < 0.3 else len


class Keyed:
    """What has keys, and is no dict."""

    def __init__(self, pairs):
        self.pairs = dict(pairs)

    def keys(self):
        return iter(self.pairs)

    def __getitem__(self, key):
        return self.pairs[key]


@operation(DICT)
def update(rng):
    more, named = pairs(rng), rng.choice([{}, {"a": 1}, {"a": 2, "self": None, "other": 5}])
    make = rng.choice([dict, list, tuple, iter, ffi.Map, Keyed, lambda pairs: map(list, pairs)])
    return rng.choice([
        lambda table: table.update(make(more), **named), lambda table: table.update(**named),
        lambda table: operator.ior(table, make(more)) is table, lambda table: table.update(table), lambda table: table.update(),
    ])  # fmt: skip


@operation(DICT, whole=True)
def update_by_what_fails(rng):
    more = pairs(rng)
    wrong = rng.choice([lambda: 5, lambda: [*more, 1], lambda: [*more, (1, 2, 3)], lambda: failing(more), lambda: [*more, ([], 1)]])
    return rng.choice([lambda table: table.update(wrong()), lambda table: operator.ior(table, wrong())])


@operation(DICT)
def unite(rng):
    more, ours = dict(pairs(rng)), rng.random() < 0.5
    return rng.choice([
        lambda table: table | new(ours, table)(more), lambda table: new(ours, table)(more) | table, lambda table: table | table,
    ])  # fmt: skip


@operation(DICT)
def unite_with_what_is_none(rng):
    wrong = rng.choice([[], [(1, 2)], 5, None, set()])
    return rng.choice([lambda table: table | wrong, lambda table: wrong | table])


@operation(DICT)
def copy_table(rng):
    return rng.choice([lambda table: table.copy(), copy.copy, dict, lambda table: type(table)(table), lambda table: {**table}])


@operation(DICT)
def from_keys(rng):
    more, value = [key(rng) for _ in range(4)], rng.choice(VALUES)
    return rng.choice([
        lambda table: table.fromkeys(more), lambda table: type(table).fromkeys(more, value), lambda table: table.fromkeys(5),
        lambda table: table.fromkeys(table, value),
    ])  # fmt: skip


@operation(DICT)
def compare_tables(rng):
    compare_by = rng.choice([operator.eq, operator.ne])
    ours, change, more = rng.random() < 0.5, rng.choice("none fewer more other reversed".split()), pairs(rng, 2)

    def run(table):
        other = dict(table)
        if change == "fewer" and other:
            other.popitem()
        elif change == "more":
            other.update(more)
        elif change == "other":
            other.update((k, 5) for k in list(other)[:1])
        elif change == "reversed":
            other = dict(reversed(list(other.items())))
        other = new(ours, table)(other)
        return [compare_by(table, other), compare_by(other, table)]

    return run


@operation(DICT)
def compare_with_no_table(rng):
    wrong, compare_by = rng.choice([(), 5, None, [], {}]), rng.choice([operator.eq, operator.ne, operator.lt, operator.ge])
    return lambda table: compare_by(table, wrong)


VIEWS = [operator.methodcaller(name) for name in ("keys", "values", "items")]
SETS = [operator.and_, operator.or_, operator.sub, operator.xor]
ORDERS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@operation(DICT)
def look_at_view(rng):
    view = rng.choice([lambda table: table, *VIEWS])
    return rng.choice([
        lambda table: list(view(table)), lambda table: len(view(table)), lambda table: list(reversed(view(table))),
        lambda table: operator.length_hint(iter(view(table))), lambda table: [*view(table)], lambda table: bool(view(table)),
        lambda table: repr(view(table)).replace("Map_", "dict_").removeprefix("Map(").removesuffix(")"),
        lambda table: dict(view(table).mapping), lambda table: view(table) == view(table),
        lambda table: list(copy.copy(iter(view(table)))),
    ])  # fmt: skip


@operation(DICT)
def combine_views(rng):
    left, right = rng.choice(VIEWS), rng.choice(VIEWS)
    combine, more = rng.choice([*SETS, *ORDERS]), [key for key in (rng.choice(KEYS) for _ in range(4))]
    hashable = lambda table: type(table)((k, k) for k in table)  # noqa: E731
    other = rng.choice([
        lambda table: set(more), lambda table: frozenset(more), lambda table: list(more), lambda table: right(hashable(table)),
        lambda table: right(dict.fromkeys(more, 1)), lambda table: right(type(table)((k, k) for k in more)), lambda table: 5,
    ])  # fmt: skip
    return rng.choice([
        lambda table: combine(left(hashable(table)), other(table)), lambda table: combine(other(table), left(hashable(table))),
    ])  # fmt: skip


@operation(DICT)
def disjoint(rng):
    left, more = rng.choice([VIEWS[0], VIEWS[2]]), [rng.choice(KEYS) for _ in range(2)]
    hashable = lambda table: type(table)((k, k) for k in table)  # noqa: E731
    return rng.choice([
        lambda table: left(table).isdisjoint(more), lambda table: left(hashable(table)).isdisjoint(left(hashable(table))),
        lambda table: left(table).isdisjoint(5),
    ])  # fmt: skip


@operation(DICT)
def order_tables(rng):
    ask = rng.choice([sorted, min, max, any, all])
    return lambda table: ask(table)


@operation(DICT)
def refuse_for_tables(rng):
    return rng.choice([
        hash, lambda table: hash(table.keys()), lambda table: hash(table.items()), lambda table: table.get(), lambda table: table.pop(),
        lambda table: table.get(1, 2, 3), lambda table: table.popitem(1), lambda table: table.update(1, 2), lambda table: table.clear(1),
        lambda table: table.setdefault(), lambda table: table.get(1, default=2), lambda table: table.keys(1), lambda table: table[1:2][0],
        lambda table: table.values() & set(), lambda table: table.missing, lambda table: table.fromkeys(), lambda table: table(),
    ])  # fmt: skip


@operation(DICT)
def walk_and_change_table(rng):
    """The table gets larger or smaller, or other values, while someone is on the way through it."""
    view, forward = rng.choice([lambda table: table, *VIEWS]), rng.random() < 0.5
    after, change = rng.randrange(5), rng.choice(["no", "value", "grow", "shrink", "clear"])

    def run(table):
        seen = []
        iterator = iter(view(table)) if forward else reversed(view(table))
        try:
            for value in iterator:
                seen.append(value)
                if len(seen) == after and change == "value":
                    table[next(iter(table))] = "changed"
                elif len(seen) == after and change == "grow":
                    table["another key"] = 1
                elif len(seen) == after and change == "shrink":
                    table.popitem()
                elif len(seen) == after and change == "clear":
                    table.clear()
        except RuntimeError as exception:
            seen.append(type(exception))
        try:
            seen.append(list(iterator))
        except RuntimeError as exception:
            seen.append(type(exception))
        return seen

    return run


# Programs


def run_program(numbers, table, ours, theirs, contents, same):
    for number in numbers:
        make, whole, with_message = table[number % len(table)]
        source = number // len(table)
        before = contents(theirs)
        found = Outcome(make(random.Random(source)), ours)
        expected = Outcome(make(random.Random(source)), theirs)
        figures[make.__name__] += 1
        figures["exceptions"] += expected.exception is not None
        figures["elements"] += len(theirs)
        assert found.agrees(expected, with_message), f"{make.__name__}: {found}, not {expected}, of {before}"
        if whole and expected.exception is not None:
            theirs.clear()
            (theirs.extend if isinstance(theirs, list) else theirs.update)(before)
        now = contents(ours)
        assert same(now, contents(theirs)), f"{make.__name__}: {now}, not {theirs}, from {before}"
        for _ in range(len(theirs) - MOST_ELEMENTS):
            ours.popitem() if isinstance(theirs, dict) else ours.pop()
            theirs.popitem() if isinstance(theirs, dict) else theirs.pop()


@pytest.fixture
def pools():
    fill_pools()
    yield
    for pool in POOLS:
        pool.clear()


@pytest.mark.parametrize(
    ("table", "ours", "builtin", "contents", "same"),
    [
        (LIST, ffi.List, list, lambda items: [items[i] for i in range(len(items))], same_elements),
        (DICT, ffi.Map, dict, lambda table: list(table.items()), same_pairs),
    ],
    ids=["list", "dict"],
)
def test_random_programs_do_what_the_builtins_do(pools, table, ours, builtin, contents, same):
    @hypothesis.seed(SEED)
    @settings(
        max_examples=STEPS // 2 // STEPS_IN_A_PROGRAM,
        phases=[Phase.generate, Phase.shrink],
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.lists(st.integers(0, 2**40), min_size=STEPS_IN_A_PROGRAM, max_size=STEPS_IN_A_PROGRAM))
    def programs(numbers):
        run_program(numbers, table, ours(), builtin(), contents, same)

    figures.clear()
    programs()
    print(", ".join(f"{count} {what}" for what, count in figures.items()))
    assert min(figures[make.__name__] for make, *_ in table) > STEPS // 2 // len(table) // 3, figures
