//! An object and a mock of its language side, for the models: reference counts, a lock, and memory that loom watches.

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Mutex, MutexGuard};
use loom::thread::{self, JoinHandle};

use ffi_object::state::{self, DropOwner, Gain, GainWithPin, Look, Publish, State, Upgrade};
use std::ptr::NonNull;
use std::rc::Rc;

/// Memory that is in use from its first write to its end. Loom reports what overlaps, this what comes too late.
#[derive(Debug)]
pub(crate) struct Life {
    alive: UnsafeCell<bool>,
    /// Loaded before every use. Loom's clocks tick with atomics only: without it, a use right after a release would
    /// count as one before it.
    tick: AtomicBool,
}

impl Life {
    fn new(alive: bool) -> Self {
        Self { alive: UnsafeCell::new(alive), tick: AtomicBool::new(false) }
    }

    fn set(&self, now: bool) -> bool {
        self.tick.load(Ordering::Relaxed);
        // SAFETY: loom fails the model if any other access is not ordered with this one.
        self.alive.with_mut(|alive| unsafe { alive.replace(now) })
    }

    fn is_over(&self) -> bool {
        self.tick.load(Ordering::Relaxed);
        // SAFETY: loom fails the model if a write is not ordered with this read.
        !self.alive.with(|alive| unsafe { *alive })
    }

    /// A shared use.
    pub(crate) fn look(&self) {
        assert!(!self.is_over(), "used before its beginning or after its end");
    }

    /// An exclusive use.
    pub(crate) fn change(&self) {
        assert!(self.set(true), "changed before its beginning or after its end");
    }

    fn begin(&self) {
        assert!(!self.set(true), "begun twice");
    }

    fn end(&self) {
        assert!(self.set(false), "ended twice");
    }
}

/// The kind of interpreter, and who starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Who is attached holds the one lock, and counts are plain words, which nothing but the lock orders. Otherwise any
    /// number of threads are attached, counts are atomics, and a lock guards the slot where the frontend needs that.
    pub(crate) gil: bool,
    /// See [`World::race`].
    pub(crate) swap: bool,
}

/// The right to touch wrappers.
pub(crate) struct Attached<'a>(#[expect(dead_code, reason = "held for its drop")] Option<MutexGuard<'a, ()>>);

/// What stands for an object in the language.
#[derive(Debug)]
pub(crate) struct Wrapper {
    refs: AtomicUsize,
    words: Life,
    /// Not canonical any more: what keeps the object alive is an owner of its own.
    moved: AtomicBool,
}

impl Wrapper {
    fn new() -> Self {
        Self { refs: AtomicUsize::new(0), words: Life::new(false), moved: AtomicBool::new(false) }
    }

    fn address(&self) -> state::Wrapper {
        NonNull::from(self).cast()
    }
}

/// One object and the wrappers that a model may make for it. Loom's threads share it by an `Rc`, as they are all run by
/// one thread, so that sharing it orders nothing.
#[derive(Debug)]
pub(crate) struct World {
    setting: Setting,
    state: State,
    pub(crate) value: Life,
    memory: Life,
    wrappers: [Box<Wrapper>; 2],
    gil: Mutex<()>,
    slot: Mutex<()>,
    /// A field that changes: whether an owner is in it.
    cell: Mutex<bool>,
    /// How often it was changed, and how often a wrapper was taken off.
    changes: AtomicUsize,
    unhooked: AtomicUsize,
}

/// What an iterator has seen ahead: the numbers of its world, and the wrapper.
pub(crate) type Seen = (usize, usize, state::Wrapper);

impl World {
    fn new(setting: Setting, state: impl FnOnce(state::Wrapper) -> State) -> Rc<Self> {
        let wrappers = [(), ()].map(|()| Box::new(Wrapper::new()));
        Rc::new(Self {
            setting,
            state: state(wrappers[0].address()),
            value: Life::new(true),
            memory: Life::new(true),
            wrappers,
            gil: Mutex::new(()),
            slot: Mutex::new(()),
            cell: Mutex::new(false),
            changes: AtomicUsize::new(0),
            unhooked: AtomicUsize::new(0),
        })
    }

    /// State a, with this many owners and weak references.
    pub(crate) fn bare(setting: Setting, owners: usize, weak: usize) -> Rc<Self> {
        let world = Self::new(setting, |_| State::bare());
        (1..owners).for_each(|_| world.clone_owner());
        (0..weak).for_each(|_| world.clone_weak());
        world
    }

    /// State b, with this many references on the wrapper, which is wrapper 0, and weak references.
    pub(crate) fn python(setting: Setting, refs: usize, weak: usize) -> Rc<Self> {
        let world = Self::new(setting, State::python);
        world.begin(0, refs);
        (0..weak).for_each(|_| world.state.clone_weak());
        world
    }

    /// State c, with one owner, and this many references on wrapper 0 besides the pin.
    pub(crate) fn shared(setting: Setting, refs: usize) -> Rc<Self> {
        let world = Self::bare(setting, 1, 0);
        world.begin(0, refs + 1);
        assert_eq!(world.state.publish(world.wrappers[0].address()), Publish::Published);
        world
    }

    fn spawn<R: 'static>(self: &Rc<Self>, run: impl FnOnce(&Self) -> R + 'static) -> JoinHandle<R> {
        let world = Rc::clone(self);
        thread::spawn(move || run(&world))
    }

    /// Runs two threads at once. Loom does not find all interleavings whoever starts, so each does in one setting.
    pub(crate) fn race<A: 'static, B: 'static>(
        self: &Rc<Self>,
        a: impl FnOnce(&Self) -> A + 'static,
        b: impl FnOnce(&Self) -> B + 'static,
    ) -> (A, B) {
        let (a, b) = if self.setting.swap {
            let b = self.spawn(b);
            (self.spawn(a), b)
        } else {
            (self.spawn(a), self.spawn(b))
        };
        (a.join().unwrap(), b.join().unwrap())
    }

    /// Runs three threads at once.
    pub(crate) fn race_3(
        self: &Rc<Self>,
        a: impl FnOnce(&Self) + 'static,
        b: impl FnOnce(&Self) + 'static,
        c: impl FnOnce(&Self) + 'static,
    ) {
        let threads = if self.setting.swap {
            [self.spawn(c), self.spawn(b), self.spawn(a)]
        } else {
            [self.spawn(a), self.spawn(b), self.spawn(c)]
        };
        for thread in threads {
            thread.join().unwrap();
        }
    }

    /// All is over, and was over once.
    pub(crate) fn finish(&self) {
        assert!(self.value.is_over(), "the object was leaked");
        assert!(self.memory.is_over(), "the memory was leaked");
        assert!(self.wrappers.iter().all(|w| w.words.is_over()), "a wrapper was leaked");
    }

    /// The header, for a use that its memory must outlive.
    pub(crate) fn header(&self) -> &State {
        self.memory.look();
        &self.state
    }

    pub(crate) fn attach(&self) -> Attached<'_> {
        Attached(self.setting.gil.then(|| self.gil.lock().unwrap()))
    }

    /// Keeps the slot and what it points to in place, where being attached does not.
    fn lock_slot(&self) -> Option<MutexGuard<'_, ()>> {
        (!self.setting.gil).then(|| self.slot.lock().unwrap())
    }

    // Wrappers.

    pub(crate) fn wrapper(&self, index: usize) -> &Wrapper {
        &self.wrappers[index]
    }

    pub(crate) fn index_of(&self, wrapper: &Wrapper) -> usize {
        self.wrappers.iter().position(|w| w.address() == wrapper.address()).expect("one of this world's")
    }

    fn at(&self, address: state::Wrapper) -> &Wrapper {
        self.wrappers.iter().find(|w| w.address() == address).expect("the address of a wrapper")
    }

    fn begin(&self, index: usize, refs: usize) -> &Wrapper {
        let wrapper = &self.wrappers[index];
        wrapper.words.begin();
        wrapper.refs.store(refs, Ordering::Relaxed);
        wrapper
    }

    /// From a reference that someone holds during the call.
    pub(crate) fn incref(&self, wrapper: &Wrapper) {
        wrapper.words.look();
        assert_ne!(wrapper.refs.fetch_add(1, Ordering::Relaxed), 0, "a wrapper was taken after its death");
    }

    fn try_incref(wrapper: &Wrapper) -> bool {
        wrapper.words.look();
        let up = |refs| if refs == 0 { None } else { Some(refs + 1) };
        wrapper.refs.fetch_update(Ordering::Relaxed, Ordering::Relaxed, up).is_ok()
    }

    pub(crate) fn decref(&self, attached: &Attached<'_>, wrapper: &Wrapper) {
        wrapper.words.look();
        let order = if self.setting.gil { Ordering::Relaxed } else { Ordering::AcqRel };
        match wrapper.refs.fetch_sub(1, order) {
            0 => panic!("a wrapper was released twice"),
            1 => self.wrapper_dies(attached, wrapper),
            _ => {}
        }
    }

    fn wrapper_dies(&self, attached: &Attached<'_>, wrapper: &Wrapper) {
        if wrapper.moved.load(Ordering::Relaxed) {
            self.drop_owner(Some(attached));
        } else {
            let guard = self.lock_slot();
            self.header().wrapper_died();
            drop(guard);
            self.destroy();
        }
        wrapper.words.end();
    }

    /// a → c, or a load and an increment. The caller has an owner, and gets a reference.
    pub(crate) fn wrap(&self, _: &Attached<'_>, new: usize) -> &Wrapper {
        if let Some(wrapper) = self.header().wrapper() {
            let wrapper = self.at(wrapper);
            self.incref(wrapper);
            return wrapper;
        }
        let mine = self.begin(new, 2);
        match self.header().publish(mine.address()) {
            Publish::Published => mine,
            Publish::Lost(winner) => {
                let winner = self.at(winner);
                self.incref(winner);
                mine.words.end();
                winner
            }
        }
    }

    /// The same where others may be moving: nobody unhooks between the look at the slot and the increment.
    pub(crate) fn wrap_locked(&self, attached: &Attached<'_>, new: usize) -> &Wrapper {
        let _guard = self.lock_slot();
        self.wrap(attached, new)
    }

    // Owners.

    pub(crate) fn clone_owner(&self) {
        self.value.look();
        self.header().clone_owner();
    }

    /// Uses the object and gives the owner up.
    pub(crate) fn drop_owner(&self, attached: Option<&Attached<'_>>) {
        self.value.look();
        match self.header().drop_owner() {
            DropOwner::Shared => {}
            DropOwner::Destroy => self.destroy(),
            DropOwner::ReleasePin(wrapper) => match attached {
                Some(attached) => self.decref(attached, self.at(wrapper)),
                // Stands for the queue: with a GIL, another thread does this once it holds it.
                None => self.decref(&self.attach(), self.at(wrapper)),
            },
        }
    }

    fn destroy(&self) {
        self.value.end();
        if self.header().destroyed() {
            self.memory.end();
        }
    }

    /// An owner through a wrapper that the caller has a reference on.
    pub(crate) fn gain(&self, attached: &Attached<'_>, wrapper: &Wrapper) {
        match self.header().gain() {
            Gain::Gained => {}
            Gain::NeedsPin => {
                self.incref(wrapper);
                self.gain_with_pin(attached, wrapper);
            }
        }
        self.value.look();
    }

    fn gain_with_pin(&self, attached: &Attached<'_>, wrapper: &Wrapper) {
        match self.header().gain_with_pin() {
            GainWithPin::Pinned => {}
            GainWithPin::Spare => self.decref(attached, wrapper),
        }
    }

    /// Makes the caller an owner and `wrapper`, on which it has a reference, a wrapper that was moved from. False: it
    /// was one already, and the caller is no owner.
    pub(crate) fn move_out(&self, attached: &Attached<'_>, wrapper: &Wrapper) -> bool {
        self.gain(attached, wrapper);
        // The wrapper's own: others may be using the object through it.
        self.clone_owner();
        self.unhooked.fetch_add(1, Ordering::Relaxed);
        let guard = self.lock_slot();
        let moved = self.header().unhook(wrapper.address());
        drop(guard);
        if moved {
            wrapper.moved.store(true, Ordering::Relaxed);
            self.decref(attached, wrapper);
        } else {
            self.drop_owner(Some(attached));
            self.drop_owner(Some(attached));
        }
        moved
    }

    // An owner in a field, and the collector that finds it there.

    pub(crate) fn put_into_cell(&self) {
        *self.cell.lock().unwrap() = true;
    }

    /// The caller has the owner then.
    pub(crate) fn take_from_cell(&self) {
        let mut cell = self.cell.lock().unwrap();
        self.changes.store(self.changes.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        assert!(std::mem::take(&mut *cell));
    }

    // An iterator, to which the cell is a list.

    fn numbers(&self) -> (usize, usize) {
        (self.changes.load(Ordering::Relaxed), self.unhooked.load(Ordering::Relaxed))
    }

    /// Sees the wrapper of the object in the cell.
    pub(crate) fn look_ahead(&self, _: &Attached<'_>) -> Option<Seen> {
        let (changes, unhooked) = self.numbers();
        let cell = self.cell.lock().unwrap();
        let wrapper = if *cell { self.header().wrapper() } else { None };
        wrapper.map(|wrapper| (changes, unhooked, wrapper))
    }

    /// A reference on the wrapper that was seen, if it is still the canonical one of the object in the cell.
    pub(crate) fn take_ahead(&self, _: &Attached<'_>, (changes, unhooked, wrapper): Seen) -> Option<&Wrapper> {
        (self.numbers() == (changes, unhooked)).then(|| {
            let wrapper = self.at(wrapper);
            self.incref(wrapper);
            wrapper
        })
    }

    /// Looks at the object through the owner in the cell, if there is one. True: the collector has an owner now that it
    /// must leave to someone else.
    pub(crate) fn collect(&self) -> bool {
        let Ok(cell) = self.cell.try_lock() else { return false };
        let look = if *cell { self.header().look(true) } else { Look::Nothing };
        if let Look::Wrapped(wrapper) = look {
            self.at(wrapper).words.look();
        }
        drop(cell);
        if look != Look::Gained {
            return false;
        }
        self.value.look();
        !self.header().drop_unless_last()
    }

    // Weak references.

    pub(crate) fn clone_weak(&self) {
        self.header().clone_weak();
    }

    pub(crate) fn drop_weak(&self) {
        if self.header().drop_weak() {
            self.memory.end();
        }
    }

    /// Whether there is an owner more. `None`: detached.
    pub(crate) fn upgrade(&self, attached: Option<&Attached<'_>>) -> bool {
        match (self.header().upgrade(), attached) {
            (Upgrade::Gained, _) => {}
            (Upgrade::OnlyWrapper, Some(attached)) => {
                let guard = self.lock_slot();
                let wrapper = self.header().wrapper().map(|w| self.at(w)).filter(|w| Self::try_incref(w));
                drop(guard);
                match wrapper {
                    Some(wrapper) => self.gain_with_pin(attached, wrapper),
                    // Someone may have moved the object out of its wrapper between the two looks.
                    None if self.header().gain() == Gain::Gained => {}
                    None => return false,
                }
            }
            _ => return false,
        }
        self.value.look();
        true
    }
}
