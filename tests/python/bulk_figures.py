"""How long numbers in bulk take, and how much memory, beside `list` and NumPy: `python bulk_figures.py [count]`.

The figures in `docs/src/containers.md` come from here, with a release build. Times are the best of some runs, as multiples of
NumPy's time for a copy. Memory is what the process grows by.
"""

import gc
import resource
import subprocess
import sys
import time
from array import array

import numpy

import ffi_test as t
from ffi_test import ffi

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
RUNS = 5

WAYS = {
    "numpy.array(numbers)": lambda numbers, _: numpy.array(numbers),
    "array.array('d', bytes)": lambda numbers, _: array("d", memoryview(numbers).cast("B").tobytes()),
    "list(numbers)": lambda numbers, _: list(numbers),
    "numbers.tolist()": lambda numbers, _: numbers.tolist(),
    "Array(numbers)": lambda numbers, _: ffi.Array(numbers),
    "Array(numbers[::2])": lambda numbers, _: ffi.Array(numbers[::2]),
    "as an argument Obj<List<f64>>": lambda numbers, _: t.list_of_f64(numbers),
    "as an argument Obj<Array<f64>>": lambda numbers, _: t.array_of_f64(numbers),
    "as an argument Vec<f64>": lambda numbers, _: t.sum_of_numbers(numbers),
    "List[float].extend(numbers)": lambda numbers, _: t.list_of_f64([]).extend(numbers),
    "List(numbers), of any type": lambda numbers, _: ffi.List(numbers),
    "Array(list), by iteration": lambda _, plain: ffi.Array(plain),
    "numpy.asarray(Array)": None,
    "List[float].tobytes()": None,
    "numpy.array(list)": lambda _, plain: numpy.array(plain),
}

MEMORY = {
    "list": "numbers.tolist()",
    "tuple": "tuple(numbers.tolist())",
    "numpy": "numbers.copy()",
    "Array(numbers)": "ffi.Array(numbers)",
    "Obj<List<f64>>": "t.list_of_f64(numbers)",
    "List(numbers)": "ffi.List(numbers)",
}

GROWTH = """
import gc, sys, numpy, ffi_test as t
from ffi_test import ffi
def rss():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096
numbers = numpy.arange(float({count}))
warm = [ffi.Array(numbers[:10]), t.list_of_f64(numbers[:10]), numbers[:10].tolist()]
gc.collect()
before = rss()
kept = {make}
gc.collect()
print((rss() - before) / {count})
"""


def best(run):
    times = []
    for _ in range(RUNS):
        gc.collect()
        start = time.perf_counter()
        kept = run()
        times.append(time.perf_counter() - start)
        del kept
    return min(times)


def main():
    numbers = numpy.arange(float(COUNT))
    plain = numbers.tolist()
    ways = dict(WAYS)
    frozen, grown = ffi.Array(numbers), t.list_of_f64(numbers)
    ways["numpy.asarray(Array)"] = lambda *_: numpy.asarray(frozen)
    ways["List[float].tobytes()"] = lambda *_: grown.tobytes()
    unit = None
    for name, run in ways.items():
        seconds = best(lambda run=run: run(numbers, plain))
        unit = unit or seconds
        print(f"{name:32} {seconds * 1000:10.2f} ms {seconds / unit:10.2f}")
    for name, make in MEMORY.items():
        code = GROWTH.format(count=COUNT, make=make)
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        print(f"{name:32} {float(result.stdout):10.1f} bytes each")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
