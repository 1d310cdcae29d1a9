"""One lifetime, on every thread."""

import gc
import threading
import time
import weakref

import ffi_test as t
from ffi_test import ffi
from programs import outcome, run


def test_a_rust_thread_drops_the_last_owner_with_no_interpreter_attached():
    inner = t.Inner(1)
    weak = weakref.ref(inner)
    t.keep_elsewhere(inner)
    del inner
    gc.collect()
    assert weak() is not None and ffi.state(weak()) == "shared"
    t.let_go_elsewhere()
    wait_until(lambda: weak() is None)


def test_a_deferred_release_runs_while_the_main_thread_only_runs_python():
    inner = t.Inner(1)
    weak = weakref.ref(inner)
    t.keep_elsewhere(inner)
    del inner
    threading.Thread(target=t.let_go_elsewhere).start()
    wait_until(lambda: weak() is None)


def test_dropping_a_bare_object_on_a_rust_thread_frees_it_at_once():
    before = ffi.live_objects(t.Inner)
    t.drop_elsewhere(t.Inner(1)._move())
    assert ffi.live_objects(t.Inner) == before


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        sum(range(1000))


def test_a_million_nodes_drop_from_python():
    before = ffi.live_objects(t.Node)
    head = t.chain(1_000_000)
    assert ffi.live_objects(t.Node) == before + 1_000_000
    del head
    assert ffi.live_objects(t.Node) == before


def test_a_million_nodes_drop_from_rust():
    before = ffi.live_objects(t.Node)
    t.drop_chain(1_000_000)
    assert ffi.live_objects(t.Node) == before


def test_a_million_wrapped_nodes_drop_from_python():
    before = ffi.live_objects(t.Node)
    head = None
    for i in range(1_000_000):
        head = t.Node(i, head)
    assert ffi.live_objects(t.Node) == before + 1_000_000
    del head
    assert ffi.live_objects(t.Node) == before


def test_subclass_instances_in_a_long_chain_drop():
    class Sub(t.Node):
        pass

    before = ffi.live_objects(t.Node)
    head = None
    for i in range(100_000):
        head = Sub(i, head)
        head.note = i
    del head
    gc.collect()
    assert ffi.live_objects(t.Node) == before


def test_a_weak_reference_in_rust_while_only_python_owns():
    assert t.through_weak(t.Account("Ada"))
    holder = t.Holder(t.Inner(1))
    inner = t.Inner(2)
    holder.weak = inner
    assert holder.weak is inner and ffi.owners(inner) == 0
    del inner
    gc.collect()
    assert holder.weak is None


def test_objects_churn_in_rust_threads_while_python_reads():
    gc.collect()
    before = ffi.live_objects(t.Node)
    nodes = ffi.List([t.Node(i) for i in range(50)])
    t.start_churn(nodes, 2)
    try:
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            for node in nodes:
                assert node.val >= 0
                after = node.next
                assert after is None or after.val >= 0
            gc.collect(0)
    finally:
        rounds = t.stop_churn()
    assert rounds > 0
    assert len(nodes) == 50
    del nodes, node, after
    gc.collect()
    wait_until(lambda: ffi.live_objects(t.Node) <= before)


def test_live_objects_counts_by_class():
    counts = ffi.live_objects()
    rings = [t.Ring("a", 1.0), t.Ring("b", 2.0)]
    assert ffi.live_objects(t.Ring) == 2
    assert ffi.live_objects(t.Shape) == counts.get(t.Shape, 0) + 2
    assert ffi.live_objects()[t.Ring] == 2
    del rings
    assert ffi.live_objects(t.Ring) == 0


def test_the_interpreter_ends_while_rust_statics_and_threads_own_wrapped_objects():
    result = run("""
        import ffi_test as t
        class Sub(t.Inner):
            pass
        for cls in (t.Inner, Sub):
            inner = cls(1)
            t.shelve(inner)
            t.keep_elsewhere(cls(2))
        nodes = t.ffi.List([t.Node(i) for i in range(10)])
        t.start_churn(nodes, 2)
        print("done")
    """)
    assert outcome(result) == (0, "done\n", "")


def test_python_in_development_mode_finds_nothing():
    result = run(
        """
        import gc, weakref
        import ffi_test as t
        class Sub(t.Node):
            def __del__(self):
                self.val
        head = None
        for i in range(1000):
            head = Sub(i, head)
            head.me = [head]
        del head
        gc.collect()
        print(t.ffi.live_objects(t.Node))
        """,
        PYTHONDEVMODE="1",
        PYTHONMALLOC="debug",
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_the_module_does_not_load_in_a_subinterpreter():
    code = """
        try:
            import _interpreters as interpreters
        except ImportError:
            try:
                import _xxsubinterpreters as interpreters
            except ImportError:
                raise SystemExit("none")
        i = interpreters.create()
        try:
            error = interpreters.run_string(i, "import ffi_test")
            print("ImportError" in str(error))
        except Exception as error:
            print("ImportError" in str(error))
    """
    result = run(code)
    assert result.stderr.strip() == "none" or result.stdout.strip() == "True", result


def test_detached_threads_stay_detached_when_there_is_a_subinterpreter():
    result = run("""
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        import threading, time, weakref
        import ffi_test as t

        class Sub(t.Inner):
            def __del__(self):
                seen.append(threading.get_ident())

        # From now on `PyGILState_Check` says that every thread is attached.
        other = interpreters.create()
        seen = []
        for i in range(100):
            t.keep_elsewhere(Sub(i))
            if i % 2:
                t.let_go_elsewhere()
            else:
                thread = threading.Thread(target=t.let_go_elsewhere)
                thread.start()
                thread.join()
        deadline = time.monotonic() + 10
        while len(seen) < 100 and time.monotonic() < deadline:
            time.sleep(0.01)
        main = threading.get_ident()
        print(len(seen), seen[1::2] == [main] * 50, t.ffi.live_objects(t.Inner))
        interpreters.destroy(other)
    """)
    assert outcome(result) == (0, "100 True 0\n", "")
