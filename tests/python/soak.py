"""Eight threads turn a shared graph over; memory has to stay flat. Run by `cargo xtask soak`.

Four threads are Rust's and never see Python (tests/python/src/soak.rs), four are Python's. They create, clone, link, unlink
and drop objects, wrap them, make instances of subclasses with state, weak references, finalizers and cycles, and collect
garbage. What is measured is the resident memory of the process. It is judged after a warm-up, in which allocators and
caches fill: the rest of the time is cut into windows, and the medians of all windows must be within 1 % of each other.
(A median, since the graph's size is never the same twice; a leak that grows that slowly is not seen here.)

The exit status is 0 if memory was flat, no thread failed, every finalizer ran once, and no object is left at the end.
"""

import argparse
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
WINDOWS = 10
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


def medians(samples):
    """One median for each window."""
    size = len(samples) // WINDOWS
    return [statistics.median(samples[i * size : (i + 1) * size]) for i in range(WINDOWS)]


def watch(seconds, stop):
    """Samples until the time is over, or a thread fails."""
    begin, samples, said = time.monotonic(), [], 0
    while (elapsed := time.monotonic() - begin) < seconds and not stop.is_set():
        samples.append((elapsed, resident(), sum(t.ffi.live_objects().values())))
        text = f"{elapsed:6.0f} s of {seconds:.0f}  {mib(samples[-1][1])}  {samples[-1][2]} objects"
        log = elapsed >= said
        if log:
            said += max(seconds / 20, 5)
        show(text, "\n" if log and not sys.stdout.isatty() else "")
        time.sleep(SAMPLE_EVERY)
    show("", "")
    return samples


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    seconds = parser.parse_args().minutes * 60
    stop = threading.Event()
    before = dict(t.ffi.live_objects())

    graph = t.soak_graph(PLACES)
    workers = [Worker(graph, seed, stop) for seed in range(PYTHON_THREADS)]
    t.start_soak(graph, RUST_THREADS)
    for worker in workers:
        worker.start()
    samples = watch(seconds, stop)
    stop.set()
    for worker in workers:
        worker.join()
    turns = t.stop_soak()

    graph.clear()
    del graph
    for worker in workers:
        worker.graph = None
    for _ in range(3):
        gc.collect()
    left = {name: count for name, count in t.ffi.live_objects().items() if count != before.get(name, 0)}

    problems = [f"{worker.name}: {worker.failure}" for worker in workers if worker.failure]
    if left:
        problems.append(f"objects are left: {left}")
    born, finalized = sum(w.born for w in workers), sum(w.finalized for w in workers)
    if born != finalized:
        problems.append(f"{born} objects had a finalizer, {finalized} ran")
    slotted, deaths = sum(w.slotted for w in workers), sum(w.deaths.count for w in workers)
    if slotted != deaths:
        problems.append(f"{slotted} objects had a __del__, {deaths} ran")

    # The first fifth, but at least ten seconds where there is time for that.
    warm = [size for elapsed, size, _ in samples if elapsed >= max(seconds / 3, min(10, seconds / 2))]
    if len(warm) < WINDOWS:
        problems.append(f"{len(warm)} samples after the warm-up are too few to judge")
    else:
        by_window = medians(warm)
        spread = (max(by_window) - min(by_window)) / min(by_window)
        print("medians of the windows:", ", ".join(mib(size) for size in by_window))
        print(f"they differ by {spread:.2%}; all samples by {(max(warm) - min(warm)) / min(warm):.2%}")
        if spread > TOLERANCE:
            problems.append(f"memory is not flat: {spread:.2%} is more than {TOLERANCE:.0%}")
    python_turns = sum(worker.turns for worker in workers)
    print(f"{turns} turns in Rust, {python_turns} in Python, {born} objects of subclasses, {mib(resident())} at the end")
    for problem in problems:
        print(f"FAILED: {problem}")
    if not problems:
        print("flat, and nothing is left")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
