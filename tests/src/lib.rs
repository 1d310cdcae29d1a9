//! Calls what the macros submitted, as a frontend does, with [`Any`]s as the values of its language.

use std::ptr::NonNull;

use ffi_object::__private::{
    Arguments, Constructor, Encoder, FunctionInfo, MethodKind, REFLECTION, Receiver, Signature, build_in_python,
};
use ffi_object::frontend::{Decoder, Policy, RawHandle};
use ffi_object::{Any, Error, FfiObject, registry};

/// The address of an `Any` is a handle of the reflection frontend.
fn handle(any: &Any) -> RawHandle {
    NonNull::from(any).cast()
}

/// Runs `with` on arguments, of which `None` stands for one that was left out.
fn with_arguments<R>(signature: &Signature, args: &[Option<Any>], with: impl FnOnce(&Arguments<'_>) -> R) -> R {
    let slots: Vec<_> = args.iter().map(|arg| arg.as_ref().map(handle)).collect();
    // SAFETY: the values are borrowed during the call, and there is no interpreter to be attached to.
    let arguments = unsafe { Arguments::new(REFLECTION, signature, &slots) };
    with(&arguments)
}

/// The function of this name, of a class or, without one, of the module.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn function(class: Option<&str>, name: &str, kind: Option<MethodKind>) -> &'static FunctionInfo {
    let registry = registry().expect("the registry has no duplicates");
    let functions = match class {
        None => &registry.functions,
        Some(class) => {
            &registry.classes.iter().find(|c| c.info.name == class).expect("there is such a class").functions
        }
    };
    let fits = |f: &&&FunctionInfo| f.name == name && (kind.is_none() || f.owner.map(|(_, k)| k) == kind);
    functions.iter().find(fits).unwrap_or_else(|| panic!("no function {name}"))
}

/// Calls a function. `this` is an object of its class, if it has a receiver.
///
/// # Errors
///
/// What the function or a conversion says.
pub fn call(function: &FunctionInfo, this: Option<&Any>, args: &[Option<Any>]) -> Result<Any, Error> {
    if let (Some(Any::Object(object)), Some((owner, _))) = (this, function.owner) {
        assert!(object.type_info().is_a(owner), "{} is not a {owner}", object.type_info());
    }
    // SAFETY: as for the arguments.
    let receiver = this.map_or(Receiver::NONE, |any| Receiver::new(unsafe { Decoder::new(REFLECTION, handle(any)) }));
    // SAFETY: as above.
    let out = unsafe { Encoder::new(REFLECTION, Policy::Fresh) };
    let result = with_arguments(&function.signature, args, |args| {
        // SAFETY: the receiver's type was checked.
        unsafe { (function.call)(receiver, args, out) }
    });
    // SAFETY: an owned handle of this frontend is a boxed `Any`.
    result.map(|raw| *unsafe { Box::from_raw(raw.cast::<Any>().as_ptr()) })
}

/// Makes an object of its fields and looks at it.
///
/// # Errors
///
/// What a conversion says, or that only Rust makes one.
pub fn construct<T: FfiObject, R>(args: &[Option<Any>], look: impl FnOnce(&T) -> R) -> Result<R, Error> {
    let constructor = T::TYPE.constructor().ok_or_else(|| Error::type_error("no constructor"))?;
    build(constructor, args, look)
}

/// Makes an object as a frontend does, with the constructor that is registered, and looks at it.
///
/// # Errors
///
/// What the constructor or a conversion says.
///
/// # Panics
///
/// If the type has no constructor.
pub fn make<T: FfiObject, R>(args: &[Option<Any>], look: impl FnOnce(&T) -> R) -> Result<R, Error> {
    let class = registry().expect("the registry has no duplicates").classes.iter().find(|c| c.info.key == T::TYPE.key);
    build(class.and_then(|c| c.constructor).expect("there is a constructor"), args, look)
}

fn build<T: FfiObject, R>(
    constructor: &Constructor,
    args: &[Option<Any>],
    look: impl FnOnce(&T) -> R,
) -> Result<R, Error> {
    let object = with_arguments(&constructor.signature, args, |args| {
        // SAFETY: the constructor is that of the type; the wrapper dies below, and is never looked at.
        unsafe { build_in_python(T::TYPE, constructor, args, NonNull::dangling()) }
    })?;
    // SAFETY: the object lives until it is destroyed below.
    let result = look(unsafe { object.cast_ref::<T>() }?);
    // SAFETY: as above.
    unsafe { object.state() }.wrapper_died();
    // SAFETY: the wrapper was all that kept the object alive.
    unsafe { object.destroy() };
    Ok(result)
}
