//! What containers share: contents whose type is known at run time, bound to it at the first use where it matters.

use std::any::Any as StdAny;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::map::Key;
use super::ordered_map::OrderedMap;
use crate::cell::Mut;
use crate::error::Error;
use crate::state::Wrapper;
use crate::value::Value;

/// The contents of a container, a `Vec<T>` or an `OrderedMap<K, V>`.
pub(super) trait Contents: StdAny + Send + Sync {
    fn len(&self) -> usize;
    fn as_any(&self) -> &dyn StdAny;
    fn as_any_mut(&mut self) -> &mut dyn StdAny;
}

macro_rules! contents {
    () => {
        fn len(&self) -> usize {
            self.len()
        }
        fn as_any(&self) -> &dyn StdAny {
            self
        }
        fn as_any_mut(&mut self) -> &mut dyn StdAny {
            self
        }
    };
}

impl<T: Value> Contents for Vec<T> {
    contents!();
}

impl<K: Key, V: Send + Sync + 'static> Contents for OrderedMap<K, V> {
    contents!();
}

/// The container was bound to another type between the look at its operations and the operation.
pub(super) struct Rebound;

/// What an operation comes to.
pub(super) type Op<R> = Result<Result<R, Error>, Rebound>;

/// Contents whose type is known at run time only, and what can be done with them: a table of functions.
pub(super) struct Erased<Ops: 'static> {
    /// Changes once at most, when an open container is bound.
    ops: AtomicPtr<Ops>,
    contents: Mut<Box<dyn Contents>>,
}

impl<Ops> Erased<Ops> {
    pub(super) fn new(contents: impl Contents, ops: &'static Ops) -> Self {
        Self { ops: AtomicPtr::new(ptr::from_ref(ops).cast_mut()), contents: Mut::new(Box::new(contents)) }
    }

    pub(super) fn ops(&self) -> &'static Ops {
        // Acquire: pairs with the release in `replace`.
        // SAFETY: only `new` and `replace` write the pointer, both from a `&'static`.
        unsafe { &*self.ops.load(Ordering::Acquire) }
    }

    /// Runs an operation of the table, again if the container was bound meanwhile.
    pub(super) fn run<R>(&self, op: impl Fn(&'static Ops) -> Op<R>) -> Result<R, Error> {
        retry(|| op(self.ops()))
    }

    /// Runs `look` with the contents borrowed mutably, under the lock.
    pub(super) fn with<C: 'static, R>(&self, look: impl FnOnce(&mut C) -> R) -> Result<R, Rebound> {
        self.contents.with(|contents| contents.as_any_mut().downcast_mut().map(look).ok_or(Rebound))
    }

    /// Runs `look` with the contents borrowed, under the lock.
    pub(super) fn read<C: 'static, R>(&self, look: impl FnOnce(&C) -> R) -> Result<R, Rebound> {
        self.contents.read(|contents| contents.as_any().downcast_ref().map(look).ok_or(Rebound))
    }

    /// Runs `look` with the table, and the contents that it is for, under the lock.
    #[inline]
    pub(super) fn look<R>(&self, look: impl FnOnce(&'static Ops, NonNull<()>) -> R) -> R {
        // `replace` changes both under the lock.
        self.contents.read(|contents| look(self.ops(), NonNull::from(&**contents).cast()))
    }

    /// The same as `read`, for a collector: not if the lock is taken, nor if the contents are of another type.
    pub(super) fn try_read<C: 'static>(&self, look: impl FnOnce(&C)) {
        self.contents.try_read(|contents| {
            contents.as_any().downcast_ref().map(look);
        });
    }

    /// The same as `with`, unless the contents have changed since they had this version.
    pub(super) fn with_version<C: 'static, R>(
        &self,
        version: u32,
        look: impl FnOnce(&mut C) -> R,
    ) -> Result<Option<R>, Rebound> {
        self.contents.with_version(|contents, now| {
            let contents = contents.as_any_mut().downcast_mut().ok_or(Rebound)?;
            Ok((now == version).then(|| look(contents)))
        })
    }

    /// A number that is another one after each change.
    pub(super) fn version(&self) -> u32 {
        self.contents.version()
    }

    pub(super) fn len(&self) -> usize {
        self.contents.read(|contents| contents.len())
    }

    /// Binds an open container: puts what `make` gives in the place of its contents, and another table in the place of
    /// its own. Nothing happens if the contents are not of this type, or `make` gives nothing.
    pub(super) fn replace<C: 'static, D: Contents>(&self, ops: &'static Ops, make: impl FnOnce(&C) -> Option<D>) {
        let old = self.contents.with(|contents| {
            let new = contents.as_any().downcast_ref().and_then(make)?;
            // Release: pairs with the acquire in `ops`. Under the lock, so that only one binding wins.
            self.ops.store(ptr::from_ref(ops).cast_mut(), Ordering::Release);
            Some(std::mem::replace(contents, Box::new(new)))
        });
        // Outside the lock.
        drop(old);
    }
}

/// Runs an operation, again if the container was bound meanwhile, which happens once at most.
pub(super) fn retry<R>(mut op: impl FnMut() -> Op<R>) -> Result<R, Error> {
    loop {
        if let Ok(result) = op() {
            return result;
        }
    }
}

/// Writes down the canonical wrappers of items, up to the first that is no object or has none.
pub(super) fn see<T: Value>(items: &[T], wrappers: &mut [Option<Wrapper>]) {
    for (place, item) in wrappers.iter_mut().zip(items) {
        *place = item.known_wrapper();
        if place.is_none() {
            break;
        }
    }
}

/// The value, or an operation's error.
macro_rules! try_op {
    ($value:expr) => {
        match $value {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}
pub(super) use try_op;
