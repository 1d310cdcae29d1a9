//! Classes: one heap type for each type of objects, built from its descriptor.

use std::ffi::{c_int, c_uint, c_ulong, c_void, CStr, CString};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicBool;

use ffi_object::__private::{Constructor, Encoder, FunctionInfo, MethodKind, ParamKind, TypeInfo};
use ffi_object::frontend::Policy;
use ffi_object::{Class, FfiObject, Object, Registry};
use pyo3::exceptions::{PyNotImplementedError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::appearance::Appearance;
use crate::dict::InstanceWithDict;
use crate::field::{Accessors, Attribute, AttributeSource};
use crate::frontend::PYTHON;
use crate::instance::{is_native, Instance, DEALLOC, WEAKREFS_OFFSET};
use crate::signature;
use crate::slots::{self, Dunders, TypeSlots};
use crate::{by_value, call, containers, dict, error, gc, object, platform, rust_function};

/// What the frontend keeps for a class. Made once, never freed.
pub(crate) struct ClassData {
    pub(crate) info: &'static TypeInfo,
    pub(crate) constructor: Option<&'static Constructor>,
    /// The functions behind the type's slots, inherited ones included.
    pub(crate) dunders: Dunders,
    /// Whether wrappers have a `__dict__`, for which there is room behind what every wrapper has.
    pub(crate) has_dict: bool,
    /// What objects made in Rust appear as.
    pub(crate) appearance: Appearance,
    /// The class of the registry, if it was defined in Python.
    pub(crate) defined: Option<&'static Class>,
    /// Whether `__init__` ends with `__post_init__`.
    pub(crate) post_init: AtomicBool,
    class: *mut ffi::PyTypeObject,
}

// SAFETY: the class is a Python object that is never freed; touching it asks for an attached thread, as any does.
unsafe impl Send for ClassData {}
// SAFETY: as above.
unsafe impl Sync for ClassData {}

/// The root class, or null before it is built.
#[inline]
pub(crate) fn root() -> *mut ffi::PyTypeObject {
    ClassData::get(Object::TYPE).map_or(ptr::null_mut(), |data| data.class)
}

impl ClassData {
    /// The data of a type's class, once it is built.
    #[inline]
    pub(crate) fn get(info: &'static TypeInfo) -> Option<&'static Self> {
        // SAFETY: null, or set once, by `build`, to data that is never freed.
        unsafe { info.cell.class().cast::<Self>().as_ref() }
    }

    /// The data of a type's class. `None`: there is none, and the exception is set.
    #[inline]
    pub(crate) fn for_type(info: &'static TypeInfo) -> Option<&'static Self> {
        Self::get(info).or_else(|| Self::missing(info))
    }

    /// Whether all wrappers carry state of Python's: the class has a `__dict__`, or what objects appear as is a class made
    /// in Python. Decides what they appear as.
    #[inline]
    pub(crate) fn shows_state(&self) -> bool {
        self.has_dict || self.appearance.decide(self.class) != self.class
    }

    #[cold]
    fn missing(info: &'static TypeInfo) -> Option<&'static Self> {
        let error = ffi_object::Error::type_error(format!("'{}' objects have no Python class", info.name));
        // SAFETY: all callers are attached.
        crate::error::raise(unsafe { Python::assume_attached() }, error);
        None
    }

    /// The data of a native class.
    ///
    /// # Safety
    ///
    /// `class` is one, and the thread is attached.
    #[inline]
    pub(crate) unsafe fn of_native(class: *mut ffi::PyTypeObject) -> &'static Self {
        // The entry before the first one of the type's getset array is not part of it: `build` keeps the data there.
        // SAFETY: by the caller.
        let getset = unsafe { platform::tp_getset(class) };
        // SAFETY: see above.
        let before = unsafe { getset.sub(1) };
        // SAFETY: see above.
        let data = unsafe { (*before).closure };
        // SAFETY: see above; never freed.
        unsafe { &*data.cast() }
    }

    /// The data of a native class, or of the one that a class of Python's extends.
    ///
    /// # Safety
    ///
    /// `class` is one of ours or a subclass, and the thread is attached.
    pub(crate) unsafe fn of(mut class: *mut ffi::PyTypeObject) -> &'static Self {
        // SAFETY: by the caller; all classes on the way down to ours are heap types.
        while !unsafe { is_native(class) } {
            // SAFETY: as above. The base that decides the layout leads to ours.
            class = unsafe { platform::tp_base(class) };
        }
        // SAFETY: found.
        unsafe { Self::of_native(class) }
    }

    /// The data of a wrapper's class.
    ///
    /// # Safety
    ///
    /// `wrapper` is one, and the thread is attached.
    pub(crate) unsafe fn of_wrapper(wrapper: *mut ffi::PyObject) -> &'static Self {
        // SAFETY: by the caller.
        let class = unsafe { ffi::Py_TYPE(wrapper) };
        // SAFETY: the class of a wrapper.
        unsafe { Self::of(class) }
    }

    /// The class as a type.
    pub(crate) fn class_type(&self) -> *mut ffi::PyTypeObject {
        self.class
    }

    /// The class.
    pub(crate) fn class<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        // SAFETY: a type.
        unsafe { Bound::from_borrowed_ptr(py, self.class.cast()) }
    }

    /// The class that objects made in Rust appear as, as far as is known.
    pub(crate) fn shown_class<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let registered = self.appearance.registered(self.class);
        if registered.is_null() {
            return self.class(py);
        }
        // SAFETY: a type that is never freed.
        unsafe { Bound::from_borrowed_ptr(py, registered.cast()) }
    }

    /// Sets an attribute of the class, or deletes it if the value is null.
    pub(crate) fn set(&self, py: Python<'_>, name: &str, value: *mut ffi::PyObject) -> PyResult<()> {
        let name = pyo3::types::PyString::new(py, name);
        // An immutable type refuses to be changed by users. This function does not ask.
        // SAFETY: a type, a name, a value or null.
        let result = unsafe { ffi::PyObject_GenericSetAttr(self.class.cast(), name.as_ptr(), value) };
        // SAFETY: a type.
        unsafe { ffi::PyType_Modified(self.class) };
        if result == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(py))
        }
    }
}

/// A C string that is never freed.
fn leak(text: &str) -> *const std::ffi::c_char {
    // A NUL in a doc comment is the only way to get one here.
    CString::new(text.replace('\0', "")).unwrap_or_default().into_raw()
}

fn leak_all<T>(items: Vec<T>) -> *mut T {
    Box::leak(items.into_boxed_slice()).as_mut_ptr()
}

/// Builds the class of a type, once in a process; its base's is built already.
pub(crate) fn build(py: Python<'_>, class: &'static Class, module: &str) -> PyResult<&'static ClassData> {
    let info = class.info;
    if let Some(data) = ClassData::get(info) {
        return Ok(data);
    }
    // Built before, since the registry lists bases first.
    let base = info.base().and_then(ClassData::get);
    let parts = containers::parts(info);
    let constructor = class.constructor.or(parts.as_ref().map(|p| p.constructor));

    let mut dunders = base.map_or_else(Dunders::default, |base| base.dunders);
    let mut type_slots = TypeSlots::default();
    let mut methods = Vec::new();
    for function in &class.functions {
        if slots::add(function, &mut dunders, &mut type_slots) {
            continue;
        }
        if slots::is_unsupported(function.name) {
            return Err(PyNotImplementedError::new_err(format!(
                "{}.{} (at {}): this protocol is not supported yet",
                info.name, function.name, function.source
            )));
        }
        methods.extend(method(function));
    }
    methods.extend(class.functions.iter().filter_map(|function| slots::method(function)));
    type_slots.set_all(&[(ffi::Py_tp_dealloc, DEALLOC as *mut c_void), (ffi::Py_tp_init, call::init as *mut c_void)]);
    // A class that extends a defined one keeps the `__new__` that it inherits: its native class comes first.
    if !info.is_defined() {
        type_slots.set(ffi::Py_tp_new, call::new as *mut c_void);
    }
    if base.is_none() {
        object::add_slots(&mut type_slots);
        methods.extend(object::methods());
    }
    let defines_eq = class.functions.iter().any(|f| f.name == "__eq__");
    by_value::add_slots(info, base.map_or(ptr::null_mut(), |base| base.class), defines_eq, &mut type_slots);
    if info.is_traced() {
        type_slots.set_all(&[
            (ffi::Py_tp_traverse, gc::traverse as *mut c_void),
            (ffi::Py_tp_clear, gc::clear as *mut c_void),
        ]);
    }
    if let Some(parts) = parts {
        type_slots.set_all(&parts.slots);
        methods.extend(parts.methods);
    }
    if rust_function::is_class_of(info) {
        type_slots.set_all(&rust_function::slots());
    }
    methods.push(END_OF_METHODS);
    let doc = match constructor {
        Some(constructor) => {
            let doc = [info.doc, constructor.doc].iter().filter(|d| !d.is_empty()).copied().collect::<Vec<_>>();
            signature::text(info.name, None, &constructor.signature, &doc.join("\n\n"))
        }
        None => info.doc.to_owned(),
    };

    let data: &'static mut ClassData = Box::leak(Box::new(ClassData {
        info,
        constructor,
        dunders,
        has_dict: info.has_dict(),
        appearance: Appearance::default(),
        defined: info.is_defined().then_some(class),
        post_init: AtomicBool::new(false),
        class: ptr::null_mut(),
    }));
    let getset = getset_array(class, data);
    let offset = |name: &'static CStr, offset: usize| ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset as ffi::Py_ssize_t,
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    };
    let mut members = vec![offset(c"__weaklistoffset__", WEAKREFS_OFFSET)];
    if data.has_dict {
        members.push(offset(c"__dictoffset__", dict::OFFSET));
    }
    // SAFETY: the end of the array is all zero.
    members.push(unsafe { std::mem::zeroed() });
    let members = leak_all(members);
    // Rust functions have documentation each, for which CPython makes room only if their class has none.
    if !rust_function::is_class_of(info) {
        type_slots.set(ffi::Py_tp_doc, leak(&doc).cast_mut().cast());
    }
    type_slots.set_all(&[
        (ffi::Py_tp_methods, leak_all(methods).cast::<c_void>()),
        (ffi::Py_tp_getset, getset.cast()),
        (ffi::Py_tp_members, members.cast()),
    ]);
    data.class = make_type(py, info, module, base, type_slots)?.as_ptr();
    // SAFETY: a new heap type.
    unsafe { platform::set_vectorcall(data.class, call::construct) };
    info.cell.set_class(ptr::from_mut(data).cast());
    if !info.fields.is_empty() {
        data.set(py, "__match_args__", match_args(py, info)?.as_ptr())?;
    }
    Ok(data)
}

fn make_type(
    py: Python<'_>,
    info: &'static TypeInfo,
    module: &str,
    base: Option<&'static ClassData>,
    type_slots: TypeSlots,
) -> PyResult<NonNull<ffi::PyTypeObject>> {
    let slots = leak_all(type_slots.finish());
    // The root is in the submodule alone.
    let submodule = if base.is_none() { ".ffi" } else { "" };
    let name = format!("{}{submodule}.{}", info.module.unwrap_or(module), info.name);
    let collected = if info.is_traced() { ffi::Py_TPFLAGS_HAVE_GC } else { 0 };
    let open = if info.options.is_final() { 0 } else { ffi::Py_TPFLAGS_BASETYPE };
    let flags: c_ulong = ffi::Py_TPFLAGS_DEFAULT | open | IMMUTABLETYPE | collected | containers::flags(info);
    let size = if info.has_dict() { size_of::<InstanceWithDict>() } else { size_of::<Instance>() };
    let mut spec = ffi::PyType_Spec {
        name: leak(&name),
        basicsize: c_int::try_from(size)?,
        itemsize: 0,
        flags: c_uint::try_from(flags)?,
        slots,
    };
    let bases = base.map(|base| base.class.cast::<ffi::PyObject>());
    // SAFETY: the specification outlives the type where CPython keeps pointers into it.
    let class = unsafe { ffi::PyType_FromSpecWithBases(&raw mut spec, bases.unwrap_or(ptr::null_mut())) };
    // The one reference is kept: the class lives as long as the process.
    NonNull::new(class.cast()).ok_or_else(|| PyErr::fetch(py))
}

/// `Py_TPFLAGS_IMMUTABLETYPE`.
const IMMUTABLETYPE: c_ulong = 1 << 8;

const END_OF_METHODS: ffi::PyMethodDef = ffi::PyMethodDef::zeroed();

/// The method of a function, unless it is an attribute's.
fn method(function: &'static FunctionInfo) -> Option<ffi::PyMethodDef> {
    let (receiver, flags) = match function.owner?.1 {
        MethodKind::Instance => (Some("self"), 0),
        MethodKind::Static => (None, ffi::METH_STATIC),
        MethodKind::Class => (Some("cls"), ffi::METH_CLASS),
        _ => return None,
    };
    Some(method_def(function, receiver, flags))
}

/// A function of the module.
pub(crate) fn module_function(function: &'static FunctionInfo) -> ffi::PyMethodDef {
    method_def(function, None, 0)
}

fn method_def(function: &'static FunctionInfo, receiver: Option<&str>, flags: c_int) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: leak(function.name),
        ml_meth: ffi::PyMethodDefPointer {
            // SAFETY: a trampoline takes and gives what such a function does, as plain pointers.
            PyCFunctionFastWithKeywords: unsafe {
                std::mem::transmute::<ffi_object::info::Trampoline, ffi::PyCFunctionFastWithKeywords>(
                    function.trampoline,
                )
            },
        },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS | flags,
        ml_doc: leak(&signature::text(function.name, receiver, &function.signature, function.doc)),
    }
}

/// The type's attributes. Before the array stands an entry that leads to the class's data.
fn getset_array(class: &'static Class, data: *const ClassData) -> *mut ffi::PyGetSetDef {
    let mut functions: Vec<(&str, Accessors)> = Vec::new();
    for function in &class.functions {
        let place: fn(&mut Accessors) -> &mut Option<_> = match function.owner {
            Some((_, MethodKind::Getter)) => |accessors| &mut accessors.get,
            Some((_, MethodKind::Setter)) => |accessors| &mut accessors.set,
            Some((_, MethodKind::Deleter)) => |accessors| &mut accessors.delete,
            _ => continue,
        };
        let there = functions.iter().position(|(name, _)| *name == function.name).unwrap_or_else(|| {
            functions.push((function.name, Accessors::default()));
            functions.len() - 1
        });
        *place(&mut functions[there].1) = Some(*function);
    }
    let fields = class.info.fields.iter().map(|field| {
        let doc = format!("{}: {}", field.type_name(), field.doc);
        let doc = if field.doc.is_empty() { field.type_name().into_owned() } else { doc };
        (field.name, doc, AttributeSource::Field(field))
    });
    let computed = functions.into_iter().map(|(name, accessors)| {
        let Accessors { get, set, delete } = accessors;
        let doc = get.or(set).or(delete).map_or("", |f: &FunctionInfo| f.doc).to_owned();
        (name, doc, AttributeSource::Functions(accessors))
    });
    let empty =
        ffi::PyGetSetDef { name: ptr::null(), get: None, set: None, doc: ptr::null(), closure: ptr::null_mut() };
    let mut entries = vec![ffi::PyGetSetDef { closure: data.cast_mut().cast(), ..empty }];
    for (name, doc, source) in fields.chain(computed) {
        let attribute: &'static Attribute = Box::leak(Box::new(Attribute::new(class.info, name, source)));
        let (get, set) = attribute.functions();
        let closure = ptr::from_ref(attribute).cast_mut().cast();
        entries.push(ffi::PyGetSetDef { name: leak(name), get: Some(get), set, doc: leak(&doc), closure });
    }
    if rust_function::is_class_of(class.info) {
        entries.extend(rust_function::attributes());
    }
    if class.info.options.has_dict() {
        entries.push(ffi::PyGetSetDef {
            name: c"__dict__".as_ptr(),
            get: Some(ffi::PyObject_GenericGetDict),
            set: Some(ffi::PyObject_GenericSetDict),
            ..empty
        });
    }
    entries.push(empty);
    // SAFETY: the array has at least two entries.
    unsafe { leak_all(entries).add(1) }
}

/// Gives a class its constants, once all classes are built.
pub(crate) fn set_constants(py: Python<'_>, class: &Class, data: &ClassData) -> PyResult<()> {
    for constant in &class.constants {
        // SAFETY: attached.
        let out = unsafe { Encoder::new(&PYTHON, Policy::Cached) };
        let place = || format!("{}.{}", class.info.name, constant.name);
        let value = error::catch(place, || (constant.value)(out).map(ffi_object::__private::Handle::into_raw));
        let value = value.map_err(|error| error::to_exception(py, error))?;
        // SAFETY: a new reference.
        let value: Bound<'_, PyAny> = unsafe { Bound::from_owned_ptr(py, value.as_ptr().cast()) };
        data.set(py, constant.name, value.as_ptr())?;
    }
    Ok(())
}

/// Takes the constants out of the classes, which are never freed, so that what they keep is not reported as a leak.
pub(crate) fn drop_constants(py: Python<'_>, registry: &'static Registry) {
    for class in &registry.classes {
        let Some(data) = ClassData::get(class.info) else { continue };
        for constant in &class.constants {
            if let Err(exception) = data.set(py, constant.name, ptr::null_mut()) {
                error::discard(exception);
            }
        }
    }
}

/// The root class, once it is built.
pub(crate) fn root_class(py: Python<'_>) -> Bound<'_, PyAny> {
    // SAFETY: callers run in functions of classes, which are built after the root.
    unsafe { Bound::from_borrowed_ptr(py, root().cast::<ffi::PyObject>()) }
}

/// The native classes that a class extends, the most derived ones first.
fn native_bases(class: &Bound<'_, PyAny>) -> PyResult<Vec<&'static ClassData>> {
    let root = root_class(class.py());
    let mut all = Vec::new();
    for base in class.cast::<PyType>()?.mro() {
        let Ok(base) = base.cast_into::<PyType>() else { continue };
        // SAFETY: subclasses of the root are heap types.
        if base.is_subclass(&root)? && unsafe { is_native(base.as_type_ptr()) } {
            // SAFETY: just checked.
            all.push(unsafe { ClassData::of_native(base.as_type_ptr()) });
        }
    }
    Ok(all)
}

/// Checks that the native classes which a class extends extend one another, in a chain.
pub(crate) fn check_bases(class: &Bound<'_, PyAny>) -> PyResult<()> {
    let bases = native_bases(class)?;
    let Some(first) = bases.first() else { return Ok(()) };
    match bases.iter().find(|base| !first.info.is_a(base.info)) {
        None => Ok(()),
        Some(other) => Err(PyTypeError::new_err(format!(
            "multiple bases have instance lay-out conflict: '{}' and '{}'",
            first.info.name, other.info.name
        ))),
    }
}

/// Checks that a class extends no native class beyond the one whose objects its instances have.
pub(crate) fn check_claims(class: &Bound<'_, PyAny>, data: &ClassData) -> PyResult<()> {
    match native_bases(class)?.iter().find(|base| !data.info.is_a(base.info)) {
        None => Ok(()),
        Some(claimed) => Err(PyTypeError::new_err(format!(
            "'{}' extends '{}', but its objects are of type '{}'",
            class.cast::<PyType>()?.qualname()?,
            claimed.info.name,
            data.info.name
        ))),
    }
}

/// The names that `match` gives to positions: as in a dataclass, the fields that the constructor takes by position.
fn match_args<'py>(py: Python<'py>, info: &'static TypeInfo) -> PyResult<Bound<'py, PyTuple>> {
    let by_position = |kind| match info.constructor() {
        Some(_) => matches!(kind, ParamKind::PositionalOnly | ParamKind::Standard),
        None => kind != ParamKind::Hidden,
    };
    let names = info.all_fields().filter(|(_, field)| by_position(field.param)).map(|(_, field)| field.name);
    PyTuple::new(py, names.collect::<Vec<_>>())
}

/// The data of a class that was given as an argument.
pub(crate) fn argument(class: &Bound<'_, PyAny>) -> PyResult<&'static ClassData> {
    let root = root_class(class.py());
    let class_type = class.cast::<PyType>().ok().filter(|c| c.is_subclass(&root).unwrap_or(false));
    match class_type {
        // SAFETY: a class of ours or a subclass.
        Some(class_type) => Ok(unsafe { ClassData::of(class_type.as_type_ptr()) }),
        None => Err(PyTypeError::new_err(format!("expected a class of objects, got {}", class.repr()?))),
    }
}
