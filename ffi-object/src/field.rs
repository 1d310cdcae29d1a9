//! What may be a field, and how it is read and written.

use std::borrow::Cow;
use std::sync::atomic::{
    AtomicBool, AtomicI16, AtomicI32, AtomicI64, AtomicI8, AtomicIsize, AtomicU16, AtomicU32, AtomicU64, AtomicU8,
    AtomicUsize, Ordering,
};
use std::sync::{LockResult, Mutex, PoisonError, RwLock, TryLockError, TryLockResult};

use crate::cell::Mut;
use crate::error::Error;
use crate::frontend::{self, Decoder, Encoder, Handle};
use crate::info::Kind;
use crate::trace::Tracing;
use crate::value::{Looked, Value};

/// A type that a field of an object may have.
///
/// A field is as mutable as its type: plain [values](Value) are read-only in the frontend, since Rust reads them
/// without a lock; [`Mut`], `Mutex`, `RwLock` and the atomics are read-write.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field that a frontend sees",
    label = "no `Value`, nor a `Mut`, `Mutex`, `RwLock` or atomic of one",
    note = "for a field that changes, use `Mut<…>`; for an object, `Obj<…>` or `WeakObj<…>`",
    note = "for a field that only Rust sees, write `#[ffi(skip)]` before it"
)]
pub trait Field: Send + Sync + Sized + 'static {
    /// What it holds.
    type Inner;
    /// How a frontend may read it by itself.
    const KIND: Kind<Self> = Kind::OPAQUE;
    /// Whether `write` does anything but fail.
    const WRITABLE: bool;
    /// How a collector sees what it holds.
    #[doc(hidden)]
    const TRACE: Option<Tracing<Self>> = None;

    /// The type as a Python user would write it.
    fn type_name() -> Cow<'static, str>;
    /// A field that holds `inner`.
    fn new(inner: Self::Inner) -> Self;
    /// A field that holds what `from` is.
    ///
    /// # Errors
    ///
    /// A value that the field cannot hold.
    fn decode(from: Decoder<'_>) -> Result<Self, Error>;
    /// Reads the field.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error>;
    /// Writes the field. Nothing changes unless the whole value fits.
    ///
    /// # Errors
    ///
    /// A value that the field cannot hold, or a field that cannot be written.
    fn write(&self, from: Decoder<'_>) -> Result<(), Error>;
    /// What stands in while an object is restored whose real value refers back to it.
    #[must_use]
    fn placeholder() -> Option<Self> {
        None
    }
}

impl<T: Value> Field for T {
    type Inner = T;
    const KIND: Kind<Self> = T::KIND;
    const WRITABLE: bool = false;
    const TRACE: Option<Tracing<Self>> = T::TRACE;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }
    fn new(inner: T) -> Self {
        inner
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        T::decode(from)
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
    fn write(&self, _: Decoder<'_>) -> Result<(), Error> {
        Err(Error::attribute("the field is read-only"))
    }
}

macro_rules! cells {
    ($($cell:ident: $kind:expr, |$this:ident, $look:ident| $get:expr, |$that:ident, $value:ident| $set:expr, $trace:expr;)*) => {
        $(impl<T: Value + Clone> Field for $cell<T> {
            type Inner = T;
            const KIND: Kind<Self> = $kind;
            const WRITABLE: bool = true;
            const TRACE: Option<Tracing<Self>> = $trace;

            fn type_name() -> Cow<'static, str> {
                T::type_name()
            }
            fn new(inner: T) -> Self {
                Self::new(inner)
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                T::decode(from).map(Self::new)
            }
            fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                // The frontend's language must not run under the lock.
                let ($this, $look) = (self, |value: &T| Looked::at(value, out));
                $get.encode(out)
            }
            fn write(&self, from: Decoder<'_>) -> Result<(), Error> {
                let $value = T::decode(from)?;
                let $that = self;
                // The old value is dropped outside the lock.
                let _old = $set;
                Ok(())
            }
            fn placeholder() -> Option<Self> {
                T::nothing().map(Self::new)
            }
        })*
    };
}

cells! {
    Mut: T::KIND.in_mut(), |cell, look| cell.read(look), |cell, value| cell.set(value),
        // SAFETY: under the cell's lock.
        unsafe { Tracing::of_parts::<T>(|cell, tracer| _ = cell.try_read(|value| tracer.trace(value))) };
    Mutex: Kind::OPAQUE, |cell, look| look(&lock(|| cell.try_lock(), || cell.lock())),
        |cell, value| std::mem::replace(&mut *lock(|| cell.try_lock(), || cell.lock()), value),
        // Guards of these leave the cell, so that a thread may hold one for as long as it likes.
        None;
    RwLock: Kind::OPAQUE, |cell, look| look(&lock(|| cell.try_read(), || cell.read())),
        |cell, value| std::mem::replace(&mut *lock(|| cell.try_write(), || cell.write()), value),
        None;
}

/// A lock of `std`'s, poisoned or not. The thread that holds it may be waiting for the interpreter that this thread holds,
/// so this one waits without.
fn lock<G>(try_lock: impl FnOnce() -> TryLockResult<G>, lock: impl Fn() -> LockResult<G>) -> G {
    match try_lock() {
        Ok(guard) => return guard,
        Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => {}
    }
    let locked = || lock().unwrap_or_else(PoisonError::into_inner);
    let mut guard = None;
    frontend::wait(|| guard = Some(locked()));
    guard.unwrap_or_else(locked)
}

macro_rules! atomics {
    ($($atomic:ty: $inner:ty;)*) => {
        $(impl Field for $atomic {
            type Inner = $inner;
            const WRITABLE: bool = true;

            fn type_name() -> Cow<'static, str> {
                <$inner as Value>::type_name()
            }
            fn new(inner: $inner) -> Self {
                Self::new(inner)
            }
            fn decode(from: Decoder<'_>) -> Result<Self, Error> {
                <$inner as Value>::decode(from).map(Self::new)
            }
            fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
                Value::encode(&self.load(Ordering::SeqCst), out)
            }
            fn write(&self, from: Decoder<'_>) -> Result<(), Error> {
                self.store(<$inner as Value>::decode(from)?, Ordering::SeqCst);
                Ok(())
            }
        })*
    };
}

atomics! {
    AtomicBool: bool;
    AtomicI8: i8; AtomicI16: i16; AtomicI32: i32; AtomicI64: i64; AtomicIsize: isize;
    AtomicU8: u8; AtomicU16: u16; AtomicU32: u32; AtomicU64: u64; AtomicUsize: usize;
}
