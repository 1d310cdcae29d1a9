"""Options of generic structs, and of the fields of variants: they do what they do on a struct."""

import copy
import inspect
import pickle

import pytest

import ffi_test as t
from ffi_test import Message, ffi


def test_options_hold_for_each_instantiation():
    one, two = t.RankedInt(1), t.RankedInt(2, note=5)
    assert one == t.RankedInt(1) and one != two and one < two and not two <= one
    assert hash(one) == hash(t.RankedInt(1)) and {one: "a"}[t.RankedInt(1)] == "a"
    assert (str(one), str(t.RankedStr("x"))) == ("no. 1", "no. x")
    assert repr(two) == "RankedInt(rank_=2, note=5, kept=7)"
    assert t.RankedStr("a") < t.RankedStr("b") and t.RankedStr("1") != one
    with pytest.raises(TypeError, match="not supported between instances"):
        one < t.RankedStr("a")


def test_final_instantiations_cannot_be_extended():
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (t.RankedInt,), {})


def test_options_of_the_fields_of_a_generic_struct():
    assert str(inspect.signature(t.RankedInt)) == "(rank_, *, note=Ellipsis)"
    for call, said in [
        (lambda: t.RankedInt(1, 2), "takes 1 positional argument but 2 were given"),
        (lambda: t.RankedInt(1, kept=2), "unexpected keyword argument 'kept'"),
        (lambda: t.RankedInt(rank=1), "unexpected keyword argument 'rank'|missing 1 required positional argument: 'rank_'"),
        (lambda: t.RankedStr("a", note=1), r"RankedStr\(\) argument 'note': expected str, got int"),
    ]:
        with pytest.raises(TypeError, match=said):
            call()
    assert (t.RankedStr("a").note, t.RankedInt(1).kept) == ("", 7)
    assert not hasattr(t.RankedInt(1), "hidden") and not hasattr(t.RankedInt(1), "rank")


@pytest.mark.parametrize("round_trip", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_instantiations_with_options_are_copied(round_trip):
    one = t.RankedStr("a", note="b")
    labelled = t.LabelledInt(3)
    labelled.extra = [1]
    assert round_trip(one) == one and round_trip(one) is not one
    again = round_trip(labelled)
    assert (again.label, again.extra) == (3, [1])


def test_debug_and_dict_of_an_instantiation():
    labelled = t.LabelledInt(3)
    labelled.label = 4
    assert repr(labelled).startswith("Labelled { label: ") and "4" in repr(labelled)
    labelled.note = 1
    assert labelled.__dict__ == {"note": 1}
    with pytest.raises(TypeError, match="expected int, got str"):
        labelled.label = "x"


def test_an_instantiation_without_identity():
    owner = t.cell_owner(3)
    assert owner.cell is not owner.cell and owner.cell == owner.cell and owner.cell.value == 3
    for cls in (t.CellInt, t.CellOwner):
        with pytest.raises(TypeError, match=f"cannot create '.*{cls.__name__}' instances"):
            cls(1)
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (t.CellInt,), {})
    assert t.CellInt.__module__ == "boxes" and t.CellOwner.__module__ == "ffi_test"


def test_options_of_the_fields_of_variants():
    assert str(inspect.signature(Message.Text)) == "(text, from_=Ellipsis, *, to, password=Ellipsis)"
    text = Message.Text("hello", to="me", password="secret")
    assert (text.text, text.to, text.password, text.version, text.from_) == ("hello", "me", "secret", 1, "")
    assert repr(text) == "Message_Text(to='me', text='hello', version=1, from_='')"
    assert Message.Text.__match_args__ == ("text", "from_")
    text.version, text.from_ = 2, "you"
    for name in ("from", "_reads", "reads"):
        assert not hasattr(text, name)
    for call, said in [
        (lambda: Message.Text("hello", "me", "you"), "takes from 1 to 2 positional arguments but 3 were given"),
        (lambda: Message.Text("hello"), "missing 1 required keyword-only argument: 'to'"),
        (lambda: Message.Text("hello", to="me", version=2), "unexpected keyword argument 'version'"),
        (lambda: Message.Text("hello", to=1), r"Message_Text\(\) argument 'to': expected str, got int"),
    ]:
        with pytest.raises(TypeError, match=said):
            call()


def test_options_of_fields_without_a_name():
    ping = Message.Ping(5)
    assert (ping._0, ping.times, ping._2) == (5, 1, False) and repr(ping) == "Message_Ping(times=1, _2=False)"
    assert Message.Ping(5, times=3).times == 3
    for call in (lambda: Message.Ping(5, 3), lambda: Message.Ping(5, _2=True), lambda: Message.Ping()):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("round_trip", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_copies_of_variants_keep_what_the_constructor_does_not_take(round_trip):
    text = Message.Text("hello", to="me", password="secret")
    text.version = 5
    again = round_trip(text)
    assert (again.text, again.to, again.password, again.version) == ("hello", "me", "secret", 5)
    assert ffi.equal(again, text) and again is not text
