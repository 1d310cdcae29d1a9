"""ffi.define: inheritance, copies, Rust and lifetimes."""

import abc
import copy
import gc
import inspect
import os
import pickle
import sys
import typing
import weakref
from typing import Any, Callable, TypeVar

import pytest

import ffi_test as t
from defined_classes import Color, Fixed, Leaf, Node, holding, nothing_is_left_behind  # noqa: F401
from ffi_test import ffi


@ffi.define
class Constant(t.Expr):
    value: float

    def __neg__(self):
        return Constant(-self.value)


@ffi.define
class Add(t.Expr):
    left: t.Expr
    right: t.Expr


@ffi.define
class Big(t.Wide):
    more: int = 3
    text: str = "t"


def test_classes_of_rust_are_extended():
    with pytest.raises(TypeError, match="cannot create 'Expr' instances"):
        t.Expr()
    one = Constant(1, note=[1])
    assert (one.value, one.note, one.serial) == (1.0, [1], 7) and (-one).value == -1.0
    # A method of Rust's, on a field that only Rust sees.
    assert (one.visit(), one.visit()) == (1, 2)
    assert repr(one) == "Constant(note=[1], serial=7, value=1.0)"
    assert str(inspect.signature(Constant)) == "(value, *, note=Ellipsis)" or "note" in str(inspect.signature(Constant))
    negate = t.Negate(one)
    total = Add(negate, one)
    assert total.left is negate and negate.operand is one is total.right
    with pytest.raises(TypeError, match=r"^Add.left: expected Expr, got Node$"):
        total.left = Node("a")
    with pytest.raises(TypeError, match=r"^Negate.operand: expected Expr, got Node$"):
        negate.operand = Node("a")


def test_alignment_and_options_of_the_base():
    big, same = Big(1), Big(1)
    assert (big.val, big.more, big.text) == (1, 3, "t")
    assert big != same and t.Wide(1) == t.Wide(1)
    assert ffi.type_info(Big).size % 64 == 0
    big.more, big.text = 4, "u"
    assert (big.val, big.more, big.text) == (1, 4, "u")


def test_mixins_abstract_bases_and_generics():
    class Loud:
        def shout(self):
            return self.word.upper()

    T = TypeVar("T")

    class Speaker(abc.ABC):
        @abc.abstractmethod
        def speak(self):
            """What concrete classes say."""

    @ffi.define
    class Dog(Loud, ffi.Object, typing.Generic[T], Speaker, metaclass=abc.ABCMeta):
        word: str = "wau"

        def speak(self):
            return self.word

    assert Dog().shout() == "WAU" and Dog().speak() == "wau" and isinstance(Dog(), Speaker) and Dog[int]

    @ffi.define
    class Silent(ffi.Object, Speaker, metaclass=abc.ABCMeta):
        word: str = ""

    with pytest.raises(TypeError, match="abstract"):
        Silent()


def test_plain_subclasses():
    class Sub(Leaf):
        extra = 1

        def total(self):
            return super().total() + 1000

    sub = Sub("s", size=4)
    sub.note = "has a dict"
    assert sub.total() == 1101.0 and sub.size == 4
    holder = Node("h", kids=[sub])
    number = id(sub)
    del sub
    gc.collect()
    assert type(holder.kids[0]) is Sub and id(holder.kids[0]) == number and holder.kids[0].note == "has a dict"


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(2, 6)]]
)
def test_copies_and_pickles(duplicate):
    leaf = Leaf("l", weight=2.0, color=Color.GREEN, size=9)
    other = duplicate(leaf)
    assert type(other) is Leaf and other is not leaf and repr(other) == repr(leaf)
    fixed = Fixed(1, any=(1, "a"))
    assert duplicate(fixed) == fixed


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_cycles_and_sharing_are_kept(duplicate):
    root = Node("root")
    kid = Node("kid", parent=root)
    root.kids.extend([kid, kid])
    other = duplicate(root)
    assert other.kids[0] is other.kids[1] and other.kids[0].parent is other and other is not root
    # Cycles through children that have more than one owner in Rust are not collected.
    kid.parent = other.kids[0].parent = None


def test_replace():
    leaf = Leaf("l", size=3)
    other = leaf.__replace__(name="m", color=Color.GREEN)
    assert (other.name, other.size, other.color, leaf.name) == ("m", 3, Color.GREEN, "l") and other.kids is leaf.kids
    with pytest.raises(TypeError, match="unexpected keyword argument 'nmae'"):
        leaf.__replace__(nmae="m")
    if sys.version_info >= (3, 13):
        assert copy.replace(leaf, name="m").name == "m"


def test_rust_reads_writes_and_makes():
    node = Node("a", weight=2)
    assert t.field_names(node) == ("name", "kids", "weight", "parent")
    assert t.read_field(node, "weight") == 2.0 and t.read_field(node, "kids") is node.kids
    t.write_field(node, "weight", 3)
    t.write_field(node, "parent", node)
    assert node.weight == 3.0 and node.parent is node
    with pytest.raises(TypeError, match=r"^Node.weight: expected float, got str$"):
        t.write_field(node, "weight", "x")
    with pytest.raises(TypeError, match=r"^Node.parent: expected Node \| None, got int$"):
        t.write_field(node, "parent", 1)
    node.parent = None
    made = t.make_by_name(f"{Node.__module__}.Node", {"name": "made"})
    assert type(made) is Node and made.name == "made" and isinstance(made.kids, ffi.List) and made.total() == 1.0
    assert type(t.make_by_name(f"{Leaf.__module__}.Leaf", {"name": "l"})) is Leaf
    with pytest.raises(TypeError, match=r"^Node\(\) missing required argument: 'name'$"):
        t.make_by_name(f"{Node.__module__}.Node", {})
    leaf = t.make_by_name(f"{Leaf.__module__}.Leaf", {"name": "l", "color": Color.GREEN})
    assert leaf.color is Color.GREEN
    with pytest.raises(TypeError, match=r"^Leaf\(\) argument 'color': expected Color, got int$"):
        t.make_by_name(f"{Leaf.__module__}.Leaf", {"name": "l", "color": 1})


@ffi.define
class Counter(ffi.Object):
    count: int = 0
    text: str = "some text"
    inner: t.Inner | None = None


def test_threads_without_an_interpreter_make_and_change_them():
    before = ffi.live_objects(Counter)
    assert t.make_elsewhere("Counter", "count", 1000) == 1000
    assert ffi.live_objects(Counter) == before + 1000
    assert t.count_up_elsewhere("count") == 1000 * 1001 // 2
    assert ffi.live_objects(Counter) == before


def test_the_latest_definition_of_a_name_is_found():
    for number in range(3):

        @ffi.define
        class Again(ffi.Object):
            value: int = number

        assert t.make_by_name("Again", {}).value == number and type(t.make_by_name("Again", {})) is Again


def test_fields_of_rust_hold_them():
    @ffi.define
    class Special(t.Inner):
        label: str = "l"

    outer = t.Outer(Special(5, "x"))
    number = id(outer.x)
    gc.collect()
    assert type(outer.x) is Special and (id(outer.x), outer.x.label, outer.x.val) == (number, "x", 5)
    assert t.is_inner(outer.x) and not ffi.type_info(Special).traced


def test_cycles_are_collected():
    for make in [
        lambda node: setattr(node, "parent", node),
        lambda node: node.kids.append(node),
        lambda node: node.kids.append(Node("k", parent=node)),
        lambda node: node.kids.append(Leaf("k", kids=[[node]], parent=None)),
    ]:
        node = Node("a")
        make(node)
        weak = weakref.ref(node)
        del node
        gc.collect()
        assert weak() is None and ffi.live_objects(Node) == 0
    holding_any = holding(Any)
    one = holding_any([])
    one.x.append(one)
    weak, cls = weakref.ref(one), holding_any
    del one
    gc.collect()
    assert weak() is None and ffi.live_objects(cls) == 0
    call = holding(Callable)(print)
    call.x = lambda call=call: call
    weak = weakref.ref(call)
    del call
    gc.collect()
    assert weak() is None


def test_what_rust_owns_survives_a_collection_with_its_cycle():
    node = Node("a")
    node.parent = Node("p", parent=node)
    holder = Fixed(1, any=node)
    number = id(node)
    del node
    gc.collect()
    assert id(holder.any) == number and holder.any.parent.parent is holder.any
    holder.any.parent = None


def test_del_and_finalizers_run_once_with_fields_readable():
    calls = []

    @ffi.define
    class Mortal(ffi.Object):
        name: str
        other: Any = None

        def __del__(self):
            calls.append((self.name, self.other is not None))

    Mortal("a")
    assert calls == [("a", False)]
    cyclic = Mortal("b")
    cyclic.other = cyclic
    del cyclic
    gc.collect()
    assert calls == [("a", False), ("b", True)] and ffi.live_objects(Mortal) == 0


def test_a_long_chain_dies_without_deep_recursion():
    last = None
    for number in range(100_000):
        last = Node(str(number), parent=last, kids=[])
    del last
    assert ffi.live_objects(Node) == 0


def test_nothing_leaks():
    def rss():
        if not os.path.exists("/proc/self/statm"):
            return 0
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    def work(count):
        for number in range(count):
            leaf = Leaf("n", weight=number, color=Color.GREEN)
            leaf.kids.append(leaf)
            leaf.parent = leaf
            leaf.weight = leaf.weight + 1
            copy.copy(leaf).name = "m"
            leaf.kids.clear()
            leaf.parent = None
        gc.collect()

    work(5_000)
    before = rss()
    work(100_000)
    assert ffi.live_objects(Leaf) == 0
    assert rss() - before < 8_000_000
