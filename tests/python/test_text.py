"""Strings and bytes: always `str` and `bytes`, whatever is in them."""

import gc
import resource

import pytest

import ffi_test as t
from ffi_test import ffi

STRINGS = ["", "a", "\0", "a\0b", "ü", "\U0001f600", "\u2028\r\n\x7f", "﻿", "a" * 1000, "퟿"]


@pytest.mark.parametrize("text", STRINGS, ids=ascii)
def test_any_text_goes_through(text):
    texts = t.Texts(text, changing=text, anything=text)
    assert texts.fixed == texts.changing == texts.anything == text
    assert type(texts.fixed) is type(texts.changing) is type(texts.anything) is str
    assert len(texts.fixed) == len(text)
    assert ffi.Map({text: text})[text] == text
    assert t.echo(text, b"")[0] == text


@pytest.mark.parametrize("length", range(34))
def test_one_letter_that_is_no_ascii_is_seen_wherever_it_is(length):
    for place in range(length):
        text = "a" * place + "é" + "b" * (length - place - 1)
        assert t.echo(text, b"")[0] == text
    assert t.echo("a" * length, b"")[0].isascii()


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)), b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80"], ids=ascii)
def test_any_bytes_go_through_also_those_that_are_no_utf_8(data):
    texts = t.Texts("", bytes=data, anything=data)
    assert texts.bytes == texts.anything == data
    assert type(texts.bytes) is type(texts.anything) is bytes
    with pytest.raises(TypeError, match="Texts.changing: expected str, got bytes"):
        texts.changing = data
    assert texts.changing == ""


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc80" * 3, "ok" * 100 + "\ud9ff"], ids=ascii)
def test_lone_surrogates_are_refused_by_name_and_change_nothing(text):
    texts = t.Texts("fixed", changing="before", anything="before")
    for use in (
        lambda: setattr(texts, "changing", text),
        lambda: setattr(texts, "anything", text),
        lambda: t.Texts(text),
        lambda: t.echo(text, b""),
        lambda: ffi.List([text]),
        lambda: ffi.Map({text: 1}),
        lambda: setattr(texts, "anything", (1, (text,))),
    ):
        with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
            use()
    assert (texts.changing, texts.anything) == ("before", "before")
    assert t.carry(text) is text  # a `PyValue` carries anything


def test_neither_has_a_wrapper_or_a_slot():
    gc.collect()
    before = ffi.live_objects()
    texts = [t.Texts(f"text {i}", bytes=b"data", anything=f"any {i}") for i in range(100)]
    for one in texts:
        for value in (one.fixed, one.bytes, one.anything):
            assert type(value) in (str, bytes) and not isinstance(value, ffi.Object)
    assert set(ffi.live_objects()) - set(before) == {t.Texts}
    del texts, one
    assert ffi.live_objects() == before


@pytest.mark.slow
def test_a_gigabyte():
    """As much as the machine has room for: the text, Rust's copy, and one that is read."""
    size = 1 << 30
    with open("/proc/meminfo", encoding="ascii") as memory:
        free = next(int(line.split()[1]) for line in memory if line.startswith("MemAvailable")) << 10
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if free < 5 * size or (soft != resource.RLIM_INFINITY and soft < 6 * size):
        size = 1 << 26
    texts = t.Texts("", changing="x" * size)
    read = texts.changing
    assert len(read) == size and read[0] == read[-1] == "x"
    texts.changing = ""
    del read
    texts.bytes = bytes(size)
    assert len(texts.bytes) == size
    del texts
