//! Enums with data.

use ffi_object::{ffi_function, ffi_methods, AnyObj, FfiObject, List, Mut, Obj, PyValue};

/// A figure in the plane.
#[derive(FfiObject)]
pub(crate) enum Figure {
    /// All points at a distance.
    Circle {
        /// The distance.
        radius: Mut<f64>,
        #[ffi(default = String::from("unnamed"))]
        label: String,
    },
    Rectangle(f64, #[ffi(default = 1.0)] f64),
    Group(Obj<List<Obj<Figure>>>),
    Within {
        #[ffi(default)]
        outer: Mut<Option<Obj<Figure>>>,
        #[ffi(default)]
        tag: Mut<Option<PyValue>>,
        #[ffi(skip)]
        _uses: u32,
    },
    #[ffi(name = "Nothing")]
    Empty,
}

#[ffi_methods]
impl Figure {
    fn area(&self) -> f64 {
        match self {
            Self::Circle { radius, .. } => radius.get() * radius.get() * 3.0,
            Self::Rectangle(width, height) => width * height,
            Self::Group(shapes) => shapes.iter().map(|shape| shape.area()).sum(),
            Self::Within { outer, .. } => outer.get().map_or(0.0, |outer| outer.area()),
            Self::Empty => 0.0,
        }
    }

    /// A figure that is so many times as large.
    fn scaled(&self, factor: f64) -> Figure {
        match self {
            Self::Circle { radius, label } => {
                Self::Circle { radius: Mut::new(radius.get() * factor), label: label.clone() }
            }
            Self::Rectangle(width, height) => Self::Rectangle(width * factor, height * factor),
            _ => Self::Empty,
        }
    }

    fn square(side: f64) -> Figure {
        Self::Rectangle(side, side)
    }
}

/// Has figures as fields.
#[derive(FfiObject)]
pub(crate) struct Drawing {
    main: Mut<Obj<Figure>>,
    #[ffi(default)]
    all: Obj<List<Obj<Figure>>>,
}

#[ffi_function]
fn rust_figures() -> Vec<Figure> {
    vec![Figure::Circle { radius: Mut::new(1.0), label: "one".into() }, Figure::Rectangle(2.0, 3.0), Figure::Empty]
}

#[ffi_function]
fn total_area(shapes: Vec<Obj<Figure>>) -> f64 {
    shapes.iter().map(|shape| shape.area()).sum()
}

#[ffi_function]
fn is_figure(object: AnyObj) -> bool {
    object.is::<Figure>()
}

/// An object that has been one variant and is now another, as Rust can do before Python sees it.
#[ffi_function]
fn turncoat() -> Obj<Figure> {
    let mut shape = Obj::new(Figure::Rectangle(1.0, 2.0));
    if let Some(value) = shape.get_mut() {
        *value = Figure::Empty;
    }
    shape
}
