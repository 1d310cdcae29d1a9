"""Enums without data are Python enumerations whose members have one identity."""

import copy
import enum
import pickle

import pytest

import ffi_test as t
from ffi_test import HttpStatus, Light, ffi


def test_the_class_is_an_enumeration():
    assert issubclass(Light, enum.Enum) and not issubclass(Light, int)
    assert [(member.name, member.value) for member in Light] == [
        ("RED", 0), ("RED_AND_YELLOW", 1), ("GREEN", 10), ("OUT_OF_ORDER", -1),
    ]  # fmt: skip
    assert Light["GREEN"] is Light(10) is Light.GREEN
    assert Light.__module__ == "ffi_test" and Light.__qualname__ == "Light"
    assert Light.__doc__ == "What a light shows." and Light.RED.__doc__ == "Stop."
    assert repr(Light.RED) == "<Light.RED: 0>"


def test_an_int_enumeration_is_a_number():
    assert issubclass(HttpStatus, enum.IntEnum)
    assert HttpStatus.NotFound == 404 and HttpStatus(200) is HttpStatus.Ok
    crossing = t.Crossing(Light.RED)
    assert crossing.status is HttpStatus.Ok
    # Only a member will do: a number may be anything.
    with pytest.raises(TypeError, match="Crossing.status: expected HttpStatus, got int"):
        crossing.status = 404
    crossing.status = None
    assert crossing.status is None


def test_members_as_fields_defaults_elements_and_keys():
    crossing = t.Crossing(Light.GREEN, lights=[Light.RED, Light.GREEN], by_light={Light.RED: 3})
    assert crossing.main is Light.GREEN and crossing.side is Light.RED
    crossing.side = Light.OUT_OF_ORDER
    assert crossing.side is Light.OUT_OF_ORDER
    assert crossing.lights[1] is Light.GREEN and list(crossing.lights) == [Light.RED, Light.GREEN]
    crossing.lights.append(Light.RED)
    with pytest.raises(TypeError, match="expected Light, got HttpStatus"):
        crossing.lights.append(HttpStatus.Ok)
    assert crossing.by_light[Light.RED] == 3 and next(iter(crossing.by_light)) is Light.RED
    assert Light.GREEN not in crossing.by_light
    crossing = t.Crossing(Light.RED, table={Light.GREEN: [Light.RED], Light.RED: []})
    assert dict(crossing.table) == {Light.RED: (), Light.GREEN: (Light.RED,)}
    with pytest.raises(AttributeError, match="main"):
        crossing.main = Light.RED


def test_members_as_arguments_and_results():
    assert t.next_light(Light.RED) is Light.RED_AND_YELLOW
    assert t.next_light(light=Light.GREEN, steps=4) is Light.RED
    assert t.count_lights([Light.RED, Light.GREEN, Light.RED]) == {Light.RED: 2, Light.GREEN: 1}


@pytest.mark.parametrize("wrong", [0, "RED", None, HttpStatus.Ok, Light, object()], ids=["int", "str", "None", "other enum", "class", "object"])
def test_what_is_no_member_is_refused_and_changes_nothing(wrong):
    crossing = t.Crossing(Light.RED, Light.GREEN)
    name = type(wrong).__name__
    with pytest.raises(TypeError) as caught:
        crossing.side = wrong
    assert str(caught.value) == f"Crossing.side: expected Light, got {name}"
    assert crossing.side is Light.GREEN
    with pytest.raises(TypeError) as caught:
        t.next_light(wrong)
    assert str(caught.value) == f"next_light() argument 'light': expected Light, got {name}"


def test_members_of_another_enumeration_with_the_same_name_are_refused():
    other = enum.Enum("Light", "RED GREEN")
    with pytest.raises(TypeError, match="expected Light, got Light"):
        t.next_light(other.RED)


def test_a_variant_that_only_rust_sees():
    assert not hasattr(Light, "Secret") and not hasattr(Light, "SECRET")
    with pytest.raises(ValueError, match="a variant of Light that only Rust sees"):
        t.secret_light()


@pytest.mark.parametrize("member", [*Light, *HttpStatus], ids=str)
def test_any_keeps_members(member):
    crossing = t.Crossing(Light.RED)
    crossing.any = member
    assert crossing.any is member
    crossing.any = (member, 1)
    assert crossing.any[0] is member
    values = ffi.Map({member: "x"})
    assert values[member] == "x" and next(iter(values)) is member
    assert t.status_of(member) is (member if isinstance(member, HttpStatus) else None)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_and_copying(protocol):
    crossing = t.Crossing(Light.GREEN, Light.OUT_OF_ORDER, HttpStatus.NotFound, [Light.RED], {Light.RED: 1})
    for back in (pickle.loads(pickle.dumps(crossing, protocol)), copy.copy(crossing), copy.deepcopy(crossing)):
        assert back is not crossing
        assert back.main is Light.GREEN and back.side is Light.OUT_OF_ORDER and back.status is HttpStatus.NotFound
        assert back.lights[0] is Light.RED and back.by_light[Light.RED] == 1
    assert pickle.loads(pickle.dumps(Light.GREEN, protocol)) is Light.GREEN


def test_printing():
    assert repr(t.Crossing(Light.GREEN)).startswith("Crossing(main=<Light.GREEN: 10>, side=<Light.RED: 0>,")
