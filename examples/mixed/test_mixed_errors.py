"""Errors in Rust are exceptions of classes of their own, with fields, causes and places."""

import copy
import errno
import gc
import pickle
import sys

import mixed as m
import pytest


@pytest.fixture
def places():
    m.ffi.note_places()
    yield
    m.ffi.note_places(False)


def raised(function, *args, **kwargs):
    with pytest.raises(Exception) as caught:
        function(*args, **kwargs)
    return caught.value


def test_classes_form_a_hierarchy():
    assert m.LibraryError.__bases__ == (Exception,)
    assert m.LibraryError.NoTrack.__bases__ == (m.LibraryError, KeyError)
    assert m.LibraryError.Silent.__bases__ == (m.LibraryError,)
    assert m.Locked.__bases__ == (m.LibraryError,)
    assert m.LibraryError.__doc__ == "What goes wrong with a library."
    assert m.LibraryError.NoTrack.__doc__ == "There is no track of that title."
    assert m.LibraryError.NoTrack.__qualname__ == "LibraryError.NoTrack"
    assert m.LibraryError.NoTrack.__module__ == "mixed"
    assert not hasattr(m, "NoTrack")


def test_fields_are_attributes():
    error = raised(m.Library().find, "Blue")
    assert type(error) is m.LibraryError.NoTrack
    assert error.args == ('no track "Blue" among 0',)
    assert (error.title, error.of) == ("Blue", 0)
    assert vars(error) == {"title": "Blue", "of": 0}


def test_match_statement_takes_an_error_apart():
    match raised(m.Library().find, "Blue"):
        case m.LibraryError.NoTrack(title, of=0):
            assert title == "Blue"
        case other:
            pytest.fail(f"no match: {other!r}")


def test_a_derived_class_is_caught_by_its_base():
    with pytest.raises(m.LibraryError, match="in use by me") as caught:
        m.lock("me")
    assert type(caught.value) is m.Locked
    assert vars(caught.value) == {"by": "me"}


def test_the_source_is_the_cause(tmp_path):
    missing = str(tmp_path / "missing")
    error = raised(m.read_lengths, missing)
    assert type(error) is m.LibraryError.Unreadable
    assert (str(error), error.path) == (f"cannot read {missing}", missing)
    assert type(error.__cause__) is FileNotFoundError
    assert error.__cause__.errno == errno.ENOENT
    assert error.__cause__.__cause__ is None
    assert vars(error) == {"path": missing}

    wrong = tmp_path / "wrong"
    wrong.write_text("1\nx\n")
    error = raised(m.read_lengths, str(wrong))
    assert isinstance(error, ValueError) and error.line == 2
    assert type(error.__cause__) is ValueError
    assert str(error.__cause__) == "invalid float literal"
    assert error.__suppress_context__


def test_what_is_in_anyhow_keeps_its_class(tmp_path):
    missing = str(tmp_path / "missing")
    error = raised(m.total_length, missing)
    assert type(error) is m.LibraryError.Unreadable and error.path == missing
    assert type(error.__cause__) is FileNotFoundError

    error = raised(m.total_length, missing, context="no total")
    assert (type(error), str(error)) == (RuntimeError, "no total")
    assert type(error.__cause__) is m.LibraryError.Unreadable
    assert error.__cause__.path == missing
    assert type(error.__cause__.__cause__) is FileNotFoundError


@pytest.mark.parametrize(("how", "kind"), [("bail", RuntimeError), ("value", ValueError), ("boxed", RuntimeError)])
def test_other_errors_have_a_kind(how, kind):
    error = raised(m.fail, "no", how)
    assert (type(error), error.args, error.__cause__) == (kind, ("no",), None)


def test_an_exception_of_pythons_goes_back_as_itself():
    own = m.LibraryError("mine")

    def fail():
        raise own

    assert raised(m.call_through_anyhow, fail) is own
    error = raised(m.call_through_anyhow, fail, context="while calling")
    assert (type(error), str(error)) == (RuntimeError, "while calling")
    assert error.__cause__ is own


def test_nothing_of_an_exception_stays():
    class Payload:
        alive = 0

        def __init__(self):
            Payload.alive += 1

        def __del__(self):
            Payload.alive -= 1

    def fail():
        raise ValueError(Payload())

    for context in (None, "on the way"):
        with pytest.raises((ValueError, RuntimeError)):
            m.call_through_anyhow(fail, context)
    gc.collect()
    assert Payload.alive == 0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    error = raised(m.Library().find, "Blue")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert (again.args, vars(again)) == (error.args, vars(error))


def test_copy():
    error = raised(m.lock, "me")
    for again in (copy.copy(error), copy.deepcopy(error)):
        assert (type(again), str(again), again.by) == (m.Locked, "in use by me", "me")


def test_python_raises_and_extends_them():
    class Mine(m.LibraryError.NoTrack):
        pass

    with pytest.raises(KeyError):
        raise Mine("none")
    with pytest.raises(m.LibraryError.Silent, match="quiet"):
        raise m.LibraryError.Silent("quiet")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_places_are_noted_when_asked_for(places):
    error = raised(m.fail, "no", "value")
    [note] = error.__notes__
    assert note.startswith("Rust: ") and "errors.rs:" in note

    # An error that the runtime has converted says which function was called.
    [note] = raised(m.lock, "me").__notes__
    assert "errors.rs:" in note and note.endswith(", in lock()")
    [note] = raised(m.lock, 3).__notes__
    assert note.endswith(", in lock()")

    own = KeyError("mine")

    def fail():
        raise own

    assert raised(m.call_through_anyhow, fail) is own
    assert not hasattr(own, "__notes__")


def test_places_are_not_noted_unasked():
    assert not hasattr(raised(m.lock, "me"), "__notes__")
