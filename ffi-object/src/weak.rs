//! `WeakObj<T>`, which does not keep an object alive.

use std::fmt;
use std::marker::PhantomData;

use crate::alloc;
use crate::frontend;
use crate::header::RawObject;
use crate::obj::{FfiObject, Obj};
use crate::state::{Gain, GainWithPin, State, Upgrade};

/// A reference that does not keep its object alive, as `std::sync::Weak`.
///
/// ```
/// # use ffi_object::{FfiObject, Obj, WeakObj};
/// # #[derive(FfiObject)]
/// # struct Point { x: f64 }
/// let p = Obj::new(Point { x: 1.0 });
/// let weak: WeakObj<Point> = p.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(p);
/// assert!(weak.upgrade().is_none());
/// ```
#[repr(transparent)]
pub struct WeakObj<T: FfiObject> {
    object: Option<RawObject>,
    // As in `Obj`.
    _refers: PhantomData<fn() -> T>,
}

// SAFETY: an upgrade gives an `Obj<T>`, which is `Send` and `Sync`; the counts are atomic.
unsafe impl<T: FfiObject> Send for WeakObj<T> {}
// SAFETY: as above.
unsafe impl<T: FfiObject> Sync for WeakObj<T> {}

impl<T: FfiObject> WeakObj<T> {
    /// A weak reference to nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { object: None, _refers: PhantomData }
    }

    /// # Safety
    ///
    /// The caller has counted a weak reference to `object`, which is a `T`, and gives it away.
    pub(crate) unsafe fn from_counted(object: RawObject) -> Self {
        Self { object: Some(object), _refers: PhantomData }
    }

    fn state(&self) -> Option<(RawObject, &State)> {
        // SAFETY: the header stays while this reference is counted.
        self.object.map(|object| (object, unsafe { object.state() }))
    }

    /// An owner of the object, if it is alive.
    ///
    /// While only Python owns the object, this succeeds on threads that are attached to the interpreter and gives
    /// `None` on others, which cannot know whether Python is about to let go.
    #[must_use]
    pub fn upgrade(&self) -> Option<Obj<T>> {
        let (object, state) = self.state()?;
        match state.upgrade() {
            Upgrade::Gained => {}
            Upgrade::Dead => return None,
            Upgrade::OnlyWrapper => {
                match frontend::try_acquire_wrapper(object) {
                    Some(wrapper) => match state.gain_with_pin() {
                        GainWithPin::Pinned => {}
                        GainWithPin::Spare => frontend::give_back(wrapper),
                    },
                    // Unless the wrapper is dying, it was taken off by someone who became an owner.
                    None if state.gain() == Gain::Gained => {}
                    None => return None,
                }
            }
        }
        // SAFETY: the owner was just counted, and the object is a `T`.
        Some(unsafe { Obj::from_raw(object) })
    }

    /// Whether both refer to the same object, alive or not.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.object == other.object
    }
}

impl<T: FfiObject> Clone for WeakObj<T> {
    fn clone(&self) -> Self {
        if let Some((_, state)) = self.state() {
            state.clone_weak();
        }
        Self { object: self.object, _refers: PhantomData }
    }
}

impl<T: FfiObject> Drop for WeakObj<T> {
    fn drop(&mut self) {
        let Some((object, state)) = self.state() else { return };
        if !state.drop_weak() {
            return;
        }
        // SAFETY: the header is still there.
        let info = unsafe { object.info() };
        // SAFETY: the value is dropped, but not freed.
        let block = unsafe { info.block_of(object.value()) };
        // SAFETY: this was the last thing that referred to it.
        unsafe { alloc::free(object, block) };
    }
}

impl<T: FfiObject> Default for WeakObj<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: FfiObject> fmt::Debug for WeakObj<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.object {
            Some(object) => write!(f, "(weak {} at {object:?})", T::TYPE.name),
            None => f.write_str("(weak, to nothing)"),
        }
    }
}
