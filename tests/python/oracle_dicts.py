"""What can be done to a dict (`test_oracle.py`)."""

import copy
import operator

from ffi_test import ffi
from oracle import KEYS, VALUES, failing, new, operation, values

DICT = []


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
    return rng.choice([lambda table: table.copy(), copy.copy, dict, lambda table: type(table)(table), lambda table: {**table}, lambda table: type(table)(table, x=1)])


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
