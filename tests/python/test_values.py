"""Values that cross, in fields and arguments."""

import copy
import inspect
import pathlib
import sys
import types

import pytest

import ffi_test as t
from ffi_test import ffi
from test_identity import plain_value


def test_plain_values_arrive_as_python_values():
    plain = plain_value()
    assert plain.truth is True
    assert (plain.small, plain.byte, plain.word, plain.unsigned) == (-8, 255, -1, 2**64 - 1)
    assert plain.wide == -(2**100)
    assert (plain.real, plain.single, plain.letter) == (1.5, 0.5, "é")
    assert (plain.text, plain.shared_text, plain.bytes) == ("text", "shared", b"bytes")
    assert plain.maybe is None and plain.pair == (1, "a")
    assert plain.items == (1, 2) and plain.fixed == (0.5, 1.5)
    assert type(plain.table) is types.MappingProxyType and plain.table == {"a": 1}
    assert list(plain.sorted) == [1, 2]
    assert type(plain.set) is frozenset and plain.set == {1, 3}
    assert plain.any == "anything"


def test_plain_fields_are_read_only():
    plain = plain_value()
    for name in ("word", "text", "items", "any"):
        with pytest.raises(AttributeError, match=rf"{name}.*Plain"):
            setattr(plain, name, getattr(plain, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("truth", True), ("byte", 255), ("word", -(2**63)), ("unsigned", 2**64 - 1), ("real", 1e300), ("letter", "ß"),
        ("text", "a\0b"), ("maybe", 5), ("items", (1, 2, 3)), ("any", (1, "a", None, b"b", 2.5, 2**100)),
        ("locked", "x"), ("shared", "y"), ("atomic", 7), ("class_", "kw"),
    ],
)  # fmt: skip
def test_cells_are_written_and_read_back(name, value):
    cells = t.Cells()
    setattr(cells, name, value)
    assert getattr(cells, name) == value
    with pytest.raises(AttributeError, match=f"'{name}' of 'Cells' objects cannot be deleted"):
        delattr(cells, name)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("truth", 1, TypeError, "Cells.truth: expected bool, got int"),
        ("byte", 256, OverflowError, "Cells.byte: int out of range for u8"),
        ("byte", -1, OverflowError, "Cells.byte: int out of range for u8"),
        ("byte", 1.5, TypeError, "Cells.byte: expected int, got float"),
        ("word", 2**63, OverflowError, "Cells.word: int out of range for i64"),
        ("word", "1", TypeError, "Cells.word: expected int, got str"),
        ("unsigned", -1, OverflowError, "Cells.unsigned: int out of range for u64"),
        ("real", "1.5", TypeError, "Cells.real: expected float, got str"),
        ("real", None, TypeError, "Cells.real: expected float, got NoneType"),
        ("letter", "xy", TypeError, "Cells.letter: expected str of length 1, got str of length 2"),
        ("text", b"x", TypeError, "Cells.text: expected str, got bytes"),
        ("maybe", "x", TypeError, "Cells.maybe: expected int, got str"),
        ("items", [1, "x"], TypeError, "Cells.items: item 1: expected int, got str"),
        ("items", "12", TypeError, "Cells.items: expected a sequence, got str"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(name, value, error, message):
    cells = t.Cells(word=1, items=[9])
    before = getattr(cells, name)
    with pytest.raises(error) as caught:
        setattr(cells, name, value)
    assert str(caught.value) == message
    assert getattr(cells, name) == before


def test_text_with_lone_surrogates_is_refused():
    with pytest.raises(UnicodeEncodeError):
        t.Cells().text = "\ud800"


def test_numbers_that_convert_are_taken():
    class Index:
        def __index__(self):
            return 7

    class Float:
        def __float__(self):
            return 2.5

    cells = t.Cells(word=Index(), real=Float())
    assert (cells.word, cells.real) == (7, 2.5)
    cells.real = 3
    assert type(cells.real) is float


def test_an_exception_in_a_conversion_comes_through():
    class Bad:
        def __index__(self):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        t.Cells(word=Bad())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: t.Inner(), "Inner() missing 1 required positional argument: 'val'"),
        (lambda: t.Inner(1, 2), "Inner() takes 1 positional argument but 2 were given"),
        (lambda: t.Inner(vol=1), "Inner() got an unexpected keyword argument 'vol'"),
        (lambda: t.Inner(1, val=1), "Inner() got multiple values for argument 'val'"),
        (lambda: t.Inner("1"), "Inner() argument 'val': expected int, got str"),
        (lambda: t.Outer(None), "Outer() argument 'x': expected Inner, got NoneType"),
        (lambda: t.Outer(t.Leaf(1)), "Outer() argument 'x': expected Inner, got Leaf"),
        (lambda: t.Circle("a"), "Circle() missing 1 required positional argument: 'radius'"),
        (lambda: t.Circle(), "Circle() missing 2 required positional arguments: 'name' and 'radius'"),
        (lambda: t.Ring("a", 1.0, 2.0, 3.0), "Ring() takes from 2 to 3 positional arguments but 4 were given"),
        (lambda: t.borrow(3), "borrow() argument 'inner': expected Inner, got int"),
        (lambda: t.borrow(), "borrow() missing 1 required positional argument: 'inner'"),
        (lambda: t.Account("a").deposit("x"), "Account.deposit() argument 'cents': expected int, got str"),
        (lambda: ffi.Object(), "cannot create 'Object' instances"),
        (lambda: ffi.state(3), "state() argument must be an Object, not int"),
        (lambda: ffi.live_objects(3), "expected a class of objects, got 3"),
    ],
)  # fmt: skip
def test_wrong_calls_are_type_errors_that_name_what_was_wrong(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


def test_unknown_attributes():
    inner = t.Inner(1)
    with pytest.raises(AttributeError, match="'ffi_test.Inner' object has no attribute 'vol'"):
        inner.vol  # noqa: B018
    with pytest.raises(AttributeError, match="vol"):
        inner.vol = 1


def test_signatures_and_docs():
    assert str(inspect.signature(t.Ring)) == "(name, radius, hole=0.5)"
    assert str(inspect.signature(t.Account)) == "(owner, cents=0)"
    assert str(inspect.signature(t.Account.deposit)) == "(self, /, cents, reason='deposit')"
    assert str(inspect.signature(t.borrow)) == "(inner)"
    assert t.Inner.__doc__ == "One number."
    assert "Opens an account." in t.Account.__doc__
    assert t.Inner.val.__doc__ == "int: The number."
    assert t.Inner.__module__ == "ffi_test" and t.Inner.__qualname__ == "Inner"


def test_keywords_and_defaults():
    account = t.Account(cents=250, owner="Ada")
    assert account.units == 2.5
    assert account.deposit(reason="gift", cents=50) == 300
    account.units = 1.25
    assert account.cents == 125
    assert t.Account.currency() == "EUR" and account.currency() == "EUR"
    with pytest.raises(ValueError, match="an account needs an owner"):
        t.Account("")
    with pytest.raises(ValueError, match="units must be finite"):
        account.units = float("nan")
    with pytest.raises(AttributeError):
        del account.units


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("key", KeyError, "no such key"),
        ("index", IndexError, "no such index"),
        ("overflow", OverflowError, "too large"),
        ("reference", ReferenceError, "gone"),
        ("runtime", RuntimeError, "plain text"),
        ("os", FileNotFoundError, "missing.txt"),
        ("syntax", SyntaxError, "bad"),
        ("panic", RuntimeError, r"Account.fail\(\) panicked: at the disco"),
    ],
)
def test_errors_become_exceptions_of_the_natural_class(kind, error, message):
    account = t.Account("Ada")
    with pytest.raises(error, match=message) as caught:
        account.fail(kind)
    if error is SyntaxError:
        assert (caught.value.lineno, caught.value.offset, caught.value.filename) == (3, 7, "a.xml")
    if error is FileNotFoundError:
        assert (caught.value.errno, caught.value.filename) == (2, "missing.txt")
        assert caught.value.strerror == "No such file or directory"
    assert account.deposit(1) == 1


def test_a_destructor_that_panics_is_reported_and_harms_no_one(monkeypatch):
    import sys

    reports = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reports.append(str(report.exc_value)))
    before = ffi.live_objects(t.Grenade)
    grenade = t.Grenade(armed=True)
    del grenade
    assert reports == ["a destructor panicked: boom"]
    assert ffi.live_objects(t.Grenade) == before


def test_special_methods():
    account = t.Account("Ada", 100)
    account.deposit(1, "one")
    account.deposit(2, "two")
    assert len(account) == 2 and list(account) == ["one: 1", "two: 2"]
    assert "one" in account and "three" not in account
    assert account[1] == "two: 2"
    with pytest.raises(IndexError, match="no entry 2"):
        account[2]  # noqa: B018
    assert bool(account) and not t.Account("Bob")
    assert str(account) == "Ada: 1.03"
    assert account() == 103 and account(times=2) == 206
    assert t.Version(1, 2) == t.Version(1, 2) != t.Version(1, 3)
    assert t.Version(1, 2) < t.Version(1, 3)
    assert len({t.Version(1, 2), t.Version(1, 2)}) == 1
    assert t.Version(1, 2) != "1.2"
    with pytest.raises(TypeError):
        t.Version(1, 2) <= t.Version(1, 3)  # noqa: B015


def test_inheritance():
    ring = t.Ring("r", 2.0)
    assert isinstance(ring, t.Circle) and isinstance(ring, t.Shape) and isinstance(ring, ffi.Object)
    assert t.Ring.__mro__[:4] == (t.Ring, t.Circle, t.Shape, ffi.Object)
    assert (ring.name, ring.radius, ring.hole) == ("r", 2.0, 0.5)
    ring.name = "s"
    assert ring.title() == "shape s" and round(ring.area(), 3) == 12.566
    assert t.shape_name(ring) == "s"
    made = t.some_ring()
    assert type(made) is t.Ring and made.hole == 0.5
    with pytest.raises(TypeError, match="expected Shape, got Inner"):
        t.shape_name(t.Inner(1))


def test_repr_survives_cycles():
    a, b = t.Node(1), t.Node(2)
    a.next, b.next = b, a
    assert repr(a) == "Node(val=1, next=Node(val=2, next=Node(...), prev=None), prev=None)"
    a.next = None
    assert repr(t.Inner(3)) == "Inner(val=3)"


def test_copies_are_shallow_by_default():
    holder = t.Holder(t.Inner(1))
    other = copy.copy(holder)
    assert other is not holder and other != holder
    assert other.inner is holder.inner


def test_init_twice_and_not_at_all():
    inner = t.Inner(1)
    with pytest.raises(TypeError, match="called twice"):
        inner.__init__(2)
    assert inner.val == 1

    class Lazy(t.Inner):
        def __init__(self):
            pass

    for empty in (Lazy(), t.Inner.__new__(t.Inner)):
        with pytest.raises(RuntimeError, match=r"__init__\(\) has not been called"):
            empty.val  # noqa: B018
        with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
            t.borrow(empty)
        assert "not initialized" in repr(empty)
        assert empty == empty  # noqa: PLR0124
    with pytest.raises(TypeError):
        object.__new__(t.Inner)


def test_paths():
    assert t.echo_path("a/b.xml") == pathlib.Path("a/b.xml")
    assert t.echo_path(pathlib.Path("c")) == pathlib.Path("c")
    with pytest.raises(TypeError, match=r"echo_path\(\) argument 'path': expected str \| os.PathLike, got int"):
        t.echo_path(3)


def test_containers_that_a_function_makes():
    numbers, table = t.containers()
    assert type(numbers) is ffi.List and numbers == [1.5]
    assert type(table) is ffi.Map and table == {"one": 1}
    with pytest.raises(TypeError, match="expected float"):
        numbers.append("x")


class Picky:
    """Fails in its own way at everything."""

    def fail(self, *_):
        raise KeyError(self)

    __index__ = __float__ = __fspath__ = __iter__ = fail


@pytest.mark.parametrize(
    "use",
    [
        lambda value: setattr(t.Cells(), "word", value),
        lambda value: setattr(t.Cells(), "real", value),
        lambda value: setattr(t.Cells(), "letter", value),
        lambda value: setattr(t.Cells(), "items", value),
        lambda value: setattr(t.Cells(), "items", [1, value]),
        lambda value: t.Panel(buttons=value),
        lambda value: t.Panel(by_name=value),
        lambda value: t.Panel(buttons=[value]),
        lambda value: t.Panel(by_name={"a": value}),
        lambda value: t.Panel(handlers=[value]),
        lambda value: t.echo_path(value),
        lambda value: ffi.Map().update([value]),
        lambda value: ffi.Map({value: 1}),
        lambda value: ffi.List(value),
        lambda value: ffi.List([1])[value],
        lambda value: t.Leaf(value),
        lambda value: t.Leaf(1).__setstate__(value),
    ],
)
@pytest.mark.parametrize("make", [object, Picky, lambda: {"own": 1}, lambda: [1, "x"]])
def test_a_refusal_keeps_nothing(use, make):
    value = make()
    before = sys.getrefcount(value)
    for _ in range(10):
        try:
            use(value)
        except Exception as error:
            error.__traceback__ = None
    assert sys.getrefcount(value) == before


def test_any_carries_whole_numbers_of_any_size():
    for number in (2**127 - 1, 2**127, -(2**127) - 1, 10**400):
        assert t.Cells(any=number).any == number
