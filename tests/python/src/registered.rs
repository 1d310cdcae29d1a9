//! Types for which the tests register classes made in Python: one for each test, since that is once in a process.

use ffi_object::{ffi_function, Any, AnyObj, Error, FfiObject, Mut, Obj, TypeInfo};
use parking_lot::Mutex;

macro_rules! types {
    ($($name:ident),*) => {
        $(
            /// A number, and another object of the same type.
            #[derive(FfiObject)]
            pub(crate) struct $name {
                #[ffi(default)]
                val: Mut<i64>,
                #[ffi(default)]
                next: Mut<Option<Obj<$name>>>,
            }
        )*
    };
}

types!(Shown1, Shown2, Shown3, Shown4, Shown5, Shown6, Shown7, Shown8, Shown9, Shown10);

/// Extends one of them.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Shown1Derived {
    #[ffi(base)]
    base: Shown1,
}

static KEPT: Mutex<Vec<AnyObj>> = Mutex::new(Vec::new());

/// Makes an object in Rust, of which Python has seen nothing yet, and keeps an owner.
#[ffi_function]
fn keep_made(name: &str, val: i64) -> Result<usize, Error> {
    let info = TypeInfo::find(name)?;
    let object = info.make(&[("val", Any::from(val))])?;
    let mut kept = KEPT.lock();
    kept.push(object);
    Ok(kept.len() - 1)
}

/// One that is kept, in a fresh wrapper.
#[ffi_function]
fn kept_fresh(index: usize) -> Option<AnyObj> {
    KEPT.lock().get(index).cloned()
}

/// One that is kept, in the canonical wrapper.
#[ffi_function(cached)]
fn kept_cached(index: usize) -> Option<AnyObj> {
    KEPT.lock().get(index).cloned()
}

/// Drops all that is kept.
#[ffi_function]
fn drop_kept() {
    let kept = std::mem::take(&mut *KEPT.lock());
    drop(kept);
}
