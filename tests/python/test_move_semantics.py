"""What a move transfers, and who can change the object then. `docs/src/moving.md` says the same in words."""

import gc
import sys
import threading
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi


@pytest.fixture(autouse=True)
def nothing_is_left():
    gc.collect()
    before = ffi.live_objects()
    yield
    gc.collect()
    assert ffi.live_objects() == before


def test_the_receiver_is_the_one_owner():
    part = t.Part(1)
    assert t.bump_part(part) == (1, False)
    assert t.bump_part(part._move()) == (1, False)  # `part` may still be lent
    assembly = t.Assembly(t.Part(1))
    found = t.bump_part(assembly.part._move())
    assert found == (2, False)


def test_who_has_the_last_wrapper_gives_the_object_away_for_good():
    # No `assert` around these: pytest keeps what is in one in variables of its own.
    found = t.bump_part(t.Part(1)._move())
    assert found == (1, True)
    found = t.bump_part(t.bumped_part(t.Part(1))._move())
    assert found == (1, True)
    part = t.Part(1)
    moving = part._move()
    del part
    found = t.bump_part(moving)
    assert found == (1, True)
    parts = [t.Part(i) for i in range(3)]
    found = [t.bump_part(parts.pop()._move()) for _ in range(3)]
    assert found == [(1, True)] * 3
    assembly = t.Assembly(t.Part(1))
    part, assembly.part = assembly.part, None
    moving = part._move()
    del part
    found = t.bump_part(moving)
    assert found == (1, True)


def test_in_place_where_no_one_looks_else_a_new_object():
    part = t.Part(1)
    address = t.address(part)
    part = t.bumped_part(part)
    assert part.value == 2 and t.address(part) != address
    address = t.address(part)
    moving = part._move()
    del part
    part = t.bumped_part(moving)
    assert part.value == 3 and t.address(part) == address


def test_a_callback_that_gives_its_argument_back_moved():
    # Not moved, the canonical wrapper stays with the object.
    assert t.through_callback(lambda part: part, 1) == (1, False, 1)
    assert t.through_callback(lambda part: part._move(), 1) == (1, True, 2)
    kept = []

    def keep(part):
        kept.append(part)
        return part._move()

    assert t.through_callback(keep, 1) == (1, False, 1)
    with pytest.raises(ReferenceError, match="moved away"):
        kept[0].value  # noqa: B018
    kept.clear()


def borrow_from_tuple(run, part):
    """Calls `run(part, callback)` so that no one counts a reference for the call: the tuple lends its own."""
    found = []
    given = part, lambda: found.append(t.bump_part(given[0]._move()))
    del part
    result = run(*given)
    del given
    return result, found


@pytest.mark.parametrize("run", [t.part_across, t.Part.across], ids=["argument", "receiver"])
def test_what_a_call_borrows_is_never_changed_under_it(run):
    assert borrow_from_tuple(run, t.Part(7)) == ((7, 7), [(1, False)])


def test_a_borrowing_call_survives_that_its_argument_is_moved_and_dropped():
    part = t.Part(7)

    def callback():
        nonlocal part
        moving = part._move()
        del part
        t.drop_part(moving)

    assert t.part_across(part, callback) == (7, 7)


def test_moved_twice():
    part = t.Part(1)
    moving = part._move()
    with pytest.raises(ReferenceError, match="the Part was moved away from this variable"):
        part._move()
    again = moving._move()  # what is being moved can be moved on
    with pytest.raises(ReferenceError, match="passed on already"):
        moving._move()
    del part, moving
    assert t.bump_part(again) == (1, True)
    with pytest.raises(ReferenceError, match="passed on already"):
        t.bump_part(again)


def test_moved_and_never_taken():
    before = ffi.live_objects(t.Part)
    part = t.Part(1)
    moving = part._move()
    with pytest.raises(ReferenceError, match="is being moved: pass it to a function that takes an owner"):
        moving.value  # noqa: B018
    with pytest.raises(ReferenceError, match="is being moved"):
        t.part_across(moving, lambda: None)
    gone = weakref.ref(moving)
    del moving
    assert gone() is None and ffi.live_objects(t.Part) == before + 1
    del part
    assert ffi.live_objects(t.Part) == before


def test_what_takes_no_owner_leaves_a_move_alone_and_what_does_has_taken_it():
    before = ffi.live_objects(t.Part)
    moving = t.Part(1)._move()
    for use in (lambda: t.part_across(moving, print), lambda: t.borrow(moving), lambda: len(moving), lambda: ffi.state(moving)):
        with pytest.raises((TypeError, ReferenceError)):
            use()
    found = t.bump_part(moving)
    assert found == (1, True)
    moving = t.Part(1)._move()
    with pytest.raises(TypeError, match="expected Inner, got Part"):
        t.shelve(moving)
    with pytest.raises(ReferenceError, match="passed on already"):
        t.bump_part(moving)
    assert ffi.live_objects(t.Part) == before


def test_a_field_takes_what_is_moved():
    part = t.Part(1)
    assembly = t.Assembly(part._move())
    assert assembly.part.value == 1 and ffi.owners(assembly.part) == 1
    spare = t.Part(2)
    assembly.spares.append(spare._move())
    assert assembly.spares[0].value == 2 and assembly.spares[0] is not spare
    assembly.part = assembly.spares[0]._move()
    assert assembly.part is assembly.spares[0] and ffi.owners(assembly.part) == 2


def test_what_still_owns_it_gives_a_new_wrapper():
    assembly = t.Assembly(t.Part(3))
    part = assembly.part
    found = t.bump_part(part._move())
    assert found == (2, False)
    again = assembly.part
    assert again is not part and again is assembly.part and again.value == 3
    assert ffi.state(again) == "shared" and ffi.owners(again) == 1


def test_moved_while_an_iterator_exists():
    part = t.Part(3)
    numbers = part.countdown()
    assert next(numbers) == 5
    moving = part._move()
    del part
    assert t.bump_part(moving) == (2, False)
    assert list(numbers) == [4, 3]
    items = ffi.List([t.Part(i) for i in range(3)])
    walk = iter(items)
    assert next(walk).value == 0
    keep = t.pass_list(items._move())
    with pytest.raises(ReferenceError):
        len(items)
    with pytest.raises(ReferenceError, match="the List was moved away"):
        next(walk)  # it goes through the wrapper
    assert len(keep) == 3


def test_moved_while_a_weak_reference_exists():
    part = t.Part(1)
    fired = []
    gone = weakref.ref(part, fired.append)
    moving = part._move()
    assert gone() is part and not fired
    del part
    assert gone() is None and len(fired) == 1  # it was the wrapper's; the object lives on
    assert t.bump_part(moving) == (1, True)


def test_moved_with_python_state():
    class Sub(t.Part):
        pass

    part = Sub(1)
    part.note = "stays"
    moving = part._move()
    assert part.note == "stays"
    back = t.bumped_part(moving)
    assert type(back) is t.Part and back.value == 2
    assert t.address(back)


def test_moved_by_many_threads():
    for _ in range(50):
        part = t.Part(0)
        start = threading.Barrier(4)
        moved, refused, failed = [], [], []

        def move(part=part, start=start, moved=moved, refused=refused, failed=failed):
            start.wait()
            try:
                moved.append(t.bumped_part(part._move()))
            except ReferenceError as error:
                refused.append(str(error))
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=move) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed and len(moved) == 1 and len(refused) == 3
        assert moved[0].value == 1
        with pytest.raises(ReferenceError):
            part.value  # noqa: B018
        del part, move, threads


def test_one_of_many_threads_takes_what_is_moved():
    for _ in range(50):
        moving = t.Part(0)._move()
        start = threading.Barrier(4)
        taken, refused = [], []

        def take(moving=moving, start=start, taken=taken, refused=refused):
            start.wait()
            try:
                taken.append(t.bump_part(moving))
            except ReferenceError as error:
                refused.append(str(error))

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert taken == [(1, True)] and len(refused) == 3
        del moving, take, threads


def test_moving_100_000_times_leaves_nothing():
    before = ffi.live_objects(t.Part)
    part = t.Part(0)
    alone = sys.getrefcount(part)
    for _ in range(100_000):
        part = t.bumped_part(part._move())
    assert part.value == 100_000
    assert ffi.live_objects(t.Part) == before + 1 and ffi.owners(part) == 0
    assert sys.getrefcount(part) == alone
