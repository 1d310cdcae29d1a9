"""What can be done to a set (`test_oracle.py`).

A `set` has no order: which element `pop` takes is for ours to say, and results are compared as sets. Of equal elements of
two sets, `&` of the builtin takes now the one, now the other; ours the one of the first, which is what is expected here.
"""

import copy
import operator

from ffi_test import ffi
from oracle import KEYS, failing, new, operation

SET = []

OPERATORS = [operator.or_, operator.sub, operator.xor]
IN_PLACE = [operator.ior, operator.isub, operator.ixor]
ORDERS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]

# What ours has popped, for the builtin to do the same.
popped = []


def element(rng):
    return rng.choice([[], {}]) if rng.random() < 0.03 else rng.choice(KEYS)


def some(rng, most=6):
    return [rng.choice(KEYS) for _ in range(rng.randrange(most + 1))]


class Own(set):
    """A subclass of the builtin."""


SETS = [set, frozenset, Own, None, None]
ITERABLES = [*SETS, list, tuple, iter, dict.fromkeys, ffi.List, ffi.Map.fromkeys, lambda items: (item for item in items)]


def other(rng, makes=ITERABLES):
    """What makes another set or iterable of elements, of which some may be in a container; `None`: a container of its kind."""
    make, more, part = rng.choice(makes), some(rng), rng.choice([0, 0, 1, 2, 100])

    def run(items):
        known = sorted(items, key=KEYS.index)[:part]
        return (make or type(items))([*more, *known])

    return run


def of_first(first, found):
    """What the builtin has found, with the elements of the first set."""
    if isinstance(found, ffi.Set) or found is NotImplemented:
        return found
    return {item for item in first if item in found}


@operation(SET)
def look(rng):
    item = element(rng)
    return rng.choice([lambda items: item in items, lambda items: item not in items, len, bool, lambda items: len(list(items))])


@operation(SET)
def look_for_a_set(rng):
    item = rng.choice([set(), {1}, frozenset({1}), Own([1])])
    return rng.choice([lambda items: item in items, lambda items: items.discard(item), lambda items: items.remove(item)])


@operation(SET)
def add(rng):
    item = element(rng)
    return lambda items: items.add(item)


@operation(SET)
def take_out(rng):
    item = element(rng)
    return rng.choice([lambda items: items.discard(item), lambda items: items.remove(item)])


@operation(SET)
def pop(rng):
    def run(items):
        if isinstance(items, ffi.Set) or not items:
            popped.append(items.pop())
            return popped[-1]
        theirs = [item for item in items if item == popped[-1]]
        items.remove(theirs[0])
        return theirs[0]

    return run


@operation(SET)
def clear_set(rng):
    return (lambda items: items.clear()) if rng.random() < 0.3 else len


@operation(SET)
def combine(rng):
    combine_by, more = rng.choice(OPERATORS), other(rng, SETS)
    return rng.choice([lambda items: combine_by(items, more(items)), lambda items: combine_by(more(items), items), lambda items: combine_by(items, items)])


@operation(SET)
def intersect(rng):
    own = rng.random() < 0.3
    more = other(rng, [None] if own else [set, frozenset, Own])

    def reflected(items):
        first = more(items)
        return of_first(first if own else items, first & items)

    return rng.choice([lambda items: of_first(items, items & more(items)), lambda items: items & items, reflected])


@operation(SET)
def combine_in_place(rng):
    combine_by, more = rng.choice(IN_PLACE), other(rng, SETS)
    return rng.choice([lambda items: combine_by(items, more(items)) is items] * 4 + [lambda items: combine_by(items, items) is items])


def intersected(items, change):
    """What comes of a change of the builtin, with its own elements."""
    before = list(items)
    result = change()
    if not isinstance(items, ffi.Set):
        kept = [item for item in before if item in items]
        items.clear()
        items.update(kept)
    return result


@operation(SET)
def intersect_in_place(rng):
    more, ways = other(rng, SETS), [other(rng) for _ in range(rng.randrange(3))]
    return rng.choice([
        lambda items: intersected(items, lambda: operator.iand(items, more(items)) is items),
        lambda items: intersected(items, lambda: items.intersection_update(*(make(items) for make in ways))),
    ])  # fmt: skip


@operation(SET)
def combine_with_what_is_no_set(rng):
    wrong = rng.choice([[], [1], (1, 2), 5, None, "ab", range(2), iter([1])])
    combine_by = rng.choice([*OPERATORS, *IN_PLACE, operator.and_, operator.iand])
    return rng.choice([lambda items: combine_by(items, wrong), lambda items: combine_by(wrong, items)])


@operation(SET)
def combine_with_views(rng):
    combine_by, more = rng.choice([*OPERATORS, *ORDERS]), dict.fromkeys(some(rng), 1)
    view = rng.choice([lambda items: more.keys(), lambda items: new(True, {})(more).keys(), lambda items: ffi.Map(more).keys()])
    return rng.choice([lambda items: combine_by(items, view(items)), lambda items: combine_by(view(items), items)])


@operation(SET)
def update(rng):
    others = [other(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    name = rng.choice(["update", "difference_update"])
    return rng.choice([lambda items: getattr(items, name)(*(make(items) for make in others))] * 4 + [lambda items: getattr(items, name)(items)])


@operation(SET)
def update_symmetrically(rng):
    make = other(rng)
    return rng.choice([lambda items: items.symmetric_difference_update(make(items)), lambda items: items.symmetric_difference_update(items)])


@operation(SET, whole=True)
def update_by_what_fails(rng):
    name, more = rng.choice("update intersection_update difference_update symmetric_difference_update".split()), some(rng)
    if name.startswith("intersection"):
        more = []  # The builtin looks no further when it has found all it has.
    wrong = rng.choice([lambda: 5, lambda: [*more, []], lambda: failing(more), lambda: None, lambda: [*more, {1}]])
    several = rng.random() < 0.3 and not name.startswith("symmetric")
    return lambda items: getattr(items, name)(*([more] if several else []), wrong())


@operation(SET)
def make_another(rng):
    others = [other(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    name, make = rng.choice(["union", "difference"]), other(rng)
    return rng.choice([
        lambda items: getattr(items, name)(*(make(items) for make in others)), lambda items: getattr(items, name)(items),
        lambda items: items.symmetric_difference(make(items)),
        lambda items: of_first(items, items.intersection(*(make(items) for make in others))),
    ])  # fmt: skip


@operation(SET)
def make_another_of_what_fails(rng):
    name, more = rng.choice("union intersection difference symmetric_difference issubset".split()), some(rng)
    if name == "intersection":
        more = []
    wrong = rng.choice([lambda: 5, lambda: [*more, []], lambda: failing(more), lambda: None, lambda: [*more, {1}]])
    return lambda items: getattr(items, name)(wrong())


@operation(SET)
def make_another_of_the_builtin(rng):
    name = rng.choice("union difference symmetric_difference issubset issuperset isdisjoint".split())
    first = rng.choice([set, frozenset])(some(rng))
    return rng.choice([lambda items: getattr(first, name)(items), lambda items: first.copy() and set(first).update(items)])


@operation(SET)
def relate(rng):
    name, make = rng.choice("issubset issuperset isdisjoint".split()), other(rng)
    return rng.choice([lambda items: getattr(items, name)(make(items))] * 4 + [lambda items: getattr(items, name)(items)])


@operation(SET)
def relate_to_no_more_than_needed(rng):
    more = some(rng)

    def endless(items):
        yield from more
        yield from items
        while True:
            yield object()

    return lambda items: items.isdisjoint(endless(items)) if items else items.isdisjoint(more)


@operation(SET)
def compare_sets(rng):
    compare_by, make = rng.choice(ORDERS), other(rng, SETS)
    change, ours = rng.choice(["none", "fewer", "more"]), rng.random() < 0.5

    def run(items):
        near = set(items)
        if change == "fewer" and near:
            near.discard(min(near, key=KEYS.index))
        elif change == "more":
            near.add("another element")
        near = new(ours, items)(near)
        return [compare_by(a, b) for a, b in ((items, near), (near, items), (items, make(items)), (make(items), items), (items, items))]

    return run


@operation(SET)
def compare_with_no_set(rng):
    wrong, compare_by = rng.choice([(), 5, None, [], {}]), rng.choice(ORDERS)
    return rng.choice([lambda items: compare_by(items, wrong), lambda items: compare_by(wrong, items)])


@operation(SET)
def copy_set(rng):
    return rng.choice([
        lambda items: items.copy(), copy.copy, lambda items: set(list(items)), lambda items: type(items)(items), lambda items: {*items},
        lambda items: type(items)(iter(items)), frozenset, lambda items: type(items)(), lambda items: type(items)("abba"),
        lambda items: sorted(copy.copy(iter(items)), key=KEYS.index) if all(item in KEYS for item in items) else None,
    ])  # fmt: skip


@operation(SET)
def look_at_iterator(rng):
    return rng.choice([
        lambda items: operator.length_hint(iter(items)), lambda items: len({*iter(items)}), reversed, lambda items: items[0],
        lambda items: iter(items) is iter(items), lambda items: sum(1 for _ in items), lambda items: next(iter(items)) in items,
    ])  # fmt: skip


@operation(SET)
def refuse(rng):
    return rng.choice([
        hash, lambda items: items.add(), lambda items: items.add(1, 2), lambda items: items.pop(1), lambda items: items.clear(1),
        lambda items: items.remove(), lambda items: items.discard(1, 2), lambda items: items.copy(1), lambda items: items.isdisjoint(),
        lambda items: items.issubset(), lambda items: items.issuperset(1, 2), lambda items: items.update(x=1), lambda items: items.union(x=1),
        lambda items: items.symmetric_difference(), lambda items: items.symmetric_difference_update(1, 2), lambda items: items(),
        lambda items: items.missing, lambda items: items + items, lambda items: items * 2, lambda items: type(items)(5),
        lambda items: type(items)([1, []]), lambda items: type(items)(failing([1])), lambda items: items.add(x=1),
        lambda items: operator.setitem(items, 0, 1), lambda items: operator.delitem(items, 0),
    ])  # fmt: skip


@operation(SET)
def walk_and_change_set(rng):
    """The set gets larger or smaller, or none of it, while someone is on the way through it."""
    after, change = rng.randrange(5), rng.choice(["no", "same", "grow", "shrink", "clear"])

    def run(items):
        seen = []
        iterator = iter(items)
        try:
            for item in iterator:
                seen.append(item)
                if len(seen) == after and change == "same":
                    items.add(item)
                elif len(seen) == after and change == "grow":
                    items.add("another element")
                elif len(seen) == after and change == "shrink":
                    items.discard(item)
                elif len(seen) == after and change == "clear":
                    items.clear()
        except RuntimeError as exception:
            seen.append(type(exception))
        try:
            seen.append(len(list(iterator)))
        except RuntimeError as exception:
            seen.append(type(exception))
        # In which order, is for each to say; what to shrink by as well.
        if change == "shrink":
            items.clear()
        return [len(seen), seen[-1]]

    return run
