"""Calls, right and wrong, against a Python function of the same signature: the same arguments, or the same exception."""

import inspect
import itertools
import re

import pytest

import ffi_test as t
from ffi_test import ffi

SIGNATURES = {
    "sig_one": "(a)",
    "sig_two": "(a, b)",
    "sig_three": "(a, b, c)",
    "sig_default": "(a=1)",
    "sig_defaults": "(a, b=2, c=3)",
    "sig_pos": "(a, /)",
    "sig_pos_two": "(a, b, /, c)",
    "sig_pos_default": "(a, b=2, /)",
    "sig_kw": "(*, a)",
    "sig_kw_two": "(a, *, b, c)",
    "sig_kw_default": "(*, a=1, b)",
    "sig_mixed": "(a, /, b, *, c)",
    "sig_mixed_default": "(a, /, b=2, *, c=3)",
    "sig_args": "(*rest)",
    "sig_args_after": "(a, *rest)",
    "sig_args_kw": "(a, *rest, b)",
    "sig_args_default": "(a=1, *rest, b=2)",
    "sig_kwargs": "(**named)",
    "sig_kwargs_after": "(a, **named)",
    "sig_kwargs_pos": "(a, /, **named)",
    "sig_kwargs_kw": "(*, a, **named)",
    "sig_all": "(a, /, b=2, *rest, c=3, **named)",
}
each = pytest.mark.parametrize(("name", "signature"), SIGNATURES.items())


def twin(name, signature):
    """A Python function of this name and signature, which gives its arguments back as the Rust one does."""
    names = list(inspect.signature(eval(f"lambda {signature[1:-1]}: 0")).parameters)
    scope = {}
    exec(f"def f{signature}:\n    return tuple([{', '.join(names)}])", scope)
    function = scope["f"]
    function.__qualname__ = name
    return function


def calls():
    """All small calls: up to four arguments by position, and up to three of these names."""
    named = [(), *itertools.chain.from_iterable(itertools.combinations("abcx", n) for n in (1, 2, 3))]
    for count, names in itertools.product(range(5), named):
        yield tuple(range(10, 10 + count)), {name: 20 + i for i, name in enumerate(names)}


def outcome(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as exception:
        # Later versions guess what was meant.
        return type(exception), re.sub(r"\. Did you mean .*", "", str(exception))


@each
def test_signatures_are_what_inspect_says(name, signature):
    assert str(inspect.signature(getattr(t, name))) == signature
    method = getattr(t.Signatures, name)
    assert str(inspect.signature(method)) == f"(self, {'' if '/' in signature else '/, '}{signature[1:]}"
    assert str(inspect.signature(getattr(t.Signatures(), name))) == signature


@each
def test_calls_end_as_those_of_a_python_function(name, signature):
    """Exception and message, or the arguments; and a call that fails does not get as far as the body."""
    good = 0
    for owner, prefix in ((t, ""), (t.Signatures(), "Signatures.")):
        function = getattr(owner, name)
        model = twin(prefix + name, signature)
        for args, kwargs in calls():
            expected = outcome(model, args, kwargs)
            assert outcome(function, args, kwargs) == expected, (args, kwargs)
            good += expected[0] is not TypeError
    assert owner.calls * 2 == good > 0


WRONG = {
    "x": (TypeError, "expected int, got str"),
    None: (TypeError, "expected int, got NoneType"),
    1.5: (TypeError, "expected int, got float"),
    2**63: (OverflowError, "int out of range for i64"),
    -(2**63) - 1: (OverflowError, "int out of range for i64"),
}


@each
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_arguments_of_other_types_are_named(name, signature, value):
    """Each parameter in turn gets a value that does not fit; the object is as it was."""
    wrong, message = WRONG[value]
    owner = t.Signatures()
    function = getattr(owner, name)
    parameters = inspect.signature(function).parameters.values()
    for wanted in parameters:
        args, kwargs = [], {}
        for p in parameters:
            this = value if p is wanted else 5
            place = ""
            if p.kind is p.VAR_POSITIONAL:
                args += [5, this]
                place = ": item 1" if p is wanted else ""
            elif p.kind is p.VAR_KEYWORD:
                kwargs["z"] = this
                place = ": value" if p is wanted else ""
            elif p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = this
            else:
                args.append(this)
            if p is wanted:
                said = f"Signatures.{name}() argument '{p.name}'{place}: {message}"
        with pytest.raises(wrong, match=re.escape(said)):
            function(*args, **kwargs)
        assert (owner.calls, ffi.owners(owner)) == (0, 0)


def test_no_parameters():
    assert t.sig_none() is None and str(inspect.signature(t.sig_none)) == "()"
    model = twin("sig_none", "()")
    for args, kwargs in calls():
        if args or kwargs:
            assert outcome(t.sig_none, args, kwargs) == outcome(model, args, kwargs)


def test_names_of_arguments_are_strings():
    for function in (t.sig_one, t.sig_kwargs):
        with pytest.raises(TypeError, match="keywords must be strings"):
            function(**{1: 2})


def test_arguments_can_be_kept_as_they_come():
    value = object()
    assert t.sig_opaque() == ((), {})
    rest, named = t.sig_opaque(1, value, a=value)
    assert rest == (1, value) and rest[1] is value
    assert named == {"a": value} and type(named) is dict
    mine = {"a": 1}
    assert t.sig_opaque(**mine)[1] is not mine


def test_defaults_that_python_can_write():
    signature = inspect.signature(t.sig_literals)
    shown = {name: p.default for name, p in signature.parameters.items()}
    assert shown == {"a": 1000, "b": -2.5, "c": True, "d": "x", "e": None, "f": 7, "g": (), "h": ...}
    first, second = t.sig_literals()
    assert (*first, *second) == (*itertools.islice(shown.values(), 7), "ab")
    assert str(inspect.signature(t.List)) == "(iterable=(), /)"
    assert str(inspect.signature(t.Map)) == "(mapping=(), /, **entries)"


def test_every_signature_there_is_can_be_read():
    """All of the module's classes, methods and functions: what `inspect` reads compiles."""
    count = 0
    for owner in (t, *(c for c in vars(t).values() if isinstance(c, type))):
        for name, value in vars(owner).items():
            if callable(value) and getattr(value, "__text_signature__", None) is not None:
                inspect.signature(value)
                count += 1
    assert count > 100


def test_a_constructor_takes_all_kinds_of_arguments():
    assert str(inspect.signature(t.Made)) == "(a, /, b=2, *rest, c=3)"
    assert t.Made(1).parts == (1, 2, 3)
    assert t.Made(1, 5, 6, 7, c=8).parts == (1, 5, 8, 6, 7)
    model = twin("Made", "(a, /, b=2, *rest, c=3)")
    for args, kwargs in calls():
        expected = outcome(model, args, kwargs)
        made = outcome(t.Made, args, kwargs)
        if isinstance(made, t.Made):
            a, b, c, *rest = made.parts
            assert expected == (a, b, tuple(rest), c)
        else:
            assert made == expected
    with pytest.raises(ValueError, match="too many parts"):
        t.Made(1, 2, 3, 4, 5, 6)


class Sub(t.Made):
    pass


def test_class_methods_get_the_class_they_are_called_on():
    assert type(t.Made.of("1,2")) is t.Made and t.Made.of("1,2").parts == (1, 2, 3)
    sub = Sub.of("1,2")
    assert type(sub) is Sub and sub.of("1").parts == (9, 2, 3)
    assert t.Made.kind() is t.Made and Sub.kind() is sub.kind() is Sub
    assert str(inspect.signature(t.Made.of)) == str(inspect.signature(sub.of)) == "(parts, c=9)"
    with pytest.raises(TypeError, match=re.escape("Made.of() missing 1 required positional argument: 'parts'")):
        t.Made.of()
    with pytest.raises(ValueError, match="invalid digit"):
        t.Made.of("x")
    assert t.Made.of.__doc__ == "Another of the class that this is called on."
    # An object that Python made is its own canonical wrapper's alone.
    assert ffi.owners(Sub.of("1,2")) == 0


def test_constants_belong_to_the_class():
    assert t.Made.LIMIT == Sub.LIMIT == t.Made(1).LIMIT == 3
    assert t.Made.EMPTY is Sub.EMPTY and t.Made.EMPTY.parts == ()
    for change in (lambda: setattr(t.Made, "LIMIT", 4), lambda: delattr(t.Made, "LIMIT")):
        with pytest.raises(TypeError, match="immutable type"):
            change()
    with pytest.raises(AttributeError):
        t.Made(1).LIMIT = 4
    Sub.LIMIT = 5
    assert (t.Made.LIMIT, Sub.LIMIT) == (3, 5)


def test_attributes_are_deleted_by_what_the_class_says():
    labelled = t.Labelled()
    with pytest.raises(AttributeError, match="no tag"):
        del labelled.tag
    labelled.tag = "a"
    assert labelled.tag == "a"
    del labelled.tag
    assert not hasattr(labelled, "tag")
    labelled.tag = "b"
    del labelled.cache
    assert not hasattr(labelled, "tag")
    with pytest.raises(AttributeError, match="attribute 'cache' of 'Labelled' objects is not readable"):
        labelled.cache
    with pytest.raises(AttributeError, match="attribute 'cache' of 'Labelled' objects is read-only"):
        labelled.cache = 1
    with pytest.raises(AttributeError, match="attribute 'units' of 'Account' objects cannot be deleted"):
        del t.Account("a").units
