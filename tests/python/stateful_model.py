"""A model of who keeps what alive, for random programs (`test_stateful.py`).

It knows the rules of docs/src/ownership.md and nothing of how they are kept:

- An `Object`, in Rust, has *owners*: fields and elements of living objects, the shelf, a thread, and wrappers that are
  not canonical. Without owners it lives as long as its canonical wrapper; without that too, it is dead.
- A `Wrapper`, in Python, has *references*: variables, attributes of living wrappers, the list of those that `__del__`
  has brought back, and, if it is canonical, one of its object's while that has owners. Without references it is dead.
- Death comes at once, and what it sets free dies with it: `World.settle`. `gc.collect()` takes rings of attributes that
  nothing else refers to, and no others: `World.collect`. A ring that leads through an owner in Rust stays.
- `__del__` runs once. It may bring the wrapper back, which then lives on with all that it had.

Two rules are easily got wrong; a first draft had both wrong, and took itself for right until a program of thousands did
not agree. A wrapper dies *between* two lines of a program, and its `__del__` sees what is there at that moment: a program
that cuts two ties, and lets the model settle only after both, is not the program that ran (a wrapper that was armed when
it died was no longer armed in the model). And a wrapper that is made in passing, as by a loop over a list, can outlive
every way to it, in a ring of nodes that have no wrapper themselves: whoever has one made must look at it at once.
"""

import collections
from typing import NamedTuple

VARIABLES = 10


class Field(NamedTuple):
    """A field that holds an object."""

    kind: str  # of the object
    fixed: bool = False  # cannot be set after construction
    optional: bool = False  # may be None
    default: bool = False  # if it is left out, a new object is made
    weak: bool = False  # does not own; None once the object is dead


FIELDS = {
    "Inner": {},
    "Leaf": {},
    "List": {},
    "Map": {},
    "Outer": {"x": Field("Inner", fixed=True)},
    "Maybe": {"leaf": Field("Leaf", fixed=True, optional=True)},
    "Node": {"next": Field("Node", optional=True), "prev": Field("Node", weak=True)},
    "Holder": {
        "inner": Field("Inner"),
        "maybe": Field("Inner", optional=True),
        "weak": Field("Inner", weak=True),
        "list": Field("List", fixed=True, default=True),
        "map": Field("Map", fixed=True, default=True),
    },
}
WITH_VALUE = ("Inner", "Leaf", "Node")


class Object:
    """A struct in Rust."""

    def __init__(self, kind, val=None):
        self.kind, self.val = kind, val
        self.fields = dict.fromkeys(FIELDS[kind])  # objects or None
        self.items = []  # of a list: objects
        self.entries = {}  # of a map: objects by keys
        self.wrapper = None  # the canonical one
        self.alive = True

    def owned(self):
        for name, child in self.fields.items():
            if child and not FIELDS[self.kind][name].weak:
                yield child
        yield from self.items
        yield from self.entries.values()

    def inside(self):
        """All that can be read from it: the object, and a function that reads it from the truth."""
        for name, child in self.fields.items():
            yield child, lambda value, name=name: getattr(value, name)
        for index, child in enumerate(self.items):
            yield child, lambda value, index=index: value[index]
        for key, child in self.entries.items():
            yield child, lambda value, key=key: value[key]


# What a wrapper is to its object.
CANONICAL, FRESH, MOVED, GIVING, SPENT = "canonical", "fresh", "moved", "giving", "spent"
USABLE = (CANONICAL, FRESH)
OWNING = (CANONICAL, FRESH, GIVING)  # can be passed to a function that takes an owner
ANY = (CANONICAL, FRESH, MOVED, GIVING, SPENT)


class Wrapper:
    """A Python object that stands for a struct."""

    def __init__(self, cls, stake, obj):
        self.cls, self.stake, self.obj = cls, stake, obj
        self.attributes = {}  # wrappers by names
        self.armed = None  # what `__del__` will do: "rust" or "python" get the wrapper back
        self.finalized = False  # `__del__` has run
        self.address = None
        self.watches = []  # weak references, which the truth fills in

    @property
    def seen_by_del(self):
        return self.obj.val if self.stake is CANONICAL else "moved"


class World:
    """All objects, all wrappers, and what keeps them."""

    def __init__(self):
        self.objects, self.wrappers = [], []
        self.variables = [None] * VARIABLES
        self.risen = []  # wrappers that `__del__` has given to Python again
        self.shelf = []  # objects that Rust owns in a static
        self.thread = None  # an object that a thread of Rust's owns
        # Since someone looked last: wrappers whose weak references were cleared, and calls of `__del__`.
        self.cleared, self.finalizers = [], []
        # Wrappers that `__del__` has brought back, whose order is not known yet.
        self.reborn = []

    # What comes into being

    def new(self, kind, val=None, **fields):
        obj = Object(kind, val)
        for name, field in FIELDS[kind].items():
            obj.fields[name] = fields.get(name) or (self.new(field.kind) if field.default else None)
        self.objects.append(obj)
        return obj

    def new_wrapper(self, cls, stake, obj):
        wrapper = Wrapper(cls, stake, obj)
        self.wrappers.append(wrapper)
        return wrapper

    def wrap(self, obj, cls):
        """The canonical wrapper: the one there is, or one of class `cls`."""
        if obj.wrapper is None:
            obj.wrapper = self.new_wrapper(cls, CANONICAL, obj)
        return obj.wrapper

    def result(self, obj, owners, cls):
        """The wrapper of what a function gives back, together with an owner, while there are `owners`."""
        if obj.wrapper is None and owners == 1 or obj.wrapper is not None and obj.wrapper.cls.has_state:
            return self.wrap(obj, cls)
        return self.new_wrapper(cls, FRESH, obj)

    def take(self, wrapper):
        """The object, after the wrapper was passed to a function that takes an owner."""
        obj = wrapper.obj
        if wrapper.stake is GIVING:
            wrapper.stake, wrapper.obj = SPENT, None
        return obj

    def move(self, wrapper):
        """The object, after it was moved away from the wrapper, which goes on owning it."""
        if wrapper.stake is CANONICAL:
            wrapper.obj.wrapper = None
        wrapper.stake = MOVED
        return wrapper.obj

    # What is kept

    def counts(self):
        """The owners of each object, and the references on each wrapper."""
        owners = collections.Counter(self.shelf)
        owners.update([self.thread] if self.thread else [])
        for obj in self.objects:
            owners.update(obj.owned())
        owners.update(wrapper.obj for wrapper in self.wrappers if wrapper.stake in (FRESH, MOVED, GIVING))
        references = collections.Counter(filter(None, self.variables))
        references.update(self.risen)
        for wrapper in self.wrappers:
            references.update(wrapper.attributes.values())
            if wrapper.stake is CANONICAL and owners[wrapper.obj]:
                references[wrapper] += 1  # the pin
        return owners, references

    def owners(self, obj):
        """Those that are told of: not the owners of wrappers that were moved from."""
        moved = sum(wrapper.stake is MOVED and wrapper.obj is obj for wrapper in self.wrappers)
        return self.counts()[0][obj] - moved

    # What ceases to be

    def settle(self, log):
        """Whatever nothing keeps dies, and what it kept, and so on.

        `log` has the addresses for which `__del__` was called, in this order, which the model does not know: it only
        shows in what was brought back.
        """
        while True:
            owners, references = self.counts()
            wrappers = [wrapper for wrapper in self.wrappers if not references[wrapper]]
            objects = [obj for obj in self.objects if obj.wrapper is None and not owners[obj]]
            if not wrappers and not objects:
                break
            risen = [wrapper for wrapper in wrappers if self.finalize(wrapper)]
            self.bury([wrapper for wrapper in wrappers if wrapper not in risen], objects)
        order = {address: place for place, address in enumerate(log)}
        self.reborn.sort(key=lambda wrapper: order.get(wrapper.address, -1))
        shelved = [wrapper.obj for wrapper in self.reborn if wrapper.armed == "rust"]
        risen = [wrapper for wrapper in self.reborn if wrapper.armed == "python"]
        self.shelf[len(self.shelf) - len(shelved) :] = shelved
        self.risen[len(self.risen) - len(risen) :] = risen
        self.reborn.clear()

    def finalize(self, wrapper):
        """Calls `__del__`, the first time; whether it brings the wrapper back."""
        if wrapper.finalized or not wrapper.cls.has_del:
            return False
        wrapper.finalized = True
        self.finalizers.append((wrapper, wrapper.seen_by_del))
        if wrapper.stake is not CANONICAL or not wrapper.armed:
            return False
        if wrapper.armed == "rust":
            self.shelf.append(wrapper.obj)
        else:
            self.risen.append(wrapper)
        self.reborn.append(wrapper)
        return True

    def bury(self, wrappers, objects=()):
        self.cleared += wrappers
        for obj in objects:
            obj.alive = False
        for wrapper in wrappers:
            if wrapper.stake is CANONICAL:
                wrapper.obj.alive = False
        gone = set(wrappers)
        self.wrappers = [wrapper for wrapper in self.wrappers if wrapper not in gone]
        self.objects = [obj for obj in self.objects if obj.alive]
        for obj in self.objects:
            for name, field in FIELDS[obj.kind].items():
                if field.weak and obj.fields[name] and not obj.fields[name].alive:
                    obj.fields[name] = None

    def collect(self):
        """`gc.collect()`, after the world has settled.

        It clears the weak references of all that it finds, then calls `__del__`; what is brought back lives on, with
        what it refers to, but new weak references must be made.
        """
        garbage = self.garbage()
        risen = {wrapper for wrapper in garbage if self.finalize(wrapper)}
        saved = self.reachable(risen)
        self.cleared += [wrapper for wrapper in garbage if wrapper in saved]
        self.bury([wrapper for wrapper in garbage if wrapper not in saved])
        return len(garbage), len(risen)

    def garbage(self):
        """Tracked wrappers that only attributes of each other refer to."""
        _, references = self.counts()
        tracked = [wrapper for wrapper in self.wrappers if wrapper.cls.has_state]
        for wrapper in tracked:
            references.subtract(wrapper.attributes.values())
        alive = self.reachable({wrapper for wrapper in tracked if references[wrapper] > 0})
        return [wrapper for wrapper in tracked if wrapper not in alive]

    @staticmethod
    def reachable(wrappers):
        """These, and what their attributes lead to."""
        found, waiting = set(wrappers), list(wrappers)
        while waiting:
            for wrapper in waiting.pop().attributes.values():
                if wrapper not in found:
                    found.add(wrapper)
                    waiting.append(wrapper)
        return found
