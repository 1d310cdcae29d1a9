//! The quickstart: annotated structs become Python classes with stable identity.
#![forbid(unsafe_code)]

use ffi_object::{ffi_function, ffi_methods, FfiObject, List, Mut, Obj};

/// A point in the plane.
#[derive(Debug, FfiObject)]
pub struct Point {
    /// Horizontal coordinate.
    pub x: Mut<f64>,
    /// Vertical coordinate.
    pub y: Mut<f64>,
}

/// A chain of straight segments.
#[derive(Debug, FfiObject)]
pub struct Polyline {
    /// The corners in order.
    pub points: Obj<List<Obj<Point>>>,
    /// What the coordinates are relative to.
    pub origin: Mut<Obj<Point>>,
    /// A name for people.
    #[ffi(default = String::from("unnamed"))]
    pub label: Mut<String>,
}

#[ffi_methods]
impl Polyline {
    /// Sum of the segment lengths.
    pub fn length(&self) -> f64 {
        self.points.to_vec().windows(2).map(|pair| distance(&pair[0], &pair[1])).sum()
    }

    /// A new polyline, moved.
    pub fn translated(&self, dx: f64, dy: f64) -> Polyline {
        let moved = |p: Obj<Point>| Obj::new(Point { x: (p.x.get() + dx).into(), y: (p.y.get() + dy).into() });
        Polyline {
            points: Obj::new(self.points.iter().map(moved).collect()),
            origin: Mut::new(self.origin.get()),
            label: Mut::new(self.label.get()),
        }
    }

    /// The first point: the canonical wrapper.
    #[ffi(cached)]
    pub fn first(&self) -> Option<Obj<Point>> {
        self.points.get(0)
    }

    /// The last point: a separate wrapper, with no look at the cache.
    pub fn last(&self) -> Option<Obj<Point>> {
        self.points.get(self.points.len().checked_sub(1)?)
    }

    /// The point in the middle: an attribute, so the canonical wrapper.
    #[ffi(getter)]
    pub fn middle(&self) -> Option<Obj<Point>> {
        self.points.get(self.points.len() / 2)
    }
}

/// The distance of two points.
#[ffi_function]
pub fn distance(a: &Point, b: &Point) -> f64 {
    (a.x.get() - b.x.get()).hypot(a.y.get() - b.y.get())
}

ffi_python::module!(geometry);
