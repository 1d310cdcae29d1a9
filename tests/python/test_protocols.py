"""Special methods: operators with both sides, slices, iterators, context managers, buffers."""

import gc
import io
import itertools
import operator
import threading
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi

BINARY = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "matmul": operator.matmul,
    "truediv": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod, "lshift": operator.lshift,
    "rshift": operator.rshift, "and": operator.and_, "xor": operator.xor, "or": operator.or_,
}  # fmt: skip
each = pytest.mark.parametrize(("name", "run"), BINARY.items())


@each
def test_operators_of_both_sides(name, run):
    three = t.Number(3)
    assert run(three, t.Number(4)) == f"3 __{name}__ 4"
    assert run(5, three) == f"3 __r{name}__ 5"
    for left, right in ((three, 5), (three, "x"), ("x", three), (three, None), (three, object())):
        # `%` of a str is the str's own.
        if name == "mod" and left == "x":
            continue
        with pytest.raises(TypeError, match="unsupported operand|can't multiply|can only concatenate|must be str"):
            run(left, right)
    assert three.__getattribute__(f"__{name}__")("x") is NotImplemented
    assert three.__getattribute__(f"__r{name}__")("x") is NotImplemented


@each
def test_operators_in_place(name, run):
    number = same = t.Number(3)
    in_place = getattr(operator, f"i{name}")
    number = in_place(number, 7)
    assert number is same and number.value == 7
    # What does not fit is the plain operator's turn.
    assert in_place(number, t.Number(1)) == f"7 __{name}__ 1"
    with pytest.raises(TypeError, match="unsupported operand"):
        in_place(number, "x")
    with pytest.raises(OverflowError, match="out of range"):
        in_place(number, 2**63)
    assert number.value == 7


class Python:
    """The other side of an operator."""

    def __add__(self, other):
        return "left"

    def __radd__(self, other):
        return "right"


class Over(t.Number):
    def __add__(self, other):
        return ("over", super().__add__(other))

    def __radd__(self, other):
        return ("rover", super().__radd__(other))


class Plain(t.Number):
    pass


class OverFraction(t.Fraction):
    def __radd__(self, other):
        return "python"


class Reflects(t.Pair):
    """Extends a class that has no operators."""

    def __radd__(self, other):
        return "reflected"


def test_operators_beside_those_of_python_classes():
    three = t.Number(3)
    assert three + Python() == "right" and Python() + three == "left"
    assert Over(1) + t.Number(2) == ("over", "1 __add__ 2")
    assert (t.Number(2) + Over(1))[0] == "rover"
    assert 7 + Over(1) == ("rover", "1 __radd__ 7")
    assert Over(1) + "x" == ("over", NotImplemented)
    assert Plain(1) + Plain(2) == "1 __add__ 2" and 5 + Plain(1) == "1 __radd__ 5"
    assert three + Reflects(1, 2) == "reflected"


def test_an_object_of_a_derived_class_goes_first():
    number, fraction = t.Number(1), t.Fraction(2)
    assert number + fraction == "fraction 2 __radd__ 1"
    assert fraction + number == "2 __add__ 1"
    assert fraction + fraction == "2 __add__ 2"
    # Not for an operator that it only inherits.
    assert number - fraction == "1 __sub__ 2"
    assert number + OverFraction(2) == "python"
    with pytest.raises(TypeError):
        5 + fraction  # its own method of that side takes numbers only


def test_divmod_pow_and_their_kin():
    seven = t.Number(7)
    assert divmod(seven, 2) == (3, 1) and divmod(2, seven) == "7 __rdivmod__ 2"
    with pytest.raises(TypeError, match="not by nothing"):
        divmod(seven, 0)
    assert seven**2 == 49 and pow(seven, 2, 10) == 9 and 2**seven == "7 __rpow__ 2"
    with pytest.raises(TypeError, match="unsupported operand"):
        seven ** "x"
    with pytest.raises(OverflowError, match="out of range for u32"):
        seven**-1
    same = seven
    seven **= 2
    assert seven is same and seven.value == 49


def test_conversions_to_numbers():
    number = t.Scalar(-5)
    assert (-number, +number, abs(number), ~number) == (5, -5, 5, 4)
    assert (int(number), float(number), complex(number)) == (-5, -5.0, -5 + 1j)
    assert operator.index(number) == -5 and hex(number) == "-0x5" and [0, 1, 2, 3, 4, 5][number] == 1
    assert round(number) == (-5, None) and round(number, 2) == (-5, 2)
    assert f"{t.Scalar(255):x} {number:}" == "ff -5" and format(number) == "-5"
    with pytest.raises(ValueError, match="unknown format 'q'"):
        format(number, "q")


def test_a_type_error_of_its_own_is_not_swallowed():
    assert t.Number(1) < t.Number(2) and not t.Number(2) < t.Number(1)
    with pytest.raises(TypeError, match="nothing is less than nothing"):
        t.Number(1) < t.Number(0)
    with pytest.raises(TypeError, match="'<' not supported"):
        t.Number(1) < "x"
    # An order alone leaves equality and hash by identity.
    number = t.Number(1)
    assert number == number != t.Number(1) and hash(number) == hash(number)


@pytest.mark.parametrize("other", [(1, 3), (1, 256), (1, 2, 3), "x", None, 1, 2**70, ()])
def test_what_cannot_be_held_is_not_equal(other):
    pair = t.Pair(1, 2)
    assert pair == (1, 2) and not pair != (1, 2) and [1, 2] == pair
    assert pair != other and not pair == other


def test_equality_asks_for_values_that_fail():
    class Bad:
        def __iter__(self):
            raise TypeError("bad")

    with pytest.raises(TypeError, match="bad"):
        t.Pair(1, 2) == Bad()
    with pytest.raises(TypeError, match="unhashable"):
        hash(t.Pair(1, 2))


ENDS = (None, -7, -5, -2, -1, 0, 1, 2, 4, 5, 9, 2**70, -(2**70))


def test_slices_are_those_of_a_list():
    items = [10, 11, 12, 13, 14]
    tape = t.Tape(items)
    for start, stop, step in itertools.product(ENDS, ENDS, (None, -(2**70), -3, -1, 1, 2, 2**70)):
        assert tape[start:stop:step] == tuple(items[start:stop:step])
    assert tape[-1] == (14,) and tape[True] == (11,)
    for wrong in (5, -6, 2**70):
        with pytest.raises(IndexError, match="index"):
            tape[wrong]
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        tape[::0]
    with pytest.raises(TypeError, match="slice indices must be integers"):
        tape["a":]
    with pytest.raises(TypeError, match=r"Tape.__getitem__\(\) argument 'at': expected int or slice, got str"):
        tape["a"]
    assert [*t.echo_slice(slice(8, None, -3))] == [8, 5, 2]


def test_slices_are_assigned_and_deleted():
    tape = t.Tape(range(6))
    tape[::2] = -1
    assert [*tape.cells] == [-1, 1, -1, 3, -1, 5]
    with pytest.raises(TypeError, match="argument 'value'"):
        tape[:] = "x"
    del tape[::-2]
    assert [*tape.cells] == [-1, -1, -1]
    with pytest.raises(TypeError, match="expected slice, got int"):
        tape[0] = 1


def test_iterators_are_made_item_by_item():
    tape = t.Tape([1, 2])
    iterator = iter(tape)
    assert iter(iterator) is iterator and next(iterator) == 1
    tape.cells.append(3)
    assert list(iterator) == [2, 3]
    tape.cells.append(4)
    assert next(iterator, "end") == "end"
    assert list(reversed(tape)) == [4, 3, 2, 1] and sum(tape) == 10
    with pytest.raises(TypeError, match="cannot create"):
        type(iterator)()


def test_errors_and_panics_in_an_iterator():
    iterator = t.Tape([1, -2, 3, 0, 4]).checked()
    assert next(iterator) == 1
    with pytest.raises(ValueError, match="-2 is below 0"):
        next(iterator)
    assert next(iterator) == 3
    with pytest.raises(RuntimeError, match="panicked: nothing"):
        next(iterator)
    assert list(iterator) == []


def test_an_iterator_owns_what_it_goes_over():
    tape = t.Tape([1])
    gone = weakref.ref(tape)
    iterator = tape.forever()
    assert next(iterator) is next(iterator) is tape
    assert ffi.owners(tape) == 1
    del tape
    assert gone() is not None and next(iterator) is gone()
    del iterator
    gc.collect()
    assert gone() is None


def test_an_iterator_that_asks_itself():
    results = []

    def ask(item):
        with pytest.raises(ValueError, match="already executing"):
            next(iterator)
        return item * 2

    iterator = t.mapped(ask, 1, 2, 3)
    assert list(iterator) == [2, 4, 6]
    assert results == []
    raised = KeyError("mine")

    def fail(item):
        raise raised

    with pytest.raises(KeyError) as caught:
        next(t.mapped(fail, 1))
    assert caught.value is raised


def test_threads_share_an_iterator():
    count = 2000
    iterator, taken = iter(t.Tape(range(count))), []

    def take():
        while True:
            try:
                taken.append(next(iterator))
            except StopIteration:
                return
            except ValueError as busy:
                assert "already executing" in str(busy)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(count))


def test_context_managers():
    tape = t.Tape([1])
    with tape as same:
        assert same is tape
    with pytest.raises(KeyError), tape:
        raise KeyError
    tape.cells.clear()
    with tape:
        raise KeyError("swallowed, since the tape is empty")
    assert tape.entries() == ("enter", "exit", "enter", "failure", "enter", "failure")


class SubTape(t.Tape):
    def __getattr__(self, name):
        return ("sub", name) if name == "extra" else super().__getattr__(name)


class PlainTape(t.Tape):
    attribute = "class"


def test_attributes_that_are_not_there():
    for cls in (t.Tape, PlainTape, SubTape):
        tape = cls([7, 8])
        assert tape.cell_1 == 8 and [*tape.cells] == [7, 8]
        with pytest.raises(AttributeError, match="no attribute 'cell_2'"):
            tape.cell_2
        assert not hasattr(tape, "other")
    assert SubTape([]).extra == ("sub", "extra") and PlainTape([]).attribute == "class"
    tape = PlainTape([1])
    tape.own = 5
    assert tape.own == 5


def test_buffers_are_those_of_bytes():
    view = memoryview(t.Tape([1, 2, 255]))
    assert bytes(view) == b"\x01\x02\xff" and view.readonly
    assert bytes(t.Tape([3])) == b"\x03" and b"a".join([b"", t.Tape([65])]) == b"aA"
    with pytest.raises(ValueError, match="out of range integral type conversion"):
        memoryview(t.Tape([256]))
    with pytest.raises(TypeError, match="read-write"):
        io.BytesIO(b"a").readinto(t.Tape([1]))
    with pytest.raises(TypeError, match="bytes-like"):
        memoryview(t.Pair(1, 2))


def test_calls_take_all_kinds_of_arguments():
    tape = t.Tape()
    assert tape() == 0 and tape(1, 2, times=3) == 9
    with pytest.raises(TypeError, match=r"Tape.__call__\(\) got an unexpected keyword argument 'x'"):
        tape(x=1)
