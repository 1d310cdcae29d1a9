//! From what `define.py` says of an annotation to what a field may hold.

use std::sync::{Arc, OnceLock};

use ffi_object::defined::{ForeignClass, Later, Resolve, Rule};
use ffi_object::{Any, Error, PyValue, TypeInfo};
use pyo3::exceptions::PyNameError;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::class;
use crate::detach::attach_to_drop;
use crate::error::{discard, from_exception, to_exception};
use crate::instance::is_native;

/// What `This` means, once it is there.
pub(super) type This = Arc<OnceLock<&'static TypeInfo>>;

/// The rule that a tuple of `define.py` describes: its kind, and what belongs to that.
pub(super) fn of(description: &Bound<'_, PyAny>, this: &This) -> PyResult<Rule> {
    let kind: String = description.get_item(0)?.extract()?;
    let part = |place| description.get_item(place);
    let parts = || -> PyResult<Arc<[Rule]>> {
        part(1)?.try_iter()?.map(|part| of(&part?, this)).collect::<PyResult<Vec<_>>>().map(Arc::from)
    };
    Ok(match kind.as_str() {
        "none" => Rule::None,
        "bool" => Rule::Bool,
        "int" => Rule::Int,
        "float" => Rule::Float,
        "str" => Rule::Str,
        "bytes" => Rule::Bytes,
        "any" => Rule::Any,
        "callable" => Rule::Callable,
        "this" => Rule::This(Arc::clone(this)),
        "object" => object(&part(1)?)?,
        "class" => Rule::Foreign(Arc::new(Class::new(part(1)?)?)),
        "tuple" => Rule::Tuple(parts()?),
        "tuple_of" => Rule::TupleOf(Arc::new(of(&part(1)?, this)?)),
        "union" => Rule::OneOf(parts()?),
        "literal" => {
            let value = |value: PyResult<_>| value.and_then(|value| super::read(&value, &Rule::Any));
            let values = part(1)?.try_iter()?.map(value).collect::<PyResult<Vec<Any>>>()?;
            Rule::Literal(values.into())
        }
        _ => {
            let (text, resolve) = (part(1)?.extract()?, part(2)?.unbind());
            Rule::Later(Arc::new(Later::new(Box::new(Annotation { text, resolve, this: Arc::clone(this) }))))
        }
    })
}

/// Objects of a native class, of the class that its objects appear as, or of any other that extends it in Python.
fn object(class: &Bound<'_, PyAny>) -> PyResult<Rule> {
    let data = class::argument(class)?;
    let class = class.cast::<PyType>()?;
    // SAFETY: a class of ours or a subclass.
    let native = unsafe { is_native(class.as_type_ptr()) };
    if native || data.shown_class(class.py()).is(class) {
        return Ok(Rule::Object(data.info));
    }
    Ok(Rule::Instance(data.info, Arc::new(Class::new(class.clone().into_any())?)))
}

/// A class of Python's.
struct Class {
    class: Py<PyAny>,
    name: String,
}

impl Class {
    fn new(class: Bound<'_, PyAny>) -> PyResult<Self> {
        let name = class.cast::<PyType>()?.qualname()?.to_string();
        Ok(Self { class: class.unbind(), name })
    }
}

impl ForeignClass for Class {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn admits(&self, value: &PyValue) -> Result<bool, Error> {
        let admits = attach_to_drop(|py| {
            let value = super::give(py, value)?;
            value.is_instance(self.class.bind(py)).map_err(from_exception)
        });
        admits.unwrap_or_else(|| Err(Error::runtime("the interpreter has ended")))
    }
}

/// An annotation that names what is not there yet.
struct Annotation {
    text: String,
    resolve: Py<PyAny>,
    this: This,
}

impl Resolve for Annotation {
    fn text(&self) -> &str {
        &self.text
    }

    fn resolve(&self) -> Result<Rule, Error> {
        let unresolved =
            |what: &str| Error::type_error(format!("cannot resolve the annotation '{}': {what}", self.text));
        let rule = attach_to_drop(|py| {
            let description = self.resolve.bind(py).call0()?;
            if description.get_item(0)?.extract::<String>()? == "later" {
                // Why, once more.
                description.get_item(2)?.call0()?;
                return Err(PyNameError::new_err("a name in it is not defined"));
            }
            of(description.cast::<PyTuple>()?, &self.this)
        });
        match rule {
            Some(Ok(rule)) => Ok(rule),
            Some(Err(exception)) => {
                let of_its_own = attach_to_drop(|py| {
                    let unknown = exception.is_instance_of::<PyNameError>(py)
                        || exception.is_instance_of::<pyo3::exceptions::PyTypeError>(py);
                    unknown.then(|| exception.value(py).to_string())
                });
                match of_its_own.flatten() {
                    Some(text) => {
                        discard(exception);
                        Err(unresolved(&text))
                    }
                    None => Err(from_exception(exception)),
                }
            }
            None => Err(unresolved("the interpreter has ended")),
        }
    }
}

/// The exception for an error at a field.
pub(super) fn at(py: Python<'_>, error: Error, field: &str) -> PyErr {
    to_exception(py, error.at(field))
}
