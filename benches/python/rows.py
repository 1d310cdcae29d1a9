"""What is measured: a statement, run on each peer that has what it needs."""

import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from peers import can_pickle

OURS = "ffi-object"

#: Elements of the containers, and objects that are pickled.
COUNT = 1000
PICKLED = 10_000
#: A tree of 2 ** DEPTH - 1 nodes.
DEPTH = 20
NODES = 2**DEPTH - 1


@dataclass(frozen=True)
class Reach:
    """At most `ratio` times what `peer` takes in the row `row` (this one, if it is None). Without a peer: at most `ratio`."""

    peer: str | None
    ratio: float
    row: str | None = None
    #: On other versions than 3.11, if it differs.
    later: float | None = None
    #: Which classes of ffi-object's it is for.
    ours: str = OURS

    def on(self, version):
        return self.ratio if self.later is None or tuple(version[:2]) <= (3, 11) else self.later


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    statement: str
    #: The names that the statement uses, or None: the peer has not what it takes.
    names: Callable
    #: How many operations the statement is.
    operations: int = 1
    #: The names are made anew for each run, which is then one of the statement.
    fresh: bool = False
    #: The table and the plot that it is in.
    group: str = "attributes"
    #: Which takes so long that a few rounds have to do.
    slow: bool = False
    unit: str = "ns"
    reach: tuple[Reach, ...] = field(default=())


def _floor(peer):
    return {"n": 5} if peer.name == SLOTS else None


def _outer(peer):
    return {"a": peer.Outer(peer.Inner(1))}


def _held(peer):
    names = _outer(peer)
    names["held"] = names["a"].x
    return names


def _inner(peer):
    return {"b": peer.Inner(1), "f": peer.f}


def _writes(peer):
    """Names, if the fields can be written."""
    names = {**_outer(peer), **_inner(peer)}
    try:
        names["b"].val = 1
        names["a"].x = names["b"]
    except AttributeError:
        return None
    return names


def _adds(peer):
    names = _writes(peer)
    if names is None:
        return None
    before = names["a"].x.val
    names["a"].x.val += 1
    # Where the field is copied, this changes nothing, and how fast does not matter.
    return names if names["a"].x.val == before + 1 else None


def _items(peer):
    return {"items": peer.List([peer.Inner(number) for number in range(COUNT)])} if peer.has("List") else None


def _in_turn(peer):
    names = _items(peer)
    return names and {**names, "range": range(COUNT)}


def _anywhere(peer):
    names = _items(peer)
    return names and {**names, "places": random.sample(range(COUNT), COUNT)}


def _unseen(peer):
    return {"items": peer.unseen(COUNT)} if peer.has("unseen") else None


def _empty(peer):
    return {"items": peer.List(), "b": peer.Inner(1), "range": range(COUNT)} if peer.has("List") else None


def _mapping(peer):
    return {"m": peer.mapping(COUNT)} if peer.has("mapping") else None


def _calls_back(peer):
    return {"call_back": peer.call_back, "g": lambda number: number} if peer.has("call_back") else None


def _native_function(peer):
    return {"add": peer.adder(1)} if peer.has("adder") else None


def _fails(peer):
    return {"fail": peer.fail} if peer.has("fail") else None


def _pickles(peer):
    if not can_pickle(peer):
        return None
    objects = [peer.Inner(number) for number in range(PICKLED)]
    return {"dumps": pickle.dumps, "loads": pickle.loads, "objects": objects, "text": pickle.dumps(objects)}


def _grow(Node, depth):
    if depth == 0:
        return None
    return Node(_grow(Node, depth - 1), _grow(Node, depth - 1), depth)


def _walk(node):
    stack, total = [node], 0
    while stack:
        node = stack.pop()
        total += node.number
        if node.left is not None:
            stack.append(node.left)
            stack.append(node.right)
    return total


def _grows(peer):
    return {"grow": _grow, "Node": peer.Node} if peer.has("Node") else None


def _tree(peer):
    return {"tree": peer.tree} if peer.has("tree") else None


def _grown(peer):
    """A tree, made natively where that is possible."""
    if not peer.has("Node"):
        return None
    root = peer.tree(DEPTH) if peer.has("tree") else _grow(peer.Node, DEPTH)
    return {"roots": [root], "walk": _walk}


PYO3, NANOBIND, SLOTS = "PyO3", "nanobind", "__slots__"

ATTRIBUTES, CALLS, CONTAINERS, TREES = GROUPS = ("attributes", "calls", "containers", "trees")

ROWS = (
    Row("read_object", "a.x, held", "a.x", _held, reach=(Reach(PYO3, 0.75, later=0.85),)),
    Row("read_object_again", "a.x, not held", "a.x", _outer, reach=(Reach(PYO3, 0.75, later=0.85),)),
    Row("read_scalar", "b.val", "b.val", _inner, reach=(Reach(PYO3, 0.90), Reach(NANOBIND, 0.75))),
    Row("read_chain", "a.x.val", "a.x.val", _outer),
    Row("write_scalar", "b.val = 7", "b.val = 7", _writes),
    Row("write_object", "a.x = b", "a.x = b", _writes),
    Row("add", "a.x.val += 1", "a.x.val += 1", _adds),
    Row("floor", "n.real of an int: CPython's own getter", "n.real", _floor),
    Row(
        "new",
        "Inner(1)",
        "Inner(1)",
        lambda peer: {"Inner": peer.Inner},
        group=CALLS,
        reach=(Reach(NANOBIND, 0.70), Reach(PYO3, 0.45)),
    ),
    Row("method", "b.get()", "b.get()", _inner, group=CALLS, reach=(Reach(PYO3, 0.90),)),
    Row("function", "f(b)", "f(b)", _inner, group=CALLS, reach=(Reach(PYO3, 0.90),)),
    Row("call_back", "a callback", "call_back(g, 1000)", _calls_back, 1000, group=CALLS),
    Row("native_function", "add(5), a closure", "add(5)", _native_function, group=CALLS),
    Row("raise", "an exception", "try: fail()\nexcept ValueError: pass", _fails, group=CALLS),
    Row("pickle", "pickling an object", "dumps(objects)", _pickles, PICKLED, group=CALLS),
    Row("unpickle", "unpickling an object", "loads(text)", _pickles, PICKLED, group=CALLS),
    Row(
        "first_touch",
        "first touch of an object",
        "for p in items: pass",
        _unseen,
        operations=COUNT,
        fresh=True,
        group=CONTAINERS,
        reach=(Reach(PYO3, 0.6, row="new"),),
    ),
    Row("walk_list", "for p in items", "for p in items: pass", _items, COUNT, group=CONTAINERS, reach=(Reach(SLOTS, 1.5),)),
    Row("index_list", "items[5]", "items[5]", _items, group=CONTAINERS, reach=(Reach(SLOTS, 1.5),)),
    Row(
        "index_in_turn",
        "items by index, in turn",
        "for i in range: items[i]",
        _in_turn,
        COUNT,
        group=CONTAINERS,
        reach=(Reach(SLOTS, 1.5),),
    ),
    Row(
        "index_anywhere",
        "items by index, anywhere",
        "for i in places: items[i]",
        _anywhere,
        COUNT,
        group=CONTAINERS,
        reach=(Reach(SLOTS, 1.5),),
    ),
    Row("append", "items.append(b)", "for i in range: items.append(b)", _empty, COUNT, fresh=True, group=CONTAINERS),
    Row("look_up", "m['500']", "m['500']", _mapping, group=CONTAINERS),
    Row("tree_python", "a node, from Python", f"grow(Node, {DEPTH})", _grows, NODES, slow=True, group=TREES),
    Row("tree_native", "a node, natively", f"tree({DEPTH})", _tree, NODES, slow=True, group=TREES),
    Row("tree_first_walk", "first walk, a node", "walk(roots[0])", _grown, NODES, fresh=True, slow=True, group=TREES),
    Row("tree_drop", "dropping a node", "roots.clear()", _grown, NODES, fresh=True, slow=True, group=TREES),
)


@dataclass(frozen=True)
class Measure:
    """What `processes` measures."""

    key: str
    title: str
    unit: str
    reach: tuple[Reach, ...] = ()
    group: str = "processes"


MEASURES = (
    Measure("seen", "an object that Python made", "bytes", (Reach(None, 80, ours=f"{OURS}, read-only"), Reach(NANOBIND, 0.85))),
    Measure("unseen", "an object that Python has not seen", "bytes"),
    Measure("import", "import", "ms"),
)

EVERYTHING = (*ROWS, *MEASURES)
