"""Everything that can be called, called wrongly in every way: as its twin in Python, and nothing has changed afterwards."""

import gc
import operator
import sys
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi


def number(value, bits=64, signed=True):
    """A number as Rust takes it."""
    if not isinstance(value, int):
        raise TypeError
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if not low <= value <= high:
        raise OverflowError
    return value


def both(a, b=2):
    return number(a), number(b)


def operand(function):
    """An operator: what its operand cannot be is the other side's turn."""
    return lambda self, value: function(self, number(value)) if isinstance(value, int) else NotImplemented


class Target:
    """The class of `ffi_test`, in Python."""

    def __init__(self, value, small=2, *, text="text"):
        self.value, self.small = number(value), number(small, 8, signed=False)
        if not isinstance(text, str):
            raise TypeError
        self.text = text

    def __setattr__(self, name, value):
        if name == "value" or name == "small":
            number(value, *((8, False) if name == "small" else ()))
        elif name == "text" and hasattr(self, "text"):
            raise AttributeError
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        raise AttributeError

    def method(self, a, b=2):
        return both(a, b)

    owner_method = method
    __call__ = method

    @staticmethod
    def static_method(a, b=2):
        return both(a, b)

    @classmethod
    def class_method(cls, a, b=2):
        return both(a, b)

    size = property(lambda self: self.value, lambda self, size: setattr(self, "value", number(size)))
    fixed = property(lambda self: 1)

    def __getitem__(self, a):
        return number(a)

    def __setitem__(self, a, b):
        self.value = number(a) and both(a, b)[0]

    def __delitem__(self, a):
        self.value = number(a)

    def __contains__(self, a):
        return number(a) == self.value

    __lt__ = operand(lambda self, a: self.value < a)
    __add__ = __radd__ = operand(lambda self, a: a)

    def __pow__(self, a, b=0):
        return both(a, b)[0] if isinstance(a, int) and isinstance(b, int) else NotImplemented

    def __isub__(self, a):
        if not isinstance(a, int):
            return NotImplemented
        self.value = number(a)
        return self

    def __round__(self, a=0):
        return number(a)

    def __format__(self, a):
        return a

    def __iter__(self):
        return iter([self.value])

    def __len__(self):
        return 1

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        pass


class MadeTarget:
    def __init__(self, a, b=2):
        self.parts = both(a, b)


class Twin:
    """The module, in Python."""

    Target, MadeTarget = Target, MadeTarget
    bad_call = staticmethod(both)


def attribute(name):
    return lambda m, o, *args, **kwargs: setattr(o, name, *args, **kwargs)


# What takes `(a, b=2)`, by name too.
FUNCTIONS = {
    "function": lambda m, o, *args, **kwargs: m.bad_call(*args, **kwargs),
    "method": lambda m, o, *args, **kwargs: o.method(*args, **kwargs),
    "method of the class": lambda m, o, *args, **kwargs: m.Target.method(o, *args, **kwargs),
    "method with an owner": lambda m, o, *args, **kwargs: o.owner_method(*args, **kwargs),
    "static method": lambda m, o, *args, **kwargs: m.Target.static_method(*args, **kwargs),
    "static method of an object": lambda m, o, *args, **kwargs: o.static_method(*args, **kwargs),
    "class method": lambda m, o, *args, **kwargs: m.Target.class_method(*args, **kwargs),
    "class method of an object": lambda m, o, *args, **kwargs: o.class_method(*args, **kwargs),
    "constructor": lambda m, o, *args, **kwargs: m.MadeTarget(*args, **kwargs).parts,
    "__call__": lambda m, o, *args, **kwargs: o(*args, **kwargs),
    "__call__ by name": lambda m, o, *args, **kwargs: o.__call__(*args, **kwargs),
}

# What takes a number, or two.
OPERATIONS = {
    "o.value = a": (1, attribute("value")),
    "o.small = a": (1, attribute("small")),
    "o.size = a": (1, attribute("size")),
    "o.fixed = a": (1, attribute("fixed")),
    "o.text = a": (1, attribute("text")),
    "del o.value": (0, lambda m, o: delattr(o, "value")),
    "del o.size": (0, lambda m, o: delattr(o, "size")),
    "o[a]": (1, lambda m, o, a: o[a]),
    "o[a] = b": (2, lambda m, o, a, b: operator.setitem(o, a, b)),
    "del o[a]": (1, lambda m, o, a: operator.delitem(o, a)),
    "a in o": (1, lambda m, o, a: a in o),
    "o < a": (1, lambda m, o, a: o < a),
    "o <= a": (1, lambda m, o, a: o <= a),
    "o + a": (1, lambda m, o, a: o + a),
    "a + o": (1, lambda m, o, a: a + o),
    "o * a": (1, lambda m, o, a: o * a),
    "o -= a": (1, lambda m, o, a: operator.isub(o, a) is o),
    "o ** a": (1, lambda m, o, a: o**a),
    "pow(o, a, b)": (2, lambda m, o, a, b: pow(o, a, b)),
    "round(o, a)": (1, lambda m, o, a: round(o, a)),
    "len(o)": (0, lambda m, o: len(o)),
    "float(o)": (0, lambda m, o: float(o)),
    "o.nothing": (0, lambda m, o: o.nothing),
    "o.nothing()": (0, lambda m, o: o.nothing()),
}

# Special methods called as methods, with too few or too many arguments; what takes none has `0`.
SPECIAL = {
    "__getitem__": 1, "__setitem__": 2, "__delitem__": 1, "__contains__": 1, "__lt__": 1, "__add__": 1, "__radd__": 1,
    "__isub__": 1, "__format__": 1, "__iter__": 0, "__len__": 0, "__enter__": 0, "__exit__": 3,
}  # fmt: skip

WRONG = ["x", b"x", None, 1.5, 2**63, -(2**63) - 1, 2**200, [], (), {}, object(), int, ...]


def bad_calls():
    """Calls of what takes `(a, b=2)`."""
    for args, kwargs in [
        ((), {}),
        ((), {"b": 1}),
        ((1, 2, 3), {}),
        ((1, 2, 3, 4), {"b": 1}),
        ((1,), {"a": 1}),
        ((1, 2), {"b": 1}),
        ((1,), {"c": 1}),
        ((), {"a": 1, "c": 1}),
        ((), {"A": 1}),
    ]:
        yield args, kwargs
    for wrong in WRONG:
        yield (wrong,), {}
        yield (1, wrong), {}
        yield (wrong, wrong), {}
        yield (1,), {"b": wrong}
        yield (), {"a": wrong}
        yield (), {"b": 1, "a": wrong}


def outcome(module, call, *args, **kwargs):
    """The class of the exception that a call raises, or its result; and whether it left the object as it was."""
    target = module.Target(7, 8)

    def state():
        rust = (ffi.owners(target), ffi.state(target), t.bodies_run()) if module is t else ()
        return target.value, target.small, target.text, target.size, *rust

    before = state()
    try:
        result = call(module, target, *args, **kwargs)
    except Exception as error:
        assert state() == before
        return type(error)
    return result


@pytest.mark.parametrize("what", FUNCTIONS)
def test_bad_calls_end_as_those_of_python(what):
    call = FUNCTIONS[what]
    assert outcome(t, call, 1) == outcome(Twin, call, 1) == (1, 2)
    for args, kwargs in bad_calls():
        expected = outcome(Twin, call, *args, **kwargs)
        assert expected in (TypeError, OverflowError)
        assert outcome(t, call, *args, **kwargs) is expected, (args, kwargs)


@pytest.mark.parametrize("what", OPERATIONS)
def test_bad_operations_end_as_those_of_python(what):
    count, call = OPERATIONS[what]
    failed = 0
    for wrong in WRONG:
        for args in {0: [()], 1: [(wrong,), (5,), (-1,)], 2: [(wrong, 1), (1, wrong), (wrong, wrong), (1, 2)]}[count]:
            expected = outcome(Twin, call, *args)
            assert outcome(t, call, *args) == expected, args
            failed += isinstance(expected, type)
    # There is always a length; and `round(o, None)` is `round(o)`.
    assert failed >= (0 if what == "len(o)" else len(WRONG) - 1)


@pytest.mark.parametrize("name", SPECIAL)
def test_special_methods_take_as_many_arguments_as_they_say(name):
    for count in range(5):
        for names in ({}, {"c": 1}):
            if count != SPECIAL[name] or names:
                call = lambda m, o, *args, **kwargs: getattr(o, name)(*args, **kwargs)  # noqa: E731
                assert outcome(t, call, *range(count), **names) is outcome(Twin, call, *range(count), **names) is TypeError


def test_constructors_from_fields():
    call = lambda m, o, *args, **kwargs: vars_of(m.Target(*args, **kwargs))  # noqa: E731

    def vars_of(made):
        return made.value, made.small, made.text

    good = [((1,), {}), ((1, 255), {"text": "x"}), ((), {"small": 0, "value": -1})]
    for args, kwargs in good:
        assert outcome(t, call, *args, **kwargs) == outcome(Twin, call, *args, **kwargs) != TypeError
    bad = [((), {}), ((1, 2, 3), {}), ((1, 2, "x"), {}), ((1,), {"value": 1}), ((1,), {"other": 1}), ((), {"text": "x"})]
    bad += [((wrong,), {}) for wrong in WRONG] + [((1, wrong), {}) for wrong in [*WRONG, 256, -1]]
    bad += [((1,), {"text": wrong}) for wrong in WRONG if wrong != "x"]
    for args, kwargs in bad:
        expected = outcome(Twin, call, *args, **kwargs)
        assert expected in (TypeError, OverflowError)
        assert outcome(t, call, *args, **kwargs) is expected, (args, kwargs)


def test_methods_of_the_class_want_an_object_of_it():
    for wrong in [*WRONG, t.MadeTarget(1), t.Target]:
        for name in ("method", "owner_method", "__getitem__", "__call__", "__len__"):
            with pytest.raises(TypeError):
                getattr(t.Target, name)(wrong, 1)
        for name in ("value", "size"):
            with pytest.raises(TypeError):
                getattr(t.Target, name).__set__(wrong, 1)


def test_a_failed_second_init_changes_nothing():
    target = t.Target(7, 8)
    for args in [(), ("x",), (1, 2, 3), (2**63,), (1,)]:
        with pytest.raises((TypeError, OverflowError)):
            target.__init__(*args)
        assert (target.value, target.small, ffi.owners(target)) == (7, 8, 0)


@pytest.mark.parametrize(
    "fail",
    [
        lambda value: ffi.Map()[value],
        lambda value: ffi.Map().pop(value),
        lambda value: ffi.Set().remove(value),
        lambda value: ffi.List([1]).index(value),
    ],
    ids=["look up", "pop", "remove", "index"],
)
def test_an_exception_keeps_what_it_names_no_longer_than_it_lives(fail):
    value = t.Inner(1)
    gone = weakref.ref(value)
    with pytest.raises((KeyError, ValueError)):
        fail(value)
    del value
    assert gone() is None


def test_exceptions_leave_nothing_behind():
    def fail():
        for use in (lambda: ffi.Map()[3], lambda: ffi.List()[5], lambda: ffi.List().append(), lambda: ffi.Set().remove(1)):
            with pytest.raises((KeyError, IndexError, TypeError)):
                use()

    def growth():
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(200):
            fail()
        gc.collect()
        return sys.getallocatedblocks() - before

    # What is left behind is so every time; Python's own pools fill up once.
    assert min(growth() for _ in range(6)) < 100
