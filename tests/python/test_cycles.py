"""Objects that own Python values, and the cycles through them."""

import gc
import sys
import threading
import time
import weakref

import pytest

import ffi_test as t
from ffi_test import ffi
from programs import outcome, run


class Value:
    """Something that a weak reference can point to."""


@pytest.fixture(autouse=True)
def nothing_is_left():
    gc.collect()
    before = ffi.live_objects()
    yield
    gc.collect()
    assert ffi.live_objects() == before


def test_a_value_comes_back_as_itself():
    value = Value()
    assert t.carry(value) is value
    button = t.Button(tag=value)
    assert button.tag is value and t.Button(tag=button).tag is button
    assert t.Button(any=value).any is value
    assert t.Button(any=(1, value)).any[1] is value


def test_a_value_lives_as_long_as_its_owner():
    button = t.Button(tag=Value())
    weak = weakref.ref(button.tag)
    gc.collect()
    assert weak() is button.tag
    button.tag = None
    assert weak() is None
    button.tag = Value()
    weak = weakref.ref(button.tag)
    del button
    assert weak() is None


def test_values_on_other_threads_are_dropped_soon():
    value = Value()
    weak = weakref.ref(value)
    t.shelve_value(value)
    del value
    gc.collect()
    assert t.unshelve_values() == (weak(),)
    assert weak() is None


def test_no_reference_is_left_over():
    value = object()
    before = sys.getrefcount(value)
    for _ in range(100):
        button = t.Button(tag=value, any=value)
        assert button.tag is button.any is t.carry(value) is value
        t.Panel(handlers=[print], copied=[print])
        del button
    t.shelve_value(value)
    t.unshelve_values()
    assert sys.getrefcount(value) == before


def test_a_callback_is_called_with_what_rust_gives():
    button = t.Button(lambda x, y: (x, y))
    assert button.click(1, 2) == (1, 2.0)
    assert t.call_with(lambda b: b, button) == button
    assert t.call_elsewhere(lambda x: x + 1, 1) == 2


def test_an_exception_in_a_callback_comes_through_unchanged():
    error = KeyError("own")

    def fail(*_):
        raise error

    with pytest.raises(KeyError) as raised:
        t.Button(fail).click(0, 0)
    assert raised.value is error
    assert "fail" in [frame.name for frame in raised.traceback]
    with pytest.raises(KeyError) as raised:
        t.call_elsewhere(fail, 1)
    assert raised.value is error


def test_what_is_no_callable_is_refused():
    button = t.Button()
    with pytest.raises(TypeError, match=r"Button.on_click: expected a callable, got int"):
        button.on_click = 1
    with pytest.raises(TypeError, match=r"expected a callable"):
        t.Panel(handlers=[print, 1])
    with pytest.raises(TypeError, match=r"the callback's result: expected int, got str"):
        t.call_elsewhere(str, 1)
    assert button.on_click is None


def cycle_in_callback():
    button = t.Button()
    button.on_click = lambda x, y: button
    return button


def cycle_in_value():
    button = t.Button()
    button.tag = [button]
    return button


def cycle_in_any():
    button = t.Button()
    button.any = {"own": button}
    return button


def cycle_in_any_tuple():
    button = t.Button()
    button.any = (1, [button])
    return button


def cycle_in_value_itself():
    button = t.Button()
    button.tag = button
    return button


def cycle_in_child():
    panel = t.Panel(t.Button())
    panel.button.on_click = lambda x, y: panel
    return panel


def cycle_in_child_of_subclass():
    class Own(t.Button):
        pass

    panel = t.Panel(Own())
    panel.button.on_click = lambda x, y: panel
    panel.button.more = [panel]
    return panel


def cycle_in_child_that_python_never_saw():
    box = []
    panel = t.Panel(t.Button(box.append)._move(), [t.Button(box.append)._move()], {"a": t.Button(box.append)._move()})
    box.append(panel)
    return panel


def cycle_in_list_of_callables():
    panel = t.Panel()
    panel.handlers.append(lambda: panel)
    return panel


def cycle_in_map_of_callables():
    panel = t.Panel()
    panel.named["a"] = lambda: panel
    panel.named["b"] = None
    return panel


def cycle_in_collection_by_value():
    panel = t.Panel()
    panel.copied = [lambda: panel, print]
    return panel


def cycle_in_list_of_children():
    panel = t.Panel()
    for _ in range(10):
        panel.buttons.append(t.Button(lambda x, y: panel))
    assert all(button.click(0, 0) == panel for button in panel.buttons)
    return panel


def cycle_in_map_of_children():
    panel = t.Panel(by_name={"a": t.Button()})
    panel.by_name["a"].on_click = lambda x, y: panel
    return panel


def cycle_in_inherited_field():
    menu = t.Menu()
    menu.handlers.append(lambda: menu)
    menu.selected = menu.handlers[0]
    return menu


def cycle_behind_a_base_type():
    panel = t.Panel(parent=t.Menu())
    panel.parent.selected = lambda: panel
    return panel


def cycle_in_anything():
    window = t.Window(content=t.Panel())
    window.content.handlers.append(lambda: window)
    return window


def cycle_through_two_objects():
    one, two = t.Button(), t.Button()
    one.on_click = lambda x, y: two
    two.on_click = lambda x, y: one
    return one


def cycle_in_open_list():
    items = t.List()
    items.append([items])
    return items


def cycle_in_open_map():
    items = t.Map()
    items["own"] = [items]
    return items


def cycle_in_subclass():
    class Own(t.Button):
        pass

    button = Own()
    button.on_click = lambda x, y: button
    button.me = button
    return button


def cycle_in_slots():
    class Own(t.Button):
        __slots__ = ("me",)

    button = Own()
    button.tag = button.me = [button]
    return button


def cycle_in_deep_children():
    panel = bottom = t.Panel()
    for _ in range(1000):
        bottom.parent = t.Panel()
        bottom = bottom.parent
    bottom.handlers.append(lambda: panel)
    return panel


CYCLES = [make for name, make in list(globals().items()) if name.startswith("cycle_")]


@pytest.mark.parametrize("make", CYCLES, ids=lambda make: make.__name__)
def test_a_cycle_through_python_values_is_collected(make):
    before = sum(ffi.live_objects().values())
    fired = []
    weak = weakref.ref(make(), fired.append)
    gc.collect()
    assert weak() is None and len(fired) == 1
    assert sum(ffi.live_objects().values()) == before


@pytest.mark.parametrize("make", CYCLES, ids=lambda make: make.__name__)
def test_a_cycle_that_is_in_use_stays_whole(make):
    kept = make()
    for _ in range(3):
        gc.collect()
    if make is not cycle_in_deep_children:
        assert repr(kept)
    if isinstance(kept, t.Button) and kept.on_click:
        assert isinstance(kept.click(0, 0), t.Button)


@pytest.mark.parametrize(
    "make",
    [
        cycle_in_callback,
        cycle_in_value,
        cycle_in_value_itself,
        cycle_in_any,
        cycle_in_any_tuple,
        cycle_through_two_objects,
        cycle_in_subclass,
        cycle_in_slots,
    ],
    ids=lambda make: make.__name__,
)
def test_a_cycle_that_rust_owns_stays_whole_until_rust_lets_go(make):
    weak = weakref.ref(make())
    shelf = t.Panel(buttons=[weak()])
    holder = t.Panel(buttons=shelf.buttons)
    del shelf
    gc.collect()
    assert weak() is holder.buttons[0]
    del holder
    gc.collect()
    assert weak() is None


def test_finalizers_see_their_object_whole_and_may_keep_it():
    kept = []

    class Own(t.Button):
        def __del__(self):
            kept.append(self.on_click)
            kept.append(self)

    button = Own()
    button.on_click = lambda x, y: button
    del button
    gc.collect()
    handler, button = kept
    assert button.on_click is handler and handler(0, 0) is button
    kept.clear()
    weak = weakref.ref(button)
    del handler, button
    gc.collect()
    assert weak() is None and not kept


def test_a_finalizer_may_move_a_value_to_where_it_lives_on():
    kept = [t.Button()]

    class Own(t.Button):
        def __del__(self):
            kept[0].tag, self.tag = self.tag, None

    button = Own(tag=["whole"])
    button.me = button
    button.tag.append(button.tag)
    del button
    gc.collect()
    gc.collect()
    assert kept[0].tag[0] == "whole" and kept[0].tag[1] is kept[0].tag
    kept[0].tag.clear()
    kept.clear()


def test_a_destructor_that_needs_a_cleared_value_gets_an_error():
    farewell = t.Farewell(lambda: "plain")
    del farewell
    assert t.heard() == ("plain",)
    box = []
    box.append(t.Farewell(lambda: str(box)))
    box.clear()
    assert t.heard() == ("[]",)
    box = []
    box.append(t.Farewell(lambda: str(len(box))))
    del box
    gc.collect()
    [said] = t.heard()
    # Which of the parts is cleared first is CPython's to choose.
    assert "cleared by the garbage collector" in said or "free variable" in said


def test_a_child_that_rust_owns_elsewhere_stays_whole():
    panel = t.Panel(t.Button())
    panel.button.tag = ["whole", panel.button]
    panel.button.on_click = lambda x, y, panel=panel: panel
    t.keep_button(panel.button)
    weak = weakref.ref(panel)
    del panel
    gc.collect()
    [button] = t.kept_buttons()
    assert button.tag[0] == "whole" and button.tag[1] == button
    assert button.click(0, 0).button.tag is button.tag
    button = weak().button
    del button
    gc.collect()
    assert weak() is None


def test_a_clear_is_not_seen_by_others_who_own_the_value():
    def handler():
        return 1

    one, two = t.Panel(handlers=[handler]), t.Panel(handlers=[handler])
    one.handlers.append(lambda: one)
    del one
    gc.collect()
    assert two.handlers[0] is handler and two.handlers[0]() == 1


def test_cycles_that_are_not_collected_show():
    """What is documented to stay: see the guide's page on ownership."""
    leaks = []

    def shared_child():
        child = t.Button()
        child.on_click = lambda x, y: (one, two)
        one, two = t.Panel(child), t.Panel(child)
        return child

    def guarded():
        panel = t.Panel()
        panel.guarded = [panel]
        return panel

    def weakly_referred():
        window = t.Window(t.Panel())
        window.weak = window.content
        window.content.handlers.append(lambda: window)
        return window.content

    for make in (shared_child, guarded, weakly_referred):
        before = sum(ffi.live_objects().values())
        leaks.append(weakref.ref(make()))
        gc.collect()
        assert leaks[-1]() is not None, make.__name__
        assert sum(ffi.live_objects().values()) > before
    # By hand they end.
    shared, guarded, weakly = (leak() for leak in leaks)
    shared.on_click = None
    guarded.guarded = None
    weakly.handlers.clear()
    del shared, guarded, weakly
    gc.collect()
    assert not any(leak() for leak in leaks)


def test_the_collector_tells_of_what_objects_own():
    value = Value()
    button = t.Button(tag=value)
    assert gc.is_tracked(button)
    assert value in gc.get_referents(button)
    assert any(referrer is button for referrer in gc.get_referrers(value))


def test_classes_that_hold_no_python_values_are_not_tracked():
    assert not gc.is_tracked(t.Leaf(1))
    assert not gc.is_tracked(t.Outer(t.Inner(1)))
    assert not gc.is_tracked(t.Holder(t.Inner(1)))


@pytest.mark.parametrize("before", ["gc.set_threshold(1)", "gc.disable()", "gc.freeze()"])
def test_the_module_may_be_imported_whatever_the_collector_is_set_to(before):
    result = run(f"""
        import gc
        {before}
        enabled = gc.isenabled()
        from ffi_test import ffi, Button
        assert gc.isenabled() == enabled
        button = Button()
        button.on_click = lambda x, y: button
        del button
        gc.collect()
        print(ffi.live_objects().get(Button, 0))
    """)
    assert outcome(result) == (0, "0\n", "")


def test_many_cycles_at_once():
    before = ffi.live_objects(t.Button)
    gc.disable()
    for _ in range(10_000):
        cycle_in_callback()
    assert ffi.live_objects(t.Button) == before + 10_000
    gc.enable()
    gc.collect()
    assert ffi.live_objects(t.Button) == before


def test_the_collector_against_threads_that_move_values():
    """A value that is on its way when the collector looks is not garbage, nor are those behind it."""
    # So that a collection takes little time, and there can be many.
    gc.freeze()
    count, found = 40, []
    panels = ffi.List(t.Panel(t.Button(tag=[i, []], any=ffi.List([[i]]))) for i in range(count))
    for panel in panels:
        # Behind each tag, something that would be found cleared, and a way back that makes it look like a cycle.
        panel.button.tag[1].append(panel.button.tag)
    t.start_shuffle(panels, 2)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        gc.collect()
    assert t.stop_shuffle() > 1000
    gc.unfreeze()
    tags = list(t.unshelve_values())
    for panel in panels:
        for button in [panel.button, *panel.buttons]:
            if button is None:
                continue
            found.append(button.any[0][0])
            if button.tag is not None:
                tags.append(button.tag)
    assert sorted(found) == list(range(count))
    assert sorted(tag[0] for tag in tags) == list(range(count))
    assert all(tag[1][0] is tag for tag in tags)
    for tag in tags:
        tag.clear()


def test_cycles_in_many_threads():
    def work():
        for _ in range(300):
            for make in CYCLES[:12]:
                make()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
