//! What objects made in Rust appear as: their native class, or the class of Python's that `ffi.register` names.
//!
//! One word decides, once: whoever first shows an object writes the native class, `register` another one, and who comes
//! second finds that it was decided. A wrapper of a registered class may carry any state of Python's, so it is always the
//! canonical one.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use ffi_object::{FfiObject, Object};
use parking_lot::Mutex;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::class;
use crate::instance::{self, is_native};
use crate::platform;
use crate::tools::{arguments, Tool};

pub(crate) const TOOLS: [(&str, &str, Tool); 1] = [(
    "register",
    "(cls, /)\n--\n\nMakes cls, which extends a native class in Python, the class that objects of that native class appear as \
     when they come from Rust. Neither __new__ nor __init__ runs for them. Works before the first such object is seen, and \
     once for each native class. Gives cls back, so that it can be a decorator.",
    register,
)];

/// What objects of one type appear as.
#[derive(Default)]
pub(crate) struct Appearance {
    /// Null until it is decided.
    class: AtomicPtr<ffi::PyTypeObject>,
    /// Wrappers of a registered class, for no object, that lost the race for one. Letting them die would run `__del__`.
    spare: Mutex<Vec<NonNull<ffi::PyObject>>>,
}

impl Appearance {
    /// The class that objects appear as, which is decided now if it was not: the native one.
    #[inline]
    pub(crate) fn decide(&self, native: *mut ffi::PyTypeObject) -> *mut ffi::PyTypeObject {
        let class = self.class.load(Ordering::Acquire);
        if !class.is_null() {
            return class;
        }
        match self.class.compare_exchange(ptr::null_mut(), native, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => native,
            Err(first) => first,
        }
    }

    /// The registered class, or null: there is none so far.
    pub(crate) fn registered(&self, native: *mut ffi::PyTypeObject) -> *mut ffi::PyTypeObject {
        match self.class.load(Ordering::Acquire) {
            class if class == native => ptr::null_mut(),
            class => class,
        }
    }

    /// A wrapper of a registered class for no object yet: a new reference.
    ///
    /// # Errors
    ///
    /// The exception is set.
    ///
    /// # Safety
    ///
    /// `class` is the registered one, and the thread is attached.
    pub(crate) unsafe fn new_wrapper(&self, class: *mut ffi::PyTypeObject) -> Option<NonNull<ffi::PyObject>> {
        let spare = self.spare.lock().pop();
        // SAFETY: a registered class is a subclass of one of the frontend's own.
        spare.or_else(|| unsafe { instance::new_empty(class) })
    }

    /// Keeps a wrapper of a registered class that has no object and that no one knows, and takes the reference.
    pub(crate) fn keep(&self, wrapper: NonNull<ffi::PyObject>) {
        self.spare.lock().push(wrapper);
    }

    /// Sets the registered class, a reference on which is kept for good.
    ///
    /// # Errors
    ///
    /// It was decided before: what objects appear as.
    pub(crate) fn register(&self, class: &Bound<'_, PyType>) -> Result<(), *mut ffi::PyTypeObject> {
        let own = class.as_type_ptr();
        self.class.compare_exchange(ptr::null_mut(), own, Ordering::AcqRel, Ordering::Acquire)?;
        // It is never freed, as native classes are not.
        let _ = class.clone().into_ptr();
        Ok(())
    }
}

fn register(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Py<PyAny>> {
    let [class] = arguments("register", args, kwargs)?;
    let data = class::argument(&class)?;
    let class = class.cast_into::<PyType>()?;
    let name = class.qualname()?;
    let native = data.info.name;
    // SAFETY: one of ours, or a subclass.
    if unsafe { is_native(class.as_type_ptr()) } {
        return Err(PyTypeError::new_err(format!(
            "register() argument must be a class made in Python, not the native class '{native}'"
        )));
    }
    if std::ptr::eq(data.info, Object::TYPE) {
        return Err(PyTypeError::new_err(format!(
            "cannot register '{name}': there are no objects of exactly 'Object'"
        )));
    }
    class::check_claims(&class, data)?;
    // SAFETY: as above.
    if unsafe { platform::is_abstract(class.as_type_ptr()) } {
        return Err(PyTypeError::new_err(format!("cannot register '{name}': it has abstract methods")));
    }
    let decided = data.appearance.register(&class);
    decided.map(|()| class.into_any().unbind()).map_err(|before| {
        PyRuntimeError::new_err(if before == data.class_type() {
            format!("cannot register '{name}': objects of '{native}' have come from Rust already")
        } else {
            format!("cannot register '{name}': '{native}' objects appear as another registered class already")
        })
    })
}
