"""What `Any` makes of Python's values: what Rust knows becomes its own and comes back equal, all else is the same object."""

import collections
import copy
import datetime
import decimal
import enum
import fractions
import gc
import sys
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi

try:
    import numpy
except ImportError:
    numpy = None

needs_numpy = pytest.mark.skipif(numpy is None, reason="NumPy is not there")


class Number(int):
    pass


class Real(float):
    pass


class Text(str):
    pass


class Data(bytes):
    pass


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Flags(enum.IntFlag):
    A = 1
    B = 2


class Name(str, enum.Enum):
    ADA = "ada"


class Indexed:
    def __index__(self):
        return 3


class Floating:
    def __float__(self):
        return 2.5


Pair = collections.namedtuple("Pair", "a b")

# Exactly Python's own: equal values come back, of the same class.
PLAIN = [
    (None, "None"), (True, "bool"), (False, "bool"), (0, "int"), (-1, "int"), (2**63, "int"), (-(2**127), "int"),
    (2**127 - 1, "int"), (1.5, "float"), (float("inf"), "float"), (-0.0, "float"), ("", "str"), ("a\0b", "str"),
    ("ünï\U0001f600", "str"), (b"", "bytes"), (b"\0\xff", "bytes"), ((), "tuple"), ((1, ("a", (None,))), "tuple"),
]  # fmt: skip
# Everything else: the same object.
OPAQUE = [
    Number(3), Real(1.5), Text("a"), Data(b"a"), Pair(1, 2), Color.RED, Level.LOW, Flags.A | Flags.B, Name.ADA,
    Indexed(), Floating(), decimal.Decimal("1.1"), fractions.Fraction(1, 3), 2**127, -(2**127) - 1, 10**100, 1j,
    bytearray(b"x"), memoryview(b"x"), [1], {1: 2}, {1}, frozenset([1]),
    range(3), ..., NotImplemented, int, len, object(), datetime.timedelta(1), ValueError("x"),
]  # fmt: skip
if numpy:
    OPAQUE += [
        numpy.int64(3), numpy.float32(1.5), numpy.float64(1.5), numpy.bool_(True), numpy.str_("a"), numpy.array([1, 2]),
        numpy.array(1.5), numpy.datetime64("2020-01-01"),
    ]  # fmt: skip


def label(value):
    # What is shown by its address has another name in each process.
    text = str(value)
    return type(value).__name__ if " at 0x" in text else f"{type(value).__name__} {text[:20]}"


@pytest.mark.parametrize("value, kind", PLAIN, ids=lambda value: label(value))
def test_plain_values_become_rusts_and_come_back_equal(value, kind):
    assert t.kind_of(value) == kind
    button = t.Button(any=value)
    assert button.any == value and type(button.any) is type(value)
    assert repr(button.any) == repr(value)
    assert t.any_list(value)[0] == value


@pytest.mark.parametrize("value", OPAQUE, ids=label)
def test_everything_else_is_the_same_object(value):
    assert t.kind_of(value) == "object"
    button = t.Button(any=value)
    assert button.any is value
    assert t.Button(any=(1, value)).any[1] is value
    assert t.any_list(value, value)[1] is value
    assert ffi.List([value])[0] is value
    assert ffi.Map({"key": value})["key"] is value
    assert t.Button(tag=value).tag is value


@pytest.mark.parametrize("value", OPAQUE, ids=label)
def test_nothing_of_it_is_kept(value):
    before = sys.getrefcount(value)
    for _ in range(50):
        t.Button(any=(value, value)).any  # noqa: B018
        t.any_list(value, value)
        t.kind_of(value)
    gc.collect()
    assert abs(sys.getrefcount(value) - before) <= 1  # what `value` was in the last round


def test_a_value_lives_exactly_as_long_as_its_any():
    value = Indexed()
    gone = weakref.ref(value)
    button = t.Button(any=(1, value))
    del value
    gc.collect()
    assert gone() is not None
    button.any = None
    assert gone() is None


@pytest.mark.parametrize("member", [t.Light.RED, t.HttpStatus.Ok], ids=label)
def test_enums_of_rusts_stay_members(member):
    assert t.Button(any=member).any is member
    assert t.kind_of(member) == type(member).__name__


@pytest.mark.parametrize(
    "value, expected",
    [
        (3, 3.0), (True, 1.0), (Number(3), 3.0), (Real(1.5), 1.5), (Level.LOW, 1.0), (Floating(), 2.5),
        (decimal.Decimal("1.5"), 1.5), (fractions.Fraction(1, 4), 0.25), (2**200, float(2**200)),
    ],
    ids=label,
)  # fmt: skip
def test_rust_converts_it_when_it_wants_a_number(value, expected):
    assert t.any_float(value) == expected


@needs_numpy
def test_rust_converts_numpys_numbers():
    assert t.any_float(numpy.float32(1.5)) == t.any_float(numpy.array(1.5)) == 1.5
    assert t.any_ints(numpy.array([1, 2])) == (1, 2) == t.any_ints((numpy.int64(1), 2))
    assert t.any_int_elsewhere(numpy.int64(1)) == 1
    numbers = ffi.List([1, numpy.float64(2.5)])
    assert list(t.Lists(numbers=numbers).numbers) == [1.0, 2.5]
    with pytest.raises(TypeError, match="expected a key that Rust can compare, got int64"):
        ffi.Map({numpy.int64(1): 1})


def test_rust_converts_it_when_it_wants_anything_else():
    assert t.any_ints([1, 2]) == (1, 2) == t.any_ints(range(1, 3))
    assert t.any_ints((Level.LOW, 3)) == (1, 3)
    assert t.any_int_elsewhere(Level.LOW) == 1
    with pytest.raises(TypeError, match="expected float, got Color"):
        t.any_float(Color.RED)
    with pytest.raises(TypeError, match="item 0: expected int, got (float|object|Decimal)"):
        t.any_ints((decimal.Decimal("1.5"),))

    class Bad:
        def __float__(self):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        t.any_float(Bad())
    assert t.kind_of(Bad()) == "object"


def test_what_a_list_carries_is_numbers_once_rust_wants_numbers():
    numbers = ffi.List([1, Level.LOW, Real(2.5), fractions.Fraction(1, 2)])
    assert numbers[1] is Level.LOW
    assert t.Lists(numbers=numbers).numbers is numbers
    assert list(numbers) == [1.0, 1.0, 2.5, 0.5] and {type(number) for number in numbers} == {float}


def test_keys_are_what_they_equal():
    table = ffi.Map({})
    for key in (Level.LOW, Text("a"), Real(2.5), Data(b"b"), Pair(1, 2), Name.ADA):
        plain = {key: True}
        table[key] = True
        assert key in table and all(other in table for other in plain)
    assert 1 in table and "a" in table and 2.5 in table and b"b" in table and (1, 2) in table and "ada" in table
    assert [type(key) for key in table] == [int, str, float, bytes, tuple, str]
    table[1] = "one"
    assert len(table) == 6 and table[Level.LOW] == "one"


@pytest.mark.parametrize(
    "key", [decimal.Decimal(1), fractions.Fraction(1, 2), Color.RED, Indexed(), frozenset()], ids=label
)
def test_keys_whose_equality_only_python_knows_are_refused(key):
    table = ffi.Map({1: 2})
    with pytest.raises(TypeError, match=f"expected a key that Rust can compare, got {type(key).__name__}"):
        table[key] = 1
    assert dict(table) == {1: 2}


def test_copies_share_what_they_carry():
    value = [1]
    button = t.Button(any=(value, 1))
    assert copy.copy(button).any[0] is value
    assert copy.deepcopy(button).any == (value, 1) and copy.deepcopy(button).any[0] is not value
