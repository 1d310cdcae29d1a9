"""What the containers take for many elements beside the builtins: `cargo xtask bench containers`.

Each is made in a process of its own, from numbers that nothing else holds, then checked. Memory is what the process has
gained, resident; the numbers themselves are counted, which are objects of their own in the builtins.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
from pathlib import Path

# Each with its builtin.
PAIRS = {"List": "list", "Map": "dict", "Set": "set"}


def resident():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def make(name, count):
    """The container of the numbers from 1000 on (smaller ones are always there)."""
    from geometry import ffi

    classes = {"list": list, "dict": dict, "set": set, "List": ffi.List, "Map": ffi.Map, "Set": ffi.Set}
    numbers = range(1000, 1000 + count)
    if PAIRS.get(name, name) != "dict":
        return classes[name](numbers)
    made = classes[name]()
    for number in numbers:
        made[number] = number
    return made


def check(name, made, count):
    """Whether all is there, comes and goes."""
    first, last, expected = 1000, 999 + count, (1998 + count + 1) * count // 2
    kind = PAIRS.get(name, name)
    assert len(made) == count and sum(made) == expected, name
    if kind == "list":
        assert made[0] == first and made[-1] == made.pop() == last and made[count // 2] == first + count // 2, name
    elif kind == "dict":
        assert made[first] == first and made.pop(last) == last and last not in made, name
    else:
        assert first in made and last in made, name
        made.remove(last)
        assert last not in made, name
    assert len(made) == count - 1, name


def measure(name, count):
    make(name, 1000)
    before = resident()
    start = time.perf_counter()
    made = make(name, count)
    built = time.perf_counter()
    gained = resident() - before
    walk = time.perf_counter()
    for _ in made:
        pass
    walked = time.perf_counter()
    check(name, made, count)
    return {"bytes": gained / count, "build": (built - start) / count * 1e9, "walk": (walked - walk) / count * 1e9}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=10_000_000, metavar="N", help="how many [default: 10000000]")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.elements)))
        return
    found, names = {}, [name for pair in PAIRS.items() for name in pair]
    for index, name in enumerate(names, 1):
        print(f"[{index}/{len(names)}] {name} of {options.elements:,} numbers …", end="", flush=True)
        command = [sys.executable, __file__, "--elements", str(options.elements), "--measure", name]
        start = time.perf_counter()
        found[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f" {time.perf_counter() - start:.1f} s", flush=True)
    print(f"\nPython {sys.version.split()[0]}, {options.elements:,} numbers, each checked\n")
    print("| | bytes an element | | ns to build, each | ns to walk, each |")
    print("|---|---|---|---|---|")
    for ours, builtin in PAIRS.items():
        for name in (ours, builtin):
            row, ratio = found[name], found[name]["bytes"] / found[builtin]["bytes"]
            beside = f"{ratio:.2f} of `{builtin}`" if name == ours else ""
            print(f"| `{name}` | {row['bytes']:.1f} | {beside} | {row['build']:.0f} | {row['walk']:.0f} |")


if __name__ == "__main__":
    main()
