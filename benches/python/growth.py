"""What many objects cost those that are used, and what threads cost each other.

    python growth.py

A program of its own, since it needs the memory. Prints JSON: for each number of living objects, what an operation on another
object costs, and a whole collection of garbage; then how much is read with threads, beside one that is alone.
"""

import gc
import json
import sys
import threading
import time
import timeit

import peers

#: How many objects live meanwhile.
COUNTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
#: Operations in a round, and rounds, of which the best counts.
OPERATIONS, ROUNDS = 50_000, 15
#: Seconds that threads read.
SECONDS = 0.5


def best(statement, names):
    """Nanoseconds."""
    timer = timeit.Timer(statement, globals=names)
    return min(timer.repeat(ROUNDS, OPERATIONS)) / OPERATIONS * 1e9


def with_objects(peer, count):
    """What operations cost while so many objects live."""
    others = [peer.Inner(number) for number in range(count)]
    names = {"b": peer.Inner(1), "a": peer.Outer(peer.Inner(1)), "Inner": peer.Inner}
    figures = {
        "b.val, ns": best("b.val", names),
        "a.x, ns": best("a.x", names),
        "Inner(1) made and dropped, ns": best("Inner(1)", names),
    }
    # One collection may have more to do than the next.
    gc.collect()
    figures["gc.collect(), ms"] = min(timeit.repeat(gc.collect, number=1, repeat=3)) * 1e3
    del others
    return figures


def reads(objects):
    """How many reads a second there are, with a thread for each of the objects."""
    counts = [0] * len(objects)
    start = threading.Barrier(len(objects) + 1)

    def read(index, b):
        start.wait()
        end = time.perf_counter() + SECONDS
        count = 0
        while time.perf_counter() < end:
            for _ in range(1000):
                b.val
            count += 1000
        counts[index] = count

    threads = [threading.Thread(target=read, args=pair) for pair in enumerate(objects)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def with_threads(peer):
    """How much more is read by two threads than by one, and by one while a thread of Rust's builds and drops."""
    one, two = peer.Inner(1), peer.Inner(2)
    alone = max(reads([one]) for _ in range(3))
    figures = {
        "two threads, an object each": max(reads([one, two]) for _ in range(3)) / alone,
        "two threads, the same object": max(reads([one, one]) for _ in range(3)) / alone,
    }
    if peer.has("churn"):
        churn = peer.churn()
        figures["one thread, while one of Rust's builds and drops"] = max(reads([one]) for _ in range(3)) / alone
        churn.end()
    return figures


def main():
    chosen = [peers.ffi_object(), peers.slots()]
    growth = {}
    for peer in chosen:
        # Python's own take gigabytes, and are only there to be compared with.
        counts = COUNTS if peer.name != "__slots__" else COUNTS[:-1]
        growth[peer.name] = {str(count): with_objects(peer, count) for count in counts}
    json.dump({"growth": growth, "threads": {peer.name: with_threads(peer) for peer in chosen}}, sys.stdout)


if __name__ == "__main__":
    main()
