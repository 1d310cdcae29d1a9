//! The language side: what it installs here, and the handles through which values cross.
//!
//! The runtime knows no language. A frontend installs one [`Frontend`]; the runtime gives it wrappers to release, and
//! values to convert. [`Encoder`] and [`Decoder`] are the two directions as the implementations of
//! [`Value`](crate::Value) see them. They exist only while the thread is attached to the frontend's interpreter.

mod decode;
mod encode;

use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::OnceLock;

use crate::any::Any;
use crate::enumeration::EnumInfo;
use crate::error::Error;
use crate::foreign::PyValue;
use crate::header::RawObject;
use crate::info::{FunctionInfo, TypeInfo};
pub use crate::iter::Items;
pub use crate::name::Kept;
pub use crate::number::{Number, Numbers};
use crate::obj::AnyObj;
use crate::standard::{Standard, StandardKind};
use crate::state::Wrapper;

pub use decode::Decoder;
pub use encode::{Encoder, Handle};

/// A value of the frontend's language as an address.
pub type RawHandle = NonNull<()>;

/// A frontend, by one more pointer: so that what carries it, as values on their way do, is two words, which fit into registers.
pub type FrontendRef = &'static &'static dyn Frontend;

/// The entry point of all functions and methods: what a [`Trampoline`](crate::info::Trampoline) takes, and which it is. In this
/// order a trampoline only adds to what it was called with, and jumps, where so many arguments fit into registers.
///
/// Calling it is safe with the arguments of a trampoline and the function that the trampoline is of, attached.
pub type EntryPoint = unsafe extern "C" fn(*mut (), *const *mut (), isize, *mut (), &'static FunctionInfo) -> *mut ();

/// A number that was out of range, or a value that was not of the type asked for, or an exception on the way.
#[derive(Debug)]
pub enum Mismatch {
    /// Not of the type asked for.
    Type,
    /// Of that type, but out of the range of Rust's.
    Range,
    /// Anything else.
    Error(Error),
}

/// How an object becomes a wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The canonical wrapper.
    Cached,
    /// A separate one, which equals the canonical one. Only when the canonical one carries state of the language, or
    /// the one owner is being given away, it is that.
    Fresh,
}

/// The arguments of a call.
pub type Args<'a> = dyn ExactSizeIterator<Item = RawHandle> + 'a;
/// Makes the parts of a tuple or a set, by index.
pub type MakeItem<'a> = dyn FnMut(usize) -> Result<RawHandle, Error> + 'a;
/// Makes the parts of a mapping, by index.
pub type MakePair<'a> = dyn FnMut(usize) -> Result<(RawHandle, RawHandle), Error> + 'a;
/// Takes the parts of a collection, one by one.
pub type TakeItem<'a> = dyn FnMut(RawHandle) -> Result<(), Error> + 'a;
/// Takes all parts of a collection of numbers.
pub type TakeNumbers<'a> = dyn FnMut(Numbers<'_>) -> Result<(), Error> + 'a;
/// Takes the parts of a mapping, one by one.
pub type TakePair<'a> = dyn FnMut(RawHandle, RawHandle) -> Result<(), Error> + 'a;

/// What a frontend whose values are Python objects can do for PyO3. The thread is attached.
#[derive(Debug, Clone, Copy)]
pub struct PythonHooks {
    /// The exception for an error: a new reference.
    pub exception: unsafe fn(Error) -> RawHandle,
    /// An error that carries an exception, whose reference it takes.
    pub error: unsafe fn(RawHandle) -> Error,
}

/// What a language side installs.
///
/// Functions that make handles give owned ones; functions that take handles borrow them, unless they say otherwise.
///
/// # Safety
///
/// An implementation keeps the wrappers' side of the protocol (`state`): references that it gives are references that it
/// counted, and a wrapper's object stays alive while the wrapper does. All functions may be called by any number of
/// threads at once.
#[expect(missing_docs, reason = "the plain conversions say by their types what they do")]
#[expect(clippy::missing_errors_doc, reason = "what goes wrong in the frontend's language is passed on")]
#[expect(clippy::missing_safety_doc, reason = "handles are valid, and the thread is attached, unless said otherwise")]
pub unsafe trait Frontend: Sync {
    /// Gives a reference on a wrapper or another value back, on any thread, attached or not, and never waits for the
    /// interpreter.
    unsafe fn give_back(&self, value: RawHandle);
    /// Takes a reference on the wrapper in the object's slot, if its count is above 0 and the thread is attached.
    unsafe fn try_acquire_wrapper(&self, object: RawObject) -> Option<Wrapper>;
    /// Runs `wait` detached, if the thread is attached: it may wait for a thread that wants the interpreter.
    fn wait(&self, wait: &mut dyn FnMut());

    /// Takes another reference on a value, if the thread is attached.
    unsafe fn share(&self, value: RawHandle) -> bool;
    /// Runs `run` attached, waiting for the interpreter if need be. False: it has ended.
    fn attach(&self, run: &mut dyn FnMut()) -> bool;

    /// What code that uses PyO3 beside this frontend needs of it. `Some`: all handles are Python objects.
    fn python(&self) -> Option<PythonHooks> {
        None
    }

    unsafe fn release(&self, handle: RawHandle);

    unsafe fn none(&self) -> RawHandle;
    unsafe fn bool(&self, value: bool) -> RawHandle;
    unsafe fn int(&self, value: i64) -> Result<RawHandle, Error>;
    unsafe fn wide_int(&self, value: i128) -> Result<RawHandle, Error>;
    unsafe fn wide_uint(&self, value: u128) -> Result<RawHandle, Error>;
    unsafe fn float(&self, value: f64) -> Result<RawHandle, Error>;
    unsafe fn str(&self, value: &str) -> Result<RawHandle, Error>;
    /// Text whose value is kept: it is made when there is none.
    unsafe fn kept_str(&self, value: &str, kept: &Kept) -> Result<RawHandle, Error> {
        let _ = kept;
        // SAFETY: by the caller.
        unsafe { self.str(value) }
    }
    unsafe fn bytes(&self, value: &[u8]) -> Result<RawHandle, Error>;
    unsafe fn path(&self, value: &Path) -> Result<RawHandle, Error>;
    unsafe fn tuple(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error>;
    /// A tuple of these, whose references it takes.
    unsafe fn pack(&self, items: &[RawHandle]) -> Result<RawHandle, Error>;
    unsafe fn mapping(&self, len: usize, make: &mut MakePair<'_>) -> Result<RawHandle, Error>;
    unsafe fn set(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error>;
    unsafe fn object(&self, object: &AnyObj, policy: Policy) -> Result<RawHandle, Error>;
    /// The canonical wrapper of an object, if that runs no code of the language, so that a lock may be held.
    unsafe fn wrapper(&self, _object: &AnyObj) -> Option<RawHandle> {
        None
    }
    /// The same for an object that a weak reference led to.
    unsafe fn weak_object(&self, object: &AnyObj, policy: Policy) -> Result<RawHandle, Error> {
        // SAFETY: by the caller.
        unsafe { self.object(object, policy) }
    }
    /// As `object`, for an owner that is given away.
    unsafe fn owned_object(&self, object: AnyObj, policy: Policy) -> Result<RawHandle, Error>;

    unsafe fn foreign(&self, value: &PyValue) -> Result<RawHandle, Error>;
    /// An iterator whose items become values by `policy`.
    unsafe fn iterator(&self, items: Box<dyn Items>, policy: Policy) -> Result<RawHandle, Error> {
        let _ = (items, policy);
        Err(Error::type_error("iterators do not cross to this frontend"))
    }
    /// A slice. What is `None` was left out.
    unsafe fn slice(&self, start: Option<isize>, stop: Option<isize>, step: isize) -> Result<RawHandle, Error> {
        let _ = (start, stop, step);
        Err(Error::type_error("slices do not cross to this frontend"))
    }
    /// The member of an enum at a place.
    unsafe fn member(&self, info: &'static EnumInfo, index: usize) -> Result<RawHandle, Error>;
    unsafe fn standard(&self, value: Standard) -> Result<RawHandle, Error>;

    unsafe fn is_none(&self, value: RawHandle) -> bool;
    unsafe fn is_callable(&self, value: RawHandle) -> bool;
    /// Calls a value with positional arguments, which are borrowed.
    unsafe fn call_value(&self, function: RawHandle, args: &mut Args<'_>) -> Result<RawHandle, Error>;
    unsafe fn as_foreign(&self, value: RawHandle) -> Result<PyValue, Mismatch>;
    unsafe fn as_bool(&self, value: RawHandle) -> Result<bool, Mismatch>;
    unsafe fn as_int(&self, value: RawHandle) -> Result<i64, Mismatch>;
    unsafe fn as_wide_int(&self, value: RawHandle) -> Result<i128, Mismatch>;
    unsafe fn as_wide_uint(&self, value: RawHandle) -> Result<u128, Mismatch>;
    unsafe fn as_float(&self, value: RawHandle) -> Result<f64, Mismatch>;
    /// The text lives as long as the handle is valid.
    unsafe fn as_str(&self, value: RawHandle) -> Result<NonNull<str>, Mismatch>;
    /// The bytes live as long as the handle is valid.
    unsafe fn as_bytes(&self, value: RawHandle) -> Result<NonNull<[u8]>, Mismatch>;
    unsafe fn as_path(&self, value: RawHandle) -> Result<PathBuf, Mismatch>;
    /// Start, stop and step of a slice, the largest and smallest numbers for what was left out.
    unsafe fn as_slice(&self, value: RawHandle) -> Result<(isize, isize, isize), Mismatch> {
        let _ = value;
        Err(Mismatch::Type)
    }
    /// The object that a wrapper stands for. It lives as long as the handle is valid.
    unsafe fn as_object(&self, value: RawHandle) -> Result<RawObject, Mismatch>;
    /// The object of a wrapper whose class is that of `owner` or extends it. It is of that type.
    unsafe fn receiver(&self, value: RawHandle, owner: &'static TypeInfo) -> Result<RawObject, Error>;
    /// An owner of the object that a wrapper stands for.
    unsafe fn own_object(&self, value: RawHandle) -> Result<AnyObj, Mismatch>;
    unsafe fn as_any(&self, value: RawHandle) -> Result<Any, Mismatch>;
    /// The same for a key of a mapping: what the language says is equal to a value of Rust's, is that value.
    unsafe fn as_key(&self, value: RawHandle) -> Result<Any, Mismatch> {
        // SAFETY: by the caller.
        unsafe { self.as_any(value) }
    }
    /// The place of a member of this enum.
    unsafe fn as_member(&self, value: RawHandle, info: &'static EnumInfo) -> Result<usize, Mismatch>;
    /// A value of this kind.
    unsafe fn as_standard(&self, value: RawHandle, kind: StandardKind) -> Result<Standard, Mismatch>;
    unsafe fn for_each(&self, value: RawHandle, take: &mut TakeItem<'_>) -> Result<(), Mismatch>;
    /// Gives `take` the numbers that the value has in memory, if going through the value would give the same.
    unsafe fn numbers(&self, value: RawHandle, take: &mut TakeNumbers<'_>) -> Result<(), Error> {
        let _ = (value, take);
        Ok(())
    }
    unsafe fn for_each_pair(&self, value: RawHandle, take: &mut TakePair<'_>) -> Result<(), Mismatch>;
    /// Makes an object of a type that a plain value of the language stands for (a `List` from a `list`).
    unsafe fn convert_object(&self, value: RawHandle, info: &'static TypeInfo) -> Result<AnyObj, Mismatch>;
    /// The name of the value's class, for messages.
    unsafe fn class_name(&self, value: RawHandle) -> String;
}

struct Installed {
    frontend: &'static dyn Frontend,
    call: EntryPoint,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Installs the frontend of this program. Only the first call has an effect; true if this was it.
///
/// # Safety
///
/// `call` runs the function that it is given, on the arguments that it is given, as an [`EntryPoint`] says.
pub unsafe fn install(frontend: &'static dyn Frontend, call: EntryPoint) -> bool {
    INSTALLED.set(Installed { frontend, call }).is_ok()
}

#[inline]
pub(crate) fn installed() -> Option<FrontendRef> {
    INSTALLED.get().map(|installed| &installed.frontend)
}

/// Gives a reference on a wrapper or another value back.
#[cold]
pub(crate) fn give_back(value: RawHandle) {
    let frontend = installed().expect("a value without a frontend");
    // SAFETY: by the protocol, the caller owns the reference.
    unsafe { frontend.give_back(value) };
}

/// Takes another reference on a value, if the thread is attached.
///
/// # Safety
///
/// The value is alive during the call.
pub(crate) unsafe fn share(value: RawHandle) -> bool {
    // SAFETY: by the caller.
    installed().is_some_and(|frontend| unsafe { frontend.share(value) })
}

/// Runs what uses the frontend's language, attached.
///
/// # Errors
///
/// There is no interpreter, or what `run` says.
pub(crate) fn attached<R>(run: impl FnOnce(FrontendRef) -> Result<R, Error>) -> Result<R, Error> {
    let frontend = installed().ok_or_else(|| Error::runtime("there is no interpreter"))?;
    let (mut run, mut result) = (Some(run), None);
    frontend.attach(&mut || result = run.take().map(|run| run(frontend)));
    result.unwrap_or_else(|| Err(Error::runtime("the interpreter has ended")))
}

#[cold]
pub(crate) fn try_acquire_wrapper(object: RawObject) -> Option<Wrapper> {
    // SAFETY: the caller has a weak reference, so the header is there.
    unsafe { installed()?.try_acquire_wrapper(object) }
}

/// Runs what may wait for another thread, without holding the interpreter meanwhile.
#[cold]
pub(crate) fn wait(mut wait: impl FnMut()) {
    match installed() {
        Some(frontend) => frontend.wait(&mut wait),
        None => wait(),
    }
}

/// What a call in the frontend's language comes to, from a macro's trampoline.
///
/// # Safety
///
/// The arguments are those of the trampoline.
#[doc(hidden)]
#[inline]
pub unsafe fn call(
    this: *mut (),
    args: *const *mut (),
    count: isize,
    names: *mut (),
    function: &'static FunctionInfo,
) -> *mut () {
    let Some(installed) = INSTALLED.get() else { not_installed() };
    // SAFETY: by the caller.
    unsafe { (installed.call)(this, args, count, names, function) }
}

#[cold]
fn not_installed() -> ! {
    panic!("a call without a frontend")
}
