//! What `List` and `Map` share: contents whose type is known at run time, bound to it at the first use where it matters.

use std::any::Any as StdAny;

use super::map::Key;
use super::ordered_map::OrderedMap;
use crate::error::Error;
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

impl<K: Key, V: Value> Contents for OrderedMap<K, V> {
    contents!();
}

/// The container was bound to another type between the look at its operations and the operation.
pub(super) struct Rebound;

/// What an operation comes to.
pub(super) type Op<R> = Result<Result<R, Error>, Rebound>;

/// Runs an operation, again if the container was bound meanwhile, which happens once at most.
pub(super) fn retry<R>(mut op: impl FnMut() -> Op<R>) -> Result<R, Error> {
    loop {
        if let Ok(result) = op() {
            return result;
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
