"""Eight threads turn a shared graph over, round after round; memory has to stay flat. Run by `cargo xtask soak`.

Four threads are Rust's and never see Python (tests/python/src/soak.rs), four are Python's. They create, clone, link, unlink
and drop objects, wrap them, make instances of subclasses with state, weak references, finalizers and cycles, and collect
garbage. After each round all threads end, the graph is emptied, and no object may be left. What memory is in use then must
be the same after every round, but for a warm-up in which caches fill: the bytes that the C library has given out, where
Rust's objects are, to within 1 % of the resident memory during a round; and the blocks that Python's allocator has given out,
to within 1 %. Resident memory itself is shown and not judged: what allocators keep of what was freed is theirs to choose.

The exit status is 0 if memory was flat, no thread failed, every finalizer ran once, and no object was left.
"""

import argparse
import ctypes
import gc
import os
import random
import statistics
import sys
import threading
import time
import weakref

import ffi_test as t

RUST_THREADS = 4
PYTHON_THREADS = 4
PLACES = 30_000  # a multiple of the levels; so many that a block of an allocator is far less than 1 % of all
LEVELS = 3
ROOM = 3
ROUNDS = 12
WARM_UP = 4
TOLERANCE = 0.01
SAMPLE_EVERY = 0.5


class Plain(t.Knot):
    """A subclass with a `__dict__`."""


class Slotted(t.Knot):
    """One with slots, and a finalizer of its own."""

    __slots__ = ("stamp", "me", "deaths")

    def __del__(self):
        self.deaths.append(self.tag >= 0)


class Deeper(Plain):
    """A subclass of a subclass."""


class Worker(threading.Thread):
    """Turns the graph over until told to stop."""

    def __init__(self, graph, seed, stop):
        super().__init__(name=f"python {seed}")
        self.graph, self.stop = graph, stop
        self.random = random.Random(seed)
        self.turns = self.born = self.finalized = 0
        self.slotted = 0
        self.deaths = Deaths()
        self.lock = threading.Lock()
        self.failure = None

    def run(self):
        try:
            while not self.stop.is_set():
                for _ in range(100):
                    self.turn()
                    self.turns += 1
                time.sleep(0.001)
        except BaseException as failure:
            # Not the exception itself, whose traceback keeps what this thread had in hand.
            self.failure = f"{failure!r} in line {failure.__traceback__.tb_next.tb_lineno}"
            self.stop.set()

    def turn(self):
        graph, draw = self.graph, self.random.randrange
        place = draw(PLACES)
        knot = graph[place]
        below = graph[place - 1] if place % LEVELS else None
        what = draw(12)
        if what == 0:
            graph[place] = t.Knot(place % LEVELS, draw(1 << 20))
        elif what in (1, 2):
            graph[place] = self.instance(place)
        elif what == 3:
            self.check(knot)
        elif what == 4:
            knot.next = below
        elif what == 5 and below is not None:
            knot.list.append(below)
            del knot.list[:-ROOM]
        elif what == 6 and below is not None:
            knot.map[draw(ROOM)] = below
        elif what == 7:
            knot.map.pop(draw(ROOM), None)
            knot.list.clear()
        elif what == 8:
            weak = weakref.ref(knot)
            assert weak() is knot and knot.list is knot.list
        elif what == 9:
            # Not the values of the map: another thread may change it meanwhile, which ends an iteration as for a dict.
            knots = [*knot.list, *map(knot.map.get, range(ROOM)), knot.next, knot.seen]
            assert all(other is None or isinstance(other, t.Knot) for other in knots)
        elif what == 10:
            knot.seen = graph[draw(PLACES)]
        elif draw(400) == 0:
            gc.collect()

    def instance(self, place):
        """An object of a subclass, with state, and most often in a cycle of Python's."""
        cls = self.random.choice([Plain, Slotted, Deeper])
        knot = cls(place % LEVELS, tag=self.random.randrange(1 << 20))
        knot.stamp = (id(knot), type(knot))
        if cls is Slotted:
            knot.deaths = self.deaths
            self.slotted += 1
        if self.random.random() < 0.7:
            knot.me = knot
        self.born += 1
        weakref.finalize(knot, self.finalize).atexit = False
        return knot

    def finalize(self):
        with self.lock:
            self.finalized += 1

    @staticmethod
    def check(knot):
        """What Python attached to an object is there, however often it went through Rust."""
        if type(knot) is not t.Knot:
            assert knot.stamp == (id(knot), type(knot)), knot.stamp


class Deaths:
    """Counts, without keeping anything."""

    def __init__(self):
        self.count = 0
        self.lock = threading.Lock()

    def append(self, readable):
        assert readable
        with self.lock:
            self.count += 1


class MallInfo(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def given_out():
    """The bytes in use that the C library has given out. `None`: it is not glibc, or too old."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return None
    mallinfo2.restype = MallInfo
    info = mallinfo2()
    return info.uordblks + info.hblkhd


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def mib(size):
    return f"{size / (1 << 20):.2f} MiB"


def show(text, end):
    """The moving line of a terminal, or a line of a log from time to time."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end=end, flush=True)
    elif end:
        print(text, flush=True)


class Round:
    """One round: what it did, what went wrong, and what memory was in use."""

    def __init__(self, number, seconds):
        self.problems = []
        before = dict(t.ffi.live_objects())
        stop = threading.Event()
        graph = t.soak_graph(PLACES)
        workers = [Worker(graph, number * PYTHON_THREADS + i, stop) for i in range(PYTHON_THREADS)]
        t.start_soak(graph, RUST_THREADS)
        for worker in workers:
            worker.start()
        self.resident = statistics.median(self.watch(number, seconds, stop))
        stop.set()
        for worker in workers:
            worker.join()
        self.rust_turns = t.stop_soak()
        graph.clear()
        del graph
        self.count(workers)
        del workers, worker
        for _ in range(3):
            gc.collect()
        left = {name: count for name, count in t.ffi.live_objects().items() if count != before.get(name, 0)}
        if left:
            self.problems.append(f"objects are left: {left}")
        self.bytes, self.blocks = given_out(), sys.getallocatedblocks()

    @staticmethod
    def watch(number, seconds, stop):
        """Samples until the time is over, or a thread fails."""
        begin, samples = time.monotonic(), []
        while (elapsed := time.monotonic() - begin) < seconds and not stop.is_set() or not samples:
            samples.append(resident())
            objects = sum(t.ffi.live_objects().values())
            text = f"round {number + 1} of {ROUNDS}: {elapsed:4.0f} of {seconds:.0f} s, {mib(samples[-1])}, {objects} objects"
            show(text, "" if sys.stdout.isatty() or len(samples) > 1 else "\n")
            time.sleep(SAMPLE_EVERY)
        show("", "")
        return samples

    def count(self, workers):
        self.problems += [f"{worker.name}: {worker.failure}" for worker in workers if worker.failure]
        self.turns = sum(worker.turns for worker in workers)
        # Cycles die here.
        for worker in workers:
            worker.graph = None
        for _ in range(3):
            gc.collect()
        self.born, finalized = sum(w.born for w in workers), sum(w.finalized for w in workers)
        if self.born != finalized:
            self.problems.append(f"{self.born} objects had a finalizer, {finalized} ran")
        slotted, deaths = sum(w.slotted for w in workers), sum(w.deaths.count for w in workers)
        if slotted != deaths:
            self.problems.append(f"{slotted} objects had a __del__, {deaths} ran")


def judge(what, figures, show_figure, whole):
    """Whether what was measured after the warm-up is flat, compared with the whole: a problem, or nothing."""
    spread = (max(figures) - min(figures)) / whole
    print(f"{what}: {', '.join(map(show_figure, figures))}; they differ by {spread:.2%}")
    return [] if spread <= TOLERANCE else [f"{what}: not flat, {spread:.2%} is more than {TOLERANCE:.0%}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    seconds = parser.parse_args().minutes * 60 / ROUNDS
    rounds = []
    for number in range(ROUNDS):
        rounds.append(Round(number, seconds))
        if rounds[-1].problems:
            break
    problems = [problem for each in rounds for problem in each.problems]
    if not problems:
        warm = rounds[WARM_UP:]
        resident = [each.resident for each in warm]
        print("resident, medians of the rounds:", ", ".join(map(mib, resident)))
        if warm[0].bytes is not None:
            given_out = [each.bytes for each in warm]
            problems += judge("given out by the C library, nothing alive", given_out, mib, statistics.median(resident))
        blocks = [each.blocks for each in warm]
        problems += judge("blocks of Python's, nothing alive", blocks, str, min(blocks))
    totals = [sum(getattr(each, name) for each in rounds) for name in ("rust_turns", "turns", "born")]
    print("{} turns in Rust, {} in Python, {} objects of subclasses".format(*totals))
    for problem in problems:
        print(f"FAILED: {problem}")
    if not problems:
        print("flat, and nothing is left")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
