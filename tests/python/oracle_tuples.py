"""What can be done with a tuple (`test_oracle.py`)."""

import copy
import operator
import pickle

from ffi_test import ffi
from oracle import KEYS, NUMBERS, VALUES, Failure, Plain, failing, index, new, operation, slices, values

TUPLE = []

# What tuples of numbers are made of: all of one kind are kept as numbers.
KINDS = [float, int, bool]


def some(rng, most=6):
    """Items: anything, or numbers of one kind."""
    if rng.random() < 0.5:
        return values(rng, most)
    kind = rng.choice(KINDS)
    return [kind(value) for value in values(rng, most, [0, 1, -1, 2, 2**62, -(2**63), 0.5])]


@operation(TUPLE)
def make(rng):
    items = some(rng, 20)
    make = rng.choice([list, tuple, iter, dict.fromkeys, ffi.List, ffi.Array, lambda items: (item for item in items)])
    items = [item for item in items if make is not dict.fromkeys or item.__hash__ and not isinstance(item, ffi.List)]
    return lambda it: type(it)(make(items))


@operation(TUPLE)
def make_of_itself(rng):
    return rng.choice([lambda items: type(items)(items), lambda items: type(items)(list(items)), lambda items: type(items)()])


@operation(TUPLE)
def make_of_what_fails(rng):
    more = some(rng)
    return lambda items: type(items)(failing(more))


@operation(TUPLE)
def get(rng):
    i = index(rng)
    return lambda items: items[i]


@operation(TUPLE)
def get_slice(rng):
    s = slices(rng)
    return lambda items: items[s]


@operation(TUPLE)
def concatenate(rng):
    more, ours = some(rng), rng.random() < 0.5
    return rng.choice([
        lambda items: items + (new(ours, items)(more)),
        lambda items: new(ours, items)(more) + items,
        lambda items: items + items,
        lambda items: operator.iadd(items, new(ours, items)(more)),
    ])  # fmt: skip


@operation(TUPLE)
def concatenate_what_is_none(rng):
    wrong = rng.choice([[1], 5, None, "a", {}])
    return rng.choice([lambda items: items + wrong, lambda items: wrong + items])


@operation(TUPLE)
def multiply(rng):
    n = rng.choice([-1, 0, 1, 2, 3, True, 2**62, 2**200, 1.5, "a", None])
    if rng.random() < 0.3:
        return lambda items: operator.imul(items, n if items else 0)
    return rng.choice([lambda items: items * (n if items else 0), lambda items: (n if items else 0) * items])


@operation(TUPLE, message=False)
def find(rng):
    value, bounds = rng.choice(VALUES), [index(rng) for _ in range(rng.randrange(3))]
    return lambda items: items.index(value, *bounds)


@operation(TUPLE)
def count(rng):
    value = rng.choice(VALUES)
    return rng.choice([
        lambda items: items.count(value), lambda items: value in items, lambda items: value not in items,
        lambda items: items.index(value) if value in items else None, lambda items: items.index(Plain),
    ])  # fmt: skip


@operation(TUPLE)
def hashes(rng):
    items = values(rng, 6, KEYS)

    def own(items):
        # The hash of a NaN is that of one `float` object.
        return None if any(item != item for item in items) else hash(items)

    return rng.choice([own, lambda it: hash(type(it)(items)), lambda it: {type(it)(items): 1}[tuple(items)]])


@operation(TUPLE)
def copies(rng):
    protocol = rng.randrange(2, 6)
    # What Rust can only carry, and what is copied by identity, is another object in a copy.
    plain = [value for value in KEYS if isinstance(value, (int, float, str, bytes, tuple))]
    items = values(rng, 6, plain)
    return rng.choice([
        copy.copy, lambda items: copy.copy(items) is items, lambda it: copy.deepcopy(type(it)(items)),
        lambda it: pickle.loads(pickle.dumps(type(it)(items), protocol)),
    ])  # fmt: skip


@operation(TUPLE)
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


@operation(TUPLE)
def compare_with_what_is_none(rng):
    wrong, compare_by = rng.choice([[], [1], 5, None, {}]), rng.choice([operator.eq, operator.ne, operator.lt, operator.ge])
    return lambda items: compare_by(items, wrong)


@operation(TUPLE)
def look_at_all(rng):
    def unpack(items):
        first, *middle, last = items
        return [first, middle, last]

    def match(items):
        match items:
            case []:
                return 0
            case [_]:
                return 1
            case [first, *middle]:
                return [first, middle]

    return rng.choice([
        list, tuple, len, bool, unpack, match, lambda items: [*items, *items], lambda items: list(reversed(items)),
        lambda items: list(enumerate(items)), lambda items: list(zip(items, items)), lambda items: list(map(type, items)),
        lambda items: operator.length_hint(iter(items)), lambda items: operator.length_hint(reversed(items)),
        lambda items: repr(items).removeprefix("Array(").removesuffix(")" if isinstance(items, ffi.Array) else ""),
        lambda items: "%s" % items if len(items) == 1 and type(items) is tuple else "%s" % (items[0] if len(items) == 1 else 0),
    ])  # fmt: skip


@operation(TUPLE)
def ask_what_orders(rng):
    ask = rng.choice([sorted, min, max, sum, any, all])
    return lambda items: ask(items)


@operation(TUPLE)
def ask_what_orders_numbers(rng):
    ask, numbers = rng.choice([sorted, min, max, sum]), values(rng, 10, NUMBERS)
    return lambda items: ask(type(items)(numbers))


@operation(TUPLE)
def refuse(rng):
    return rng.choice([
        lambda items: operator.setitem(items, 0, 1), lambda items: operator.delitem(items, 0),
        lambda items: operator.setitem(items, slice(None), []), lambda items: items.append(1), lambda items: items.index(),
        lambda items: items.count(), lambda items: items.count(1, 2), lambda items: items.index(1, 2, 3, 4), lambda items: items.count(x=1),
        lambda items: items.index(1, None), lambda items: items.missing, lambda items: items(), lambda items: items < 5, lambda items: next(items),
    ])  # fmt: skip


@operation(TUPLE, message=False)
def refuse_to_be_made(rng):
    return rng.choice([lambda items: type(items)(5), lambda items: type(items)(1, 2), lambda items: type(items)(None)])


@operation(TUPLE)
def go_on_with_a_copy(rng):
    skip, backwards = rng.randrange(4), rng.random() < 0.5

    def run(items):
        iterator = reversed(items) if backwards else iter(items)
        for _ in range(skip):
            next(iterator, None)
        twin = copy.copy(iterator)
        return [list(iterator), list(twin), list(iterator)]

    return run


class Meddler:
    """A value that fails, or says what it likes, when it is compared."""

    def __init__(self, answers):
        self.answers = answers

    def __eq__(self, other):
        answer = next(self.answers, True)
        if answer is None:
            raise Failure
        return answer

    __hash__ = None


@operation(TUPLE, message=False)
def search_with_what_fails(rng):
    answers = [rng.choice([True, False, False, None]) for _ in range(4)]
    search = rng.choice([operator.contains, "index", "count", operator.eq])

    def run(items):
        meddler = Meddler(iter(answers))
        if search is operator.eq:
            return (meddler,) * len(items) == items
        return search(items, meddler) if callable(search) else getattr(items, search)(meddler)

    return run
