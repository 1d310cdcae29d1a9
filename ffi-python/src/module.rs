//! The module: classes and functions of the registry.

use std::ffi::{c_int, c_void};
use std::ptr;

use ffi_object::{registry, FfiObject, Object, Registry};
use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule};

use crate::class::{self, ClassData};
use crate::frontend::install_python;
use crate::{enumeration, exception_class, exit, gc, named, platform, tools};

/// What the names of an extension module's definition are made from.
#[doc(hidden)]
#[derive(Debug)]
pub struct Definition {
    /// The module's name, with its NUL.
    pub name: &'static str,
}

/// `PyInit_…`: the definition of the module, for multi-phase initialization.
#[doc(hidden)]
#[must_use]
pub fn initialize(definition: &'static Definition) -> *mut ffi::PyObject {
    let mut slots = vec![ffi::PyModuleDef_Slot { slot: ffi::Py_mod_exec, value: execute as *mut c_void }];
    if platform::version_at_least(12) {
        // One interpreter: classes are made once in a process.
        slots.push(ffi::PyModuleDef_Slot { slot: platform::MOD_MULTIPLE_INTERPRETERS, value: ptr::null_mut() });
    }
    if platform::version_at_least(13) {
        slots.push(ffi::PyModuleDef_Slot { slot: platform::MOD_GIL, value: platform::MOD_GIL_NOT_USED });
    }
    slots.push(ffi::PyModuleDef_Slot { slot: 0, value: ptr::null_mut() });
    // Once for each import of a module object; CPython keeps pointers into both.
    let def = Box::leak(Box::new(ffi::PyModuleDef {
        m_base: ffi::PyModuleDef_HEAD_INIT,
        m_name: definition.name.as_ptr().cast(),
        m_doc: ptr::null(),
        m_size: 0,
        m_methods: ptr::null_mut(),
        m_slots: slots.leak().as_mut_ptr(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    }));
    // SAFETY: a definition that is never freed; CPython calls this attached.
    unsafe { ffi::PyModuleDef_Init(def) }
}

unsafe extern "C" fn execute(module: *mut ffi::PyObject) -> c_int {
    // SAFETY: CPython calls this attached, with a module that it holds.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: as above.
    let module = unsafe { Bound::from_borrowed_ptr(py, module) };
    let filled = module.cast_into::<PyModule>().map_err(Into::into).and_then(|module| add_to(&module));
    match filled {
        Ok(()) => 0,
        Err(exception) => {
            crate::error::set(py, exception);
            -1
        }
    }
}

/// Adds all classes and functions of the program to a module, and the submodule `ffi`: what [`module!`](crate::module!)
/// does, for a module that PyO3 makes.
///
/// ```
/// use ffi_object::{FfiObject, Mut};
/// use pyo3::prelude::*;
///
/// #[derive(FfiObject)]
/// struct Point {
///     x: Mut<f64>,
///     y: Mut<f64>,
/// }
///
/// #[pymodule]
/// fn drawing(module: &Bound<'_, PyModule>) -> PyResult<()> {
///     ffi_python::add_to(module)
/// }
/// # Python::initialize();
/// # Python::attach(|py| {
/// #     let module = pyo3::wrap_pymodule!(drawing)(py);
/// #     assert!(module.getattr(py, "Point").is_ok());
/// # });
/// ```
///
/// # Errors
///
/// An `ImportError` where there are two things of one name, or where the interpreter is not the first and main one.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    main_interpreter_only()?;
    exit::first_interpreter_only()?;
    install_python();
    let registry = registry().map_err(|error| PyImportError::new_err(error.to_string()))?;
    gc::learn(py)?;
    let name = public_name(&module.name()?.to_string()).to_owned();
    let ffi = tools::add_to(module, &name)?;
    let classes = build_classes(py, registry, &name)?;
    for (class, data) in &classes {
        class::set_constants(py, class, data)?;
    }
    for (class, data) in classes {
        let is_tool = class.info.key.starts_with("ffi_object::");
        if is_tool {
            ffi.add(class.info.name, data.class(py))?;
        }
        crate::containers::register_abc(py, class.info, &data.class(py))?;
        if !std::ptr::eq(class.info, Object::TYPE) {
            module.add(class.info.name, data.class(py))?;
        }
    }
    for (of, name, variant) in &registry.variants {
        // All classes have been built.
        if let Some((of, variant)) = ClassData::get(of).zip(ClassData::get(variant)) {
            of.set(py, name, variant.class(py).as_ptr())?;
        }
    }
    for info in &registry.enums {
        module.add(info.name, enumeration::build(py, info, &name)?)?;
    }
    exception_class::add_all(module, registry, &name)?;
    let functions = PyDict::new(py);
    for function in &registry.functions {
        let made = new_function(py, class::module_function(function), &name)?;
        module.add(function.name, &made)?;
        functions.set_item(function.name, made)?;
    }
    named::set_submitted(&functions);
    platform::ask_of_ints(py)?;
    exit::prepare(py, &name)
}

/// The name by which users import the module.
///
/// maturin puts an extension module `scene` into a package `scene` that exports all of it, so that its own name is
/// `scene.scene`.
fn public_name(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((package, own)) if package == own || package.ends_with(&format!(".{own}")) => package,
        _ => name,
    }
}

fn build_classes(
    py: Python<'_>,
    registry: &'static Registry,
    module: &str,
) -> PyResult<Vec<(&'static ffi_object::Class, &'static ClassData)>> {
    registry.classes.iter().map(|class| Ok((class, class::build(py, class, module)?))).collect()
}

pub(crate) fn new_function<'py>(py: Python<'py>, def: ffi::PyMethodDef, module: &str) -> PyResult<Bound<'py, PyAny>> {
    let def = Box::leak(Box::new(def));
    let module = pyo3::types::PyString::new(py, module);
    // SAFETY: a definition that is never freed.
    let function = unsafe { ffi::PyCFunction_NewEx(def, ptr::null_mut(), module.as_ptr()) };
    // SAFETY: what CPython gave.
    unsafe { Bound::from_owned_ptr_or_err(py, function) }
}

/// # Errors
///
/// An `ImportError` in any interpreter but the first.
fn main_interpreter_only() -> PyResult<()> {
    // SAFETY: attached.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() };
    // SAFETY: the one that this thread is attached to.
    let id = unsafe { ffi::PyInterpreterState_GetID(interpreter) };
    if id == 0 {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "modules made with ffi-python can only be imported in the main interpreter: an object has one Python identity",
    ))
}

/// Makes an extension module of all that the program's macros have submitted.
///
/// The name is that of the library (`[lib] name = "…"` with `crate-type = ["cdylib"]`). Write it once, anywhere:
///
/// ```
/// use ffi_object::{FfiObject, Mut};
///
/// #[derive(FfiObject)]
/// pub struct Point {
///     pub x: Mut<f64>,
///     pub y: Mut<f64>,
/// }
///
/// ffi_python::module!(geometry);
/// ```
#[macro_export]
macro_rules! module {
    ($name:ident $(,)?) => {
        const _: () = {
            static DEFINITION: $crate::__private::Definition =
                $crate::__private::Definition { name: ::core::concat!(::core::stringify!($name), "\0") };

            #[unsafe(export_name = ::core::concat!("PyInit_", ::core::stringify!($name)))]
            extern "C" fn init() -> *mut $crate::__private::PyObject {
                $crate::__private::initialize(&DEFINITION)
            }
        };
    };
}
