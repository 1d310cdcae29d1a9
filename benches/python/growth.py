"""What many objects cost those that are used.

    python growth.py

A program of its own, since it needs the memory. Prints JSON: for each number of living objects, what an operation on another
object costs, and a whole collection of garbage.
"""

import gc
import json
import sys
import time
import timeit

import peers

#: How many objects live meanwhile.
COUNTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
#: Operations in a round, and rounds, of which the best counts.
OPERATIONS, ROUNDS = 50_000, 30
#: Objects that take turns in the rounds: a few in a thousand are slow for where they lie (see `bench.py`).
PROBES = 5
#: Seconds between rounds: what disturbs the machine may last as long as many rounds.
PAUSE = 0.03

#: What is measured.
STATEMENTS = {"b.val, ns": "b.val", "a.x, ns": "a.x", "Inner(1) made and dropped, ns": "Inner(1)"}


def best(statements, probes):
    """Nanoseconds for each statement, which take turns."""
    figures = dict.fromkeys(statements, float("inf"))
    for number in range(ROUNDS):
        for title, statement in statements.items():
            timer = timeit.Timer(statement, globals=probes[number % len(probes)])
            figures[title] = min(figures[title], timer.timeit(OPERATIONS) / OPERATIONS * 1e9)
        time.sleep(PAUSE)
    return figures


def with_objects(peer, count):
    """What operations cost while so many objects live."""
    others = [peer.Inner(number) for number in range(count)]
    probes = [{"b": peer.Inner(1), "a": peer.Outer(peer.Inner(1)), "Inner": peer.Inner} for _ in range(PROBES)]
    figures = best(STATEMENTS, probes)
    # One collection may have more to do than the next.
    gc.collect()
    figures["gc.collect(), ms"] = min(timeit.repeat(gc.collect, number=1, repeat=3)) * 1e3
    del others
    return figures


def main():
    chosen = [peers.ffi_object(), peers.slots()]
    growth = {}
    for peer in chosen:
        # Python's own take gigabytes, and are only there to be compared with.
        counts = COUNTS if peer.name != "__slots__" else COUNTS[:-1]
        growth[peer.name] = {str(count): with_objects(peer, count) for count in counts}
    json.dump(growth, sys.stdout)


if __name__ == "__main__":
    main()
