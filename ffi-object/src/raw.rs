//! Objects that are built from arguments.

use crate::alloc;
use crate::args::Arguments;
use crate::error::Error;
use crate::header::RawObject;
use crate::info::{Constructor, TypeInfo};
use crate::state::{State, Wrapper};

/// Builds an object in state b: no owner, `wrapper` in the slot.
///
/// # Errors
///
/// What the constructor says; there is no object then.
///
/// # Safety
///
/// The constructor is one of `info`, and the caller makes `wrapper` keep the object alive.
pub unsafe fn build_in_python(
    info: &'static TypeInfo,
    constructor: &Constructor,
    args: &Arguments<'_>,
    wrapper: Wrapper,
) -> Result<RawObject, Error> {
    // SAFETY: by the caller.
    unsafe { build(info, constructor, args, Some(wrapper)) }
}

/// Builds an object: with this wrapper in state b, without one in state a.
///
/// # Errors
///
/// What the constructor says; there is no object then.
///
/// # Safety
///
/// The constructor is one of `info`.
pub(crate) unsafe fn build(
    info: &'static TypeInfo,
    constructor: &Constructor,
    args: &Arguments<'_>,
    wrapper: Option<Wrapper>,
) -> Result<RawObject, Error> {
    /// Takes the allocation back when building fails or panics.
    struct Unbuilt(RawObject);
    impl Drop for Unbuilt {
        fn drop(&mut self) {
            // SAFETY: the header was written.
            let block = unsafe { self.0.info() }.plain_block();
            // SAFETY: nothing else was written, and no one else knows the object.
            unsafe { alloc::abandon(self.0, block) };
        }
    }
    // Made where it is used, so that its words are written to where they stay.
    let state = || wrapper.map_or_else(State::bare, State::python);
    if let Some(make) = constructor.whole() {
        return make(args, state());
    }
    let object = alloc::allocate(info, info.plain_block(), state());
    let unbuilt = Unbuilt(object);
    // SAFETY: the allocation is for a value of this type, and not written yet.
    unsafe { constructor.build(object.value(), args) }?;
    let _built = std::mem::ManuallyDrop::new(unbuilt);
    Ok(object)
}
