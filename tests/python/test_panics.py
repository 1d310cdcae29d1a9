"""A panic is an exception, wherever it happens; the object can be used afterwards, and nothing leaks or dies twice."""

import gc
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi

WHEN_READ, WHEN_GIVEN, WHEN_COPIED, WHEN_DROPPED = 13, 14, 15, 16


class Sub(t.Bomb):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.note = "kept"


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    gc.collect()
    before = ffi.live_objects()
    yield
    gc.collect()
    assert ffi.live_objects() == before


@pytest.fixture
def unraisable(monkeypatch):
    reports = []
    monkeypatch.setattr("sys.unraisablehook", lambda report: reports.append(str(report.exc_value)))
    return reports


def both(inner, **kwargs):
    return [t.Bomb(inner, **kwargs), Sub(inner, **kwargs)]


USES = {
    "method": (lambda bomb, inner: bomb.method(inner, inner), r"Bomb.method\(\) panicked: in the method, with 7 and 7"),
    "keywords": (lambda bomb, inner: bomb.method(other=inner, inner=inner), r"Bomb.method\(\) panicked: in the method"),
    "owning": (lambda bomb, inner: bomb.owning_method(), r"Bomb.owning_method\(\) panicked: with 3 owners"),
    "cell": (lambda bomb, inner: bomb.under_lock(), r"Bomb.under_lock\(\) panicked: under the lock of a cell"),
    "list": (lambda bomb, inner: bomb.under_list_lock(), r"panicked: under the lock of a list"),
    "getter": (lambda bomb, inner: bomb.getter, r"Bomb.getter\(\) panicked: in the getter"),
    "setter": (lambda bomb, inner: setattr(bomb, "getter", inner), r"Bomb.getter\(\) panicked: in the setter"),
    "len": (lambda bomb, inner: len(bomb), r"Bomb.__len__\(\) panicked: in len"),
    "bool": (lambda bomb, inner: bool(bomb), r"Bomb.__bool__\(\) panicked: in bool"),
    "eq": (lambda bomb, inner: bomb == bomb, r"Bomb.__eq__\(\) panicked: in eq"),
    "ne": (lambda bomb, inner: bomb != bomb, r"Bomb.__eq__\(\) panicked: in eq"),
    "hash": (lambda bomb, inner: hash(bomb), r"Bomb.__hash__\(\) panicked: in hash"),
    "str": (lambda bomb, inner: str(bomb), r"Bomb.__str__\(\) panicked: in str"),
    "getitem": (lambda bomb, inner: bomb[inner], r"Bomb.__getitem__\(\) panicked: in getitem"),
    "contains": (lambda bomb, inner: inner in bomb, r"Bomb.__contains__\(\) panicked: in contains"),
    "iter": (lambda bomb, inner: iter(bomb), r"Bomb.__iter__\(\) panicked: in iter"),
    "call": (lambda bomb, inner: bomb(inner), r"Bomb.__call__\(\) panicked: in call"),
    "write": (lambda bomb, inner: setattr(bomb, "cell", WHEN_READ), r"Bomb.cell panicked: while it is read"),
    "append": (lambda bomb, inner: bomb.list.append(WHEN_READ), r"List.append\(\) panicked: while it is read"),
    "extend": (lambda bomb, inner: bomb.list.extend([1, WHEN_READ, 2]), r"List.extend\(\) panicked: while it is read"),
}


@pytest.mark.parametrize("use, message", USES.values(), ids=USES)
def test_a_panic_in_a_call_leaves_the_object_as_it_was(use, message):
    inner = t.Inner(7)
    for bomb in both(inner):
        for _ in range(3):
            with pytest.raises(RuntimeError, match=message):
                use(bomb, inner)
        assert bomb.inner is inner and bomb.plain == 0 and ffi.owners(bomb) == 0
        bomb.cell = 5
        assert bomb.cell == 5 and ffi.state(bomb) == "python"
        if type(bomb) is Sub:
            assert bomb.note == "kept"
    del bomb
    assert ffi.owners(inner) == 0


def test_what_was_written_before_the_panic_stays_and_locks_open_again():
    bomb = t.Bomb(t.Inner(1))
    for count in range(1, 4):
        with pytest.raises(RuntimeError, match="under the lock of a cell"):
            bomb.under_lock()
        with pytest.raises(RuntimeError, match="under the lock of a list"):
            bomb.under_list_lock()
        assert bomb.hits == count and list(bomb.list) == [1] * count


def test_a_panic_in_a_constructor_gives_back_what_it_took():
    inner = t.Inner(1)
    for cls in (t.Bomb, Sub):
        for kwargs in ({"fail": True}, {"cell": WHEN_READ}, {"plain": WHEN_READ}):
            with pytest.raises(RuntimeError, match=r"Bomb\(\) panicked: (in the constructor|while it is read)"):
                cls(inner, **kwargs)
            assert ffi.owners(inner) == 0 and ffi.live_objects(t.Bomb) == 0
        empty = cls.__new__(cls)
        with pytest.raises(RuntimeError, match="in the constructor"):
            t.Bomb.__init__(empty, inner, fail=True)
        with pytest.raises(RuntimeError, match=r"__init__\(\) has not been called"):
            empty.cell  # noqa: B018
        t.Bomb.__init__(empty, inner, 3)
        assert empty.cell == 3
        del empty


def test_a_panic_while_a_field_is_copied_or_given():
    for bomb in both(t.Inner(1), plain=WHEN_GIVEN):
        bomb.cell = WHEN_COPIED
        with pytest.raises(RuntimeError, match="Bomb.cell panicked: while it is copied"):
            bomb.cell  # noqa: B018
        with pytest.raises(RuntimeError, match="Bomb.plain panicked: while it is given"):
            bomb.plain  # noqa: B018
        with pytest.raises(RuntimeError, match="panicked: while it is (copied|given)"):
            repr(bomb)
        bomb.cell = 1
        assert bomb.cell == 1
        bomb.list.extend([1, WHEN_COPIED, 2])
        with pytest.raises(RuntimeError, match="panicked: while it is copied"):
            list(bomb.list)
        bomb.list[1] = 3
        assert list(bomb.list) == [1, 3, 2]


def test_a_panic_in_the_middle_of_a_result_frees_its_other_parts():
    with pytest.raises(RuntimeError, match=r"give_all\(\) panicked: while it is given"):
        t.give_all(WHEN_GIVEN)
    assert ffi.live_objects(t.Inner) == 0
    first, number, second = t.give_all(1)
    assert (first.val, number, second.val) == (1, 1, 2)


def test_a_panic_in_a_value_s_drop():
    bomb = t.Bomb(t.Inner(1), WHEN_DROPPED)
    with pytest.raises(RuntimeError, match="Bomb.cell panicked: while it is dropped"):
        bomb.cell = 1
    # The new value is there; the old one could only be dropped after that.
    assert bomb.cell == 1
    bomb.list.extend([1, WHEN_DROPPED, 2])
    with pytest.raises(RuntimeError, match="panicked: while it is dropped"):
        bomb.list[1] = 3
    assert list(bomb.list) == [1, 3, 2]
    bomb.list.extend([WHEN_DROPPED, 4])
    with pytest.raises(RuntimeError, match="panicked: while it is dropped"):
        bomb.list.clear()
    assert len(bomb.list) == 0


def test_a_panic_in_the_drop_of_a_field_frees_the_other_fields(unraisable):
    gc.collect()
    lists = ffi.live_objects(ffi.List)
    for cls in (t.Bomb, Sub):
        inner = t.Inner(1)
        weak = weakref.ref(inner)
        bomb = cls(inner, WHEN_DROPPED)
        bomb.list.extend([1, 2])
        del inner
        assert weak() is not None
        del bomb
        assert weak() is None
    assert unraisable == ["a destructor panicked: while it is dropped"] * 2
    assert (ffi.live_objects(t.Bomb), ffi.live_objects(ffi.List)) == (0, lists)


def test_a_panic_in_an_element_s_drop_does_not_keep_the_others(unraisable):
    for make in (
        lambda items: ffi.List(items),
        lambda items: ffi.Map({i: item for i, item in enumerate(items)}),
        lambda items: [ffi.List(items)],
    ):
        grenades = [t.Grenade(armed) for armed in (True, False, True, True)]
        weak = [weakref.ref(grenade) for grenade in grenades]
        holder = make(grenades)
        del grenades
        gc.collect()
        assert all(ref() is not None for ref in weak)
        del holder
        assert not any(ref() for ref in weak) and ffi.live_objects(t.Grenade) == 0
    assert unraisable == ["a destructor panicked: boom"] * 9


@pytest.mark.parametrize("count", [1, 2, 100])
def test_several_objects_that_panic_while_they_are_dropped_together(count):
    with pytest.raises(RuntimeError, match=r"drop_grenades\(\) panicked: boom"):
        t.drop_grenades(count)
    assert ffi.live_objects(t.Grenade) == ffi.live_objects(t.Inner) == 0


def test_a_panic_among_objects_that_panic_while_they_are_dropped(unraisable):
    class Sub(t.Grenade):
        def __del__(self):
            seen.append(self.armed)

    seen = []
    for cls in (t.Grenade, Sub):
        with pytest.raises(RuntimeError, match=r"panic_among_grenades\(\) panicked: among grenades"):
            t.panic_among_grenades(cls(True)._move())
    grenade = Sub(True)
    with pytest.raises(RuntimeError, match="among grenades"):
        t.panic_among_grenades(grenade)
    assert grenade.armed and ffi.state(grenade) == "python"
    grenade.armed = False
    del grenade
    assert seen[-1] is False


class Stop(Exception):
    pass


def test_python_code_that_raises_while_rust_calls_it():
    error = Stop("now")

    def items(inner):
        yield inner
        yield t.Inner(2)
        raise error

    inner = t.Inner(1)
    for use in (lambda: t.take_all(items(inner), 0), lambda: ffi.List(items(inner))):
        with pytest.raises(Stop) as caught:
            use()
        assert caught.value is error and ffi.owners(inner) == 0
    error.__traceback__ = None


def test_a_panic_in_a_function_that_python_code_calls_while_rust_calls_it():
    def items(inner):
        yield inner
        t.Bomb(inner).method(inner, inner)
        yield inner

    def survivors(inner):
        yield inner
        with pytest.raises(RuntimeError, match="in the method, with 3 and 3"):
            t.Bomb(inner).method(inner, inner)
        yield inner

    inner = t.Inner(3)
    with pytest.raises(RuntimeError, match=r"Bomb.method\(\) panicked: in the method, with 3 and 3"):
        t.take_all(items(inner), 0)
    assert t.take_all(survivors(inner), 0) == 2
    with pytest.raises(RuntimeError, match=r"take_all\(\) panicked: while it is read"):
        t.take_all(survivors(inner), WHEN_READ)
    with pytest.raises(RuntimeError, match=r"take_all\(\) panicked: while it is dropped"):
        t.take_all(survivors(inner), WHEN_DROPPED)
    assert ffi.owners(inner) == 0
