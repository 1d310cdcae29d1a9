//! Functions by name: those that `#[ffi_function]` has submitted, and those that were registered since.

use parking_lot::RwLock;

use crate::error::Error;
use crate::foreign::{CallArgs, Function};
use crate::info::{FunctionInfo, Receiver};
use crate::obj::Obj;
use crate::reflect;
use crate::registry::registry;
use crate::rust_function::RustFunction;
use crate::value::Value;

/// A function that is known by its name, whatever language it is written in.
///
/// ```
/// use ffi_object::{ffi_function, function, get_function, register_function, Any, Error};
///
/// #[ffi_function]
/// fn scale(x: f64, #[ffi(default = 2.0)] by: f64) -> f64 {
///     x * by
/// }
///
/// let scale = get_function("scale").unwrap();
/// assert_eq!(scale.call::<f64>((1.5,))?, 3.0);
/// assert_eq!(scale.call::<Any>(vec![Any::from(1.5), Any::from(4)])?, Any::from(6.0));
///
/// register_function("twice", function!("twice", |x: i64| 2 * x))?;
/// assert_eq!(get_function("twice").unwrap().call::<i64>((4,))?, 8);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NamedFunction(Kind);

/// Where a function is from.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Kind {
    Submitted(&'static FunctionInfo),
    Rust(Obj<RustFunction>),
    Foreign(Function),
}

impl NamedFunction {
    /// Calls it with positional arguments.
    ///
    /// Python's functions are called attached; the others need no interpreter, and convert values as for Python.
    ///
    /// # Errors
    ///
    /// Its own; `TypeError` if the arguments do not fit, or its result is not an `R`.
    pub fn call<R: Value>(&self, args: impl CallArgs) -> Result<R, Error> {
        match &self.0 {
            Kind::Submitted(function) => reflect::call(&function.signature, args, |args, out| {
                // SAFETY: a function of no type has no receiver.
                let value = unsafe { (function.call)(Receiver::NONE, args, out) };
                // SAFETY: the function made it, with this encoder.
                value
                    .map(|raw| unsafe { out.own(raw) })
                    .map_err(|error| error.in_function(function.signature.name, function.source))
            }),
            Kind::Rust(function) => function.call(args),
            Kind::Foreign(function) => function.call(args),
        }
    }

    /// What it is, for frontends.
    #[doc(hidden)]
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0
    }
}

impl From<Obj<RustFunction>> for NamedFunction {
    fn from(function: Obj<RustFunction>) -> Self {
        Self(Kind::Rust(function))
    }
}

impl From<Function> for NamedFunction {
    fn from(function: Function) -> Self {
        Self(Kind::Foreign(function))
    }
}

/// In the order of their names. No one's code runs under this lock: what is taken out is dropped after it.
static REGISTERED: RwLock<Vec<(String, NamedFunction)>> = RwLock::new(Vec::new());

/// Where the function of a name is; as an error, where it would be.
fn place(registered: &[(String, NamedFunction)], name: &str) -> Result<usize, usize> {
    registered.binary_search_by(|(there, _)| (**there).cmp(name))
}

fn submitted(name: &str) -> Option<NamedFunction> {
    let functions = &registry().ok()?.functions;
    let place = functions.binary_search_by_key(&name, |function| function.name).ok()?;
    Some(NamedFunction(Kind::Submitted(functions[place])))
}

/// The function of a name: one with `#[ffi_function]`, or one that was registered.
#[must_use]
pub fn get_function(name: &str) -> Option<NamedFunction> {
    submitted(name).or_else(|| {
        let registered = REGISTERED.read();
        Some(registered[place(&registered, name).ok()?].1.clone())
    })
}

/// Registers a function by a name, for the whole program.
///
/// # Errors
///
/// `ValueError` if there is a function of this name: [`unregister_function`] takes it away, unless a macro submitted it.
pub fn register_function(name: &str, function: impl Into<NamedFunction>) -> Result<(), Error> {
    let function = function.into();
    let mut registered = REGISTERED.write();
    if let (None, Err(place)) = (submitted(name), place(&registered, name)) {
        registered.insert(place, (name.to_owned(), function));
        return Ok(());
    }
    drop(registered);
    Err(Error::value(format!("there is a function '{name}' already")))
}

/// Takes a function away that was registered, and gives it.
pub fn unregister_function(name: &str) -> Option<NamedFunction> {
    let mut registered = REGISTERED.write();
    let place = place(&registered, name).ok()?;
    Some(registered.remove(place).1)
}

/// The names of all functions, in order.
#[must_use]
pub fn function_names() -> Vec<String> {
    let mut names: Vec<String> = REGISTERED.read().iter().map(|(name, _)| name.clone()).collect();
    for function in registry().iter().flat_map(|registry| &registry.functions) {
        let place = names.partition_point(|name| **name < *function.name);
        names.insert(place, function.name.to_owned());
    }
    names
}
