"""What is really there, beside the model of it, and whether the two agree (`test_stateful.py`)."""

import collections
import gc
import operator
import weakref

import ffi_test as t
from ffi_test import ffi
from stateful_classes import NATIVE, log, risen
from stateful_model import FIELDS, FRESH, USABLE, VARIABLES, WITH_VALUE, World

# What has been done, for whoever wants to know whether a run was worth its time.
figures = collections.Counter()


class Truth:
    """The real variables and weak references, and the world that is to agree with them."""

    def __init__(self):
        gc.collect()
        # What Hypothesis has made and keeps need not be looked at again.
        gc.freeze()
        self.world = World()
        self.values = [None] * VARIABLES
        self.before = collections.Counter(ffi.live_objects())

    # Between the model and the truth

    def put(self, slot, wrapper, value):
        """Assigns to a variable."""
        self.meet(wrapper, value)
        self.world.variables[slot], self.values[slot] = wrapper, value

    def meet(self, wrapper, value):
        """What the model calls `wrapper` turns out to be `value`."""
        if wrapper.address is None:
            wrapper.address = id(value)
        if wrapper.watches:
            assert wrapper.watches[0][0]() is value, f"another {name_of(wrapper)}"
        else:
            self.watch(wrapper, value)
        assert id(value) == wrapper.address and type(value) is wrapper.cls.type

    def watch(self, wrapper, value):
        """Another weak reference, whose callback notes that it was called."""
        called = []
        wrapper.watches.append((weakref.ref(value, called.append), called))

    def watched(self):
        """The wrappers that a weak reference can find: not those that the collector, but not death, took it from."""
        return [wrapper for wrapper in self.world.wrappers if wrapper.watches]

    def wrap(self, obj):
        """The canonical wrapper, which Python is about to see."""
        return self.world.wrap(obj, NATIVE[obj.kind])

    # Whether they agree

    def compare(self):
        """Compares all that can be seen, without making anything that was not there."""
        world = self.world
        world.settle([address for address, _ in log])
        # First: `live_objects` would see to what other threads have left to do.
        self.compare_deaths()
        live = collections.Counter(ffi.live_objects())
        live.subtract(self.before)
        expected = collections.Counter(NATIVE[obj.kind].type for obj in world.objects)
        assert +live == expected and not -live, f"alive are {dict(live)}, not {dict(expected)}"
        for wrapper, value in zip(world.variables, self.values, strict=True):
            assert (wrapper.watches[0][0]() if wrapper else None) is value
        owners, _ = world.counts()
        for wrapper in self.watched():
            self.compare_wrapper(wrapper, owners)
        figures["comparisons"] += 1
        figures["most objects"] = max(figures["most objects"], len(world.objects))

    def compare_deaths(self):
        """Weak references are dead and their callbacks were called once; so was `__del__`, which could read fields."""
        world = self.world
        for wrapper in world.cleared:
            for reference, called in wrapper.watches:
                assert reference() is None, f"a dead {name_of(wrapper)} lives"
                assert len(called) == 1, f"{len(called)} callbacks of a {name_of(wrapper)}"
            wrapper.watches.clear()
        expected = [(wrapper.address, seen) for wrapper, seen in world.finalizers]
        assert sorted(log, key=str) == sorted(expected, key=str), f"__del__: {log}, not {expected}"
        assert [id(value) for value in risen] == [wrapper.address for wrapper in world.risen]
        figures["deaths"] += len(world.cleared)
        figures["calls of __del__"] += len(log)
        for found in (world.cleared, world.finalizers, log):
            found.clear()

    def compare_wrapper(self, wrapper, owners):
        """Identity, state, attributes and fields of a living wrapper."""
        for reference, called in wrapper.watches:
            assert reference() is not None, f"a living {name_of(wrapper)} is dead"
            assert not called, f"the callback of a living {name_of(wrapper)} was called"
        value = wrapper.watches[0][0]()
        assert id(value) == wrapper.address and type(value) is wrapper.cls.type
        for name in ("a", "b"):
            found, modelled = getattr(value, name, None), wrapper.attributes.get(name)
            assert (found is None) == (modelled is None), f"{name} of a {name_of(wrapper)} is {found}"
            if modelled:
                self.meet(modelled, found)
        if wrapper.stake not in USABLE:
            assert is_unusable(wrapper.cls.kind, value), f"a {name_of(wrapper)} can be used"
            return
        obj = wrapper.obj
        own = int(wrapper.stake is FRESH)
        state = "bare" if obj.wrapper is None else "shared" if owners[obj] else "python"
        found, modelled = (ffi.state(value), ffi.owners(value)), (state, self.world.owners(obj) - own)
        assert found == modelled, f"{name_of(wrapper)}: {found}, not {modelled}"
        if own and obj.wrapper and obj.wrapper.watches:
            canonical = obj.wrapper.watches[0][0]()
            assert value is not canonical and value == canonical and hash(value) == hash(canonical)
        self.compare_object(obj, value)

    def compare_object(self, obj, value):
        """What can be read from an object. A child without a wrapper is not read, which would make one."""
        if obj.kind in WITH_VALUE:
            assert value.val == obj.val
        if obj.kind in ("List", "Map"):
            assert len(value) == len(obj.items) + len(obj.entries)
        for child, read in obj.inside():
            if child is None:
                assert read(value) is None
            elif child.wrapper:
                self.meet(child.wrapper, read(value))
                assert read(value) is read(value)

    # The end

    def end(self):
        """Lets go of everything, tie by tie. All must be dead then, but for rings of nodes that nothing leads to."""
        for slot in range(VARIABLES):
            self.assign(slot, None, None)
        if self.world.thread:
            self.let_go_in_thread()
            self.compare()
        # What is brought back from the dead can have ties again, so until nothing is left to cut.
        while self.cut_ties() + self.empty_shelf() + self.collect():
            pass
        assert not self.world.wrappers, [name_of(wrapper) for wrapper in self.world.wrappers]
        assert all(obj.kind == "Node" and obj.fields["next"] for obj in self.world.objects)
        figures["programs"] += 1

    def assign(self, slot, wrapper, value):
        self.world.variables[slot], self.values[slot] = wrapper, value
        self.compare()

    def cut_ties(self):
        cut = 0
        for wrapper in self.watched():
            if not wrapper.watches:
                continue  # it has died meanwhile
            self.assign(0, wrapper, wrapper.watches[0][0]())
            for name in list(wrapper.attributes):
                delattr(self.values[0], name)
                del wrapper.attributes[name]
                self.compare()
                cut += 1
            if wrapper.stake in USABLE and wrapper.obj.fields.get("next"):
                self.values[0].next = wrapper.obj.fields["next"] = None
                self.compare()
                cut += 1
            self.assign(0, None, None)
        return cut

    def empty_shelf(self):
        emptied = len(self.world.shelf) + len(self.world.risen)
        while self.world.shelf:
            self.unshelve(0)
            self.compare()
        while self.world.risen:
            self.take_risen(0)
            self.compare()
        self.assign(0, None, None)
        return emptied

    def unshelve(self, slot):
        obj = self.world.shelf[-1]
        owners = self.world.owners(obj)
        self.world.shelf.pop()
        self.put(slot, self.world.result(obj, owners, NATIVE[obj.kind]), t.unshelve())

    def let_go_in_thread(self):
        t.let_go_elsewhere()
        self.world.thread = None

    def take_risen(self, slot):
        self.put(slot, self.world.risen.pop(), risen.pop())

    def collect(self):
        """One run of the collector."""
        gc.collect()
        garbage, saved = self.world.collect()
        self.compare()
        figures["collected"] += garbage
        figures["saved from the collector"] += saved
        return garbage

    def give_up(self):
        """Lets go of everything, whatever the model says, so that the next program finds nothing of this one."""
        self.values = [None] * VARIABLES
        if self.world.thread:
            t.let_go_elsewhere()
        for _ in range(2):
            for wrapper in self.world.wrappers:
                value = wrapper.watches[0][0]() if wrapper.watches else None
                for name in ("a", "b", "armed"):
                    if hasattr(value, name):
                        delattr(value, name)
            del value
            t.clear_shelf()
            risen.clear()
            gc.collect()
        log.clear()


def name_of(wrapper):
    return f"{wrapper.cls.type.__name__}, {wrapper.stake}"


def is_unusable(kind, value):
    """Whether each use of a wrapper that was moved from, or is being moved, is an error."""
    look = len if kind in ("List", "Map") else operator.attrgetter(next(iter(FIELDS[kind]), "val"))
    for use in (look, ffi.state, ffi.owners):
        try:
            use(value)
        except ReferenceError:
            continue
        return False
    return True
