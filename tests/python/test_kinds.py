"""One table of all kinds of fields, and what must hold for each."""

import copy
import datetime as dt
import inspect
import pathlib
import pickle
import types
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

import ffi_test as t
from ffi_test import Bud, Figure, HttpStatus, Light, ffi

UTC = dt.timezone.utc


class Wrong:
    """What no field takes."""


class Count(int):
    """What is taken for an int, and is not asked for more than its value."""

    __int__ = __index__ = __bool__ = None


class Share(float):
    """The same for a float."""

    __float__ = __index__ = __bool__ = None


@dataclass
class Row:
    """A kind of field: values that it takes, and what it makes of some that do not fit."""

    #: What a field holds if nothing is said.
    start: Any
    #: Pairs of what is given and what is read back.
    values: list
    #: What is given, and the exception.
    wrong: list = field(default_factory=list)
    #: Whether it takes anything.
    anything: bool = False
    #: Whether a copy of the owner lets go of it.
    fades: bool = False


def same(*values):
    """Values that are read back as they are."""
    return [(value, value) for value in values]


def ints(low, high):
    return Row(1, same(low, high, 0) + [(True, 1), (Count(2), 2)], [(low - 1, OverflowError), (high + 1, OverflowError), (1.5, TypeError)])


def signed(bits):
    return ints(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def unsigned(bits):
    return ints(0, 2**bits - 1)


EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
NOON = dt.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)
bud = Bud(7)

TABLE = {
    "Bool": Row(True, same(True, False), [(1, TypeError)]),
    **{f"I{bits}": signed(bits) for bits in (8, 16, 32, 64, 128)},
    **{f"U{bits}": unsigned(bits) for bits in (8, 16, 32, 64, 128)},
    "Isize": signed(64),
    "Usize": unsigned(64),
    "F32": Row(0.5, same(0.25, -1.5, float("inf")) + [(1, 1.0), (Share(2), 2.0)], [("1", TypeError)]),
    "F64": Row(0.5, same(0.1, -1e300, float("inf")) + [(1, 1.0), (Share(2), 2.0)], [("1", TypeError), (10**400, OverflowError)]),
    "Char": Row("x", same("a", "é", "🦀", "\0"), [("ab", TypeError), ("", TypeError), (1, TypeError)]),
    "String": Row("start", same("", "a\0b", "🦀"), [(b"x", TypeError), ("\ud800", UnicodeEncodeError)]),
    "Str": Row("start", same("", "a\0b", "🦀"), [(b"x", TypeError)]),
    "Name": Row("start", same("", "a\0b", "🦀"), [(b"x", TypeError)]),
    "Bytes": Row(b"start", same(b"", b"\0\xff"), [("x", TypeError), (bytearray(), TypeError)]),
    "Path": Row(pathlib.Path("start"), same(pathlib.Path("/a/b")) + [("c", pathlib.Path("c"))], [(1, TypeError)]),
    "Unit": Row(None, same(None), [(0, TypeError)]),
    "Option": Row(None, same(None, 5), [("x", TypeError), (2**63, OverflowError)]),
    "OptionString": Row("start", same(None, "x"), [(1, TypeError)]),
    "Tuple": Row((1, "start"), same((2, "x")) + [([3, "y"], (3, "y"))], [((1,), ValueError), (("x", 1), TypeError)]),
    "Array": Row((0.5, 1.5), same((1.0, 2.0)) + [([3, 4], (3.0, 4.0))], [((1,), ValueError), (("x", 1), TypeError)]),
    "Vec": Row((1,), same((), (1, 2)) + [([3], (3,)), (iter([4]), (4,))], [("12", TypeError), ([None], TypeError)]),
    "HashMap": Row(types.MappingProxyType({"start": 1}), same({}, {"a": 1}), [([1], TypeError), ({1: 1}, TypeError)]),
    "BTreeMap": Row({1: ("start",)}, [({2: ["b"], 1: []}, {1: (), 2: ("b",)})], [({1: [1]}, TypeError)]),
    "HashSet": Row(frozenset([1]), same(set(), {1, 2}), [(["x"], TypeError)]),
    "BTreeSet": Row(frozenset(["start"]), same(set(), {"a", "b"}), [("ab", TypeError)]),
    "Nested": Row((None,), same(((1, {"a": (True,)}), None)), [([(1, {"a": [1]})], TypeError)]),
    "Obj": Row(Bud(1), same(bud), [(None, TypeError), (Figure.Nothing(), TypeError)]),
    "OptionObj": Row(None, same(None, bud), [(Figure.Nothing(), TypeError)]),
    "Weak": Row(None, same(None, bud), [(Figure.Nothing(), TypeError)], fades=True),
    "Objs": Row((), same((), (bud, bud)), [([None], TypeError)]),
    "List": Row(ffi.List([1]), same(ffi.List([1, 2])), [(["x"], TypeError), (1, TypeError)]),
    "Map": Row(ffi.Map({"start": 1}), same(ffi.Map({"a": 1})), [({1: 1}, TypeError)]),
    "Set": Row(ffi.Set([1]), same(ffi.Set([1, 2])), [(["x"], TypeError), (1, TypeError)]),
    "Function": Row(None, same(None, abs, len), [(1, TypeError)]),
    "PyValue": Row(None, same(None, abs, 1, Wrong), anything=True),
    "Any": Row("start", same(None, True, 2**100, 0.5, "x", b"x", (1, ("y",)), bud, Light.RED, NOON), anything=True),
    "Enum": Row(Light.RED, same(*Light), [(0, TypeError), ("RED", TypeError)]),
    "IntEnum": Row(HttpStatus.Ok, same(*HttpStatus), [(200, TypeError)]),
    "Sum": Row(Figure.Nothing(), same(Figure.Circle(1), Figure.Rectangle(2, 3)), [(Figure, TypeError), (bud, TypeError)]),
    "Duration": Row(dt.timedelta(seconds=1), same(dt.timedelta.max, dt.timedelta(0, 1, 2)),
                    [(-dt.timedelta.resolution, OverflowError), (1, TypeError)]),
    "SystemTime": Row(EPOCH, same(NOON), [(NOON.replace(tzinfo=None), ValueError), (0, TypeError)]),
    "TimeDelta": Row(dt.timedelta(seconds=-1), same(dt.timedelta.min, dt.timedelta.max), [(1, TypeError)]),
    "Utc": Row(EPOCH, same(NOON), [(NOON.replace(tzinfo=None), ValueError)]),
    "Offset": Row(EPOCH, same(NOON, NOON.astimezone(dt.timezone(dt.timedelta(hours=-3)))), [(NOON.date(), TypeError)]),
    "Local": Row(dt.datetime(1970, 1, 1), same(NOON.replace(tzinfo=None)), [(NOON, ValueError)]),
    "Date": Row(dt.date(1970, 1, 1), same(dt.date.min, dt.date.max), [(NOON, TypeError)]),
    "Time": Row(dt.time(), same(dt.time.max, dt.time(1, 2, 3, 4)), [(dt.time(tzinfo=UTC), ValueError)]),
    "Uuid": Row(uuid.UUID(int=0), same(uuid.uuid4()), [("0" * 32, TypeError)]),
    "Newtype": Row(0.5, same(1.5), [("x", TypeError)]),
    "Converted": Row("1.2.3", same("4.5.6"), [("1.2", ValueError), (1, TypeError)]),
    "ByHand": Row("auto", same("auto", 12), [("big", ValueError), (-1, OverflowError)]),
}  # fmt: skip

kinds = pytest.mark.parametrize("kind", TABLE)


def values(row):
    """What is given and what is read, each time anew: an iterator is used up by the first who takes it."""
    return [(copy.copy(given) if hasattr(given, "__next__") else given, read) for given, read in row.values]


def alike(a, b):
    """Whether two values are equal, or objects that look the same."""
    if isinstance(a, ffi.Object):
        return type(a) is type(b) and repr(a) == repr(b)
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(alike, a, b))
    return a == b and (type(a) is type(b) or isinstance(a, (set, dict, types.MappingProxyType)))


def test_no_kind_is_missing():
    assert set(TABLE) == set(t.field_kinds())


@kinds
def test_read(kind):
    plain = getattr(t, f"Plain{kind}")
    for given, read in values(TABLE[kind]):
        value = plain(given).value
        assert alike(read, value)
        if isinstance(read, ffi.Object):
            assert value is read


@kinds
def test_plain_is_not_written(kind):
    (given, read), *_ = values(TABLE[kind])
    owner = getattr(t, f"Plain{kind}")(given)
    with pytest.raises(AttributeError, match=f"value.*Plain{kind}"):
        owner.value = read
    with pytest.raises(AttributeError):
        del owner.value
    assert alike(read, owner.value)


@kinds
def test_defaulted_and_written(kind):
    row = TABLE[kind]
    owner = getattr(t, f"Mut{kind}")()
    assert alike(row.start, owner.value)
    for given, read in values(row):
        owner.value = given
        assert alike(read, owner.value)
    for given, read in values(row):
        assert alike(read, getattr(t, f"Mut{kind}")(given).value)


@kinds
def test_what_does_not_fit_changes_nothing(kind):
    row = TABLE[kind]
    cls = getattr(t, f"Mut{kind}")
    owner = cls()
    for given, error in row.wrong + ([] if row.anything else [(Wrong(), TypeError)]):
        with pytest.raises(error) as caught:
            owner.value = given
        # An exception of Python's own comes through as it is.
        assert error is UnicodeEncodeError or str(caught.value).startswith(f"Mut{kind}.value: ")
        with pytest.raises(error) as caught:
            cls(given)
        assert error is UnicodeEncodeError or str(caught.value).startswith(f"Mut{kind}() argument 'value': ")
        assert alike(row.start, owner.value)
    with pytest.raises((AttributeError, TypeError), match=f"Mut{kind}.*value|value.*Mut{kind}"):
        del owner.value
    assert alike(row.start, owner.value)


@kinds
@pytest.mark.parametrize("prefix", ["Plain", "Mut"])
def test_pickled_and_copied(kind, prefix):
    row = TABLE[kind]
    cls = getattr(t, f"{prefix}{kind}")
    for given, read in values(row):
        owner = cls(given)
        assert alike(read, copy.copy(owner).value)
        if isinstance(read, ffi.Object):
            assert copy.copy(owner).value is read
        backs = [pickle.loads(pickle.dumps(owner, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)]
        for back in [*backs, copy.deepcopy(owner)]:
            assert type(back) is cls
            assert alike(None if row.fades else read, back.value)
            if isinstance(read, ffi.Object):
                assert back.value is not read


@kinds
@pytest.mark.parametrize("prefix", ["Plain", "Mut"])
def test_printed(kind, prefix):
    for given, _ in values(TABLE[kind]):
        owner = getattr(t, f"{prefix}{kind}")(given)
        assert repr(owner) == f"{prefix}{kind}(value={owner.value!r})"


@kinds
def test_documented(kind):
    plain, cell = getattr(t, f"Plain{kind}"), getattr(t, f"Mut{kind}")
    assert plain.value.__doc__ == cell.value.__doc__ == f"{t.field_kinds()[kind]}: The value."
    parameter = inspect.signature(plain).parameters["value"]
    assert parameter.default is parameter.empty
    parameter = inspect.signature(cell).parameters["value"]
    assert parameter.default is not parameter.empty


@pytest.mark.parametrize(
    ("cls", "kind"),
    [(t.LockedI64, "I64"), (t.LockedString, "String"), (t.LockedOptionObj, "OptionObj"), (t.LockedEnum, "Enum"),
     (t.LockedDuration, "Duration")],
)  # fmt: skip
def test_locks(cls, kind):
    row = TABLE[kind]
    owner = cls()
    for name in ("value", "shared"):
        assert alike(row.start, getattr(owner, name))
        for given, read in values(row):
            setattr(owner, name, given)
            assert alike(read, getattr(owner, name))
        for given, error in row.wrong:
            with pytest.raises(error):
                setattr(owner, name, given)
        assert alike(row.values[-1][1], getattr(owner, name))
    assert repr(pickle.loads(pickle.dumps(owner))) == repr(copy.copy(owner)) == repr(owner)


@pytest.mark.parametrize("name", ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"])
def test_atomics(name):
    row = TABLE[name.capitalize()]
    owner = t.Atomics()
    assert owner.bool is True and getattr(owner, name) == 0
    for given, read in values(row):
        setattr(owner, name, given)
        assert getattr(owner, name) == read
    for given, error in row.wrong:
        with pytest.raises(error, match=f"Atomics.{name}: "):
            setattr(owner, name, given)
    assert repr(pickle.loads(pickle.dumps(owner))) == repr(copy.copy(owner)) == repr(owner)
    assert t.Atomics.__dict__[name].__doc__ == "int"


def test_a_callable_in_a_newtype_is_called():
    assert t.call_hook(t.PlainFunction(abs), -3) == 3


@pytest.mark.parametrize("number", sorted({sign * (2**bits + more) for sign in (1, -1) for bits in (0, 15, 30, 60, 63) for more in (-1, 0, 1)}))
def test_ints_of_any_number_of_digits(number):
    """CPython keeps an int in digits of 30 bits, or of 15; one of a single digit is read without asking CPython."""
    inner, items = t.Inner(0), t.pearls(3)
    if -(2**63) <= number < 2**63:
        inner.val = number
        assert inner.val == number == t.Inner(number).val
    else:
        with pytest.raises(OverflowError):
            inner.val = number
        assert inner.val == 0
    if -3 <= number < 3:
        assert items[number] is list(items)[number]
    else:
        with pytest.raises(IndexError):
            items[number]
