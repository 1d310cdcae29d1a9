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
