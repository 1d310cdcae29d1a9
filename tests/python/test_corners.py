"""What Python can observe of an object lives exactly as long as the object: every corner, for every kind of class."""

import abc
import copy
import gc
import os
import pickle
import sys
import threading
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi
from programs import outcome, run


class Sub(t.Inner):
    pass


class SubSub(Sub):
    pass


class Slotted(t.Inner):
    __slots__ = ("slot",)


class Mixin:
    def double(self):
        return 2 * self.val


class Mixed(Mixin, t.Inner):
    pass


class Abstract(t.Inner, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def answer(self):
        """What concrete classes say."""


class Concrete(Abstract):
    def answer(self):
        return self.val


@ffi.define
class Defined(t.Inner):
    """A class with fields of its own."""

    __slots__ = ("__dict__",)

    label: str = "none"
    next: t.Inner | None = ffi.field(default=None, repr=False)


class SubDefined(Mixin, Defined):
    __slots__ = ("slot",)


KINDS = [t.Inner, Sub, SubSub, Slotted, Mixed, Concrete, Defined, SubDefined]
SUBCLASSES = KINDS[1:]
every_kind = pytest.mark.parametrize("cls", KINDS)
every_subclass = pytest.mark.parametrize("cls", SUBCLASSES)


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    t.clear_shelf()
    gc.collect()
    before = ffi.live_objects(t.Inner)
    yield
    t.clear_shelf()
    gc.collect()
    assert ffi.live_objects(t.Inner) == before


def owned_by_rust(cls, val=1):
    """An owner in Rust, and what Python can know of the object without holding it."""
    wrapper = cls(val)
    fired = []
    weak = weakref.ref(wrapper, fired.append)
    t.shelve(wrapper)
    return weak, fired, id(wrapper)


@every_kind
def test_identity_and_type_survive_any_number_of_refetches(cls):
    outer = t.Outer(cls(1))
    number = id(outer.x)
    for _ in range(100):
        gc.collect(0)
        assert id(outer.x) == number and type(outer.x) is cls


@every_kind
def test_weak_references_are_there_until_the_object_dies_in_rust(cls):
    weak, fired, number = owned_by_rust(cls)
    for _ in range(3):
        gc.collect()
        assert id(weak()) == number and type(weak()) is cls and not fired
    t.clear_shelf()
    assert weak() is None and fired == [weak]


@every_kind
def test_weak_references_are_there_until_the_object_dies_in_python(cls):
    wrapper = cls(1)
    outer = t.Outer(wrapper)
    fired = []
    weak = weakref.ref(wrapper, fired.append)
    del outer
    gc.collect()
    assert weak() is wrapper and not fired
    del wrapper
    assert weak() is None and fired == [weak]


@every_kind
def test_a_rust_thread_may_be_the_last_to_let_go(cls):
    wrapper = cls(1)
    fired = []
    weak = weakref.ref(wrapper, fired.append)
    t.keep_elsewhere(wrapper)
    del wrapper
    gc.collect()
    assert weak() is not None
    t.let_go_elsewhere()
    # The call ends with a look at what detached threads gave back.
    assert weak() is None and fired == [weak]


@every_kind
def test_finalizers_and_weak_dictionaries(cls):
    calls = []
    keys, values = weakref.WeakKeyDictionary(), weakref.WeakValueDictionary()
    outer = t.Outer(cls(1))
    finalizer = weakref.finalize(outer.x, calls.append, "dead")
    keys[outer.x] = "kept"
    values["x"] = outer.x
    gc.collect()
    assert finalizer.alive and keys[outer.x] == "kept" and values["x"] is outer.x
    del outer
    gc.collect()
    assert calls == ["dead"] and not finalizer.alive and len(keys) == len(values) == 0


@every_subclass
def test_attributes_and_slots_survive(cls):
    wrapper = cls(1)
    if cls is Slotted:
        wrapper.slot = [1]
    else:
        wrapper.attribute = [1]
    weak, number = weakref.ref(wrapper), id(wrapper)
    t.shelve(wrapper)
    del wrapper
    gc.collect()
    back = weak()
    assert id(back) == number and (back.slot if cls is Slotted else back.attribute) == [1]


@every_subclass
def test_a_weak_reference_taken_while_only_rust_owns_keeps_the_whole_object(cls):
    weak, fired, _ = owned_by_rust(cls, 7)
    gc.collect()
    wrapper = weak()
    t.clear_shelf()
    assert wrapper.val == 7 and type(wrapper) is cls and ffi.state(wrapper) == "python" and not fired


@every_subclass
def test_del_runs_once_at_the_real_death(cls):
    seen = []

    class Dying(cls):
        def __del__(self):
            seen.append(self.val)

    outer = t.Outer(Dying(5))
    for _ in range(5):
        assert outer.x.val == 5
        gc.collect()
    assert not seen
    del outer
    gc.collect()
    assert seen == [5]


@every_subclass
def test_del_may_resurrect_into_python(cls):
    kept = []

    class Stubborn(cls):
        def __del__(self):
            kept.append(self)

    Stubborn(5)
    outer = t.Outer(kept.pop())
    gc.collect()
    assert not kept and outer.x.val == 5
    del outer
    gc.collect()
    # As for any Python object, `__del__` is called once.
    assert not kept


@every_subclass
def test_del_may_hand_the_object_to_rust(cls):
    class Moving(cls):
        def __del__(self):
            t.shelve(self)

    number = id(wrapper := Moving(5))
    del wrapper
    gc.collect()
    back = t.unshelve()
    assert id(back) == number and type(back) is Moving and back.val == 5


@every_subclass
def test_del_assigned_to_the_class_later_and_super(cls):
    seen = []

    class Base(cls):
        def __del__(self):
            seen.append("base")

    class Late(Base):
        pass

    t.shelve(Late(1))

    def late_del(self):
        seen.append(self.val)
        super(Late, self).__del__()

    Late.__del__ = late_del
    t.clear_shelf()
    gc.collect()
    assert seen == [1, "base"]


@pytest.mark.parametrize("cls", [c for c in SUBCLASSES if c is not Slotted])
def test_python_cycles_survive_while_rust_owns_and_are_collected_afterwards(cls):
    one, two = cls(1), cls(2)
    one.me, one.other, two.other = one, two, one
    fired = []
    weak = [weakref.ref(w, fired.append) for w in (one, two)]
    t.shelve(one)
    del one, two
    gc.collect()
    assert not fired and weak[0]().me is weak[0]() and weak[0]().other.other is weak[0]()
    t.clear_shelf()
    gc.collect()
    assert len(fired) == 2


@every_subclass
def test_class_assignment_between_subclasses(cls):
    class Twin(cls):
        __slots__ = ()

    class Other(cls):
        __slots__ = ()

    wrapper = Twin(1)
    outer = t.Outer(wrapper)
    wrapper.__class__ = Other
    del wrapper
    gc.collect()
    assert type(outer.x) is Other and outer.x.val == 1
    for native, new in ((t.Inner(1), Sub), (Sub(1), t.Inner)):
        with pytest.raises(TypeError, match="__class__ assignment only supported for"):
            native.__class__ = new


@every_kind
def test_what_has_no_object_is_an_error_on_use(cls):
    if cls is not t.Inner:

        class Lazy(cls):
            def __init__(self):
                """Never calls super().__init__()."""

        empties = [Lazy(), cls.__new__(cls)]
    else:
        empties = [t.Inner.__new__(t.Inner)]
    for empty in empties:
        for use in (lambda w: w.val, t.borrow, t.shelve, t.Outer, ffi.state, copy.copy, pickle.dumps):
            with pytest.raises(RuntimeError, match=r"__init__\(\) has not been called"):
                use(empty)
        assert weakref.ref(empty)() is empty and empty == empty and hash(empty) == hash(empty)
    with pytest.raises(TypeError, match="is not safe"):
        object.__new__(cls)


def test_abstract_classes_are_not_made():
    for make in (Abstract, lambda val: Abstract.__new__(Abstract)):
        with pytest.raises(TypeError, match="abstract class Abstract with.* abstract method '?answer'?"):
            make(1)
    assert Concrete(2).answer() == 2


@every_kind
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_copies_and_pickles_are_of_the_same_class(cls, protocol):
    wrapper = cls(3)
    if cls is Slotted:
        wrapper.slot = "s"
    elif cls is not t.Inner:
        wrapper.note = ["n"]
    for twin in (copy.copy(wrapper), copy.deepcopy(wrapper), pickle.loads(pickle.dumps(wrapper, protocol))):
        assert type(twin) is cls and twin is not wrapper and twin != wrapper and twin.val == 3
        assert getattr(twin, "slot", None) == getattr(wrapper, "slot", None)
        assert getattr(twin, "note", None) == getattr(wrapper, "note", None)


@every_subclass
def test_moving_leaves_a_harmless_wrapper_and_a_new_canonical_one(cls):
    outer = t.Outer(cls(4))
    wrapper = outer.x
    if cls is not Slotted:
        wrapper.note = "stays here"
    fired = []
    weak = weakref.ref(wrapper, fired.append)
    t.shelve(wrapper._move())
    with pytest.raises(ReferenceError):
        wrapper.val  # noqa: B018
    fresh = outer.x
    appears_as = Defined if issubclass(cls, Defined) else t.Inner
    assert fresh is not wrapper and type(fresh) is appears_as and fresh.val == 4 and outer.x is fresh
    if cls is not Slotted:
        assert wrapper.note == "stays here"
    del wrapper
    assert weak() is None and len(fired) == 1 and fresh.val == 4


@every_subclass
def test_threads_read_what_other_threads_drop(cls):
    outers = [t.Outer(cls(i)) for i in range(200)]
    start = threading.Barrier(4)
    errors = []

    def read(part):
        try:
            start.wait()
            for _ in range(20):
                for outer in outers:
                    assert type(outer.x) is cls and outer.x.val >= 0
                    weakref.ref(outer.x)
                if part == 0:
                    gc.collect(0)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=read, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_atexit_handlers_can_still_use_objects():
    result = run("""
        import atexit
        import ffi_test as t
        class Sub(t.Inner):
            pass
        t.shelve(Sub(1))
        outer = t.Outer(Sub(2))
        def last():
            back = t.unshelve()
            t.keep_elsewhere(outer.x)
            t.let_go_elsewhere()
            print(type(back).__name__, back.val, outer.x.val)
        atexit.register(last)
        import sys
        sys.modules["keep"] = [outer, t.chain(1000)]
    """)
    assert outcome(result) == (0, "Sub 1 2\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_forked_child_can_use_objects():
    result = run("""
        import os, sys, warnings
        import ffi_test as t
        warnings.simplefilter("ignore")
        outer = t.Outer(t.Inner(1))
        number = id(outer.x)
        t.shelve(t.Inner(2))
        t.keep_elsewhere(t.Inner(3))
        pid = os.fork()
        if pid == 0:
            ok = id(outer.x) == number and t.unshelve().val == 2 and t.chain(100).next.val == 1
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        t.let_go_elsewhere()
        print(id(outer.x) == number, t.unshelve().val)
    """)
    assert outcome(result) == (0, "True 2\n", "")


@every_kind
def test_the_reference_count_shows_one_pin_however_many_owners(cls):
    wrapper = cls(1)
    alone = sys.getrefcount(wrapper)
    outer = t.Outer(wrapper)
    assert (ffi.state(wrapper), ffi.owners(wrapper), sys.getrefcount(wrapper)) == ("shared", 1, alone + 1)
    others = [t.Outer(wrapper) for _ in range(10)]
    t.shelve(wrapper)
    assert (ffi.state(wrapper), ffi.owners(wrapper), sys.getrefcount(wrapper)) == ("shared", 12, alone + 1)
    del outer, others
    assert (ffi.state(wrapper), ffi.owners(wrapper), sys.getrefcount(wrapper)) == ("shared", 1, alone + 1)
    t.clear_shelf()
    assert (ffi.state(wrapper), ffi.owners(wrapper), sys.getrefcount(wrapper)) == ("python", 0, alone)


def test_a_second_import_gives_the_same_classes():
    result = run("""
        import gc, sys
        import ffi_test as first
        first.shelve(first.Inner(1))
        kept = first.Outer(first.Inner(2))
        for name in [name for name in sys.modules if name.partition(".")[0] == "ffi_test"]:
            del sys.modules[name]
        import ffi_test as second
        assert second is not first and second.Inner is first.Inner and second.ffi.List is first.ffi.List
        del first
        gc.collect()
        print(second.unshelve().val, second.borrow(kept.x), second.ffi.live_objects(second.Inner))
    """)
    assert outcome(result) == (0, "1 2 1\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_children_forked_while_threads_let_go_can_use_objects():
    result = run("""
        import os, time, warnings, weakref
        import ffi_test as t
        warnings.simplefilter("ignore")
        nodes = t.ffi.List([t.Node(i) for i in range(20)])
        t.start_churn(nodes, 2)

        def child():
            for i in range(20):
                inner = t.Inner(i)
                weak = weakref.ref(inner)
                t.keep_elsewhere(inner)
                del inner
                t.let_go_elsewhere()
                if weak() is not None:
                    return 1
            t.shelve(t.Inner(1))
            weak = weakref.ref(t.identity_cached(t.unshelve()))
            inner = t.Inner(2)
            weak = weakref.ref(inner)
            t.shelve(inner)
            del inner
            t.clear_shelf_elsewhere(1)
            deadline = time.monotonic() + 5
            while weak() is not None and time.monotonic() < deadline:
                pass
            return 2 if weak() is not None else 0

        for _ in range(30):
            [node.next for node in nodes]
            pid = os.fork()
            if pid == 0:
                os._exit(child())
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        print(t.stop_churn() > 0)
    """)
    assert outcome(result) == (0, "True\n", "")
