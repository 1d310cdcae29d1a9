//! `RustFunction`, a closure as an object: what Rust hands out to be called.

use std::fmt;

use crate::args::Arguments;
use crate::census::TypeCell;
use crate::error::Error;
use crate::foreign::CallArgs;
use crate::frontend::{Encoder, Handle};
use crate::info::{Memory, Source, TypeInfo, TypeName, TypeOptions};
use crate::obj::{FfiObject, Obj, Object};
use crate::reflect;
use crate::signature::Signature;
use crate::value::{Return, Value};

/// A Rust closure that Python calls as one of its own functions: with a name, a signature and documentation.
///
/// [`function!`](crate::function) makes one. It is an object as all others are: made without an interpreter, kept in
/// fields and containers, shared, and always the same Python object.
///
/// What the closure owns is not seen by Python's garbage collector: a cycle through it leaks. Let it own a
/// [`WeakObj`](crate::WeakObj) of what owns it.
pub struct RustFunction {
    about: &'static About,
    result: TypeName,
    run: Box<Run>,
}

type Run = dyn for<'py> Fn(&Arguments<'py>, Encoder<'py>) -> Result<Handle<'py>, Error> + Send + Sync;

/// What does not depend on what a closure captured.
#[derive(Debug)]
pub struct About {
    /// Name and parameters.
    pub signature: Signature,
    /// The lines of its documentation, as they were written.
    pub doc: &'static [&'static str],
    /// Where it is written.
    pub source: Source,
}

impl RustFunction {
    /// Called by `function!`.
    #[doc(hidden)]
    pub fn make<R: Return>(
        about: &'static About,
        run: impl Fn(&Arguments<'_>) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Obj<Self> {
        let run: Box<Run> = Box::new(move |args, out| run(args)?.give(out));
        Obj::new(Self { about, result: R::type_name, run })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.about.signature.name
    }

    /// Its documentation.
    #[must_use]
    pub fn doc(&self) -> String {
        let lines = self.about.doc.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The type of its results, as a Python user would write it.
    #[must_use]
    pub fn result_type(&self) -> String {
        (self.result)().into_owned()
    }

    /// Calls it from Rust, without an interpreter: the values are converted as Python's would be.
    ///
    /// # Errors
    ///
    /// Its own; `TypeError` if the arguments are not those of its signature, or its result is not an `R`.
    pub fn call<R: Value>(&self, args: impl CallArgs) -> Result<R, Error> {
        reflect::call(&self.about.signature, args, |args, out| self.run(args, out))
    }

    /// Its parameters, for frontends.
    #[doc(hidden)]
    #[must_use]
    pub fn signature(&self) -> &'static Signature {
        &self.about.signature
    }

    /// Runs it with arguments in order, for frontends.
    #[doc(hidden)]
    pub fn run<'py>(&self, args: &Arguments<'py>, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        (self.run)(args, out).map_err(|error| error.in_function(self.name(), self.about.source))
    }
}

impl fmt::Debug for RustFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}() at {}", self.name(), self.about.source)
    }
}

static CELL: TypeCell = TypeCell::new();
pub(crate) static RUST_FUNCTION: TypeInfo = TypeInfo {
    key: "ffi_object::RustFunction",
    name: "RustFunction",
    module: None,
    doc: "A function that Rust made.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: None,
    options: TypeOptions::NONE,
    cell: &CELL,
    memory: Memory::of::<RustFunction>(),
};

// SAFETY: extends the root, which has no fields; `RUST_FUNCTION` describes it.
#[diagnostic::do_not_recommend]
unsafe impl FfiObject for RustFunction {
    type Base = Object;
    const TYPE: &'static TypeInfo = &RUST_FUNCTION;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &RUST_FUNCTION];
}

/// Makes a [`RustFunction`](crate::RustFunction) from a closure.
///
/// Each parameter says its type, which is a [`Value`](crate::Value); the closure is `Fn`, `Send`, `Sync` and `'static`.
/// A result may be a `Result`. Python passes arguments by position or by name. In a generic function, the types cannot
/// be its type parameters.
///
/// ```
/// use ffi_object::{ffi_function, function, Error, Obj, RustFunction};
///
/// /// A function that adds a number.
/// #[ffi_function]
/// fn adder(n: i64) -> Obj<RustFunction> {
///     function!(
///         /// Adds the number that this function was made with.
///         "add",
///         move |x: i64| x + n
///     )
/// }
///
/// let add = adder(3);
/// assert_eq!(add.name(), "add");
/// assert_eq!(add.call::<i64>((4,))?, 7);
/// # Ok::<(), Error>(())
/// ```
///
/// What only one thread can use is no part of one:
///
/// ```compile_fail,E0277
/// let n = std::rc::Rc::new(1);
/// ffi_object::function!("add", move |x: i64| x + *n);
/// ```
#[macro_export]
macro_rules! function {
    ($(#[doc = $doc:expr])* $name:literal, move $($closure:tt)+) => {
        $crate::__function!([$($doc),*] $name [move] $($closure)+)
    };
    ($(#[doc = $doc:expr])* $name:literal, $($closure:tt)+) => {
        $crate::__function!([$($doc),*] $name [] $($closure)+)
    };
    ($($other:tt)*) => {
        $crate::__function!($($other)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __function {
    ($doc:tt $name:literal $capture:tt || $($body:tt)+) => {
        $crate::__function!($doc $name $capture [] $($body)+)
    };
    ($doc:tt $name:literal $capture:tt |$($p:ident: $ty:ty),* $(,)?| $($body:tt)+) => {
        $crate::__function!($doc $name $capture [$($p: $ty),*] $($body)+)
    };
    ([$($doc:expr),*] $name:literal [$($capture:tt)?] [$($p:ident: $ty:ty),*] $($body:tt)+) => {{
        static ABOUT: $crate::__private::About = $crate::__private::About {
            signature: $crate::__private::Signature::new($name, &[$($crate::__private::Param {
                name: ::core::stringify!($p),
                kind: $crate::__private::ParamKind::Standard,
                default: ::core::option::Option::None,
                type_name: <$ty as $crate::__private::Value>::type_name,
            }),*]),
            doc: &[$($doc),*],
            source: $crate::__private::Source { file: ::core::file!(), line: ::core::line!() },
        };
        let run = $($capture)? |$($p: $ty),*| $($body)+;
        $crate::RustFunction::make(&ABOUT, move |args| {
            let mut next = 0..;
            let _ = (args, &mut next);
            ::core::result::Result::Ok(run($(args.value::<$ty>(next.next().unwrap_or_default())?),*))
        })
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "expected a name and a closure whose parameters say their types: `function!(\"add\", |x: i64, y: i64| x + y)`"
        )
    };
}
