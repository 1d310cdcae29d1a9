"""ffi.register: objects made in Rust appear as a class made in Python."""

import abc
import copy
import gc
import pickle
import threading
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    yield
    t.drop_kept()
    gc.collect()


@ffi.register
class Shown(t.Shown1):
    made = 0

    def __init__(self, *args):
        super().__init__(*args)
        self.made = 1

    def double(self):
        return 2 * self.val


def test_objects_made_in_rust_appear_as_it():
    one = t.make_by_name("Shown1", {"val": 4})
    assert type(one) is Shown and isinstance(one, t.Shown1) and one.double() == 8
    holder = Shown(1, one)
    assert holder.next is one and (holder.made, one.made) == (1, 0)
    # __init__ has not run, but what it would have made can be made later, and stays.
    one.note = "kept"
    number = id(one)
    del one
    gc.collect()
    assert (id(holder.next), holder.next.note) == (number, "kept")
    assert ffi.type_info(t.Shown1).cls is Shown and ffi.fields(Shown)[0].owner is Shown


def test_they_are_always_canonical():
    index = t.keep_made("Shown1", 1)
    first = t.kept_fresh(index)
    assert type(first) is Shown and t.kept_fresh(index) is first is t.kept_cached(index)


def test_they_are_copied_and_pickled_as_it():
    one = t.make_by_name("Shown1", {"val": 4})
    one.extra = [1]
    for other in [copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))]:
        assert type(other) is Shown and (other.val, other.extra) == (4, [1])


def test_types_that_extend_the_native_class_are_not_affected():
    derived = t.make_by_name("Shown1Derived", {"val": 1})
    assert type(derived) is t.Shown1Derived


def test_the_native_class_itself_can_still_be_called():
    native = t.Shown1(3)
    assert type(native) is t.Shown1 and Shown(1, native).next is native


def test_weak_references_finalizers_and_del():
    calls = []

    @ffi.register
    class Mortal(t.Shown2):
        __slots__ = ("state",)

        def __del__(self):
            calls.append(("del", self.val, self.state))

    index = t.keep_made("Shown2", 7)
    wrapper = t.kept_cached(index)
    wrapper.state = "s"
    weak = weakref.ref(wrapper)
    weakref.finalize(wrapper, calls.append, "finalized")
    del wrapper
    gc.collect()
    assert type(weak()) is Mortal and not calls
    t.drop_kept()
    assert weak() is None and set(calls) == {("del", 7, "s"), "finalized"} and len(calls) == 2
    assert ffi.live_objects(Mortal) == 0


def test_a_second_registration_is_refused():
    @ffi.register
    class First(t.Shown3):
        pass

    class Second(t.Shown3):
        pass

    for again in [First, Second]:
        with pytest.raises(RuntimeError, match="'Shown3' objects appear as another registered class already"):
            ffi.register(again)
    assert type(t.make_by_name("Shown3", {})) is First


@pytest.mark.parametrize("show", [t.kept_fresh, t.kept_cached])
def test_it_is_too_late_once_an_object_was_seen(show):
    name = {t.kept_fresh: "Shown4", t.kept_cached: "Shown5"}[show]
    native = getattr(t, name)
    index = t.keep_made(name, 1)
    seen = show(index)
    assert type(seen) is native

    class Late(native):
        pass

    with pytest.raises(RuntimeError, match=f"Late': objects of '{name}' have come from Rust already"):
        ffi.register(Late)
    assert type(t.make_by_name(name, {})) is native


def test_objects_that_python_made_do_not_make_it_too_late():
    early = t.Shown6(1)

    @ffi.register
    class Class(t.Shown6):
        pass

    holder = t.Shown6(2, early)
    assert holder.next is early and type(early) is t.Shown6
    assert type(t.make_by_name("Shown6", {})) is Class


class WithAbstract(t.Shown7, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def answer(self):
        """What concrete classes say."""


class Sub(ffi.Object):
    pass


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (t.Shown7, "must be a class made in Python, not the native class 'Shown7'"),
        (ffi.List, "must be a class made in Python, not the native class 'List'"),
        (WithAbstract, "cannot register 'WithAbstract': it has abstract methods"),
        (Sub, "cannot register 'Sub': there are no objects of exactly 'Object'"),
        (int, "expected a class of objects, got <class 'int'>"),
        (1, "expected a class of objects, got 1"),
    ],
)
def test_what_cannot_be_registered(cls, message):
    with pytest.raises(TypeError, match=message):
        ffi.register(cls)


def test_a_refused_class_leaves_the_way_open():
    with pytest.raises(TypeError):
        ffi.register(WithAbstract)

    @ffi.register
    class Concrete(WithAbstract):
        def answer(self):
            return self.val

    made = t.make_by_name("Shown7", {"val": 5})
    assert type(made) is Concrete and made.answer() == 5


def test_the_arguments_of_new_and_init_are_not_asked_for():
    ran = []

    @ffi.register
    class Demanding(t.Shown8):
        def __new__(cls, a, b):
            ran.append("new")
            return super().__new__(cls)

        def __init__(self, a, b):
            ran.append("init")
            super().__init__(a)
            self.b = b

    made = t.make_by_name("Shown8", {"val": 1})
    assert type(made) is Demanding and not ran and not hasattr(made, "b")
    assert Demanding(1, 2).b == 2 and ran == ["new", "init"]


def test_threads_that_race_for_the_first_wrapper_agree_and_nothing_is_finalized_twice():
    died = []

    @ffi.register
    class Raced(t.Shown9):
        def __del__(self):
            died.append(self.val)

    rounds, threads = 200, 4
    for number in range(rounds):
        index = t.keep_made("Shown9", number)
        barrier = threading.Barrier(threads)
        seen = [None] * threads

        def look(place, index=index, barrier=barrier, seen=seen):
            barrier.wait()
            seen[place] = t.kept_cached(index)

        workers = [threading.Thread(target=look, args=(place,)) for place in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert all(one is seen[0] for one in seen) and type(seen[0]) is Raced
        del seen, look, workers
        t.drop_kept()
    gc.collect()
    assert sorted(died) == list(range(rounds)) and ffi.live_objects(Raced) == 0


def test_a_wrapper_that_a_collection_overtakes_is_not_finalized():
    died, seen = [], []

    @ffi.register
    class Overtaken(t.Shown10):
        def __del__(self):
            died.append(self.val)

    index = t.keep_made("Shown10", 1)

    def overtake(phase, info):
        # Before 3.12 a collection runs while the wrapper is allocated, so that this one is the first.
        if not seen:
            seen.append(None)
            seen[0] = t.kept_cached(index)

    thresholds = gc.get_threshold()
    gc.callbacks.append(overtake)
    gc.set_threshold(1, 1, 1)
    try:
        found = t.kept_cached(index)
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(overtake)
    # Where none ran there is nothing to be overtaken by.
    seen = seen or [found]
    gc.collect()
    assert found is seen[0] and type(found) is Overtaken and found.val == 1 and not died
    # The wrapper that came too late serves another object.
    other = t.make_by_name("Shown10", {"val": 2})
    assert type(other) is Overtaken and (other.val, found.val) == (2, 1)
    del other
    assert died == [2]
    seen.clear()
    del found
    t.drop_kept()
    assert died == [2, 1] and ffi.live_objects(Overtaken) == 0
