"""Objects in PyO3's functions and classes are the same objects."""

import gc
import os
import signal
import sys
import threading
import weakref

import mixed as m
import pytest


@pytest.fixture
def library():
    return m.Library([m.Track("Blue", 100), m.Track("So What", 562)])


def test_functions_take_and_give_objects(library):
    assert m.longest(library) is library.tracks[1]
    assert m.longest(m.Library()) is None
    track = m.Track("Naima")
    assert m.add(library, track) == 3
    assert library.tracks[2] is track
    silence = m.silence(4)
    assert type(silence) is m.Track and silence.seconds == 4.0
    assert m.ffi.state(silence) in ("python", "shared")


def test_identity_outlives_the_variable(library):
    track = library.tracks[1]
    track_id, seen = id(track), weakref.ref(track)
    del track
    gc.collect()
    assert id(m.longest(library)) == track_id
    assert seen() is m.longest(library)


def test_a_subclass_stays_one():
    class Loud(m.Track):
        volume = 11

    library = m.Library()
    m.add(library, Loud("Ace", 1000))
    found = m.longest(library)
    assert type(found) is Loud and found.volume == 11


def test_by_hand(library):
    track = library.tracks[0]
    canonical, fresh = m.both(track)
    assert canonical is track
    assert fresh is not track and fresh == track


def test_a_pyclass_holds_objects(library):
    player = m.Player(library)
    assert player.library is library
    assert player.current is None
    track = player.play("Blue")
    assert track is player.current is library.tracks[0]
    assert player.is_playing(track) and not player.is_playing(library.tracks[1])
    player.current = library.tracks[1]
    assert player.current is library.tracks[1]
    player.current = None
    assert player.current is None

    owners = m.ffi.owners(library)
    del player
    assert m.ffi.owners(library) == owners - 1


def test_calls_and_values(library):
    player = m.Player(library)
    with pytest.raises(m.LibraryError.Silent):
        player.announce(str)
    player.play("Blue")
    assert player.announce(lambda track: track.title.upper()) == "BLUE"
    with pytest.raises(ZeroDivisionError):
        player.announce(lambda track: 1 / 0)
    tag = ["any"]
    player.tag_with(tag)
    assert player.tag is tag
    assert player.tag_text() == "['any']"
    player.tag = 5
    assert player.tag_text() == "5"


def test_errors_cross(library):
    assert m.title_of(library, 0) == "Blue"
    with pytest.raises(IndexError, match="no track 9"):
        m.title_of(library, 9)
    with pytest.raises(m.LibraryError.NoTrack) as caught:
        m.Player(library).play("None")
    assert caught.value.title == "None"


@pytest.mark.parametrize("value", [None, 3, "x", m.Track("t"), object()])
def test_the_wrong_argument(value):
    with pytest.raises(TypeError, match="expected Library, got"):
        m.longest(value)
    with pytest.raises(TypeError):
        m.Player(value)


def test_the_wrong_class(library):
    with pytest.raises(TypeError, match="expected Track, got Library"):
        m.add(library, library)
    with pytest.raises(TypeError, match="expected Track, got"):
        m.both([])


def test_moved_objects(library):
    track = m.Track("Gone")
    m.add(library, track._move())
    with pytest.raises(ReferenceError):
        m.add(library, track)
    assert library.tracks[2].title == "Gone"


def test_nothing_leaks():
    gc.collect()
    before = m.ffi.live_objects(m.Track)
    library = m.Library([m.Track("a", 1)])
    player = m.Player(library)
    for _ in range(100):
        player.play("a")
        m.longest(library)
        m.both(library.tracks[0])
        m.silence(1)
        with pytest.raises(KeyError):
            player.play("b")
    del player, library
    gc.collect()
    assert m.ffi.live_objects(m.Track) == before


def test_long_work_counts_and_tells():
    seen = []
    assert m.count_primes(100) == 25
    assert m.count_primes(50_000, lambda done, all: seen.append((done, all))) == 5133
    assert seen == [(20_002, 50_000), (40_002, 50_000), (50_000, 50_000)]


def test_what_the_callback_raises_ends_the_work():
    seen = []

    def stop(done, all):
        seen.append(done)
        raise StopIteration("enough")

    with pytest.raises(StopIteration, match="enough"):
        m.count_primes(10**9, stop)
    assert len(seen) == 1


def test_others_go_on_meanwhile():
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(len(ticks))

    thread = threading.Thread(target=tick)
    thread.start()
    m.count_primes(2_000_000)
    before = len(ticks)
    done.set()
    thread.join()
    assert before > 3


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal to send")
def test_a_signal_ends_the_work():
    # What runs the tests may have chosen not to hear it.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            m.count_primes(10**9)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, handler)
