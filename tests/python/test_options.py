"""Options of types and fields."""

import collections.abc
import copy
import dataclasses
import gc
import inspect
import pickle
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi


# Fields: the same classes as dataclasses, whose behaviour is the model.


@dataclasses.dataclass
class Base:
    a: int
    k: int = dataclasses.field(kw_only=True)
    b: int = 2
    hidden: int = dataclasses.field(init=False, default=10)


@dataclasses.dataclass
class Extended(Base):
    l: int = dataclasses.field(kw_only=True, default=0)
    c: int = 3
    fixed: tuple = dataclasses.field(init=False, default=(1, 2), repr=False)
    secret: str = dataclasses.field(repr=False, default="")
    m: str = dataclasses.field(kw_only=True)


@dataclasses.dataclass
class Named:
    one: int = dataclasses.field(kw_only=True)
    two: int = dataclasses.field(kw_only=True)
    three: int = dataclasses.field(kw_only=True)


MODELS = [Base, Extended, Named]
NAMES = [field.name for field in dataclasses.fields(Extended)]


def outcome(call):
    try:
        made = call()
    except TypeError as error:
        # A dataclass is made by a Python function of that name; a native class has none.
        return str(error).replace(".__init__()", "()")
    return {name: getattr(made, name) for name in NAMES if hasattr(made, name)}


CALLS = [
    ((), {}),
    ((1,), {}),
    ((1,), {"k": 5}),
    ((1,), {"k": 5, "m": "m"}),
    ((1, 4, 6), {"k": 5, "m": "m"}),
    ((1, 4, 6, "s"), {"k": 5, "m": "m", "l": 9}),
    ((), {"a": 1, "b": 7, "k": 5, "m": "m", "secret": "x"}),
    ((1,), {"m": "m"}),
    ((1,), {"k": 5, "l": 1}),
    ((1,), {"k": 5, "m": "m", "hidden": 3}),
    ((1,), {"k": 5, "m": "m", "fixed": (3,)}),
    ((1,), {"k": 5, "m": "m", "a": 3}),
    ((1,), {"k": 5, "m": "m", "nothing": 3}),
    ((), {"one": 1, "two": 2, "three": 3}),
    ((), {"one": 1}),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("args", "kwargs"), CALLS)
def test_constructors_take_what_dataclasses_take(model, args, kwargs):
    native = getattr(t, model.__name__)
    expected = outcome(lambda: model(*args, **kwargs))
    got = outcome(lambda: native(*args, **kwargs))
    if "positional argument" in expected and " given" in expected:
        # These count `self`, which a native class does not have: see the next test.
        assert "positional argument" in got and " given" in got
    else:
        assert got == expected


def test_too_many_arguments_are_counted_as_for_a_function():
    def base(a, b=2, *, k):
        pass

    def named(*, one, two, three):
        pass

    def one(a):
        pass

    cases = [
        (base, lambda: t.Base(1, 2, 3), lambda: base(1, 2, 3)),
        (base, lambda: t.Base(1, 2, 3, 4, k=5), lambda: base(1, 2, 3, 4, k=5)),
        (named, lambda: t.Named(1), lambda: named(1)),
        (named, lambda: t.Named(1, one=2), lambda: named(1, one=2)),
        (named, lambda: t.Named(1, 2, 3), lambda: named(1, 2, 3)),
        (named, lambda: t.Named(1, 2, one=2, two=3), lambda: named(1, 2, one=2, two=3)),
        (one, lambda: t.Sealed(1, 2), lambda: one(1, 2)),
    ]
    for function, native, plain in cases:
        messages = []
        for call in (plain, native):
            with pytest.raises(TypeError) as caught:
                call()
            messages.append(str(caught.value).partition("()")[2])
        assert messages[0] == messages[1], function


@pytest.mark.parametrize("model", MODELS)
def test_signatures_are_those_of_dataclasses(model):
    expected = inspect.signature(model).parameters.values()
    got = inspect.signature(getattr(t, model.__name__)).parameters.values()
    assert [(p.name, p.kind, p.default is p.empty) for p in got] == [
        (p.name, p.kind, p.default is p.empty) for p in expected
    ]
    assert getattr(t, model.__name__).__match_args__ == model.__match_args__


def test_repr_leaves_fields_out_and_keeps_the_order():
    native = t.Extended(1, k=5, m="m", secret="password")
    model = Extended(1, k=5, m="m", secret="password")
    assert repr(native) == repr(model)
    assert "password" not in repr(native) and "hidden=10" in repr(native)


@pytest.mark.parametrize("round_trip", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_copies_keep_what_the_constructor_does_not_take(round_trip):
    first = t.Extended(1, k=5, m="m", l=4)
    first.hidden = 99
    first.secret = "s"
    again = round_trip(first)
    assert not again.same_as(first)
    assert {n: getattr(again, n) for n in NAMES} == {n: getattr(first, n) for n in NAMES}
    assert again.hidden == 99


def test_subclasses_pass_keywords_on():
    class Sub(t.Base):
        def __init__(self, k):
            super().__init__(k, k=k)

    sub = Sub(4)
    assert (sub.a, sub.k, sub.b, sub.hidden) == (4, 4, 2, 10)


# Equality, order, hash and texts of Rust's traits.


def test_equality_by_value():
    assert t.Edition(1, 2) == t.Edition(1, 2)
    assert t.Edition(1, 2) != t.Edition(1, 3)
    assert not t.Edition(1, 2) != t.Edition(1, 2)
    assert hash(t.Edition(1, 2)) == hash(t.Edition(1, 2))
    assert {t.Edition(1): "a"}[t.Edition(1, 0)] == "a"
    assert len({t.Edition(i % 3, 0) for i in range(9)}) == 3


def test_order_by_value():
    editions = [t.Edition(2), t.Edition(1, 5), t.Edition(1, 2)]
    assert [str(v) for v in sorted(editions)] == ["v1.2", "v1.5", "v2.0"]
    assert t.Edition(1) < t.Edition(2) <= t.Edition(2) and t.Edition(3) > t.Edition(2) >= t.Edition(2)
    nan = t.Measure(float("nan"))
    for truth in (nan < nan, nan <= nan, nan > nan, nan >= nan, nan == nan):
        assert truth is False
    assert nan != nan


def test_another_type_is_not_implemented():
    edition = t.Edition(1)
    for other in (1, "v1.0", None, t.Base(1, k=1), t.Release(1), t.Tagged(1)):
        for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
            assert getattr(edition, name)(other) is NotImplemented
        assert edition != other
    with pytest.raises(TypeError, match="'<' not supported between instances of '(ffi_test.)?Edition' and 'int'"):
        edition < 1


def test_the_other_side_may_know():
    class Any:
        def __eq__(self, other):
            return True

    assert t.Edition(1) == Any()


def test_equality_without_hash_is_unhashable():
    assert t.Measure(1.5) == t.Measure(1.5)
    assert t.Measure.__hash__ is None
    assert not isinstance(t.Measure(1.0), collections.abc.Hashable)
    with pytest.raises(TypeError, match="unhashable type: '(ffi_test.)?Measure'"):
        hash(t.Measure(1.0))


def test_own_hash_beside_equality():
    assert t.OwnHash(13) == t.OwnHash(13) and hash(t.OwnHash(13)) == 3


def test_own_order_beside_equality():
    assert t.OwnOrder(1) < t.OwnOrder(2) and t.OwnOrder(1) == t.OwnOrder(1)
    with pytest.raises(TypeError, match="unhashable type"):
        hash(t.OwnOrder(1))


def test_an_order_alone_leaves_identity_and_its_hash():
    a, b = t.OnlyOrder(1), t.OnlyOrder(1)
    assert a != b and a == a and hash(a) == hash(a)
    assert t.OnlyOrder(1) < t.OnlyOrder(2)


def test_derived_types_speak_for_themselves():
    a, b = t.Release(1, 2, "a"), t.Release(1, 2, "a")
    assert a != b and a == a and len({a, b}) == 2
    assert t.Release(1, 2, "a") != t.Edition(1, 2) and t.Edition(1, 2) != t.Release(1, 2, "a")
    assert repr(a) == str(a) == "Release(major=1, minor=2, name='a')"
    with pytest.raises(TypeError):
        a < b
    assert t.Tagged(1, 2, 3) == t.Tagged(1, 2, 3) != t.Tagged(1, 2, 4)
    assert hash(t.Tagged(1, 2, 3)) == hash(t.Tagged(1, 2, 3))
    assert repr(t.Tagged(1)) == "Tagged(major=1, minor=0, tag=0)"
    with pytest.raises(TypeError):
        t.Tagged(1) < t.Tagged(2)


def test_python_subclasses_compare_as_their_type():
    class Sub(t.Edition):
        pass

    assert Sub(1) == t.Edition(1) and Sub(1) == Sub(1) and hash(Sub(1)) == hash(t.Edition(1))
    assert str(Sub(1)) == "v1.0"

    class Own(t.Edition):
        def __eq__(self, other):
            return "own"

    assert (Own(1) == t.Edition(1)) == "own"
    assert Own.__hash__ is None


def test_texts():
    edition = t.Edition(1, 2)
    assert str(edition) == f"{edition}" == "v1.2"
    assert repr(edition) == "Edition { major: 1, minor: 2 }"


def test_traits_that_panic_raise():
    a, b = t.Panicking(1), t.Panicking(2)
    with pytest.raises(RuntimeError, match="no equality for 1"):
        a == b
    with pytest.raises(RuntimeError, match="no hash"):
        hash(a)
    with pytest.raises(RuntimeError, match="no text$|no text\\b"):
        str(a)
    with pytest.raises(RuntimeError, match="no text for programmers"):
        repr(a)
    assert a.value == 1


def test_moved_objects_are_not_compared():
    a, b = t.Edition(1), t.Edition(1)
    moving = a._move()
    for use in (lambda: a == b, lambda: hash(a), lambda: str(a)):
        with pytest.raises(ReferenceError):
            use()
    assert "moved" in repr(a)
    del moving


# final


def test_final_classes_cannot_be_extended():
    with pytest.raises(TypeError, match="type '(ffi_test.)?Sealed' is not an acceptable base type"):

        class Sub(t.Sealed):
            pass

    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (t.Pixel,), {})
    assert t.Sealed(3).value == 3


# dict


def test_instances_have_a_dict():
    a = t.Open(1)
    assert a.__dict__ == {}
    a.note = "kept"
    assert a.note == "kept" and a.__dict__ == {"note": "kept"} and vars(a) == a.__dict__
    a.__dict__ = {"other": 1}
    assert a.other == 1 and not hasattr(a, "note")
    del a.other
    with pytest.raises(AttributeError):
        a.other
    assert not hasattr(t.Sealed(1), "__dict__")
    child = t.OpenChild(more=2)
    child.note = child.value
    assert child.__dict__ == {"note": 0}


def test_a_dict_goes_after_weak_references_as_in_any_class():
    def end_of(make):
        events = []

        class Value:
            def __del__(self):
                events.append("value")

        a = make()
        a.note = Value()
        gone = weakref.ref(a, lambda _: events.append("callback"))
        del a
        gc.collect()
        return events, gone()

    assert end_of(t.Open) == end_of(type("Plain", (), {})) == (["callback", "value"], None)


def test_objects_with_a_dict_always_come_back_as_themselves():
    a = t.Open(1)
    a.note = 1
    assert a.this() is a
    made = t.make_open(3)
    made.note = 2
    assert made.this() is made
    owner = t.Open()
    owner.next = made
    key = id(made)
    del made
    gc.collect()
    assert owner.next.note == 2 and id(owner.next) == key


def test_cycles_through_the_dict_are_collected():
    for make in (t.Open, t.OpenChild, type("Sub", (t.Open,), {}), t.make_open):
        before = ffi.live_objects(t.Open)
        a = make(1) if make is t.make_open else make()
        gone = weakref.ref(a)
        a.self = a
        a.others = [a, {"a": a}]
        del a
        gc.collect()
        assert gone() is None, make
        assert ffi.live_objects(t.Open) == before
    # Through a Rust field and the dict of another object.
    a, b = t.Open(), t.Open()
    a.next, b.back = b, a
    gone = weakref.ref(a), weakref.ref(b)
    del a, b
    gc.collect()
    assert gone[0]() is None and gone[1]() is None


def test_a_dict_that_is_in_use_is_not_collected():
    a, b = t.Open(), t.Open()
    a.next, b.values = b, [1, 2]
    del b
    gc.collect()
    assert a.next.values == [1, 2]


@pytest.mark.parametrize("round_trip", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_the_dict_is_copied_too(round_trip):
    a = t.Open(4)
    a.note = "n"
    again = round_trip(a)
    assert again is not a and again.value == 4 and again.note == "n"


# no_wrapper


def test_objects_without_wrappers_of_their_own():
    dropped = t.pixels_dropped()
    pixel = t.Pixel(1)
    assert ffi.state(pixel) == "bare" and ffi.owners(pixel) == 0
    pixel.y = 5
    picture = t.Picture(pixel, [pixel])
    first, second = picture.corner, picture.corner
    assert first is not second and first is not pixel
    assert first == second == pixel == picture.pixels[0] == picture.corner_again
    assert hash(first) == hash(second) and first.same_as(second) and {first: 1}[second] == 1
    second.y = 9
    assert pixel.y == 9 and picture.holds(first)
    assert t.Pixel(1) != t.Pixel(1)
    assert (picture.new_pixel().x, picture.new_pixel().y) == (7, 8)
    assert repr(first) == "Pixel(x=1, y=9)"
    assert pickle.loads(pickle.dumps(pixel)).y == 9
    before = t.pixels_dropped()
    assert before > dropped
    del first, second, pixel
    gc.collect()
    assert t.pixels_dropped() == before
    del picture
    assert t.pixels_dropped() == before + 1


def test_an_object_without_wrappers_dies_with_its_last_one():
    dropped = t.pixels_dropped()
    pixel = t.Pixel.__new__(t.Pixel)
    pixel.__init__(3, y=4)
    assert (pixel.x, pixel.y, ffi.state(pixel)) == (3, 4, "bare")
    with pytest.raises(TypeError, match="twice"):
        pixel.__init__(3)
    dropped_twice = t.pixels_dropped()
    del pixel
    assert t.pixels_dropped() == dropped_twice + 1 > dropped


# ffi.equal and ffi.hash


def ring(*values, by="left"):
    nodes = [t.Vertex(value) for value in values]
    for node, after in zip(nodes, nodes[1:] + nodes[:1]):
        setattr(node, by, after)
    return nodes


def same(a, b):
    equal = ffi.equal(a, b)
    assert ffi.equal(b, a) is equal and ffi.equal(a, a) and ffi.equal(b, b)
    if equal:
        assert ffi.hash(a) == ffi.hash(b)
    return equal


def test_equal_fields():
    assert same(t.Vertex(1), t.Vertex(1)) and not same(t.Vertex(1), t.Vertex(2))
    assert t.Vertex(1) != t.Vertex(1)
    assert same(t.Vertex(1), t.Vertex(1.0)) and same(t.Vertex(float("nan")), t.Vertex(float("nan")))
    assert not same(t.Vertex(1), t.OtherVertex(1)) and same(t.OtherVertex(1), t.OtherVertex(1))
    assert same(t.Vertex((1, "a", (b"b",))), t.Vertex((1, "a", (b"b",))))
    assert not same(t.Vertex((1, 2)), t.Vertex((1, 2, 3)))
    assert same(t.Vertex(left=t.Vertex(1)), t.Vertex(left=t.Vertex(1)))
    assert not same(t.Vertex(left=t.Vertex(1)), t.Vertex(right=t.Vertex(1)))
    assert same(t.Edition(1), t.Edition(1))


def test_equal_containers():
    assert same(t.Vertex(children=[t.Vertex(1), t.Vertex(2)]), t.Vertex(children=[t.Vertex(1), t.Vertex(2)]))
    assert not same(t.Vertex(children=[t.Vertex(1), t.Vertex(2)]), t.Vertex(children=[t.Vertex(2), t.Vertex(1)]))
    assert not same(t.Vertex(children=[t.Vertex(1)]), t.Vertex(children=[t.Vertex(1), t.Vertex(1)]))
    names = [f"name {i}" for i in range(50)]
    forward = t.Vertex(table={name: t.Vertex(name) for name in names}, names=set(names))
    backward = t.Vertex(table={name: t.Vertex(name) for name in reversed(names)}, names=set(reversed(names)))
    assert same(forward, backward)
    forward.numbers = {name: [len(name)] for name in names}
    assert not same(forward, backward)
    backward.numbers = {name: [len(name)] for name in reversed(names)}
    assert same(forward, backward)
    backward.table["name 7"].value = 7
    assert not same(forward, backward)
    assert same(ffi.List([1, "a"]), ffi.List([1, "a"])) and not same(ffi.List([1]), ffi.List([2]))
    key = t.Vertex()
    assert same(ffi.Map({key: 1}), ffi.Map({key: 1}))
    assert not same(ffi.Map({t.Vertex(): 1}), ffi.Map({t.Vertex(): 1}))


def test_sharing_is_part_of_the_shape():
    def pair(left, right):
        return t.Vertex(left=left, right=right)

    x, y = t.Vertex(1), t.Vertex(1)
    assert same(pair(x, x), pair(y, y))
    assert not same(pair(x, x), pair(x, y)) and not same(pair(x, y), pair(x, x))
    assert same(pair(x, y), pair(y, x))


def test_cycles_are_compared_as_they_are():
    assert same(ring(1, 2, 3)[0], ring(1, 2, 3)[0])
    assert same(ring(1, 2, 3)[0], ring(2, 3, 1)[2])
    assert not same(ring(1, 1)[0], ring(1)[0]) and not same(ring(1, 1, 1)[0], ring(1, 1)[0])
    assert not same(ring(1, 2, 3)[0], ring(1, 2, 4)[0])
    a, b = ring(1, 2), ring(1, 2)
    assert same(a[0], b[0]) and not same(a[0], b[1]) and same(a[1], b[1])


def test_parents_are_looked_at():
    def tree(own_parent):
        root, child, other = t.Vertex(0), t.Vertex(1), t.Vertex(0)
        root.children.append(child)
        child.parent = root if own_parent else other
        return root, child, other

    a, b, c = tree(True), tree(True), tree(False)
    assert same(a[0], b[0]) and not same(a[0], c[0])
    assert same(a[1], b[1])


def test_deep_copies_are_equal():
    nodes = ring(1, 2, 3)
    nodes[0].right = nodes[2]
    nodes[1].children.extend([nodes[0], nodes[0], t.Vertex("leaf")])
    nodes[2].table["back"] = nodes[1]
    again = copy.deepcopy(nodes[0])
    assert same(nodes[0], again) and again != nodes[0]
    again.left.children[2].value = "other"
    assert not same(nodes[0], again)


def test_values_of_python_are_compared_by_identity():
    value = object()
    assert same(t.Vertex(anything=value), t.Vertex(anything=value))
    assert not same(t.Vertex(anything=object()), t.Vertex(anything=object()))


def test_long_lists_are_not_deep():
    a, b = t.beads(1_000_000), t.beads(1_000_000)
    assert ffi.equal(a, b)
    assert ffi.hash(a) == ffi.hash(b)
    a.next.next.value = 1
    assert not ffi.equal(a, b)


def test_what_is_no_object_is_refused():
    with pytest.raises(TypeError, match=r"equal\(\) argument must be an Object, not int"):
        ffi.equal(t.Vertex(), 1)
    with pytest.raises(TypeError, match=r"hash\(\) argument must be an Object, not str"):
        ffi.hash("a")
    with pytest.raises(TypeError, match="takes exactly 2 arguments"):
        ffi.equal(t.Vertex())


def test_looking_leaves_no_owner():
    a, b = ring(1, 2)[0], ring(1, 2)[0]
    before = ffi.owners(a), ffi.owners(b), ffi.live_objects(t.Vertex)
    ffi.equal(a, b), ffi.hash(a)
    assert (ffi.owners(a), ffi.owners(b), ffi.live_objects(t.Vertex)) == before
