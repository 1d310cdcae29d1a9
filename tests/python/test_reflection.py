"""Fields, types and objects by name, from Python and from Rust."""

import inspect
import pickle

import pytest

import ffi_test as t
from ffi_test import ffi


def by_name(cls):
    return {field.name: field for field in ffi.fields(cls)}


def test_fields_say_what_the_declaration_says():
    fields = by_name(t.Described)
    assert list(fields) == ["size", "name", "shape", "level", "fresh"]
    size = fields["size"]
    assert size == ("size", "float", True, None, False, True, True, False, "The size.", t.Described)
    assert fields["name"].read_only and fields["name"].type == "str"
    assert (fields["shape"].required, fields["shape"].default) == (False, ...)
    level = fields["level"]
    assert (level.kw_only, level.default, level.repr, level.required) == (True, -3, False, False)
    fresh = fields["fresh"]
    assert (fresh.init, fresh.default, fresh.required) == (False, True, False)


@pytest.mark.parametrize("cls", [t.Described, t.Inner, t.Ring, t.Extended])
def test_fields_agree_with_the_signature(cls):
    parameters = inspect.signature(cls).parameters
    fields = {field.name: field for field in ffi.fields(cls) if field.init}
    assert set(parameters) == set(fields)
    for name, parameter in parameters.items():
        field = fields[name]
        assert field.required is (parameter.default is parameter.empty)
        assert field.kw_only is (parameter.kind is parameter.KEYWORD_ONLY)
        if not field.required:
            assert field.default == parameter.default


def test_fields_of_bases_come_first_and_name_their_class():
    assert [(field.name, field.owner) for field in ffi.fields(t.Ring)] == [
        ("name", t.Shape),
        ("radius", t.Circle),
        ("hole", t.Ring),
    ]


def test_classes_subclasses_objects_and_containers():
    class Sub(t.Inner):
        extra = 1

    assert ffi.fields(Sub) == ffi.fields(t.Inner) == ffi.fields(Sub(1)) == ffi.fields(t.Inner(1))
    assert ffi.type_info(Sub) == ffi.type_info(t.Inner)
    assert ffi.fields(ffi.List) == ffi.fields(ffi.Map()) == ffi.fields(ffi.Object) == ()
    assert ffi.type_info(ffi.List([1])).cls is ffi.List
    uninitialized = t.Inner.__new__(t.Inner)
    assert ffi.fields(uninitialized) == ffi.fields(t.Inner)


def test_type_info():
    info = ffi.type_info(t.Ring)
    assert info.key.endswith("::Ring") and info.name == "Ring" and info.module == "ffi_test"
    assert (info.cls, info.base) == (t.Ring, t.Circle)
    assert info.doc == "A circle with a hole."
    assert info.fields == ffi.fields(t.Ring)
    assert info.source.split(":")[0].endswith("graph.rs") and int(info.source.split(":")[1]) > 0
    # A header of 32 bytes, a string in a cell, and two floats in cells.
    assert info.size == 32 + 32 + 16 + 16
    assert (info.traced, info.final, info.dict, info.no_wrapper) == (False, False, False, False)
    assert ffi.type_info(ffi.Object).base is None
    assert ffi.type_info(ffi.List).traced


def test_what_they_give_is_immutable_and_prints():
    info = ffi.type_info(t.Leaf)
    with pytest.raises(AttributeError):
        info.name = "other"
    with pytest.raises(AttributeError):
        info.fields[0].name = "other"
    assert repr(info.fields[0]) == (
        "FieldInfo(name='val', type='int', required=True, default=None, kw_only=False, init=True, repr=True, "
        "read_only=True, doc='', owner=<class 'ffi_test.Leaf'>)"
    )
    assert repr(info).startswith("TypeInfo(key='")
    assert pickle.loads(pickle.dumps(info)) == info and pickle.loads(pickle.dumps(ffi.Object)) is ffi.Object


@pytest.mark.parametrize("tool", [ffi.fields, ffi.type_info])
def test_anything_else_is_refused(tool):
    with pytest.raises(TypeError, match=f"{tool.__name__}\\(\\) argument must be a class of objects or an Object, not int"):
        tool(1)
    with pytest.raises(TypeError, match="expected a class of objects, got <class 'int'>"):
        tool(int)
    with pytest.raises(TypeError, match="takes exactly 1 argument"):
        tool()


def test_rust_reads_and_writes_by_name():
    d = t.Described(1.5, "d")
    assert t.field_names(d) == ("size", "name", "shape", "level", "fresh")
    assert [t.read_field(d, name) for name in t.field_names(d)] == [1.5, "d", (1, 2), -3, True]
    t.write_field(d, "size", 2)
    assert d.size == 2.0 and type(d.size) is float
    with pytest.raises(TypeError, match="^Described.size: expected float, got str$"):
        t.write_field(d, "size", "2")
    with pytest.raises(AttributeError, match="^attribute 'name' of 'Described' objects is not writable$"):
        t.write_field(d, "name", "e")
    with pytest.raises(AttributeError, match="^'Described' objects have no field 'other'$"):
        t.read_field(d, "other")
    assert (d.size, d.name) == (2.0, "d")


def test_rust_reads_inherited_fields_and_objects_keep_their_identity():
    ring = t.Ring("r", 2.0)
    t.write_field(ring, "name", "s")
    assert (ring.name, t.read_field(ring, "hole")) == ("s", 0.5)
    with pytest.raises(TypeError, match="^Shape.name: expected str, got int$"):
        t.write_field(ring, "name", 1)
    inner = t.Inner(1)
    holder = t.Holder(inner)
    assert t.read_field(holder, "inner") is inner
    other = t.Inner(2)
    t.write_field(holder, "maybe", other)
    assert holder.maybe is other
    t.write_field(holder, "maybe", None)
    assert holder.maybe is None and holder.inner is inner


def test_rust_makes_objects_by_name():
    d = t.make_by_name("Described", {"name": "n", "size": 1})
    assert type(d) is t.Described and repr(d) == repr(t.Described(1.0, "n"))
    assert ffi.type_info(t.Described).key.endswith("::Described")
    same = t.make_by_name(ffi.type_info(t.Described).key, {"name": "n", "size": 1, "level": 4})
    assert same.level == 4
    ring = t.make_by_name("Ring", {"name": "r", "radius": 1.0})
    assert (type(ring), ring.hole) == (t.Ring, 0.5)


@pytest.mark.parametrize(
    ("name", "values", "error", "message"),
    [
        ("Described", {"size": 1}, TypeError, "Described() missing required argument: 'name'"),
        ("Described", {"size": "1", "name": "n"}, TypeError, "Described() argument 'size': expected float, got str"),
        ("Described", {"size": 1, "other": 1}, TypeError, "Described() got an unexpected keyword argument 'other'"),
        ("Described", {"fresh": True}, TypeError, "Described() got an unexpected keyword argument 'fresh'"),
        ("Nothing", {}, ValueError, "there is no type of objects 'Nothing'"),
        ("List", {}, TypeError, "cannot create 'List' instances"),
    ],
)
def test_what_does_not_fit_makes_nothing(name, values, error, message):
    before = ffi.live_objects(t.Described)
    with pytest.raises(error) as caught:
        t.make_by_name(name, values)
    assert str(caught.value) == message
    assert ffi.live_objects(t.Described) == before
