//! Values of the frontend's language that Rust owns: [`PyValue`], and [`Function`], one that can be called.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::any::Any;
use crate::error::Error;
use crate::frontend::{self, Decoder, Encoder, Handle, Mismatch, Policy, RawHandle};
use crate::trace::Tracing;
use crate::value::{returns, Return, Value};

/// A reference to a value of the language.
struct Reference(RawHandle);

// SAFETY: an address. Only attached threads follow it; giving the reference back is possible on any.
unsafe impl Send for Reference {}

/// Where a reference is kept.
struct Slot {
    /// Whoever follows it does so under the lock, so that a collector can take it out.
    reference: Mutex<Option<Reference>>,
    /// The value's address, to compare: it stays when the reference is taken out.
    address: usize,
    /// The collector's pass that has seen it last.
    reported: AtomicU32,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(Reference(handle)) = self.reference.get_mut().take() {
            frontend::give_back(handle);
        }
    }
}

/// Any Python object, carried by Rust and given back unchanged.
///
/// It can be kept, cloned and dropped on any thread, with or without the interpreter; in a field of an object, Python's
/// garbage collector sees it. What Rust cannot do is look inside: for values that both languages know, use [`Any`].
///
/// When the collector finds that an object and the values that it owns are garbage, it takes these values out, so that
/// the cycle ends. Only destructors can notice: a value that was taken out gives a `ReferenceError`.
///
/// ```
/// use ffi_object::{FfiObject, Mut, PyValue};
///
/// /// A node that Python code can hang anything on.
/// #[derive(FfiObject)]
/// struct Node {
///     tag: Mut<Option<PyValue>>,
/// }
/// ```
///
/// [`Any`]: crate::Any
pub struct PyValue(Arc<Slot>);

impl PyValue {
    /// Takes a reference over.
    ///
    /// # Safety
    ///
    /// The caller owns the reference, which is one of the installed frontend's.
    #[must_use]
    pub unsafe fn from_raw(handle: RawHandle) -> Self {
        let (reference, address) = (Mutex::new(Some(Reference(handle))), handle.addr().get());
        Self(Arc::new(Slot { reference, address, reported: AtomicU32::new(0) }))
    }

    /// Looks at the reference, which stays valid during `look` only. `None`: the collector has taken it out.
    ///
    /// `look` runs under a lock: it must not run any code of the language.
    #[doc(hidden)]
    pub fn look<R>(&self, look: impl FnOnce(RawHandle) -> R) -> Option<R> {
        self.0.reference.lock().as_ref().map(|reference| look(reference.0))
    }

    /// The reference, if this value alone owns it and no one is looking at it: what a collector may count.
    #[doc(hidden)]
    #[must_use]
    pub fn sole(&self) -> Option<RawHandle> {
        if Arc::strong_count(&self.0) != 1 {
            return None;
        }
        self.0.reference.try_lock()?.as_ref().map(|reference| reference.0)
    }

    /// Takes the reference out, if this value alone owns it: the caller owns it then.
    #[doc(hidden)]
    #[must_use]
    pub fn clear(&self) -> Option<RawHandle> {
        if Arc::strong_count(&self.0) != 1 {
            return None;
        }
        self.0.reference.try_lock()?.take().map(|reference| reference.0)
    }

    /// Whether a collector's pass of this number asks for the first time.
    #[doc(hidden)]
    #[must_use]
    pub fn is_first_report(&self, pass: u32) -> bool {
        self.0.reported.swap(pass, Ordering::Relaxed) != pass
    }

    /// The error for a value that the collector has taken out.
    #[doc(hidden)]
    #[doc(hidden)]
    #[must_use]
    pub fn cleared() -> Error {
        Error::reference("the value was cleared by the garbage collector, with the object that owned it")
    }

    /// What makes two values the same.
    pub(crate) fn address(&self) -> usize {
        self.0.address
    }
}

impl Clone for PyValue {
    /// A copy has a reference of its own if the thread is attached; otherwise it shares the one that there is.
    ///
    /// The collector understands only the first: it cannot know who else has a share.
    fn clone(&self) -> Self {
        // SAFETY: valid while it is being looked at.
        let own = self.look(|handle| unsafe { frontend::share(handle) }.then_some(handle)).flatten();
        match own {
            // SAFETY: the frontend has just counted it.
            Some(handle) => unsafe { Self::from_raw(handle) },
            None => Self(Arc::clone(&self.0)),
        }
    }
}

/// Whether both are the same Python object, as by `is`.
impl PartialEq for PyValue {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl fmt::Debug for PyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PyValue at {:#x}", self.address())
    }
}

impl Value for PyValue {
    // SAFETY: `sole` and `clear` see to it that no one else has a share.
    const TRACE: Option<Tracing<Self>> =
        Some(unsafe { Tracing::new(|value, tracer| tracer.value(value), |reach| reach.anything = true) });

    fn type_name() -> Cow<'static, str> {
        "object".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.foreign(self)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        from.foreign().map_err(|mismatch| from.error(mismatch, "a Python object"))
    }
}

/// Any Python callable, which Rust can call from any thread.
///
/// ```
/// use ffi_object::{Error, FfiObject, Function};
///
/// #[derive(FfiObject)]
/// struct Button {
///     on_click: Function,
/// }
///
/// impl Button {
///     fn click(&self, x: f64, y: f64) -> Result<bool, Error> {
///         self.on_click.call((x, y))
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Function(PyValue);

impl Function {
    /// Calls it, attaching the thread to the interpreter if it is not.
    ///
    /// Objects arrive as fresh wrappers. Do not hold a lock meanwhile: the function may run any code, and a thread that
    /// has to wait for the interpreter would make others wait for the lock.
    ///
    /// # Errors
    ///
    /// The exception that the function raised, as itself; a result that is not an `R`; `ReferenceError` when the
    /// collector has cleared it; `RuntimeError` when the interpreter has ended.
    pub fn call<R: Value>(&self, args: impl CallArgs) -> Result<R, Error> {
        self.call_with(args, |result| R::decode(result).map_err(|error| error.at("the callback's result")))
    }

    /// The same for a result that is read by a function.
    pub(crate) fn call_with<R>(
        &self,
        args: impl CallArgs,
        read: impl FnOnce(Decoder<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        frontend::attached(|frontend| {
            // SAFETY: the thread is attached during this function.
            let out = unsafe { Encoder::new(frontend, Policy::Fresh) };
            let function = self.0.encode(out)?;
            let result = args.lend(out, |args| function.call(args))?;
            read(result.decoder())
        })
    }

    /// The callable as a value.
    #[must_use]
    pub fn as_value(&self) -> &PyValue {
        &self.0
    }
}

impl Value for Function {
    const TRACE: Option<Tracing<Self>> =
        // SAFETY: as for its value.
        unsafe { Tracing::of_parts::<PyValue>(|function, tracer| tracer.value(&function.0)) };

    fn type_name() -> Cow<'static, str> {
        "Callable".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.0.encode(out)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        if !from.is_callable() {
            return Err(from.error(Mismatch::Type, "a callable"));
        }
        PyValue::decode(from).map(Self)
    }
}

returns!(PyValue, Function);

/// A Python callable whose arguments and result have types: a [`Function`] that says what it is for.
///
/// Python passes any callable; whether it takes these arguments shows when it is called.
///
/// ```
/// use ffi_object::{Callback, Error, FfiObject, Mut};
///
/// #[derive(FfiObject)]
/// struct Slider {
///     /// Called with the new value; says whether that is allowed.
///     on_change: Callback<(f64,), bool>,
///     value: Mut<f64>,
/// }
///
/// impl Slider {
///     fn drag(&self, to: f64) -> Result<(), Error> {
///         if self.on_change.call((to,))? {
///             self.value.set(to);
///         }
///         Ok(())
///     }
/// }
/// ```
pub struct Callback<A, R = ()> {
    function: Function,
    _types: PhantomData<fn(A) -> R>,
}

impl<A: CallArgs, R: Value> Callback<A, R> {
    /// Calls it, as [`Function::call`] does.
    ///
    /// # Errors
    ///
    /// As those of [`Function::call`].
    pub fn call(&self, args: A) -> Result<R, Error> {
        self.function.call(args)
    }
}

impl<A, R> Callback<A, R> {
    /// The callable without its types.
    #[must_use]
    pub fn as_function(&self) -> &Function {
        &self.function
    }
}

impl<A, R> From<Function> for Callback<A, R> {
    fn from(function: Function) -> Self {
        Self { function, _types: PhantomData }
    }
}

impl<A, R> Clone for Callback<A, R> {
    fn clone(&self) -> Self {
        self.function.clone().into()
    }
}

/// Whether both are the same Python object, as by `is`.
impl<A, R> PartialEq for Callback<A, R> {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

impl<A, R> fmt::Debug for Callback<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.function.fmt(f)
    }
}

impl<A: CallArgs + 'static, R: Value> Value for Callback<A, R> {
    const TRACE: Option<Tracing<Self>> =
        // SAFETY: as for its value.
        unsafe { Tracing::of_parts::<PyValue>(|callback, tracer| tracer.value(callback.function.as_value())) };

    fn type_name() -> Cow<'static, str> {
        format!("Callable[[{}], {}]", A::type_names().join(", "), <R as Value>::type_name()).into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.function.encode(out)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        Function::decode(from).map(Self::from)
    }
}

impl<A: CallArgs + 'static, R: Value> Return for Callback<A, R> {
    fn type_name() -> Cow<'static, str> {
        <Self as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
}

/// The arguments of a call into the frontend's language: a tuple of up to six values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the arguments of a call",
    label = "not a tuple of at most six values",
    note = "write `f.call((x,))` for one argument, `f.call(())` for none"
)]
pub trait CallArgs {
    /// Their types as a Python user would write them.
    #[doc(hidden)]
    fn type_names() -> Vec<Cow<'static, str>>;
    /// Makes them.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language.
    #[doc(hidden)]
    fn give<'py>(self, out: Encoder<'py>) -> Result<Vec<Handle<'py>>, Error>;
    /// Makes them for a moment, without memory for them where their number is known.
    ///
    /// # Errors
    ///
    /// What goes wrong in the frontend's language, and what `run` says.
    #[doc(hidden)]
    fn lend<'py, R>(self, out: Encoder<'py>, run: impl FnOnce(&[Handle<'py>]) -> Result<R, Error>) -> Result<R, Error>
    where
        Self: Sized,
    {
        run(&self.give(out)?)
    }
}

macro_rules! call_args {
    ($($($name:ident)*;)*) => {
        $(impl<$($name: Return),*> CallArgs for ($($name,)*) {
            fn type_names() -> Vec<Cow<'static, str>> {
                vec![$($name::type_name()),*]
            }
            #[allow(non_snake_case, reason = "the macro names its variables as the type parameters")]
            fn give<'py>(self, _out: Encoder<'py>) -> Result<Vec<Handle<'py>>, Error> {
                let ($($name,)*) = self;
                Ok(vec![$($name.give(_out)?),*])
            }
            #[allow(non_snake_case, reason = "as above")]
            fn lend<'py, R>(
                self,
                _out: Encoder<'py>,
                run: impl FnOnce(&[Handle<'py>]) -> Result<R, Error>,
            ) -> Result<R, Error> {
                let ($($name,)*) = self;
                run(&[$($name.give(_out)?),*])
            }
        })*
    };
}

/// Values of any number and type.
impl CallArgs for Vec<Any> {
    fn type_names() -> Vec<Cow<'static, str>> {
        vec!["...".into()]
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Vec<Handle<'py>>, Error> {
        self.iter().map(|value| value.encode(out)).collect()
    }
}

call_args! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}
