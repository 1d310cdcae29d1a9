"""Threads that Python knows nothing of, and locks that both sides want. What might hang is a program of its own."""

import gc
import threading
import time
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi
from programs import outcome, run


@pytest.mark.parametrize("kind", ["t.Inner", "Sub"])
def test_the_last_owner_goes_under_a_lock_that_python_waits_for(kind):
    result = run(
        f"""
        import gc, weakref
        import ffi_test as t

        class Sub(t.Inner):
            def __del__(self):
                died.append(self.val)

        died = []
        for i in range(100):
            inner = {kind}(i)
            weak = weakref.ref(inner)
            holder = [inner]
            del inner
            assert t.drop_under_a_lock(holder.pop()) == i + 1
            assert weak() is None
        print(t.ffi.live_objects(t.Inner), died == list(range(100)) * ({kind} is Sub))
        """,
        timeout=30,
    )
    assert outcome(result) == (0, "0 True\n", "")


def test_the_last_owner_goes_under_the_lock_of_a_field_that_python_reads():
    result = run(
        """
        import weakref
        import ffi_test as t

        node = t.Node(0)
        for i in range(20):
            inner = t.Inner(i)
            weak = weakref.ref(inner)
            t.drop_under_the_lock_of(node, inner)
            del inner
            # Waits for the lock, without the interpreter.
            assert node.next.val == i
        print(t.ffi.live_objects(t.Inner))
        """,
        timeout=30,
    )
    assert outcome(result) == (0, "0\n", "")


@pytest.mark.parametrize(
    "use", ["cells.locked", "cells.shared", "setattr(cells, 'locked', 'b')", "setattr(cells, 'shared', 'b')"]
)
def test_python_waits_for_a_field_s_lock_without_the_interpreter(use):
    result = run(
        f"""
        import threading, time, weakref
        import ffi_test as t

        cells, inner = t.Cells(locked="a", shared="a"), t.Inner(1)
        weak = weakref.ref(inner)
        t.hold_lock_elsewhere(cells, inner)
        del inner

        def let_go():
            time.sleep(0.1)
            t.let_go_elsewhere()

        threading.Thread(target=let_go).start()
        {use}
        print(cells.locked in "ab", cells.shared in "ab")
        deadline = time.monotonic() + 10
        while weak() is not None and time.monotonic() < deadline:
            time.sleep(0.001)
        print(weak())
        """,
        timeout=30,
    )
    assert outcome(result) == (0, "True True\nNone\n", "")


def pure_python(stop, seconds=10.0):
    """Runs no code of ours: `stop` may not, either."""
    deadline = time.monotonic() + seconds
    while not stop():
        assert time.monotonic() < deadline, "took too long"
        for _ in range(1000):
            pass


@pytest.mark.parametrize("count", [1, 1000])
def test_deferred_releases_run_soon_while_the_main_thread_runs_only_python(count):
    class Sub(t.Inner):
        def __del__(self):
            died.append((self.val, threading.current_thread() is threading.main_thread()))

    died = []
    for i in range(count):
        t.shelve(Sub(i))
    t.clear_shelf_elsewhere(50)
    started = time.monotonic()
    pure_python(lambda: len(died) == count)
    assert time.monotonic() - started < 5
    assert sorted(died) == [(i, True) for i in range(count)]


def test_deferred_releases_run_soon_while_the_main_thread_sleeps():
    """A pending call wants the main thread to run, or another one that passes by."""
    inner = t.Inner(1)
    weak = weakref.ref(inner)
    t.shelve(inner)
    del inner
    t.clear_shelf_elsewhere(20)
    deadline = time.monotonic() + 10
    while weak() is not None:
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.01)


@pytest.mark.parametrize("length", [3, 50])
def test_threads_replace_and_drop_what_was_seen_ahead(length):
    gc.collect()
    before = ffi.live_objects(t.Node)
    shared = ffi.List([t.Node(1) for _ in range(length)])
    t.start_churn(shared, 2)
    try:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            first, second = iter(shared), iter(shared)
            for index in range(length):
                for node in (next(first), next(second), shared[index]):
                    assert type(node) is t.Node and node.val >= 0
    finally:
        assert t.stop_churn() > 0
    shared.clear()
    del node, first, second
    pure_python(lambda: gc.collect() is not None and ffi.live_objects(t.Node) == before)


def test_strangers_make_clone_and_drop_owners_while_python_reads():
    gc.collect()
    before = ffi.live_objects(t.Node)
    shared = ffi.List([t.Node(1) for _ in range(4)])
    seen, weak = set(), []
    t.start_strangers(shared, 3)
    try:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            for node in shared:
                assert node.val == 1
                seen.add(id(node))
                weak.append(weakref.ref(node))
            gc.collect(0)
    finally:
        rounds = t.stop_churn()
    assert rounds > 0 and len(seen) > 4
    del node, shared
    pure_python(lambda: all(ref() is None for ref in weak))
    assert ffi.live_objects(t.Node) == before
