"""The report of what is still alive when the interpreter has ended."""

import pytest

from ffi_test import ffi
from programs import outcome, run

# What only Python keeps, in every place where it can: none of it is a leak.
KEPT_BY_PYTHON = """
    import atexit, builtins, sys, threading
    import ffi_test as t
    from ffi_test import ffi

    class Sub(t.Inner):
        kept = []

        def __del__(self):
            self.val

    def default(inner=t.Inner(1)):
        return inner

    plain, subclass = t.Inner(1), Sub(2)
    outer, owned_subclass = t.Outer(t.Inner(3)), t.Outer(Sub(4))
    outer.x.val += owned_subclass.x.val
    subclass.me, subclass.other = subclass, t.Outer(Sub(5))
    Sub.kept.append(Sub(6))
    items, chain = ffi.List([t.Node(i) for i in range(5)]), t.chain(10)
    assert [item.val for item in items] == list(range(5)) and chain.next.prev is chain
    holder = t.Holder(Sub(7))
    holder.list.append(Sub(8))
    holder.map["a"] = Sub(9)
    holder.weak = holder.inner
    local = threading.local()
    local.x = t.Outer(Sub(10))
    sys.modules["kept"] = [t.Inner(11), Sub(12), t.Outer(Sub(13))]
    sys.kept = builtins.kept = t.kept = ffi.kept = t.Outer(Sub(14))
    atexit.register(lambda x=t.Outer(t.Inner(15)): x.x.val)
"""

EXIT_FROM_A_FUNCTION = """
    def stop(argument):
        local = t.Outer(argument)
        sys.exit(2 + local.x.val)

    stop(Sub(1))
"""

KEPT_BY_RUST = """
    t.shelve(Sub(1))
    t.shelve(t.Inner(2))
    t.keep_elsewhere(t.Inner(3))
    node = t.Node(1)
    node.next = node
"""


def test_what_only_python_keeps_is_not_reported():
    assert outcome(run(KEPT_BY_PYTHON, FFI_OBJECT_LEAKS="1")) == (0, "", "")
    assert outcome(run(KEPT_BY_PYTHON + EXIT_FROM_A_FUNCTION, FFI_OBJECT_LEAKS="1")) == (3, "", "")


def test_what_rust_keeps_is_reported_with_class_and_count():
    report = (
        "ffi_test: 5 objects are still alive after the interpreter has ended:\n"
        "  ffi_test.Inner: 4\n"
        "  ffi_test.Node: 1\n"
    )
    # The instance of the subclass on the shelf keeps its class, and that keeps one more.
    assert outcome(run(KEPT_BY_PYTHON + KEPT_BY_RUST, FFI_OBJECT_LEAKS="1")) == (0, "", report)


ONE_ON_THE_SHELF = "import ffi_test as t; t.shelve(t.Inner(1)); "
ONE = "ffi_test: 1 object is still alive after the interpreter has ended:\n  ffi_test.Inner: 1\n"


@pytest.mark.parametrize(
    "code, variable, report",
    [
        ("", None, ""),
        ("", "", ""),
        ("", "0", ""),
        ("", "1", ONE),
        ("t.ffi.report_leaks()", None, ONE),
        ("t.ffi.report_leaks(True)", None, ONE),
        ("t.ffi.report_leaks(False)", "1", ""),
        ("t.ffi.report_leaks(); t.clear_shelf()", None, ""),
        ("t.ffi.report_leaks(); import sys; sys.stderr.close()", None, ONE),
        ("t.ffi.report_leaks(); import os; os.close(2)", None, ""),
    ],
)
def test_the_report_comes_on_request(code, variable, report):
    env = {} if variable is None else {"FFI_OBJECT_LEAKS": variable}
    assert outcome(run(ONE_ON_THE_SHELF + code, **env)) == (0, "", report)


def test_report_leaks_takes_at_most_one_argument():
    with pytest.raises(TypeError, match=r"report_leaks\(\) takes exactly 1 argument \(2 given\)"):
        ffi.report_leaks(True, True)
    with pytest.raises(TypeError, match=r"report_leaks\(\) takes no keyword arguments"):
        ffi.report_leaks(enabled=True)


# Code that runs while the interpreter ends, on a thread that is still attached.
LAST_WORDS = """
    import sys
    import ffi_test as t

    class Last:
        def __init__(self, fail):
            self.button, self.fail, self.call, self.say = t.Button(), fail, t.call_with, print

        def __del__(self, ending=sys.is_finalizing):
            try:
                self.call(self.fail, self.button)
            except Exception as error:
                self.say(ending(), type(error).__name__, error, type(error.__cause__).__name__)
            self.say(self.call(lambda button: 1, self.button))

    class Wrong(Exception):
        pass

    def fail(button, Wrong=Wrong, cause=KeyError()):
        raise Wrong("no") from cause

    sys.modules["last"] = Last(fail)
"""


def test_calls_and_exceptions_cross_while_the_interpreter_ends():
    assert outcome(run(LAST_WORDS)) == (0, "True Wrong no KeyError\n1\n", "")
