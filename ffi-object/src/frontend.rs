//! The language side: what it installs here, and the handles through which values cross.
//!
//! The runtime knows no language. A frontend installs one [`Frontend`]; the runtime gives it wrappers to release, and
//! values to convert. [`Encoder`] and [`Decoder`] are the two directions as the implementations of
//! [`Value`](crate::Value) see them. They exist only while the thread is attached to the frontend's interpreter.

use std::fmt;
use std::marker::PhantomData;
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
use crate::obj::{AnyObj, FfiObject, Obj};
use crate::standard::{Standard, StandardKind};
use crate::state::Wrapper;

/// A value of the frontend's language as an address.
pub type RawHandle = NonNull<()>;

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

/// Makes the parts of a tuple or a set, by index.
pub type MakeItem<'a> = dyn FnMut(usize) -> Result<RawHandle, Error> + 'a;
/// Makes the parts of a mapping, by index.
pub type MakePair<'a> = dyn FnMut(usize) -> Result<(RawHandle, RawHandle), Error> + 'a;
/// Takes the parts of a collection, one by one.
pub type TakeItem<'a> = dyn FnMut(RawHandle) -> Result<(), Error> + 'a;
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
    /// The entry point of all functions and methods.
    unsafe fn call(
        &self,
        function: &'static FunctionInfo,
        this: *mut (),
        args: *const *mut (),
        count: isize,
        names: *mut (),
    ) -> *mut ();

    unsafe fn none(&self) -> RawHandle;
    unsafe fn bool(&self, value: bool) -> RawHandle;
    unsafe fn int(&self, value: i64) -> Result<RawHandle, Error>;
    unsafe fn wide_int(&self, value: i128) -> Result<RawHandle, Error>;
    unsafe fn wide_uint(&self, value: u128) -> Result<RawHandle, Error>;
    unsafe fn float(&self, value: f64) -> Result<RawHandle, Error>;
    unsafe fn str(&self, value: &str) -> Result<RawHandle, Error>;
    unsafe fn bytes(&self, value: &[u8]) -> Result<RawHandle, Error>;
    unsafe fn path(&self, value: &Path) -> Result<RawHandle, Error>;
    unsafe fn tuple(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error>;
    unsafe fn mapping(&self, len: usize, make: &mut MakePair<'_>) -> Result<RawHandle, Error>;
    unsafe fn set(&self, len: usize, make: &mut MakeItem<'_>) -> Result<RawHandle, Error>;
    unsafe fn object(&self, object: &AnyObj, policy: Policy) -> Result<RawHandle, Error>;
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
    unsafe fn call_value(&self, function: RawHandle, args: &[RawHandle]) -> Result<RawHandle, Error>;
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
    /// The place of a member of this enum.
    unsafe fn as_member(&self, value: RawHandle, info: &'static EnumInfo) -> Result<usize, Mismatch>;
    /// A value of this kind.
    unsafe fn as_standard(&self, value: RawHandle, kind: StandardKind) -> Result<Standard, Mismatch>;
    unsafe fn for_each(&self, value: RawHandle, take: &mut TakeItem<'_>) -> Result<(), Mismatch>;
    unsafe fn for_each_pair(&self, value: RawHandle, take: &mut TakePair<'_>) -> Result<(), Mismatch>;
    /// Makes an object of a type that a plain value of the language stands for (a `List` from a `list`).
    unsafe fn convert_object(&self, value: RawHandle, info: &'static TypeInfo) -> Result<AnyObj, Mismatch>;
    /// The name of the value's class, for messages.
    unsafe fn class_name(&self, value: RawHandle) -> String;
}

static FRONTEND: OnceLock<&'static dyn Frontend> = OnceLock::new();

/// Installs the frontend of this program. Only the first call has an effect; true if this was it.
pub fn install(frontend: &'static dyn Frontend) -> bool {
    FRONTEND.set(frontend).is_ok()
}

#[inline]
pub(crate) fn installed() -> Option<&'static dyn Frontend> {
    FRONTEND.get().copied()
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
pub(crate) fn attached<R>(run: impl FnOnce(&'static dyn Frontend) -> Result<R, Error>) -> Result<R, Error> {
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
pub unsafe fn call(
    function: &'static FunctionInfo,
    this: *mut (),
    args: *const *mut (),
    count: isize,
    names: *mut (),
) -> *mut () {
    let frontend = installed().expect("a call without a frontend");
    // SAFETY: by the caller.
    unsafe { frontend.call(function, this, args, count, names) }
}

/// An owned value of the frontend's language.
pub struct Handle<'py> {
    raw: RawHandle,
    frontend: &'static dyn Frontend,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl Handle<'_> {
    /// The value, to be read.
    #[must_use]
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder { raw: self.raw, frontend: self.frontend, _attached: PhantomData }
    }

    /// Calls the value.
    ///
    /// # Errors
    ///
    /// The exception that it raised.
    pub fn call(&self, args: Vec<Self>) -> Result<Self, Error> {
        let raw: Vec<RawHandle> = args.iter().map(|arg| arg.raw).collect();
        // SAFETY: the values are alive, and the thread is attached, during `'py`.
        let result = unsafe { self.frontend.call_value(self.raw, &raw) }?;
        Ok(Self { raw: result, frontend: self.frontend, _attached: PhantomData })
    }

    /// Gives the value away.
    #[must_use]
    pub fn into_raw(self) -> RawHandle {
        std::mem::ManuallyDrop::new(self).raw
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and the thread is attached during `'py`.
        unsafe { self.frontend.release(self.raw) };
    }
}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:?})", self.raw)
    }
}

/// Makes values of the frontend's language.
#[derive(Clone, Copy)]
pub struct Encoder<'py> {
    frontend: &'static dyn Frontend,
    policy: Policy,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl fmt::Debug for Encoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("policy", &self.policy).finish_non_exhaustive()
    }
}

macro_rules! encode {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*);)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        ///
        /// What goes wrong in the frontend's language, such as lack of memory.
        pub fn $name(self, $($arg: $ty),*) -> Result<Handle<'py>, Error> {
            // SAFETY: the thread is attached during `'py`.
            unsafe { self.frontend.$name($($arg),*) }.map(|raw| self.handle(raw))
        })*
    };
}

impl<'py> Encoder<'py> {
    /// An encoder that turns objects into wrappers by `policy`.
    ///
    /// # Safety
    ///
    /// The thread is attached during `'py`.
    #[must_use]
    pub unsafe fn new(frontend: &'static dyn Frontend, policy: Policy) -> Self {
        Self { frontend, policy, _attached: PhantomData }
    }

    /// How objects become wrappers here.
    #[must_use]
    pub fn policy(self) -> Policy {
        self.policy
    }

    /// The same encoder with another policy.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    fn handle(self, raw: RawHandle) -> Handle<'py> {
        Handle { raw, frontend: self.frontend, _attached: PhantomData }
    }

    /// The value that means nothing.
    #[must_use]
    pub fn none(self) -> Handle<'py> {
        // SAFETY: the thread is attached during `'py`.
        self.handle(unsafe { self.frontend.none() })
    }

    /// A truth value.
    #[must_use]
    pub fn bool(self, value: bool) -> Handle<'py> {
        // SAFETY: as above.
        self.handle(unsafe { self.frontend.bool(value) })
    }

    encode! {
        /// A number that fits a word.
        int(value: i64);
        /// A number that may not.
        wide_int(value: i128);
        /// A number that may not.
        wide_uint(value: u128);
        /// A number with a fraction.
        float(value: f64);
        /// Text.
        str(value: &str);
        /// Bytes.
        bytes(value: &[u8]);
        /// A path of the file system.
        path(value: &Path);
        /// A slice. What is `None` was left out.
        slice(start: Option<isize>, stop: Option<isize>, step: isize);
        /// The member of an enum at a place.
        member(info: &'static EnumInfo, index: usize);
        /// A value of a type that the language's standard library has.
        standard(value: Standard);
    }

    /// An immutable sequence of `len` values.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn tuple(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<Handle<'py>, Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(Handle::into_raw);
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.tuple(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// An immutable set of at most `len` values.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn set(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<Handle<'py>, Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(Handle::into_raw);
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.set(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// An immutable mapping of at most `len` keys.
    ///
    /// # Errors
    ///
    /// What `make` says, or what goes wrong in the frontend's language.
    pub fn mapping(
        self,
        len: usize,
        mut make: impl FnMut(usize) -> Result<(Handle<'py>, Handle<'py>), Error>,
    ) -> Result<Handle<'py>, Error> {
        let mut make = |i| make(i).map(|(k, v)| (k.into_raw(), v.into_raw()));
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.mapping(len, &mut make) }.map(|raw| self.handle(raw))
    }

    /// A value of the language that Rust has carried.
    ///
    /// # Errors
    ///
    /// The collector has cleared it.
    pub fn foreign(self, value: &PyValue) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.foreign(value) }.map(|raw| self.handle(raw))
    }

    /// An iterator, whose items are encoded as by this encoder.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn iterator(self, items: Box<dyn Items>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.iterator(items, self.policy) }.map(|raw| self.handle(raw))
    }

    /// A wrapper for an object, by this encoder's policy.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn object<T: FfiObject>(self, object: &Obj<T>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.object(object.as_any(), self.policy) }.map(|raw| self.handle(raw))
    }

    /// The same, giving the owner away.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    pub fn owned_object<T: FfiObject>(self, object: Obj<T>) -> Result<Handle<'py>, Error> {
        // SAFETY: the thread is attached during `'py`.
        unsafe { self.frontend.owned_object(object.into_any(), self.policy) }.map(|raw| self.handle(raw))
    }
}

/// A borrowed value of the frontend's language, to be read.
#[derive(Clone, Copy)]
pub struct Decoder<'py> {
    raw: RawHandle,
    frontend: &'static dyn Frontend,
    _attached: PhantomData<(&'py (), *mut ())>,
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({:?})", self.raw)
    }
}

macro_rules! decode {
    ($($(#[$doc:meta])* $name:ident = $function:ident -> $ty:ty;)*) => {
        $($(#[$doc])*
        ///
        /// # Errors
        ///
        /// Another type, a number out of range, or what goes wrong in the frontend's language.
        pub fn $name(self) -> Result<$ty, Mismatch> {
            // SAFETY: the value is there, and the thread is attached, during `'py`.
            unsafe { self.frontend.$function(self.raw) }
        })*
    };
}

impl<'py> Decoder<'py> {
    /// A value to be read.
    ///
    /// # Safety
    ///
    /// The value is kept alive, and the thread is attached, during `'py`.
    #[must_use]
    pub unsafe fn new(frontend: &'static dyn Frontend, raw: RawHandle) -> Self {
        Self { raw, frontend, _attached: PhantomData }
    }

    /// The value's address, borrowed.
    #[must_use]
    pub fn as_raw(self) -> RawHandle {
        self.raw
    }

    /// Whether the value is the one that means nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.is_none(self.raw) }
    }

    decode! {
        /// A truth value.
        bool = as_bool -> bool;
        /// A number that fits a word.
        int = as_int -> i64;
        /// A number that may not.
        wide_int = as_wide_int -> i128;
        /// A number that may not, and is not negative.
        wide_uint = as_wide_uint -> u128;
        /// A number with a fraction.
        float = as_float -> f64;
        /// A path of the file system.
        path = as_path -> PathBuf;
        /// Start, stop and step of a slice, the largest and smallest numbers for what was left out.
        slice = as_slice -> (isize, isize, isize);
        /// A value of any type that an `Any` can hold.
        any = as_any -> Any;
        /// A value of any type, as it is.
        foreign = as_foreign -> PyValue;
        /// An owner of the object that the value stands for.
        owned_object = own_object -> AnyObj;
    }

    /// The place of a member of this enum.
    ///
    /// # Errors
    ///
    /// Anything else.
    pub fn member(self, info: &'static EnumInfo) -> Result<usize, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.as_member(self.raw, info) }
    }

    /// A value of a type that the language's standard library has.
    ///
    /// # Errors
    ///
    /// Another type, or what goes wrong in the frontend's language.
    pub fn standard(self, kind: StandardKind) -> Result<Standard, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.as_standard(self.raw, kind) }
    }

    /// Whether the value can be called.
    #[must_use]
    pub fn is_callable(self) -> bool {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.is_callable(self.raw) }
    }

    /// Text.
    ///
    /// # Errors
    ///
    /// Another type, or text that has no UTF-8.
    pub fn str(self) -> Result<&'py str, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let text = unsafe { self.frontend.as_str(self.raw) }?;
        // SAFETY: text is immutable and lives as long as its value.
        Ok(unsafe { text.as_ref() })
    }

    /// Bytes.
    ///
    /// # Errors
    ///
    /// Another type.
    pub fn bytes(self) -> Result<&'py [u8], Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let bytes = unsafe { self.frontend.as_bytes(self.raw) }?;
        // SAFETY: bytes are immutable and live as long as their value.
        Ok(unsafe { bytes.as_ref() })
    }

    /// The object that the value stands for.
    ///
    /// # Errors
    ///
    /// Another type, or a wrapper whose object is not there.
    pub fn object<T: FfiObject>(self) -> Result<&'py T, Error> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        match unsafe { self.frontend.as_object(self.raw) } {
            // SAFETY: the wrapper is alive during `'py`, and so is its object.
            Ok(object) => unsafe { object.cast_ref() },
            Err(mismatch) => Err(self.error(mismatch, T::TYPE.name)),
        }
    }

    /// The receiver of a method, of whose type it is known to be.
    ///
    /// # Errors
    ///
    /// A wrapper whose object is not there.
    ///
    /// # Safety
    ///
    /// The value is a wrapper whose class is that of `T` or extends it.
    pub unsafe fn receiver<T: FfiObject>(self) -> Result<&'py T, Error> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        let object = unsafe { self.frontend.receiver(self.raw, T::TYPE) }?;
        // SAFETY: the frontend has seen to the type, and the wrapper is alive during `'py`.
        Ok(unsafe { object.value().cast().as_ref() })
    }

    /// Reads the parts of a sequence, a set, or anything that can be iterated and is not text.
    ///
    /// # Errors
    ///
    /// Another type, or what `take` says.
    pub fn for_each(self, mut take: impl FnMut(Decoder<'_>) -> Result<(), Error>) -> Result<(), Mismatch> {
        // SAFETY: the frontend keeps the part alive during the call.
        let mut take = |raw| take(unsafe { Decoder::new(self.frontend, raw) });
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.for_each(self.raw, &mut take) }
    }

    /// Reads the keys and values of a mapping.
    ///
    /// # Errors
    ///
    /// Another type, or what `take` says.
    pub fn for_each_pair(
        self,
        mut take: impl FnMut(Decoder<'_>, Decoder<'_>) -> Result<(), Error>,
    ) -> Result<(), Mismatch> {
        let mut take = |key, value| {
            // SAFETY: the frontend keeps key and value alive during the call.
            let key = unsafe { Decoder::new(self.frontend, key) };
            // SAFETY: as above.
            let value = unsafe { Decoder::new(self.frontend, value) };
            take(key, value)
        };
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.for_each_pair(self.raw, &mut take) }
    }

    /// Makes an object of a type that a plain value of the language stands for.
    ///
    /// # Errors
    ///
    /// No such type, or parts that do not fit.
    pub fn convert_object(self, info: &'static TypeInfo) -> Result<AnyObj, Mismatch> {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.convert_object(self.raw, info) }
    }

    /// The name of the value's class.
    #[must_use]
    pub fn class_name(self) -> String {
        // SAFETY: the value is there, and the thread is attached, during `'py`.
        unsafe { self.frontend.class_name(self.raw) }
    }

    /// The error for a value that is not what was `expected`.
    #[cold]
    #[must_use]
    pub fn error(self, mismatch: Mismatch, expected: &str) -> Error {
        match mismatch {
            Mismatch::Type => Error::expected(expected, &self.class_name()),
            Mismatch::Range => Error::overflow(format!("the number is out of range for {expected}")),
            Mismatch::Error(error) => error,
        }
    }
}
