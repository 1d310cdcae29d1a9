//! Drawings, with PyO3 alone.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Something to draw.
#[pyclass(subclass, module = "compare.pyo3")]
#[derive(Debug)]
pub(crate) struct Shape {
    #[pyo3(get, set)]
    name: String,
    #[pyo3(get, set)]
    opacity: f64,
}

#[pymethods]
impl Shape {
    #[new]
    #[pyo3(signature = (name, opacity = 1.0))]
    fn new(name: String, opacity: f64) -> Self {
        Self { name, opacity }
    }
}

/// A circle.
#[pyclass(extends = Shape, subclass, module = "compare.pyo3")]
#[derive(Debug)]
pub(crate) struct Circle {
    #[pyo3(get, set)]
    radius: f64,
}

#[pymethods]
impl Circle {
    #[new]
    #[pyo3(signature = (name, opacity = 1.0, radius = 1.0))]
    fn new(name: String, opacity: f64, radius: f64) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Shape::new(name, opacity)).add_subclass(Self { radius })
    }
}

/// A rectangle.
#[pyclass(extends = Shape, subclass, module = "compare.pyo3")]
#[derive(Debug)]
pub(crate) struct Rectangle {
    #[pyo3(get, set)]
    width: f64,
    #[pyo3(get, set)]
    height: f64,
}

#[pymethods]
impl Rectangle {
    #[new]
    #[pyo3(signature = (name, opacity = 1.0, width = 1.0, height = 1.0))]
    fn new(name: String, opacity: f64, width: f64, height: f64) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Shape::new(name, opacity)).add_subclass(Self { width, height })
    }
}

/// How a layer goes with what is below it.
#[pyclass(eq, eq_int, from_py_object, module = "compare.pyo3")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Blend {
    Normal,
    Multiply,
}

/// Shapes, one above the other.
#[pyclass(subclass, module = "compare.pyo3")]
#[derive(Debug)]
pub(crate) struct Layer {
    #[pyo3(get, set)]
    title: String,
    #[pyo3(get)]
    shapes: Py<PyList>,
    #[pyo3(get, set)]
    visible: bool,
    #[pyo3(get, set)]
    blend: Blend,
}

#[pymethods]
impl Layer {
    #[new]
    #[pyo3(signature = (title, shapes = None, visible = true, blend = Blend::Normal))]
    fn new(py: Python<'_>, title: String, shapes: Option<Py<PyList>>, visible: bool, blend: Blend) -> Self {
        let shapes = shapes.unwrap_or_else(|| PyList::empty(py).unbind());
        Self { title, shapes, visible, blend }
    }
}

/// Layers by name.
#[pyclass(subclass, module = "compare.pyo3")]
#[derive(Debug)]
pub(crate) struct Drawing {
    #[pyo3(get)]
    layers: Py<PyDict>,
    #[pyo3(get, set)]
    background: Option<Py<Shape>>,
}

create_exception!(compare.pyo3, DrawingError, PyException, "What goes wrong with drawings.");
// A class made so has one base: that these are a `KeyError` and a `ValueError` too cannot be said.
create_exception!(compare.pyo3, NoLayer, DrawingError, "There is no such layer.");
create_exception!(compare.pyo3, Hidden, DrawingError, "There is nothing to see.");

#[pymethods]
impl Drawing {
    #[new]
    #[pyo3(signature = (layers = None, background = None))]
    fn new(py: Python<'_>, layers: Option<Py<PyDict>>, background: Option<Py<Shape>>) -> Self {
        let layers = layers.unwrap_or_else(|| PyDict::new(py).unbind());
        Self { layers, background }
    }

    /// The topmost shape of a layer, if it has any.
    fn top(&self, py: Python<'_>, title: &str) -> PyResult<Option<Py<Shape>>> {
        let layer = self.layers.bind(py).get_item(title)?;
        let layer = layer.ok_or_else(|| NoLayer::new_err(format!("no layer {title:?}")))?;
        let layer = layer.cast::<Layer>()?.borrow();
        if !layer.visible {
            return Err(Hidden::new_err(format!("layer {title:?} is hidden")));
        }
        let shapes = layer.shapes.bind(py);
        let Some(last) = shapes.len().checked_sub(1) else { return Ok(None) };
        Ok(Some(shapes.get_item(last)?.cast_into::<Shape>()?.unbind()))
    }
}

pub(crate) fn fill(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add_class::<Shape>()?;
    module.add_class::<Circle>()?;
    module.add_class::<Rectangle>()?;
    module.add_class::<Blend>()?;
    module.add_class::<Layer>()?;
    module.add_class::<Drawing>()?;
    module.add("DrawingError", py.get_type::<DrawingError>())?;
    module.add("NoLayer", py.get_type::<NoLayer>())?;
    module.add("Hidden", py.get_type::<Hidden>())
}
