"""Random operations on `Array`, `List`, `Map` and `Set`, each done to a `tuple`, `list`, `dict` or `set` as well, which must answer
the same.

A program is a list of numbers, each of which stands for an operation and its arguments. After each the results must agree,
or the exceptions in class and words, and the contents element by element: native objects are the same objects, other
values are equal and of the same type.

| file | what |
|---|---|
| `oracle.py` | values, arguments, and the comparison |
| `oracle_lists.py`, `oracle_dicts.py`, `oracle_sets.py`, `oracle_tuples.py` | the operations |

`FFI_OBJECT_ORACLE_STEPS` asks for more operations than the suite does, from seed `FFI_OBJECT_ORACLE_SEED`.
"""

import os
import random

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from ffi_test import ffi
from oracle import POOLS, Outcome, figures, fill_pools, same_elements, same_members, same_pairs
from oracle_dicts import DICT
from oracle_lists import LIST
from oracle_sets import SET, popped
from oracle_tuples import TUPLE

STEPS = int(os.environ.get("FFI_OBJECT_ORACLE_STEPS", "20000"))
SEED = int(os.environ.get("FFI_OBJECT_ORACLE_SEED", "1"))
STEPS_IN_A_PROGRAM = 100
MOST_ELEMENTS = 40


def run_program(numbers, table, ours, theirs, contents, same):
    for number in numbers:
        make, whole, with_message = table[number % len(table)]
        source = number // len(table)
        before = contents(theirs)
        found = Outcome(make(random.Random(source)), ours)
        expected = Outcome(make(random.Random(source)), theirs)
        figures[make.__name__] += 1
        figures["exceptions"] += expected.exception is not None
        figures["elements"] += len(theirs)
        assert found.agrees(expected, with_message), f"{make.__name__}: {found}, not {expected}, of {before}"
        if whole and expected.exception is not None:
            theirs.clear()
            (theirs.extend if isinstance(theirs, list) else theirs.update)(before)
        now = contents(ours)
        assert same(now, contents(theirs)), f"{make.__name__}: {now}, not {theirs}, from {before}"
        for _ in range(len(theirs) - MOST_ELEMENTS):
            gone = ours.popitem() if isinstance(theirs, dict) else ours.pop()
            theirs.discard(gone) if isinstance(theirs, set) else theirs.popitem() if isinstance(theirs, dict) else theirs.pop()


def walk(numbers, table, ours, theirs, contents, same):
    """The same for what does not change: a result that is one goes on in its place."""
    for number in numbers:
        make, _, with_message = table[number % len(table)]
        source = number // len(table)
        found = Outcome(make(random.Random(source)), ours)
        expected = Outcome(make(random.Random(source)), theirs)
        figures[make.__name__] += 1
        figures["exceptions"] += expected.exception is not None
        figures["elements"] += len(theirs)
        assert found.agrees(expected, with_message), f"{make.__name__}: {found}, not {expected}, of {theirs}"
        assert same(contents(ours), theirs), f"{make.__name__} has changed {theirs} to {ours}"
        if isinstance(found.value, type(ours)) and len(found.value) <= MOST_ELEMENTS:
            ours, theirs = found.value, expected.value


@pytest.fixture
def pools():
    fill_pools()
    yield
    for pool in (*POOLS, popped):
        pool.clear()


@pytest.mark.parametrize(
    ("run", "table", "ours", "builtin", "contents", "same"),
    [
        (run_program, LIST, ffi.List, list, lambda items: [items[i] for i in range(len(items))], same_elements),
        (run_program, DICT, ffi.Map, dict, lambda table: list(table.items()), same_pairs),
        (run_program, SET, ffi.Set, set, list, same_members),
        (walk, TUPLE, ffi.Array, tuple, lambda items: [items[i] for i in range(len(items))], same_elements),
    ],
    ids=["list", "dict", "set", "tuple"],
)
def test_random_programs_do_what_the_builtins_do(pools, run, table, ours, builtin, contents, same):
    @hypothesis.seed(SEED)
    @settings(
        max_examples=STEPS // 2 // STEPS_IN_A_PROGRAM,
        phases=[Phase.generate, Phase.shrink],
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.lists(st.integers(0, 2**40), min_size=STEPS_IN_A_PROGRAM, max_size=STEPS_IN_A_PROGRAM))
    def programs(numbers):
        run(numbers, table, ours(), builtin(), contents, same)

    figures.clear()
    programs()
    print(", ".join(f"{count} {what}" for what, count in figures.items()))
    assert min(figures[make.__name__] for make, *_ in table) > STEPS // 2 // len(table) // 3, figures
