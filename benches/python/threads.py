"""What threads cost each other.

    python threads.py

A program of its own, since CPython 3.13 without the GIL treats some objects differently once there was a second thread. Prints
JSON: for each peer, how much is done with threads, beside one that is alone.
"""

import json
import sys
import threading
import time
import timeit

import peers

#: How long a thread that is alone takes in a round, in seconds, and rounds, of which the best counts.
SLICE, ROUNDS = 0.02, 40

#: What threads do, with an object of their own or with the one that all have.
OWN = {"b.val": "b = Inner(1)", "a.x": "a = Outer(Inner(1))"}
SHARED = {"b.val": "b = shared.x", "a.x": "a = shared"}

#: What needs no object, and so shows what the machine makes of threads.
FLOOR, FLOOR_OWN = "n + 1", "n = 1"


def seconds(timer, runs, count):
    """How long it takes until each of so many threads has run the timer's statement so often."""
    barrier = threading.Barrier(count)
    starts, ends = [], []

    def run():
        barrier.wait()
        starts.append(time.perf_counter())
        timer.timeit(runs)
        ends.append(time.perf_counter())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(ends) - min(starts)


class Contest:
    """What one thread does alone, and others beside it."""

    def __init__(self, timer):
        self.alone = timer
        self.runs = round(SLICE * 10_000 / min(timer.repeat(5, 10_000)))
        self.measures = {}
        self.best = {None: float("inf")}

    def add(self, title, timer, count=1, beside=None):
        """So many threads; `beside` starts what goes on meanwhile."""
        self.measures[title] = (timer, count, beside)
        self.best[title] = float("inf")

    def round(self):
        self.best[None] = min(self.best[None], seconds(self.alone, self.runs, 1))
        for title, (timer, count, beside) in self.measures.items():
            other = beside() if beside else None
            self.best[title] = min(self.best[title], seconds(timer, self.runs, count) / count)
            if other:
                other.end()

    def ratios(self):
        return {title: self.best[None] / self.best[title] for title in self.measures}


def contests(peer, churn):
    names = {"Inner": peer.Inner, "Outer": peer.Outer, "shared": peer.Outer(peer.Inner(1))}
    for statement in OWN:
        own, shared = (timeit.Timer(statement, setup[statement], globals=names) for setup in (OWN, SHARED))
        contest = Contest(own)
        contest.add(f"{statement}, two threads, an object each", own, 2)
        contest.add(f"{statement}, two threads, the same object", shared, 2)
        contest.add(f"{statement}, while a thread of Rust's builds and drops", own, beside=churn)
        yield contest
    if peer.name == "__slots__":
        own = timeit.Timer(FLOOR, FLOOR_OWN)
        contest = Contest(own)
        contest.add(f"{FLOOR}, two threads: what the machine can do", own, 2)
        contest.add(f"{FLOOR}, while a thread of Rust's builds and drops", own, beside=churn)
        yield contest


def main():
    everyone = [peer for peer in peers.there()[0] if peer.main]
    churn = peers.ffi_object().churn
    all_contests = [(peer.name, contest) for peer in everyone for contest in contests(peer, churn)]
    for _ in range(ROUNDS):
        for _, contest in all_contests:
            contest.round()
    figures = {peer.name: {} for peer in everyone}
    for name, contest in all_contests:
        figures[name].update(contest.ratios())
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
