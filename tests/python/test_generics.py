"""Instantiations of a generic struct are classes of their own."""

import copy
import gc
import inspect
import pickle
import weakref

import pytest

import ffi_test as t


def test_each_instantiation_is_a_class():
    pair = t.PairIF(1, 0.5)
    assert type(pair).__name__ == "PairIF" and t.PairIF.__module__ == "ffi_test"
    assert not isinstance(pair, t.PairSP) and t.PairIF is not t.PairSP
    assert t.PairIF.__doc__ == t.PairSP.__doc__ == "Two values."
    assert str(inspect.signature(t.PairIF)) == "(first, second=Ellipsis)"
    assert t.PairIF.first.__doc__ == "int: The first one." and t.PairSP.first.__doc__ == "str: The first one."


def test_fields_have_the_types_of_the_instantiation():
    pair = t.PairIF(1)
    assert pair.second == 0.0
    pair.second = 2
    assert pair.second == 2.0
    other = t.PairSP("a", pair)
    assert other.first == "a" and other.second is pair
    other.second = None
    with pytest.raises(TypeError, match=r"PairSP.second: expected PairIF, got PairSP"):
        other.second = other
    with pytest.raises(TypeError, match=r"PairIF\(\) argument 'first': expected int, got str"):
        t.PairIF("a")
    assert t.Row2([1, 2]).items == (1.0, 2.0) and t.Row3([1, 2, 3]).length == 3
    with pytest.raises(ValueError, match="Row3.* expected 3 items, got 2"):
        t.Row3([1, 2])


def test_as_arguments_and_results():
    swapped = t.swap(t.PairIF(1, 2))
    assert type(swapped) is t.PairIF and (swapped.first, swapped.second) == (2, 1.0)
    assert t.row_sum(t.Row3([1, 2, 3])) == 6.0
    with pytest.raises(TypeError, match="expected Row3, got Row2"):
        t.row_sum(t.Row2([1, 2]))


def test_pickle_and_copy_keep_sharing():
    pair = t.PairIF(1, 0.5)
    both = [t.PairSP("a", pair), t.PairSP("b", pair)]
    for back in (pickle.loads(pickle.dumps(both)), copy.deepcopy(both)):
        assert back[0].second is back[1].second is not pair and back[0].second.second == 0.5
        assert repr(back) == repr(both)


def test_only_what_may_hold_python_values_is_traced():
    assert gc.is_tracked(t.PairAny(None)) and not gc.is_tracked(t.PairIF(1))

    class Anything:
        pass

    anything = Anything()
    anything.pair = t.PairAny(None, anything)
    gone = weakref.ref(anything)
    del anything
    gc.collect()
    assert gone() is None


def test_methods_belong_to_every_instantiation():
    pair, other = t.PairIF(1, 0.5), t.PairSP("a")
    assert (pair.both(), other.both()) == ((1, 0.5), ("a", None))
    assert (len(pair), "first" in pair, "third" in pair) == (2, True, False)
    assert t.PairIF.SIZE == other.SIZE == 2
    made = pair.with_second(2)
    assert type(made) is t.PairIF and made.both() == (1, 2.0)
    assert type(t.PairSP.of("b")) is t.PairSP and t.PairSP.of("b").first == "b"
    assert t.PairIF.len_of(pair) == pair.size_with() == 2 and pair.size_with(pair, size=3) == 5
    pair.last = 3
    assert (pair.last, pair.second) == (3.0, 3.0)
    other.last = pair
    assert other.last is pair
    assert pair.itself() == pair and type(pair.itself()) is t.PairIF
    assert not hasattr(t.PairIF, "nowhere") and not hasattr(t.PairIF, "METHODS_OF_A_GENERIC_STRUCT_STAND_IN_ONE_BLOCK")


def test_methods_have_the_names_and_types_of_the_instantiation():
    assert t.PairIF.both.__doc__ == t.PairSP.both.__doc__ == "Both values."
    assert t.PairIF.last.__doc__ == t.PairSP.last.__doc__ == "The second value."
    assert str(inspect.signature(t.PairIF.with_second)) == "(self, /, second)"
    assert t.PairIF.with_second.__qualname__ == "PairIF.with_second"
    for call, said in [
        (lambda: t.PairIF(1).with_second("x"), r"PairIF.with_second() argument 'second': expected float, got str"),
        (lambda: t.PairSP("a").with_second(1), r"PairSP.with_second() argument 'second': expected PairIF, got int"),
        (lambda: t.PairIF(1).with_second(), r"PairIF.with_second() missing 1 required positional argument: 'second'"),
        (lambda: t.PairIF.len_of(t.PairSP("a")), r"PairIF.len_of() argument 'of': expected PairIF, got PairSP"),
        (lambda: t.PairIF.both(t.PairSP("a")), r"descriptor 'both' for 'ffi_test.PairIF' objects doesn't apply to a 'ffi_test.PairSP' object"),
        (lambda: setattr(t.PairIF(1), "last", "x"), r"PairIF.last() argument 'last': expected float, got str"),
    ]:
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == said


def test_one_instantiation_can_have_methods_of_its_own():
    assert t.PairIF(1, 0.5).sum() == 1.5 and t.PairIF.sum.__doc__ == "Both together."
    assert not hasattr(t.PairSP, "sum")
    with pytest.raises(TypeError, match=r"^PairIF\.sum\(\) takes 0 positional arguments but 1 was given$"):
        t.PairIF(1).sum(2)


def test_constructors_and_protocols_of_instantiations():
    assert list(t.Run2(1, 2)) == [1, 2] and list(t.RunS3("a", "b", "c")) == ["a", "b", "c"]
    assert t.Run2(1, 2) < t.Run2(1, 3) and not t.Run2(1, 2) < t.Run2(1, 2)
    assert str(inspect.signature(t.Run2)) == "(*items)"
    with pytest.raises(ValueError, match="expected 3 items, got 1"):
        t.RunS3("a")
    with pytest.raises(TypeError, match=r"RunS3\(\) argument 'items': item 0: expected str, got int"):
        t.RunS3(1)
    with pytest.raises(TypeError, match="not supported"):
        t.Run2(1, 2) < t.RunS3("a", "b", "c")


def test_instantiations_that_do_not_meet_the_bounds_go_without_the_methods():
    run = t.RunAny([1])
    assert run.items == (1,) and not hasattr(t.RunAny, "__iter__")


class Named(t.PairIF):
    def both(self):
        return ("named", *super().both())


def test_a_python_class_inherits_the_methods():
    named = Named.of(1)
    assert type(named) is Named and named.both() == ("named", 1, 0.0) and len(named) == 2
