//! The ownership protocol: who keeps an object alive, and who may touch its wrapper.
//!
//! An object is alive in exactly three states, decided by two facts, the number of Rust *owners* and the *slot* that
//! points to the canonical wrapper `W`:
//!
//! | state | owners | slot | kept alive by |
//! |---|---|---|---|
//! | a: bare   | > 0 | null | Rust |
//! | b: python | 0   | `W`  | the wrapper alone |
//! | c: shared | > 0 | `W`  | Rust; and the object holds one reference on `W`, the *pin* |
//!
//! # Invariants
//!
//! 1. **Owners.** The low half of the owners word counts the owners, above two marks (invariant 8). Whoever counts keeps
//!    the object alive.
//! 2. **Epoch.** Every gain of an owner also counts the high half up. A word that reads the same twice, with a nonzero
//!    low half, means: no owner came, so none that was there went. (The epoch wraps after 2³² gains; a thread would have
//!    to be stopped between a load and a compare-exchange for exactly that many.)
//! 3. **Pin.** While owners > 0 and the slot is set, exactly one reference on `W` belongs to the object. It is taken
//!    *before* the owner that needs it becomes visible ([`State::gain_with_pin`]) or before `W` does
//!    ([`State::publish`]), and it is given back *after* the last owner is gone ([`DropOwner::ReleasePin`]). So `W` can
//!    only die in state b.
//! 4. **Gain.** Owners go from 0 to 1 only while someone holds a reference on `W` for the whole call, which is only
//!    possible while attached to the language that `W` lives in.
//! 5. **Slot.** Null → `W` needs an owner or a borrow backed by one. `W` → null needs an owner too
//!    ([`State::unhook`]), or that `W` is dying ([`State::wrapper_died`]). Hence whoever holds the only owner and sees no
//!    gain by invariant 2 knows that the slot did not change.
//! 6. **Weak.** The weak count is the number of weak references, plus one while the object is not destroyed. Whoever
//!    takes it to 0 frees the memory.
//! 7. **Dead.** A destroyed object has owners 0 and a slot that is null or tagged as a link of the reaper's list.
//!    Neither can be mistaken for a wrapper.
//! 8. **Marks.** The owners word has a mark for "there has been a wrapper" and one for "there has been a weak reference".
//!    They are set before the first of these is, by someone who has an owner or a borrow backed by one, and never taken
//!    away. So an owner that finds itself the only one, in a word without marks, is all that refers to the object.
//! 9. **Borrow.** A frontend borrows an object only through a wrapper, which someone holds for as long as the borrow
//!    lasts. A living wrapper is in the slot, or it is separate and has an owner of its own; one that was moved from
//!    keeps its owner until it dies, since it may have been lent before. So an owner that finds itself the only one, with
//!    an empty slot and no weak reference, has the object to itself ([`State::is_exclusive`]), also if Python has seen
//!    it. A reference count cannot tell this: a caller may lend what a tuple or a frame holds, without counting.
//!
//! Transitions dereference nothing and call nothing: they say what happened, and what the caller now owes. The models
//! in `tests/loom_protocol.rs` check them.

use std::ptr::{self, NonNull};

use crate::sync::{spin_loop, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// A wrapper as the protocol sees it: an address that it never dereferences.
pub type Wrapper = NonNull<()>;

/// The marks of invariant 8.
const WRAPPED: u64 = 1;
const WEAKENED: u64 = 2;
const OWNER: u64 = 4;
const EPOCH: u64 = 1 << 32;
const GAIN: u64 = EPOCH | OWNER;
/// Half of what the count has room for, so that threads which gain at once cannot pass the end before one aborts.
const MAX_COUNT: u32 = 1 << 29;
/// A weak count that only its own thread may change.
const WEAK_LOCKED: u32 = u32::MAX;
/// Wrappers are aligned to a word, so the lowest bit is free to mark a link of dead objects.
const DEAD: usize = 1;

const fn count(word: u64) -> u32 {
    word as u32 / OWNER as u32
}

/// Whether the one owner that there is, is all that refers to the object.
const fn is_unshared(word: u64) -> bool {
    word as u32 == OWNER as u32
}

/// What an owner that was dropped leaves to its dropper.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropOwner {
    /// Others own the object: nothing to do.
    Shared,
    /// c → b. The dropper now owns the pin and must give it back, outside every lock. The object may be gone by then.
    ReleasePin(Wrapper),
    /// a → dead. The dropper must destroy the object.
    Destroy,
}

/// The outcome of [`State::publish`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// a → c. One of the references on the new wrapper is the pin from now on.
    Published,
    /// Another thread was first; this is its wrapper. The caller discards its own. Where wrappers can be unhooked by
    /// other threads meanwhile, it takes its reference under the lock that [`State::unhook`] is called under.
    Lost(Wrapper),
}

/// The outcome of [`State::gain`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// The caller has an owner.
    Gained,
    /// Owners were 0: take a reference on the wrapper, then call [`State::gain_with_pin`].
    NeedsPin,
}

/// The outcome of [`State::gain_with_pin`]: the caller has an owner in both cases.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GainWithPin {
    /// b → c. The reference became the pin.
    Pinned,
    /// Someone else was first and pinned it: the caller gives its reference back.
    Spare,
}

/// The outcome of [`State::upgrade`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// The caller has an owner.
    Gained,
    /// Only a wrapper keeps the object alive. Who can take a reference on the wrapper in the slot while its count is
    /// above 0 goes on with [`State::gain_with_pin`]; who cannot gets nothing.
    OnlyWrapper,
    /// The object is dead.
    Dead,
}

/// The outcome of [`State::look`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// There are other owners or weak references, or nothing was asked for.
    Nothing,
    /// The one owner is all that keeps this wrapper's pin.
    Wrapped(Wrapper),
    /// There is no wrapper. The caller has an owner now.
    Gained,
}

/// The words of the header that the protocol owns.
#[derive(Debug)]
pub struct State {
    slot: AtomicPtr<()>,
    owners: AtomicU64,
    weak: AtomicU32,
    /// How many of the owners belong to wrappers that were moved from. Only to tell; no transition looks at it.
    moved: AtomicU32,
}

impl State {
    /// Created in Rust: state a, one owner.
    #[must_use]
    pub fn bare() -> Self {
        Self::new(ptr::null_mut(), GAIN)
    }

    /// Created together with its wrapper: state b.
    #[must_use]
    pub fn python(wrapper: Wrapper) -> Self {
        Self::new(wrapper.as_ptr(), WRAPPED)
    }

    fn new(slot: *mut (), owners: u64) -> Self {
        let (slot, owners) = (AtomicPtr::new(slot), AtomicU64::new(owners));
        Self { slot, owners, weak: AtomicU32::new(1), moved: AtomicU32::new(0) }
    }

    /// The number of owners at some moment during the call, without those of wrappers that were moved from.
    pub fn owners(&self) -> u32 {
        count(self.owners.load(Ordering::Relaxed)).saturating_sub(self.moved.load(Ordering::Relaxed))
    }

    /// Whether there are any owners, those of wrappers that were moved from included: whether a wrapper is pinned.
    pub fn is_owned(&self) -> bool {
        count(self.owners.load(Ordering::Relaxed)) > 0
    }

    /// An owner belongs to a wrapper that was moved from, from now on.
    pub fn moved_from(&self) {
        self.moved.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a wrapper is about to drop its owner.
    pub fn moved_from_dies(&self) {
        self.moved.fetch_sub(1, Ordering::Relaxed);
    }

    /// The canonical wrapper, if there is one.
    ///
    /// Acquire: pairs with the release in [`publish`](Self::publish), so that the wrapper's own words are visible.
    #[inline]
    pub fn wrapper(&self) -> Option<Wrapper> {
        let slot = self.slot.load(Ordering::Acquire);
        if slot.addr() & DEAD != 0 {
            return None;
        }
        NonNull::new(slot)
    }

    /// Another owner, from one that there is.
    ///
    /// Relaxed, as in `Arc`: the new owner reaches other threads only through whatever carries it there.
    #[inline]
    pub fn clone_owner(&self) {
        let before = self.owners.fetch_add(GAIN, Ordering::Relaxed);
        if count(before) > MAX_COUNT {
            std::process::abort();
        }
    }

    /// Gives an owner up.
    #[inline]
    pub fn drop_owner(&self) -> DropOwner {
        // Acquire: pairs with the release of every earlier drop, so that a wrapper which an earlier owner published is
        // seen below.
        let mut word = self.owners.load(Ordering::Acquire);
        if is_unshared(word) {
            // No one can gain an owner or a reference of another kind, so no one looks at the word again (invariant 8).
            return DropOwner::Destroy;
        }
        loop {
            debug_assert!(count(word) > 0, "an owner was dropped twice");
            // Read while this owner still counts. If the exchange below finds the word unchanged and this owner the
            // last, the slot has not changed either (invariants 2 and 5).
            let slot = self.slot.load(Ordering::Relaxed);
            // Release: what this owner did happens before the destruction. Acquire: the destruction happens after what
            // all others did; on the path to `Shared` it is not needed, but costs nothing on the machines we know.
            match self.owners.compare_exchange_weak(word, word - OWNER, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) if count(word) > 1 => return DropOwner::Shared,
                Ok(_) => return NonNull::new(slot).map_or(DropOwner::Destroy, DropOwner::ReleasePin),
                Err(now) => word = now,
            }
        }
    }

    /// Sets a mark (invariant 8). Relaxed: who drops the last owner reads the same word, after all that changed it.
    fn mark(&self, mark: u64) {
        if self.owners.load(Ordering::Relaxed) & mark == 0 {
            self.owners.fetch_or(mark, Ordering::Relaxed);
        }
    }

    /// a → c: makes `wrapper` the canonical one. The caller keeps the object alive through an owner that does not go
    /// away during the call, and holds two references on `wrapper`: its own, and the pin.
    ///
    /// Release: the wrapper's words become visible to whoever reads the slot. Acquire: so do the winner's here.
    pub fn publish(&self, wrapper: Wrapper) -> Publish {
        self.mark(WRAPPED);
        let null = ptr::null_mut();
        match self.slot.compare_exchange(null, wrapper.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Publish::Published,
            // The exchange failed, so it is not null; an owner exists, so it is no dead link either (invariant 7).
            Err(winner) => Publish::Lost(NonNull::new(winner).expect("a slot that is not null")),
        }
    }

    /// Another owner, for a caller that holds a reference on the canonical wrapper for the whole call.
    pub fn gain(&self) -> Gain {
        self.gain_in(Ordering::Relaxed)
    }

    fn gain_in(&self, ordering: Ordering) -> Gain {
        let mut word = self.owners.load(Ordering::Relaxed);
        while count(word) > 0 {
            if count(word) > MAX_COUNT {
                std::process::abort();
            }
            match self.owners.compare_exchange_weak(word, word.wrapping_add(GAIN), ordering, Ordering::Relaxed) {
                Ok(_) => return Gain::Gained,
                Err(now) => word = now,
            }
        }
        Gain::NeedsPin
    }

    /// b → c (or a mere gain, if someone else was first). The caller hands over a reference that it holds on the
    /// canonical wrapper.
    ///
    /// Acquire: pairs with the release of the drop that led to state b.
    pub fn gain_with_pin(&self) -> GainWithPin {
        let before = self.owners.fetch_add(GAIN, Ordering::AcqRel);
        match count(before) {
            0 => GainWithPin::Pinned,
            1..=MAX_COUNT => GainWithPin::Spare,
            _ => std::process::abort(),
        }
    }

    /// Tries to make an owner of a weak reference.
    pub fn upgrade(&self) -> Upgrade {
        loop {
            // Acquire: pairs with the release of whoever handed out the owner that was counted.
            if self.gain_in(Ordering::Acquire) == Gain::Gained {
                return Upgrade::Gained;
            }
            // Acquire: pairs with the release of the drop that led to state b: a wrapper that an owner published must
            // be seen below.
            let word = self.owners.load(Ordering::Acquire);
            if count(word) > 0 {
                continue;
            }
            if self.wrapper().is_some() {
                return Upgrade::OnlyWrapper;
            }
            // Unless someone became an owner and took the wrapper off between the two looks. `wrapper` has acquired
            // what `unhook` released, so the mover's gain is seen here, and shows by its epoch (invariant 2).
            if self.owners.load(Ordering::Relaxed) == word {
                return Upgrade::Dead;
            }
        }
    }

    /// What a collector of cycles may know of an object through an owner that it found, which does not go away during
    /// the call: whose pin it is, or, if `gain` and there is no wrapper, an owner of its own.
    ///
    /// Weak references count as owners here: one that another thread has may become one while the collector decides.
    /// Acquire: pairs with the release of earlier drops, so that a wrapper which an earlier owner published is seen.
    pub fn look(&self, gain: bool) -> Look {
        let word = self.owners.load(Ordering::Acquire);
        if count(word) != 1 || self.weak.load(Ordering::Relaxed) != 1 {
            return Look::Nothing;
        }
        if let Some(wrapper) = self.wrapper() {
            return Look::Wrapped(wrapper);
        }
        if !gain
            || self
                .owners
                .compare_exchange(word, word.wrapping_add(GAIN), Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
        {
            return Look::Nothing;
        }
        Look::Gained
    }

    /// Gives an owner up unless it is the last. False: it is, and the caller still has it.
    ///
    /// Release: as in [`drop_owner`](Self::drop_owner).
    #[must_use]
    pub fn drop_unless_last(&self) -> bool {
        let mut word = self.owners.load(Ordering::Relaxed);
        while count(word) > 1 {
            match self.owners.compare_exchange_weak(word, word - OWNER, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Takes `wrapper` off the object. The caller owns an owner, and holds a reference on `wrapper`.
    ///
    /// On success (true) it also owns what was the pin. False: `wrapper` was not the canonical one (any more).
    #[must_use]
    pub fn unhook(&self, wrapper: Wrapper) -> bool {
        debug_assert!(self.is_owned(), "unhook needs an owner");
        self.slot.compare_exchange(wrapper.as_ptr(), ptr::null_mut(), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// b → dead: the canonical wrapper's last reference went. The caller must destroy the object.
    ///
    /// Acquire: pairs with the release of the drop that led to state b; the destruction happens after it.
    pub fn wrapper_died(&self) {
        let word = self.owners.load(Ordering::Acquire);
        // By invariant 3; were it broken, going on would free an object that is in use.
        if count(word) != 0 {
            std::process::abort();
        }
        self.slot.store(ptr::null_mut(), Ordering::Release);
    }

    /// Marks a dead object as a link of the reaper's list, before `next`.
    pub(crate) fn link_dead(&self, next: *mut ()) {
        self.slot.store(next.map_addr(|a| a | DEAD), Ordering::Relaxed);
    }

    /// The link stored by [`link_dead`](Self::link_dead).
    pub(crate) fn dead_link(&self) -> *mut () {
        self.slot.load(Ordering::Relaxed).map_addr(|a| a & !DEAD)
    }

    /// Another weak reference, from an owner, a borrow or a weak one.
    pub fn clone_weak(&self) {
        self.mark(WEAKENED);
        let mut weak = self.weak.load(Ordering::Relaxed);
        loop {
            if weak == WEAK_LOCKED {
                spin_loop();
                weak = self.weak.load(Ordering::Relaxed);
                continue;
            }
            if weak > MAX_COUNT {
                std::process::abort();
            }
            // Acquire: pairs with the release in `is_exclusive`, whose owner may then have changed the object.
            match self.weak.compare_exchange_weak(weak, weak + 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => weak = now,
            }
        }
    }

    /// Whether the one owner that the caller holds is all that refers to the object: no other owner, no wrapper, no
    /// weak reference (invariant 9).
    ///
    /// The weak count is locked meanwhile, so that no weak reference comes and goes between the looks at the two
    /// counts (`Arc::get_mut` does the same).
    pub fn is_exclusive(&self) -> bool {
        // Acquire: pairs with the release in `drop_owner`.
        if is_unshared(self.owners.load(Ordering::Acquire)) {
            return true;
        }
        // Acquire: pairs with the release in `drop_weak`, so that an owner made by that weak reference is counted below.
        if self.weak.compare_exchange(1, WEAK_LOCKED, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return false;
        }
        // Acquire: pairs with the release in `drop_owner`.
        let exclusive = count(self.owners.load(Ordering::Acquire)) == 1 && self.wrapper().is_none();
        self.weak.store(1, Ordering::Release);
        exclusive
    }

    /// Gives a weak reference up. True: the caller must free the memory.
    #[must_use]
    pub fn drop_weak(&self) -> bool {
        // Release/acquire: all uses of the header by other weak references happen before it is freed. Not a fence
        // after a release, which ThreadSanitizer does not understand.
        self.weak.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// The object was destroyed: gives up the weak count that it held. True: the caller must free the memory.
    #[must_use]
    pub fn destroyed(&self) -> bool {
        // A dead object can only get weak references from weak references: at 1 there are none, nor will there be.
        self.weak.load(Ordering::Acquire) == 1 || self.drop_weak()
    }

    /// The number of weak references at some moment during the call, for an object that is alive.
    pub fn weak_refs(&self) -> u32 {
        self.weak.load(Ordering::Relaxed).saturating_sub(1)
    }
}
