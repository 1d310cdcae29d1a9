"""Functions that Rust makes, and Python's as Rust calls them."""

import copy
import gc
import inspect
import pickle
import sys
import threading
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi
from programs import outcome, run


def functions(keep=None):
    return {f.__name__: f for f in t.rust_functions(keep or t.Inner(0))}


def test_a_closure_is_called_as_a_function():
    add = t.adder(3)
    assert add(4) == add(x=4) == add(*[4]) == add(**{"x": 4}) == 7
    two = functions()["two"]
    assert two("ab", 2) == two("ab", times=2) == two(times=2, text="ab") == "abab"
    assert functions()["nothing"]() is None
    assert callable(add) and isinstance(add, ffi.RustFunction)


def test_it_says_what_it_is():
    add, two, nothing = t.adder(3), functions()["two"], functions()["nothing"]
    assert (add.__name__, add.__qualname__) == ("add", "add")
    assert add.__doc__ == inspect.getdoc(add) == "Adds the number.\n\nIt was given to `adder`."
    assert nothing.__doc__ is None
    assert str(inspect.signature(add)) == add.__text_signature__ == "(x)"
    assert str(inspect.signature(two)) == two.__text_signature__ == "(text, times)"
    assert str(inspect.signature(nothing)) == "()"
    assert repr(add) == f"<Rust function add at {id(add):#x}>"
    for name in ("__name__", "__doc__", "__signature__"):
        with pytest.raises(AttributeError):
            setattr(add, name, "other")


@pytest.mark.parametrize(
    "args, kwargs",
    [
        ((), {}),
        (("a",), {}),
        (("a", 1, 2), {}),
        (("a", 1), {"times": 2}),
        (("a",), {"other": 2}),
        ((), {"times": 1}),
        ((), {"a": 1, "b": 2, "c": 3}),
    ],
)
def test_a_bad_call_fails_as_that_of_a_python_function(args, kwargs):
    def two(text, times):
        raise AssertionError

    with pytest.raises(TypeError) as expected:
        two(*args, **kwargs)
    with pytest.raises(TypeError) as got:
        functions()["two"](*args, **kwargs)
    assert str(got.value) == str(expected.value).replace(two.__qualname__, "two")


def test_wrong_values_name_function_and_argument():
    two = functions()["two"]
    with pytest.raises(TypeError, match=r"^two\(\) argument 'text': expected str, got int$"):
        two(1, 1)
    with pytest.raises(OverflowError, match=r"two\(\) argument 'times'"):
        two("a", -1)


def test_errors_and_panics_come_out():
    with pytest.raises(KeyError, match="mine"):
        functions()["fail"]("mine")
    with pytest.raises(RuntimeError, match=r"^panic\(\) panicked: at last$"):
        functions()["panic"]()
    own = ValueError("own")

    def fail(_):
        raise own

    with pytest.raises(ValueError) as error:
        functions()["call"](fail, 1)
    assert error.value is own


def test_it_is_an_object_with_one_identity():
    before = ffi.live_objects(ffi.RustFunction)
    add = t.adder(1)
    box = t.Toolbox(tools=[add, t.adder(2)])
    box.tool = add
    assert box.tool is add and box.tools[0] is add and box.tool is box.tool
    seen = weakref.ref(add)
    key = id(add)
    del add
    gc.collect()
    assert seen() is box.tool and id(box.tool) == key
    assert [tool(10) for tool in box.tools] == [11, 12]
    del box
    gc.collect()
    assert seen() is None and ffi.live_objects(ffi.RustFunction) == before


def test_what_it_owns_goes_with_it():
    inner = t.Inner(7)
    kept = functions(inner)["kept"]
    assert kept().val == 7
    gc.collect()
    assert ffi.owners(inner) == 1
    del kept
    gc.collect()
    assert ffi.owners(inner) == 0
    assert functions()["fresh"](3).val == 3


def test_it_is_called_without_the_interpreter():
    box = t.Toolbox()
    with pytest.raises(ValueError, match="there is no tool"):
        box.use_elsewhere(1)
    box.tool = t.adder(5)
    assert box.use_elsewhere(1) == 6
    box.tool = functions()["fail"]
    with pytest.raises(TypeError, match=r"fail\(\) argument 'text': expected str, got int"):
        box.use_elsewhere(1)
    box.tool = functions()["two"]
    with pytest.raises(TypeError, match=r"two\(\) argument 'text': expected str, got int"):
        box.use_elsewhere(1)
    box.tool = functions()["nothing"]
    with pytest.raises(TypeError, match=r"nothing\(\) takes 0 positional arguments, got 1"):
        box.use_elsewhere(1)


def test_only_rust_makes_them():
    with pytest.raises(TypeError):
        ffi.RustFunction()
    add = t.adder(1)
    with pytest.raises(TypeError):
        t.Toolbox().tool = lambda x: x
    for use in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="RustFunction"):
            use(add)
    moved = add._move()
    with pytest.raises(ReferenceError):
        add(1)
    with pytest.raises(ReferenceError):
        add.__name__
    assert repr(add) == f"<Rust function, not usable, at {id(add):#x}>"
    del moved


def test_rust_calls_its_own_functions_through_python():
    call = functions()["call"]
    assert call(t.adder(1), 2) == 3
    assert t.fold(lambda a, b: a + b, [1, 2, 3]) == 6
    assert t.fold(lambda a, b: t.adder(a)(b), [1, 2, 3]) == 6


def test_calls_nest_until_python_says_no():
    call = functions()["call"]

    def again(depth):
        return depth if depth == 0 else call(again, depth - 1)

    assert again(100) == 0
    for depth in (500, 100_000):
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(400)
        try:
            with pytest.raises(RecursionError):
                again(depth)
        finally:
            sys.setrecursionlimit(limit)
    assert again(100) == 0


def test_callbacks_have_types():
    assert "Callable[[int, int], bool]" in t.Toolbox.compare.__doc__
    box = t.Toolbox()
    assert box.in_order([2, 1])
    box.compare = lambda a, b: a <= b
    assert box.in_order([1, 1, 2]) and not box.in_order([2, 1])
    with pytest.raises(TypeError, match=r"^Toolbox.compare: expected a callable, got int$"):
        box.compare = 3
    assert box.in_order([1, 2])
    box.compare = lambda a, b: "yes"
    with pytest.raises(TypeError, match=r"^the callback's result: expected bool, got str$"):
        box.in_order([1, 2])
    box.compare = lambda a: True
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        box.in_order([1, 2])
    own = box.compare
    assert box.compare is own
    box.compare = None
    assert box.compare is None


def test_a_cycle_through_a_callback_is_collected():
    before = ffi.live_objects(t.Toolbox)
    box = t.Toolbox()
    box.compare = lambda a, b: box is None
    del box
    gc.collect()
    assert ffi.live_objects(t.Toolbox) == before


@pytest.fixture
def registered():
    """Forgets what a test registers."""
    before = set(ffi.function_names())
    yield
    for name in set(ffi.function_names()) - before:
        ffi.unregister_function(name)


def test_functions_of_the_module_are_found_by_name():
    assert ffi.get_function("adder") is t.adder
    assert ffi.get_function("adder")(1)(2) == 3
    assert "adder" in ffi.function_names() and ffi.function_names() == sorted(ffi.function_names())
    with pytest.raises(KeyError, match="^'nobody'$"):
        ffi.get_function("nobody")
    assert ffi.get_function("nobody", None) is None and ffi.get_function("adder", None) is t.adder


def test_rust_calls_by_name_what_is_rusts():
    inner = t.Inner(2)
    assert t.call_named("all_parameters", 1, inner) == (1, 2, 3, 5, 0)
    assert t.call_named("all_parameters", 1, inner, 4, 6, 7) == (1, 2, 4, 5, 0, 6, 7)
    with pytest.raises(TypeError, match=r"^all_parameters\(\) missing required argument: 'b'$"):
        t.call_named("all_parameters", 1)
    with pytest.raises(TypeError, match=r"^all_parameters\(\) argument 'b': expected Inner, got int$"):
        t.call_named("all_parameters", 1, 2)
    with pytest.raises(TypeError, match=r"^adder\(\) takes 1 positional argument, got 2$"):
        t.call_named("adder", 1, 2)
    assert t.call_named("adder", 1)(1) == 2
    with pytest.raises(KeyError, match="nobody"):
        t.call_named("nobody")


def test_rust_calls_by_name_what_python_registered(registered):
    @ffi.register_function("test.join")
    def join(*args):
        return [threading.get_ident() != main, *args]

    main = threading.get_ident()
    inner = t.Inner(1)
    assert ffi.get_function("test.join") is join
    elsewhere, *args = t.call_named("test.join", 1, "a", inner)
    assert elsewhere and args == [1, "a", inner]

    own = ValueError("own")

    def fail():
        raise own

    assert ffi.register_function("test.fail", fail) is fail
    with pytest.raises(ValueError) as error:
        t.call_named("test.fail")
    assert error.value is own


def test_rust_registers_what_python_finds(registered):
    t.register_adder("test.plus", 2)
    plus = ffi.get_function("test.plus")
    assert plus(1) == t.call_named("test.plus", 1) == 3
    assert ffi.get_function("test.plus") is plus
    assert ffi.register_function("test.plus too", plus) is plus and ffi.get_function("test.plus too") is plus
    with pytest.raises(ValueError, match="^there is a function 'test.plus' already$"):
        t.register_adder("test.plus", 3)
    assert ffi.unregister_function("test.plus") is plus
    assert ffi.get_function("test.plus", None) is None


def test_names_are_taken_once(registered):
    def one():
        return 1

    def two():
        return 2

    ffi.register_function("test.f", one)
    with pytest.raises(ValueError, match="^there is a function 'test.f' already$"):
        ffi.register_function("test.f", two)
    assert t.call_named("test.f") == 1
    assert ffi.register_function("test.f", two, override=True) is two
    assert t.call_named("test.f") == 2
    for override in (False, True):
        with pytest.raises(ValueError, match="^there is a function 'adder' already$"):
            ffi.register_function("adder", two, override=override)
    assert ffi.get_function("adder") is t.adder
    with pytest.raises(KeyError, match="adder"):
        ffi.unregister_function("adder")


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: ffi.register_function(), r"register_function\(\) takes exactly 1 argument \(0 given\)"),
        (lambda: ffi.register_function(1), r"register_function\(\) argument 'name': expected str, got int"),
        (lambda: ffi.register_function("test.f", 1), r"register_function\(\) argument 'function': expected a callable, got int"),
        (lambda: ffi.register_function("test.f")(1), r"register_function\(\) argument 'function': expected a callable, got int"),
        (lambda: ffi.register_function("test.f", len, force=1), "unexpected keyword argument 'force'"),
        (lambda: ffi.get_function(b"adder"), r"get_function\(\) argument 'name': expected str, got bytes"),
        (lambda: ffi.get_function(name="adder"), "takes no keyword arguments"),
        (lambda: ffi.unregister_function(None), r"unregister_function\(\) argument 'name': expected str, got NoneType"),
        (lambda: ffi.function_names(1), r"function_names\(\) takes exactly 0 arguments \(1 given\)"),
    ],
)
def test_bad_registrations_change_nothing(call, message):
    before = ffi.function_names()
    with pytest.raises(TypeError, match=message):
        call()
    assert ffi.function_names() == before


def test_what_is_registered_goes_with_the_interpreter():
    program = """
        import ffi_test as t
        from ffi_test import ffi

        class Noisy:
            def __init__(self):
                # Not of the class: the free-threaded 3.13 keeps classes for good once there has been a thread.
                self.inner = t.Inner(1)

            def __call__(self):
                return self.inner

            def __del__(self, say=print):
                say("gone")

        ffi.register_function("noisy", Noisy())
        assert t.call_named("noisy").val == 1
    """
    assert outcome(run(program, FFI_OBJECT_LEAKS="1")) == (0, "gone\n", "")


def test_a_hundred_thousand_calls_of_each_kind_leak_nothing():
    inner = t.Inner(1)
    kinds = functions(inner)
    box = t.Toolbox()
    box.compare = lambda a, b: a <= b
    add = t.adder(1)

    def fail():
        try:
            kinds["fail"]("x")
        except KeyError:
            pass

    calls = [
        lambda: add(1),
        lambda: kinds["two"](text="a", times=3),
        lambda: kinds["kept"](),
        lambda: kinds["fresh"](1),
        lambda: kinds["call"](add, 1),
        lambda: box.in_order([1, 2]),
        lambda: t.adder(2),
        fail,
    ]

    def rounds(n):
        for call in calls:
            for _ in range(n):
                call()
        gc.collect()
        return ffi.live_objects(), sys.getallocatedblocks()

    objects, blocks = rounds(1_000)
    after_objects, after_blocks = rounds(100_000)
    assert after_objects == objects
    assert after_blocks - blocks < 500


def test_threads_share_a_function():
    add, results = t.adder(1), []

    def work():
        results.append(sum(add(i) for i in range(5_000)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [sum(range(1, 5_001))] * 4
