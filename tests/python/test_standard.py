"""Times, spans, identifiers and types of the user's own cross without loss."""

import datetime as dt
import gc
import uuid
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ffi_test as t

UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
offsets = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))


@given(st.timedeltas(min_value=dt.timedelta()))
def test_durations(span):
    assert t.echo_duration(span) == span
    assert t.duration_parts(span) == (span // dt.timedelta(seconds=1), span.microseconds * 1000)
    assert t.any_duration(span) == span


@given(st.timedeltas())
def test_spans_with_a_sign(span):
    assert t.echo_time_delta(span) == span


@given(st.integers(0, 999_999_999 * 86_400), st.integers(0, 10**9 - 1))
def test_durations_from_rust_are_rounded_down(seconds, nanos):
    assert t.duration_of(seconds, nanos) == dt.timedelta(seconds=seconds, microseconds=nanos // 1000)


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 10**9 - 1))
def test_moments_from_rust_are_rounded_down(seconds, nanos):
    moment = t.moment_of(seconds, nanos)
    assert moment == EPOCH + dt.timedelta(seconds=seconds, microseconds=nanos // 1000)
    assert moment.tzinfo is UTC


@given(st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=offsets))
def test_moments(moment):
    for echo in (t.echo_system_time, t.echo_utc):
        assert echo(moment) == moment and echo(moment).tzinfo is UTC
    back = t.echo_offset(moment)
    assert back == moment and back.utcoffset() == moment.utcoffset()


@given(st.datetimes())
def test_local_times(local):
    assert t.echo_local(local) == local and t.echo_local(local).tzinfo is None


@given(st.dates())
def test_dates(date):
    assert t.echo_date(date) == date and type(t.echo_date(date)) is dt.date


@given(st.times())
def test_times_of_day(time):
    assert t.echo_time(time) == time


@given(st.uuids(allow_nil=True))
def test_identifiers(identifier):
    assert t.echo_uuid(identifier) == identifier and type(t.echo_uuid(identifier)) is uuid.UUID


@given(st.floats(allow_nan=False), st.tuples(*[st.integers(0, 65535)] * 3), st.integers(0, 2**32 - 1))
def test_types_of_the_users_own(length, version, pixels):
    assert t.echo_meters(length) == length
    assert t.echo_version(".".join(map(str, version))) == ".".join(map(str, version))
    assert t.echo_size(pixels) == pixels and t.echo_size("auto") == "auto"


@pytest.mark.parametrize(
    ("call", "value", "error", "message"),
    [
        ("echo_duration", dt.timedelta(-1), OverflowError, "datetime.timedelta out of range for Duration"),
        ("echo_duration", 5, TypeError, "expected datetime.timedelta, got int"),
        ("echo_time_delta", None, TypeError, "expected datetime.timedelta, got NoneType"),
        ("echo_system_time", dt.datetime(2000, 1, 1), ValueError,
         "expected an aware datetime, got a naive one: give it a `tzinfo`"),
        ("echo_system_time", dt.date(2000, 1, 1), TypeError, "expected datetime.datetime, got date"),
        ("echo_utc", 0.5, TypeError, "expected datetime.datetime, got float"),
        ("echo_local", dt.datetime(2000, 1, 1, tzinfo=UTC), ValueError,
         "expected a naive datetime, got an aware one: leave its `tzinfo` out"),
        ("echo_date", dt.datetime(2000, 1, 1), TypeError, "expected datetime.date, got datetime"),
        ("echo_time", dt.time(1, tzinfo=UTC), ValueError,
         "expected a naive time, got an aware one: leave its `tzinfo` out"),
        ("echo_uuid", "12345678123456781234567812345678", TypeError, "expected uuid.UUID, got str"),
        ("echo_meters", "1", TypeError, "expected float, got str"),
        ("echo_version", "1.2", ValueError, "expected three numbers, got '1.2'"),
        ("echo_version", "1.2.x", ValueError, "invalid digit found in string"),
        ("echo_version", 1, TypeError, "expected str, got int"),
        ("echo_size", "big", ValueError, "expected 'auto' or a number of pixels, got 'big'"),
        ("echo_size", -1, OverflowError, "int out of range for u32"),
    ],
)  # fmt: skip
def test_what_does_not_fit(call, value, error, message):
    with pytest.raises(error) as caught:
        getattr(t, call)(value)
    assert str(caught.value) == f"{call}() argument 'value': {message}"


def test_what_python_cannot_hold():
    with pytest.raises(OverflowError, match="the value is out of range for datetime.timedelta"):
        t.duration_of(2**64 - 1, 0)
    for seconds in (-62_135_596_801, 253_402_300_800, -(2**60), 2**60):
        with pytest.raises(OverflowError, match="the value is out of range for datetime.datetime"):
            t.moment_of(seconds, 0)


def test_an_exception_in_a_time_zone_comes_through():
    class Broken(dt.tzinfo):
        def utcoffset(self, _):
            raise ZeroDivisionError("no clock")

    with pytest.raises(ZeroDivisionError, match="no clock"):
        t.echo_system_time(dt.datetime(2000, 1, 1, tzinfo=Broken()))


def test_a_newtype_is_traced_as_what_is_in_it():
    class Anything:
        pass

    hooked, anything = t.Hooked(), Anything()
    anything.hooked, hooked.hook = hooked, anything
    assert hooked.hook is anything
    gone = weakref.ref(anything)
    del hooked, anything
    gc.collect()
    assert gone() is None
