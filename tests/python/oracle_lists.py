"""What can be done to a list (`test_oracle.py`)."""

import copy
import operator

from ffi_test import ffi
from oracle import NUMBERS, VALUES, Failure, failing, index, new, operation, same_element, slices, values

LIST = []


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
