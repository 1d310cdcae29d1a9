"""Numbers in bulk: from buffers into containers, and back, without a Python object for each."""

import array
import ctypes
import gc
import itertools
import math
import mmap
import random
import struct
import sys
import threading

import ffi_test as t
import pytest
from ffi_test import ffi

# The name in Rust, the codes of the same in `struct`, and values that tell it from others.
KINDS = {
    "bool": ("?", [True, False, True]),
    "i8": ("b", [-128, 0, 127]),
    "i16": ("h", [-(2**15), 1, 2**15 - 1]),
    "i32": ("il" if struct.calcsize("l") == 4 else "i", [-(2**31), 2, 2**31 - 1]),
    "i64": ("ql" if struct.calcsize("l") == 8 else "q", [-(2**63), 3, 2**63 - 1]),
    "u8": ("B", [0, 4, 255]),
    "u16": ("H", [0, 5, 2**16 - 1]),
    "u32": ("IL" if struct.calcsize("L") == 4 else "I", [0, 6, 2**32 - 1]),
    "u64": ("QL" if struct.calcsize("L") == 8 else "Q", [0, 7, 2**64 - 1]),
    "f32": ("f", [0.5, -1.25, math.inf]),
    "f64": ("d", [0.1, -1e300, -0.0]),
}


def shows_buffers():
    try:
        memoryview(ffi.Array([1.0]))
    except TypeError:
        return False
    return True


buffers = pytest.mark.skipif(not shows_buffers(), reason="a build for the stable ABI shows no buffers")


def to_list(kind):
    return getattr(t, f"list_of_{kind}")


def to_array(kind):
    return getattr(t, f"array_of_{kind}")


def memory(code, values):
    """A memoryview of values."""
    return memoryview(bytearray(struct.pack(f"@{len(values)}{code}", *values))).cast(code)


def same(found, values):
    """The same numbers of the same types."""
    return [(type(value), repr(value)) for value in found] == [(type(value), repr(value)) for value in values]


KIND_CODES = [(kind, code) for kind, (codes, _) in KINDS.items() for code in codes]


@pytest.mark.parametrize(("kind", "code"), KIND_CODES)
def test_numbers_come_from_buffers(kind, code):
    values = KINDS[kind][1]
    view = memory(code, values)
    for made in (to_list(kind)(view), to_array(kind)(view), ffi.Array(view), ffi.List(view), to_array(kind)(view[:0])):
        assert same(made, values[: len(made)])
    for part in (view[::2], view[::-1], view[1:], view[2:0:-1]):
        for made in (to_list(kind)(part), to_array(kind)(part), ffi.Array(part), ffi.List(part)):
            assert same(made, part.tolist())
    items = to_list(kind)(values)
    items.extend(view)
    items += view[::-1]
    items[1:1] = view[:1]
    assert same(items, [values[0], values[0], *values[1:], *values, *values[::-1]])
    assert same(to_array(kind)(values) + to_array(kind)(view), values + values)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_come_from_arrays_of_the_library(kind):
    for code in KINDS[kind][0].replace("?", ""):
        values = KINDS[kind][1]
        numbers = array.array(code, values)
        for made in (to_list(kind)(numbers), to_array(kind)(numbers), ffi.Array(numbers), ffi.List(numbers)):
            assert same(made, values)
        numbers.append(1)
        numbers.pop()


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_match_is_gone_through(kind):
    for other, (codes, values) in KINDS.items():
        for code in codes:
            view = memory(code, values)
            for make, plain in itertools.product((to_list(kind), to_array(kind)), (view, view[::-1])):
                expected = outcome(make, plain.tolist())
                assert outcome(make, plain) == expected, (kind, other)


def outcome(make, items):
    try:
        return [(type(value), repr(value)) for value in make(items)]
    except (TypeError, OverflowError) as exception:
        return type(exception)


def test_what_is_bytes():
    for made in (ffi.List(b"\0\x80\xff"), ffi.Array(b"\0\x80\xff"), ffi.Array(bytearray(b"\0\x80\xff")), t.list_of_u8(b"\0\x80\xff")):
        assert same(made, [0, 128, 255])
    items = t.list_of_u8([1])
    items.extend(b"\2\3")
    items += bytearray(b"\4")
    assert items == [1, 2, 3, 4] and items.tobytes() == b"\1\2\3\4" and bytes(items) == b"\1\2\3\4"
    assert t.list_of_i64(bytearray(b"\2\xff")) == [2, 255]
    with pytest.raises(TypeError, match="expected List, got bytes"):
        t.list_of_i64(b"ab")
    with pytest.raises(OverflowError):
        t.list_of_i8(bytearray(b"\x80"))


def test_what_has_more_than_one_dimension_is_gone_through():
    square = memoryview(bytes(range(4))).cast("B", (2, 2))
    for take in (ffi.Array, ffi.List, t.list_of_u8, t.array_of_u8):
        with pytest.raises(NotImplementedError):
            take(square)
    point = memoryview(b"\0").cast("B", ())
    for take in (ffi.Array, ffi.List, t.list_of_u8):
        with pytest.raises(TypeError):
            take(point)


def test_what_is_gone_through_in_its_own_way():
    class Odd(array.array):
        def __iter__(self):
            return iter(["odd"])

    odd = Odd("d", [1.0])
    assert ffi.Array(odd) == ("odd",) and ffi.List(odd) == ["odd"]
    with pytest.raises(TypeError, match="expected float, got str"):
        t.list_of_f64(odd)
    assert ffi.Array(memoryview(odd)) == (1.0,)

    class Doubled(ffi.Array):
        def __iter__(self):
            return (2 * item for item in range(2))

    assert ffi.List(Doubled([1.0, 2.0, 3.0])) == [0, 2]
    with mmap.mmap(-1, 3) as memory:
        assert list(ffi.Array(memory)) == list(memory)
    text = array.array("w" if sys.version_info >= (3, 13) else "u", "ab")
    assert ffi.Array(text) == ("a", "b")
    numbers = (ctypes.c_double * 2)(1.5, 2.5)
    assert ffi.Array(numbers) == (1.5, 2.5) and t.array_of_f64(memoryview(numbers)) == (1.5, 2.5)


def test_what_is_broken_says_so():
    view = memoryview(b"ab")
    view.release()
    for take in (ffi.Array, ffi.List, t.list_of_u8, t.list_of_u8([]).extend):
        with pytest.raises(ValueError, match="released"):
            take(view)


def test_byte_order_and_odd_places():
    values = [1, -2, 3]
    for order, (code, kind) in itertools.product("<>=!@", [("h", "i16"), ("i", "i32"), ("q", "i64")]):
        packed = struct.pack(f"{order}3{code}", *values)
        numpy = pytest.importorskip("numpy")
        given = numpy.frombuffer(packed, dtype=numpy.dtype(code).newbyteorder(order if order in "<>=" else {"!": ">", "@": "="}[order]))
        for made in (to_list(kind)(given), to_array(kind)(given), ffi.Array(given), to_array(kind)(given[::-2])):
            assert same(made, values if len(made) == 3 else values[::-2])
        odd = numpy.frombuffer(b"\0" + packed, dtype="u1")[1:].view(given.dtype)
        assert same(to_array(kind)(odd), values) and same(to_list(kind)(odd[1:]), values[1:])


def test_truth_values_are_0_or_1():
    view = memoryview(bytes([0, 1, 2, 255])).cast("?")
    for made in (t.list_of_bool(view), t.array_of_bool(view), ffi.Array(view), ffi.List(view)):
        assert same(made, [False, True, True, True])
    assert t.array_of_bool(view).tobytes() == b"\0\1\1\1"


def test_numbers_go_from_container_to_container():
    numbers = t.list_of_f64([1, 2])
    frozen = ffi.Array(numbers)
    assert frozen.tobytes() == numbers.tobytes() and t.array_of_f64(frozen) is frozen
    numbers.extend(frozen)
    numbers += numbers
    assert numbers == [1.0, 2.0] * 4 and frozen == (1.0, 2.0)
    assert frozen + ffi.Array([3.0]) == (1.0, 2.0, 3.0) and t.sum_of_numbers(frozen) == t.sum_of_numbers(array.array("d", [1, 2])) == 3
    # An open one stays open to all.
    mixed = ffi.Array(array.array("d", [1])) + ("a",)
    assert mixed == (1.0, "a")
    assert t.array_of_i64(ffi.Array(array.array("b", [1]))) == (1,) and t.array_of_f32(ffi.Array([0.5])) == (0.5,)
    with pytest.raises(TypeError, match=r"Array\[int\] item 0: expected int, got float"):
        t.array_of_i64(ffi.Array(array.array("d", [1])))
    many = ffi.List(array.array("d", [1]))
    many.append("a")
    assert many == [1.0, "a"]


# And back


@pytest.mark.parametrize("kind", KINDS)
def test_bytes(kind):
    codes, values = KINDS[kind]
    expected = struct.pack(f"@{len(values)}{codes[0]}", *values)
    assert to_list(kind)(values).tobytes() == to_array(kind)(values).tobytes() == expected
    assert to_list(kind)([]).tobytes() == to_array(kind)([]).tobytes() == b""


def test_what_has_no_bytes_says_so():
    for items, name in (
        (ffi.List([1.0]), r"List\[object\]"), (ffi.Array([1, "a"]), r"Array\[object\]"), (t.Shelves(["a"]).names, r"Array\[str\]"),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=rf"{name}.tobytes\(\): the items are not numbers"):
            items.tobytes()
        with pytest.raises((TypeError, BufferError)):
            memoryview(items)


@buffers
@pytest.mark.parametrize("kind", KINDS)
def test_an_array_shows_its_memory(kind):
    codes, values = KINDS[kind]
    items = to_array(kind)(values)
    view = memoryview(items)
    assert (view.format, view.itemsize) == (codes[0], struct.calcsize(codes[0]))
    assert (view.shape, view.strides, view.ndim, view.nbytes) == ((3,), (view.itemsize,), 1, 3 * view.itemsize)
    assert view.readonly and view.c_contiguous and same(view.tolist(), values) and view.obj is items
    assert same(view[::-1].tolist(), values[::-1]) and view.tobytes() == items.tobytes() == bytes(items)
    assert memoryview(to_array(kind)([])).shape == (0,)
    with pytest.raises(TypeError):
        view[0] = values[0]


@buffers
def test_an_array_that_is_shown_lives():
    view = memoryview(ffi.Array([1.5, 2.5]))
    gc.collect()
    assert view.tolist() == [1.5, 2.5] and ffi.state(view.obj) == "python"
    holder = t.Shelves([], weights=ffi.Array([1.0]))
    view = memoryview(holder.weights)
    assert view.format == "f"
    holder.weights = None
    gc.collect()
    assert view.tolist() == [1.0]
    # Bound to others while someone looks.
    numbers = ffi.Array([1.0, 2.0])
    view = memoryview(numbers)
    assert t.array_of_f32(numbers) is numbers and numbers == (1.0, 2.0)
    assert (view.format, view.tolist(), memoryview(numbers).format) == ("d", [1.0, 2.0], "f")
    moved = ffi.Array([3.0])
    view = memoryview(moved)
    assert t.doubled(moved._move()) == (False, (6.0,)) and view.tolist() == [3.0]


@buffers
def test_no_one_writes_to_an_array():
    numbers = ffi.Array([1.0])
    with pytest.raises((TypeError, BufferError)):
        struct.pack_into("d", numbers, 0, 2.0)
    with pytest.raises((TypeError, BufferError)):
        (ctypes.c_double * 1).from_buffer(numbers)
    with pytest.raises(BufferError, match=r"Array\[object\] has no buffer"):
        memoryview(ffi.Array([1, "a"]))
    assert struct.unpack_from("d", numbers) == (1.0,)


# With NumPy


def test_numbers_come_from_numpy():
    numpy = pytest.importorskip("numpy")
    for kind, (codes, values) in KINDS.items():
        given = numpy.array(values, dtype=numpy.dtype(codes[0]))
        for made in (to_list(kind)(given), to_array(kind)(given), ffi.Array(given), ffi.List(given), ffi.Array(given[::-1])):
            assert same(made, values if made[0] == values[0] or len(set(values)) < 3 else values[::-1])
    square = numpy.arange(4.0).reshape(2, 2)
    assert t.rows_of_lists(square) == [[0.0, 1.0], [2.0, 3.0]] and t.array_of_f64(square[:, 1]) == (1.0, 3.0)
    with pytest.raises(TypeError):
        t.list_of_f64(square)
    masked = numpy.ma.array([1.0, 2.0], mask=[False, True])
    assert repr(ffi.Array(masked)[1]) == repr(list(masked)[1]) != "2.0"
    half, text = numpy.array([1.5], dtype="f2"), numpy.array(["a"])
    assert ffi.Array(half) == (1.5,) and ffi.Array(text) == ("a",) and t.array_of_f64(half) == (1.5,)
    with pytest.raises(TypeError):
        ffi.Array(numpy.array(1.0))


def test_numbers_go_to_numpy():
    numpy = pytest.importorskip("numpy")
    for kind, (codes, values) in KINDS.items():
        found = numpy.asarray(to_array(kind)(values))
        assert found.dtype == numpy.dtype(codes[0]) or not shows_buffers()
        assert same(found.tolist(), values) and same(numpy.asarray(to_list(kind)(values), dtype=codes[0]).tolist(), values)
        assert same(numpy.frombuffer(to_list(kind)(values).tobytes(), dtype=codes[0]).tolist(), values)
    if shows_buffers():
        numbers = ffi.Array([1.0, 2.0])
        found = numpy.asarray(numbers)
        assert found.base is not None and not found.flags.writeable
    # What shows no memory goes as a sequence.
    assert numpy.asarray(ffi.Array([1, 2.5])).tolist() == [1.0, 2.5]


def test_arrays_of_numpys_are_values():
    numpy = pytest.importorskip("numpy")
    for given in (numpy.array([1.0]), numpy.array([1]), numpy.arange(3.0), numpy.zeros((2, 2))):
        for items in (ffi.List([given]), ffi.Array([given])):
            assert items[0] is given
    assert ffi.Array([numpy.int64(3), numpy.float32(0.5)]) == (3, 0.5)


# Large, many, at once


def test_no_python_object_for_each():
    """A million numbers in the memory of a million numbers."""
    tracemalloc = pytest.importorskip("tracemalloc")
    given = array.array("d", range(1_000_000))
    tracemalloc.start()
    try:
        made = [ffi.Array(given), t.list_of_f64(given), t.array_of_f64(given)]
        made[1].extend(given)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Rust's memory is not counted, and a `bytes` on the way of a build for the stable ABI is.
    assert peak < 9_000_000 and [len(each) for each in made] == [10**6, 2 * 10**6, 10**6]
    assert made[0][-1] == made[1][-1] == 999_999.0


def test_threads_take_from_a_buffer_at_once():
    given = array.array("q", range(10_000))
    found, barrier = [], threading.Barrier(4)
    target = t.list_of_i64([])

    def take():
        barrier.wait()
        for _ in range(20):
            found.append(ffi.Array(given) == tuple(given))
            target.extend(given)
            ffi.Array(target)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found) and len(target) == 800_000 and sum(target) == 80 * sum(given)


def test_random_buffers():
    source = random.Random(1)
    for _ in range(300):
        kind = source.choice(list(KINDS))
        codes, values = KINDS[kind]
        data = source.choices(values, k=source.randrange(20))
        view = memory(source.choice(codes), data)
        part = slice(*(source.choice([None, *range(-20, 20)]) for _ in range(2)), source.choice([None, 1, 2, 3, -1, -2, -7]))
        items, mirror = to_list(kind)(view[part]), data[part]
        where = source.randrange(-5, 5)
        items[where:where], mirror[where:where] = view[part], data[part]
        items.extend(ffi.Array(view[part]))
        assert same(items, mirror + data[part]) and same(to_array(kind)(view[part]) * 2, data[part] * 2)


def test_what_is_bound_while_it_is_read_keeps_all():
    for change in (lambda items, more: items.extend(more), lambda items, more: items.__setitem__(slice(0, 0), more)):
        items = ffi.List()

        def more(items=items):
            yield 1
            t.list_of_f64(items)
            yield 2

        change(items, more())
        assert same(items, [1.0, 2.0])
    items = ffi.List()

    def wrong():
        yield 1
        t.list_of_f64(items)
        yield "x"

    with pytest.raises(TypeError, match=r"List\[float\] item 1: expected float, got str"):
        items.extend(wrong())
    assert items == []
