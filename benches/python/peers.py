"""Who is compared: the same types, as each of them has them.

A peer is a namespace. What it does not have (a dataclass has no `unseen`, PyO3 has no list) is a row that it is not in.
"""

import importlib
import pickle
from dataclasses import dataclass
from types import SimpleNamespace


class Peer(SimpleNamespace):
    """A way to have `Inner` with a number `val`, `Outer` with an object `x`, a function `f`, and perhaps more."""

    #: What is imported to have them.
    module = None
    #: Whether it is one of those whose memory is measured and which are shown in plots, rather than another flavour of one.
    main = True

    def has(self, *names):
        return all(hasattr(self, name) for name in names)


def _module(name, title, *, prefix="", suffix="", shared=()):
    """The types of a compiled module, of which a module has more than one kind."""
    module = importlib.import_module(name)
    peer = Peer(
        name=title,
        module=name,
        Inner=getattr(module, f"{prefix}Inner"),
        Outer=getattr(module, f"{prefix}Outer"),
        f=getattr(module, f"f{suffix}"),
    )
    for extra in shared:
        setattr(peer, extra, getattr(module, extra))
    peer.main = not prefix
    return peer


def ffi_object():
    shared = ("Node", "unseen", "mapping", "tree", "churn", "call_back", "adder", "fail")
    peer = _module("peer_ffi_object", "ffi-object", shared=shared)
    peer.List = importlib.import_module("peer_ffi_object").List
    return peer


def ffi_object_frozen():
    peer = _module("peer_ffi_object", "ffi-object, read-only", prefix="Frozen", suffix="_frozen")
    peer.main = True
    return peer


def pyo3():
    return _module("peer_pyo3", "PyO3", shared=("Node", "tree", "call_back", "adder", "fail"))


def pyo3_frozen():
    return _module("peer_pyo3", "PyO3, frozen", prefix="Frozen", suffix="_frozen")


def pyo3_cloned():
    return _module("peer_pyo3", "PyO3, cloned", prefix="Cloned", suffix="_cloned")


def nanobind():
    return _module("peer_nanobind", "nanobind", shared=("Node", "tree", "call_back", "adder", "fail"))


def nanobind_shared():
    return _module("peer_nanobind", "nanobind, shared_ptr", prefix="Shared", suffix="_shared")


def pybind11():
    return _module("peer_pybind11", "pybind11", shared=("Node", "tree", "call_back", "adder", "fail"))


def tvm_ffi():
    import tvm_ffi
    from tvm_ffi.dataclasses import py_class

    @py_class("bench.Inner")
    class Inner(tvm_ffi.Object):
        val: int

        def get(self):
            return self.val

    @py_class("bench.Outer")
    class Outer(tvm_ffi.Object):
        x: Inner

    f = tvm_ffi.convert_func(lambda b: b.val)
    return Peer(name="tvm-ffi", module="tvm_ffi", Inner=Inner, Outer=Outer, f=f)


class SlotsInner:
    __slots__ = ("val",)

    def __init__(self, val):
        self.val = val

    def get(self):
        return self.val


class SlotsOuter:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


class SlotsNode:
    __slots__ = ("left", "right", "number")

    def __init__(self, left, right, number):
        self.left = left
        self.right = right
        self.number = number


def _call_back(function, count):
    total = 0
    for number in range(count):
        total += function(number)
    return total


def _adder(n):
    def add(x):
        return x + n

    return add


def _fail():
    raise ValueError("no")


def slots():
    return Peer(
        name="__slots__",
        Inner=SlotsInner,
        Outer=SlotsOuter,
        Node=SlotsNode,
        List=list,
        f=lambda b: b.val,
        mapping=lambda count: {str(number): SlotsInner(number) for number in range(count)},
        call_back=_call_back,
        adder=_adder,
        fail=_fail,
    )


@dataclass
class DataInner:
    val: int

    def get(self):
        return self.val


@dataclass
class DataOuter:
    x: DataInner


def dataclasses():
    return Peer(name="dataclass", Inner=DataInner, Outer=DataOuter, f=lambda b: b.val)


#: In the order of the tables' columns.
ALL = (
    ffi_object,
    ffi_object_frozen,
    pyo3,
    pyo3_frozen,
    pyo3_cloned,
    nanobind,
    nanobind_shared,
    pybind11,
    tvm_ffi,
    slots,
    dataclasses,
)


def there():
    """The peers that this interpreter has, and why it lacks the others."""
    found, missing = [], {}
    for make in ALL:
        try:
            found.append(make())
            found[-1].factory = make.__name__
        except ImportError as error:
            missing[make.__name__] = str(error)
    return found, missing


def can_pickle(peer):
    try:
        pickle.dumps(peer.Inner(1))
    except Exception:  # whatever a peer raises for what it cannot do
        return False
    return True
