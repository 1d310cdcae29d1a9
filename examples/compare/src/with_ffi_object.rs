//! Drawings, with ffi-object.

use ffi_object::{ffi_methods, FfiEnum, FfiError, FfiObject, List, Map, Mut, Obj};

/// Something to draw.
#[derive(Debug, FfiObject)]
pub(crate) struct Shape {
    name: Mut<String>,
    #[ffi(default = 1.0)]
    opacity: Mut<f64>,
}

/// A circle.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub(crate) struct Circle {
    #[ffi(base)]
    shape: Shape,
    #[ffi(default = 1.0)]
    radius: Mut<f64>,
}

/// A rectangle.
#[derive(Debug, FfiObject)]
#[repr(C)]
pub(crate) struct Rectangle {
    #[ffi(base)]
    shape: Shape,
    #[ffi(default = 1.0)]
    width: Mut<f64>,
    #[ffi(default = 1.0)]
    height: Mut<f64>,
}

/// How a layer goes with what is below it.
#[derive(Debug, Clone, Copy, FfiEnum)]
pub(crate) enum Blend {
    Normal,
    Multiply,
}

/// Shapes, one above the other.
#[derive(Debug, FfiObject)]
pub(crate) struct Layer {
    title: Mut<String>,
    #[ffi(default)]
    shapes: Obj<List<Obj<Shape>>>,
    #[ffi(default = true)]
    visible: Mut<bool>,
    #[ffi(default = Blend::Normal)]
    blend: Mut<Blend>,
}

/// Layers by name.
#[derive(Debug, FfiObject)]
pub(crate) struct Drawing {
    #[ffi(default)]
    layers: Obj<Map<String, Obj<Layer>>>,
    #[ffi(default)]
    background: Mut<Option<Obj<Shape>>>,
}

/// What goes wrong with drawings.
#[derive(Debug, thiserror::Error, FfiError)]
pub(crate) enum DrawingError {
    /// There is no such layer.
    #[error("no layer {title:?}")]
    #[ffi(base = "KeyError")]
    NoLayer { title: String },
    /// There is nothing to see.
    #[error("layer {title:?} is hidden")]
    #[ffi(base = "ValueError")]
    Hidden { title: String },
}

#[ffi_methods]
impl Drawing {
    /// The topmost shape of a layer, if it has any.
    #[ffi(cached)]
    fn top(&self, title: &str) -> Result<Option<Obj<Shape>>, DrawingError> {
        let layer = self.layers.get(title).ok_or_else(|| DrawingError::NoLayer { title: title.into() })?;
        if !layer.visible.get() {
            return Err(DrawingError::Hidden { title: title.into() });
        }
        Ok(layer.shapes.iter().last())
    }
}
