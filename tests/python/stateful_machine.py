"""Random programs: what they can do, and what the model says of it (`test_stateful.py`).

Each rule does something to the truth and the same to the model; then everything is compared.
"""

import sys
import traceback

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import ffi_test as t
from stateful_classes import INNERS, NATIVE, OTHERS
from stateful_model import ANY, FIELDS, GIVING, OWNING, USABLE, VARIABLES, WITH_VALUE
from stateful_truth import Truth, figures

# A program with more objects makes no more of them, and a list of this length takes no more.
MANY_OBJECTS, MANY_ITEMS = 50, 8

SLOTS = st.integers(0, VARIABLES - 1)
PICKS = st.integers(0, 4 * VARIABLES - 1)
VALUES = st.integers(-9, 9)
NAMES = st.sampled_from("ab")
WITH_OBJECTS = [kind for kind, fields in FIELDS.items() if fields]


def needs(*kinds, stakes=USABLE, has_state=False):
    """The rule is for when there is a variable like this."""
    return precondition(lambda self: self.variables(*kinds, stakes=stakes, has_state=has_state))


class Programs(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.truth = Truth()
        self.world = self.truth.world

    @invariant()
    def all_is_as_modelled(self):
        self.truth.compare()
        figures["steps"] += 1

    def teardown(self):
        try:
            # Else a step has failed, or Hypothesis has given the program up.
            if sys.exc_info()[0] is None:
                self.truth.end()
        finally:
            if sys.exc_info()[0] is not None:
                traceback.clear_frames(sys.exc_info()[2])
                self.truth.give_up()

    def variables(self, *kinds, stakes=USABLE, has_state=False):
        """The wrappers that variables refer to, each with its value."""
        return [
            (wrapper, value)
            for wrapper, value in zip(self.world.variables, self.truth.values, strict=True)
            if wrapper
            and wrapper.stake in stakes
            and (not kinds or wrapper.cls.kind in kinds)
            and has_state <= wrapper.cls.has_state
        ]

    def variable(self, pick, *kinds, **traits):
        fitting = self.variables(*kinds, **traits)
        return fitting[pick % len(fitting)]

    # New objects

    @initialize(inners=st.lists(st.sampled_from(INNERS), min_size=4, max_size=4), others=st.permutations(OTHERS))
    def begin(self, inners, others):
        for slot, cls in enumerate([*inners, *others][:VARIABLES]):
            self.make(cls, slot, slot, [slot])

    @precondition(lambda self: len(self.world.objects) < MANY_OBJECTS)
    @rule(cls=st.sampled_from(INNERS + OTHERS), slot=SLOTS, val=VALUES, picks=st.lists(PICKS, max_size=5))
    def make(self, cls, slot, val, picks):
        """In Python, with its wrapper; fields that may be left out are, if the pick is odd."""
        args, children = {"val": val} if cls.kind in WITH_VALUE else {}, {}
        for (name, field), pick in zip(FIELDS[cls.kind].items(), [*picks, 0, 0, 0, 0, 0]):
            needed = not (field.optional or field.default or field.weak)
            # What is being moved can be passed once, so to one field only.
            fitting = self.variables(field.kind, stakes=OWNING if needed else USABLE)
            if fitting and (needed or pick % 2 == 0):
                children[name], args[name] = fitting[pick // 2 % len(fitting)]
            elif needed:
                return
            elif field.optional:
                args[name] = None
        value = cls.type(**args)
        obj = self.world.new(cls.kind, val, **{name: self.world.take(child) for name, child in children.items()})
        wrapper = self.world.wrap(obj, cls)
        if cls.can_rise:
            value.armed = wrapper.armed = ("rust", "python", None)[val % 3]
        self.truth.put(slot, wrapper, value)

    @precondition(lambda self: len(self.world.objects) < MANY_OBJECTS)
    @rule(slot=SLOTS, length=st.integers(1, 4))
    def make_chain(self, slot, length):
        """In Rust, without wrappers, each node with a weak way back; Python sees the first."""
        nodes = [self.world.new("Node", val) for val in range(length)]
        for node, after in zip(nodes, nodes[1:]):
            node.fields["next"], after.fields["prev"] = after, node
        self.truth.put(slot, self.truth.wrap(nodes[0]), t.chain(length))

    # Variables and weak references

    @rule(slot=SLOTS)
    def drop(self, slot):
        self.world.variables[slot] = self.truth.values[slot] = None

    @rule(slot=SLOTS, other=SLOTS)
    def assign(self, slot, other):
        self.world.variables[slot] = self.world.variables[other]
        self.truth.values[slot] = self.truth.values[other]

    @precondition(lambda self: self.truth.watched())
    @rule(slot=SLOTS, pick=PICKS)
    def call_weak_reference(self, slot, pick):
        """Also of what only Rust keeps."""
        watched = self.truth.watched()
        wrapper = watched[pick % len(watched)]
        self.truth.put(slot, wrapper, wrapper.watches[-1][0]())

    @needs(stakes=ANY)
    @rule(pick=PICKS)
    def another_weak_reference(self, pick):
        wrapper, value = self.variable(pick, stakes=ANY)
        if len(wrapper.watches) < 3:
            self.truth.watch(wrapper, value)

    # Fields

    @needs("Inner", "Node")
    @rule(pick=PICKS, val=VALUES)
    def set_value(self, pick, val):
        wrapper, value = self.variable(pick, "Inner", "Node")
        value.val = wrapper.obj.val = val

    @needs(*WITH_OBJECTS)
    @rule(slot=SLOTS, pick=PICKS, which=PICKS)
    def read_field(self, slot, pick, which):
        wrapper, value = self.variable(pick, *WITH_OBJECTS)
        fields = [(name, child) for name, child in wrapper.obj.fields.items() if child]
        if fields:
            name, child = fields[which % len(fields)]
            self.truth.put(slot, self.truth.wrap(child), getattr(value, name))

    @needs("Holder", "Node")
    @rule(pick=PICKS, which=PICKS, other=PICKS, none=st.booleans())
    def set_field(self, pick, which, other, none):
        wrapper, value = self.variable(pick, "Holder", "Node")
        fields = [(name, field) for name, field in FIELDS[wrapper.cls.kind].items() if not field.fixed]
        name, field = fields[which % len(fields)]
        fitting = self.variables(field.kind, stakes=USABLE if field.weak else OWNING)
        if none and (field.optional or field.weak):
            setattr(value, name, None)
            wrapper.obj.fields[name] = None
        elif fitting:
            child, new = fitting[other % len(fitting)]
            setattr(value, name, new)
            wrapper.obj.fields[name] = self.world.take(child)

    # Containers

    @needs("List")
    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS, other=PICKS, index=VALUES, how=st.sampled_from(["append", "insert", "set", "extend"]))
    def put_into_list(self, pick, other, index, how):
        wrapper, value = self.variable(pick, "List")
        item, new = self.variable(other, "Inner", stakes=OWNING)
        items = wrapper.obj.items
        if how == "set" and -len(items) <= index < len(items):
            value[index] = new
            items[index] = self.world.take(item)
        elif len(items) > MANY_ITEMS:
            return
        elif how == "append":
            value.append(new)
            items.append(self.world.take(item))
        elif how == "extend" and item.stake is not GIVING:
            value.extend([new, new])
            items.extend([item.obj, item.obj])
        else:
            value.insert(index, new)
            items.insert(index, self.world.take(item))

    @needs("List")
    @rule(
        slot=SLOTS,
        pick=PICKS,
        index=PICKS,
        how=st.sampled_from(["get", "walk", "pop", "del", "slice", "reverse", "clear"]),
    )
    def use_list(self, slot, pick, index, how):
        wrapper, value = self.variable(pick, "List")
        items = wrapper.obj.items
        if not items:
            return
        index %= len(items)
        if how == "get":
            self.truth.put(slot, self.truth.wrap(items[index]), value[index])
        elif how == "walk":
            for item, found in zip(items, value, strict=True):
                self.truth.meet(self.truth.wrap(item), found)
        elif how == "pop":
            self.truth.put(slot, self.truth.wrap(items.pop(index)), value.pop(index))
        elif how == "del":
            del value[index], items[index]
        elif how == "slice":
            del value[index : index + 2], items[index : index + 2]
        elif how == "reverse":
            value.reverse()
            items.reverse()
        elif how == "clear":
            value.clear()
            items.clear()

    @needs("Map")
    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS, other=PICKS, key=st.sampled_from("abcd"))
    def put_into_map(self, pick, other, key):
        wrapper, value = self.variable(pick, "Map")
        item, new = self.variable(other, "Inner", stakes=OWNING)
        value[key] = new
        wrapper.obj.entries[key] = self.world.take(item)

    @needs("Map")
    @rule(slot=SLOTS, pick=PICKS, index=PICKS, how=st.sampled_from(["get", "walk", "pop", "del", "clear"]))
    def use_map(self, slot, pick, index, how):
        wrapper, value = self.variable(pick, "Map")
        entries = wrapper.obj.entries
        if not entries:
            return
        key = list(entries)[index % len(entries)]
        if how == "get":
            self.truth.put(slot, self.truth.wrap(entries[key]), value[key])
        elif how == "walk":
            for item, found in zip(entries.values(), value.values(), strict=True):
                self.truth.meet(self.truth.wrap(item), found)
        elif how == "pop":
            self.truth.put(slot, self.truth.wrap(entries.pop(key)), value.pop(key))
        elif how == "del":
            del value[key], entries[key]
        elif how == "clear":
            value.clear()
            entries.clear()

    # Owners in Rust

    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS, moving=st.booleans())
    def shelve(self, pick, moving):
        wrapper, value = self.variable(pick, "Inner", stakes=OWNING)
        if moving and wrapper.stake in USABLE:
            t.shelve(value._move())
            self.world.shelf.append(self.world.move(wrapper))
        else:
            t.shelve(value)
            self.world.shelf.append(self.world.take(wrapper))

    @precondition(lambda self: self.world.shelf)
    @rule(slot=SLOTS)
    def unshelve(self, slot):
        self.truth.unshelve(slot)

    @rule()
    def clear_shelf(self):
        count, self.world.shelf = len(self.world.shelf), []
        assert t.clear_shelf() == count

    @precondition(lambda self: not self.world.thread)
    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS)
    def keep_in_thread(self, pick):
        wrapper, value = self.variable(pick, "Inner", stakes=OWNING)
        t.keep_elsewhere(value)
        self.world.thread = self.world.take(wrapper)

    @precondition(lambda self: self.world.thread)
    @rule()
    def let_go_in_thread(self):
        self.truth.let_go_in_thread()

    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS)
    def drop_in_thread(self, pick):
        wrapper, value = self.variable(pick, "Inner", stakes=OWNING)
        t.drop_elsewhere(value)
        self.world.take(wrapper)

    # Functions and moves

    @needs("Inner", stakes=OWNING)
    @rule(slot=SLOTS, pick=PICKS, cached=st.booleans())
    def call(self, slot, pick, cached):
        """A function that takes an owner, and gives it back."""
        wrapper, value = self.variable(pick, "Inner", stakes=OWNING)
        # Meanwhile its argument is one more owner, or, if it is being moved, the one that it was.
        owners = self.world.owners(wrapper.obj) + (wrapper.stake is not GIVING)
        obj = self.world.take(wrapper)
        if cached:
            self.truth.put(slot, self.truth.wrap(obj), t.identity_cached(value))
        else:
            self.truth.put(slot, self.world.result(obj, owners, NATIVE["Inner"]), t.identity(value))

    @needs("Inner", stakes=OWNING)
    @rule(pick=PICKS)
    def count_owners(self, pick):
        """Functions that borrow, and that take an owner and drop it."""
        wrapper, value = self.variable(pick, "Inner", stakes=OWNING)
        assert wrapper.stake is GIVING or t.borrow(value) == wrapper.obj.val
        assert t.owners_inside(value) == self.world.owners(wrapper.obj) + (wrapper.stake is not GIVING)
        self.world.take(wrapper)

    @needs()
    @rule(slot=SLOTS, pick=PICKS)
    def move(self, slot, pick):
        wrapper, value = self.variable(pick)
        obj = self.world.move(wrapper)
        self.truth.put(slot, self.world.new_wrapper(NATIVE[obj.kind], GIVING, obj), value._move())

    # State of Python's

    @needs(stakes=ANY, has_state=True)
    @rule(pick=PICKS, name=NAMES, other=PICKS)
    def set_attribute(self, pick, name, other):
        wrapper, value = self.variable(pick, stakes=ANY, has_state=True)
        target, new = self.variable(other, stakes=ANY)
        setattr(value, name, new)
        wrapper.attributes[name] = target

    @needs(stakes=ANY, has_state=True)
    @rule(pick=PICKS, name=NAMES)
    def delete_attribute(self, pick, name):
        wrapper, value = self.variable(pick, stakes=ANY, has_state=True)
        if name in wrapper.attributes:
            delattr(value, name)
            del wrapper.attributes[name]

    @needs(stakes=ANY, has_state=True)
    @rule(pick=PICKS, other=PICKS, forget=st.booleans())
    def make_ring(self, pick, other, forget):
        """Of attributes, which only the collector can end."""
        one, first = self.variable(pick, stakes=ANY, has_state=True)
        two, second = self.variable(other, stakes=ANY, has_state=True)
        first.a, second.b = second, first
        one.attributes["a"], two.attributes["b"] = two, one
        for slot, wrapper in enumerate(self.world.variables):
            if forget and wrapper in (one, two):
                self.drop(slot)

    @precondition(lambda self: self.world.risen)
    @rule(slot=SLOTS)
    def take_risen(self, slot):
        self.truth.take_risen(slot)

    @rule()
    def collect(self):
        self.truth.collect()
