"""`Name`: text whose `str` is made once and kept."""

import sys
import threading

import ffi_test as t
import pytest


def test_all_who_share_a_name_give_the_same_str():
    a, b = t.family("smith", 2)
    assert a.family == "smith" and type(a.family) is str
    assert a.family is a.family is b.family
    assert t.Relative("smith").family is not a.family, "another name of the same text"


def test_a_cell_gives_the_str_of_the_name_that_is_in_it():
    a, b = t.family("smith", 2)
    old = a.own
    assert old is b.own
    a.own = "ann"
    assert a.own == "ann" and a.own is a.own
    assert b.own is old, "only the cell changed"
    with pytest.raises(TypeError, match="expected str, got int"):
        a.own = 1
    assert a.own == "ann"


def test_the_kept_str_goes_with_the_last_name():
    counts = []
    for drop in (list.clear, lambda people: t.drop_family(kept.pop())):
        kept = [t.family("".join(["smi", "th"]), 3)]
        people = list(kept[0])
        name = people[0].family
        assert people[2].family is name
        before = sys.getrefcount(name)
        del people[1:]
        assert sys.getrefcount(name) == before, "one reference for all of them"
        people.clear()
        drop(kept)
        # Whatever was given back on another thread is so by the next call.
        t.Relative("x")
        counts.append(before - sys.getrefcount(name))
    assert counts == [1, 1]


def test_threads_that_read_first_at_once_agree():
    for _ in range(50):
        people = list(t.family("smith", 8))
        barrier, seen = threading.Barrier(4), []

        def read(people=people, barrier=barrier, seen=seen):
            barrier.wait()
            seen.extend(person.family for person in people)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 32 and all(name is seen[0] for name in seen)
