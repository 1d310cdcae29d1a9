"""The classes that random programs make objects of (`test_stateful.py`)."""

from typing import NamedTuple

import ffi_test as t
from ffi_test import ffi

# Calls of `__del__`: the wrapper's address, and its object's value.
log = []
# Wrappers that `__del__` has given to Python again.
risen = []


def tell(wrapper):
    """Notes that `__del__` runs; whether the object can still be used."""
    try:
        log.append((id(wrapper), wrapper.val))
        return True
    except ReferenceError:
        log.append((id(wrapper), "moved"))
        return False


class Dict(t.Inner):
    """State in `__dict__`."""


class Deep(Dict):
    """State in both, and two classes away from the native one."""

    __slots__ = ("a",)


class Slots(t.Inner):
    """State in `__slots__`."""

    __slots__ = ("a", "b")


class Del(t.Inner):
    """Tells when it dies."""

    def __del__(self):
        tell(self)


class Phoenix(t.Inner):
    """If it is armed, Rust or Python get it back when it dies."""

    def __del__(self):
        if tell(self):
            armed = getattr(self, "armed", None)
            if armed == "rust":
                t.shelve(self)
            elif armed == "python":
                risen.append(self)


class DelNode(t.Node):
    """A node that tells when it dies."""

    def __del__(self):
        tell(self)


class DictHolder(t.Holder):
    """A holder with state."""


class DictList(ffi.List):
    """A list with state."""


class Class(NamedTuple):
    """A class, and the one of its objects."""

    type: type
    native: type

    def __repr__(self):
        return self.type.__name__

    @property
    def kind(self):
        return self.native.__name__

    @property
    def has_state(self):
        """Whether its instances have attributes, and so the collector tracks them."""
        return self.type is not self.native

    @property
    def has_del(self):
        return hasattr(self.type, "__del__")

    @property
    def can_rise(self):
        return self.type is Phoenix


NATIVE = [t.Inner, t.Leaf, t.Outer, t.Maybe, t.Holder, t.Node, ffi.List, ffi.Map]
NATIVE = {cls.__name__: Class(cls, cls) for cls in NATIVE}
# More than once what is wanted more often.
INNERS = [NATIVE["Inner"]] + [Class(cls, t.Inner) for cls in (Dict, Deep, Slots, Del, Phoenix, Phoenix, Phoenix)]
OTHERS = [Class(DelNode, t.Node), Class(DictHolder, t.Holder), Class(DictList, ffi.List)]
OTHERS += [cls for cls in NATIVE.values() if cls.kind != "Inner"]
