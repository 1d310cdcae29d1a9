"""What operations are made of, and how what they come to is compared (`test_oracle.py`)."""

import collections
import math
import re
import sys

import ffi_test as t
from ffi_test import ffi

# What has been done, for whoever wants to know whether a run was worth its time.
figures = collections.Counter()

class Bud(t.Inner):
    """A class of Python's."""


class Plain:
    """What Rust can only carry."""


class Index:
    """An integer by `__index__`."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Failure(Exception):
    """What the tests raise themselves."""


# What containers are filled with while a test runs: other tests count living objects.
KEYS, VALUES, NUMBERS = [], [], []
POOLS = (KEYS, VALUES, NUMBERS)


def fill_pools():
    # Few, so that they meet. Keys that are equal are not all of one type.
    KEYS.extend([
        None, False, True, 0, 1, -1, 1.0, 0.0, -0.0, 2, 2.0, 3, 2**31, 2**63, -(2**63), 2**100, 0.5, math.inf, -math.inf, 1e300,
        "", "a", "b", "é\0", b"", b"a", (), (1,), (1.0,), (True, ("a", None, 2**70)), t.Inner(1), t.Inner(1), Bud(2),
    ])  # fmt: skip
    VALUES.extend([*KEYS, math.nan, 2**200, -(2**127) - 1, Plain, Plain(), [1, 2], {"a": 1}, ffi.List([1])])
    NUMBERS.extend(value for value in KEYS if isinstance(value, (int, float)))


BOUNDS = [None, 0, 1, 2, 3, 5, 9, -1, -2, -3, -5, -9, True, 2**62, -(2**62), 2**200, -(2**200), Index(1), Index(-2), Index(2**100)]
STEPS = [None, None, 1, 2, 3, -1, -2, 7, 2**62, -(2**62), -sys.maxsize - 1, 2**200, Index(-1), 0, "x"]


def values(rng, most=6, pool=VALUES):
    return [rng.choice(pool) for _ in range(rng.randrange(most + 1))]


def index(rng):
    return rng.choice([*range(-9, 10), 2**62, -(2**62), 2**200, True, Index(rng.randrange(-4, 5)), "x", 1.0, None])


def slices(rng):
    stray = rng.random() < 0.03
    return slice(rng.choice(BOUNDS), "x" if stray else rng.choice(BOUNDS), rng.choice(STEPS))


def failing(items):
    """An iterable that fails in the end."""
    yield from items
    raise Failure


def operation(table, *, whole=False, message=True):
    """What makes an operation from a source of chance: a function of the container.

    `whole`: where it fails, the builtin may have done half of the work, and ours has done nothing. Without `message`, only
    the class of an exception must agree.
    """

    def add(make):
        table.append((make, whole, message))
        return make

    return add


def new(ours, like):
    """What makes another container: of the same class, or of the builtin one for both."""
    builtins = {ffi.Array: tuple, ffi.List: list, ffi.Map: dict, ffi.Set: set}
    return type(like) if ours else builtins.get(type(like), type(like))


# Whether two results are the same


def same_element(ours, theirs):
    """Elements: the same object, or the same plain value."""
    if ours is theirs:
        return True
    if type(ours) is not type(theirs) or isinstance(ours, (ffi.Object, Plain)):
        return False
    if isinstance(ours, tuple):
        return len(ours) == len(theirs) and all(map(same_element, ours, theirs))
    return isinstance(ours, (int, float, str, bytes)) and repr(ours) == repr(theirs)


def same_elements(ours, theirs):
    return len(ours) == len(theirs) and all(map(same_element, ours, theirs))


def same_pairs(ours, theirs):
    return same_elements([part for pair in ours for part in pair], [part for pair in theirs for part in pair])


def same_members(ours, theirs):
    """Elements in any order."""
    known = {element: element for element in theirs}
    return len(ours) == len(theirs) and all(element in known and same_element(element, known[element]) for element in ours)


def same_result(ours, theirs):
    """Results: an `Array` stands for a tuple, a `List` for a list, a `Map` for a dict, a `Set` for a set or frozenset."""
    if isinstance(ours, ffi.Array) and type(theirs) is tuple:
        return same_elements([ours[i] for i in range(len(ours))], theirs)
    if isinstance(ours, ffi.List) and type(theirs) is list:
        return same_elements([ours[i] for i in range(len(ours))], theirs)
    if isinstance(ours, ffi.Map) and type(theirs) is dict:
        return same_pairs(list(ours.items()), list(theirs.items()))
    if isinstance(ours, ffi.Set) and isinstance(theirs, (set, frozenset)):
        return same_members(list(ours), theirs)
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, (list, tuple)):
        return len(ours) == len(theirs) and all(map(same_result, ours, theirs))
    if isinstance(ours, dict):
        return same_pairs(list(ours.items()), list(theirs.items()))
    if isinstance(ours, (set, frozenset)):
        return len(ours) == len(theirs) and ours == theirs
    return same_element(ours, theirs)


def words(exception):
    """An exception's message, in which the classes have the builtins' names."""
    text = str(exception)
    for name, builtin in {"ffi_test.": "", "ffi_object.": "", "Array or tuple": "tuple", "Array": "tuple", "List or list": "list", "List": "list", "Map": "dict", "dictionary": "dict", "Set": "set"}.items():
        text = text.replace(name, builtin)
    # Some versions name the class with the method, some do not.
    text = re.sub(r"\b(?:tuple|list|dict|set)\.(\w+\(\))", r"\1", text)
    # 3.15 says the one of a list and the other of a tuple.
    text = text.replace("Python int too large to convert to C ssize_t", "cannot fit 'int' into an index-sized integer")
    # The newest versions say more.
    return "unhashable" if "unhashable type" in text else text


class Outcome:
    """What an operation came to."""

    def __init__(self, run, container):
        self.value = self.exception = None
        try:
            self.value = run(container)
        except Exception as exception:
            # CPython's collector does not see every MemoryError, nor what the frames of its traceback hold.
            self.exception = exception.with_traceback(None)

    def __repr__(self):
        return repr(self.exception or self.value)

    def agrees(self, theirs, with_message):
        if self.exception is None or theirs.exception is None:
            return self.exception is theirs.exception and same_result(self.value, theirs.value)
        if type(self.exception) is not type(theirs.exception):
            return False
        return not with_message or words(self.exception) == words(theirs.exception)
