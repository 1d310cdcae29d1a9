"""What is measured in a process of its own: the memory that objects take, and how long an import takes.

    python processes.py seen|unseen PEER
    python processes.py import MODULE
"""

import json
import subprocess
import sys
import time
from pathlib import Path

#: Objects of which the memory is measured.
OBJECTS = 1_000_000
#: How often a module is imported, each time in a process of its own; the best counts.
IMPORTS = 5


def resident():
    """The memory of this process, in bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def seen(name):
    """Bytes for each object that Python made and holds. A number that fits a word is part of it."""
    import peers

    Inner = getattr(peers, name)().Inner
    held = [None] * OBJECTS
    before = resident()
    for number in range(OBJECTS):
        # Larger than the numbers that CPython keeps.
        held[number] = Inner(number + 1000)
    return (resident() - before) / OBJECTS


def unseen(name):
    """Bytes for each object that was made natively and that Python has not seen, with its place in a list."""
    import peers

    peer = getattr(peers, name)()
    if not peer.has("unseen"):
        return None
    peer.unseen(1)
    before = resident()
    held = peer.unseen(OBJECTS)
    return (resident() - before) / len(held)


def import_time(module):
    """Milliseconds."""
    start = time.perf_counter()
    __import__(module)
    return (time.perf_counter() - start) * 1e3


def _ask(what, of):
    """The answer of a process of its own."""
    finished = subprocess.run([sys.executable, "-B", __file__, what, of], capture_output=True, text=True, check=True)
    return json.loads(finished.stdout)


def measure(everyone, progress):
    """The figures of each measure, by peer."""
    figures = {"seen": {}, "unseen": {}, "import": {}}
    everyone = [peer for peer in everyone if peer.main]
    task = progress.add_task("memory, and imports", total=len(everyone))
    for peer in everyone:
        progress.update(task, description=f"memory and import of {peer.name}")
        for what in ("seen", "unseen"):
            answer = _ask(what, peer.factory)
            if answer is not None:
                figures[what][peer.name] = answer
        if peer.module is not None:
            figures["import"][peer.name] = min(_ask("import", peer.module) for _ in range(IMPORTS))
        progress.advance(task)
    return figures


def run(program):
    """What a program beside this one says."""
    finished = subprocess.run([sys.executable, "-B", Path(__file__).with_name(program)], stdout=subprocess.PIPE, check=True)
    return json.loads(finished.stdout)


if __name__ == "__main__":
    _, what, of = sys.argv
    print(json.dumps({"seen": seen, "unseen": unseen, "import": import_time}[what](of)))
