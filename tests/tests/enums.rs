//! What the macros say of enums: members without data, variants with.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use ffi_object::{Any, ErrorKind, FfiEnum, FfiObject, List, Mut, Obj, live_objects, registry, value};
use ffi_object_tests::construct;

#[derive(FfiEnum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[ffi(name = "Colour", module = "paint", rename_all = "snake_case")]
#[repr(u64)]
enum Color {
    /// As blood.
    DarkRed = 1 << 63,
    Green = 3,
    #[ffi(skip)]
    Secret,
}

#[derive(FfiEnum, Clone, Copy, Debug, PartialEq)]
#[ffi(int)]
enum Level {
    Low = -1,
    High,
}

/// Counts its owners in Rust, so that a test sees when it is dropped.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A figure.
#[derive(FfiObject)]
enum Shape {
    /// Round.
    Circle {
        radius: Mut<f64>,
        #[ffi(default = Self::LABEL.to_owned(), name = "title")]
        label: String,
    },
    Group(Obj<List<Obj<Shape>>>, #[ffi(skip)] Counted),
    Empty,
}

impl Shape {
    const LABEL: &'static str = "unnamed";
}

#[derive(FfiObject)]
struct Holder {
    shape: Obj<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
struct Even(u8);
value!(Even as u8, |even| even.0, |number| match number % 2 {
    0 => Ok(Even(number)),
    _ => Err(ffi_object::Error::value(format!("{number} is odd"))),
});

#[test]
fn descriptors_of_enums() {
    let info = Color::INFO;
    assert_eq!((info.name, info.module, info.int), ("Colour", Some("paint"), false));
    assert_eq!(info.key, "enums::Color");
    let members: Vec<_> = info.members.iter().map(|m| (m.name, m.doc, m.value)).collect();
    assert_eq!(members, [("dark_red", "As blood.", 1 << 63), ("green", "", 3)]);
    assert!(Level::INFO.int);
    assert_eq!(Level::INFO.members[0].value, -1);
    let names: Vec<_> = registry().unwrap().enums.iter().map(|info| info.name).collect();
    assert_eq!(names, ["Colour", "Level"]);
}

#[test]
fn members_come_back_as_their_variants() {
    for color in [Color::DarkRed, Color::Green] {
        assert_eq!(Any::of(&color).unwrap().to::<Color>().unwrap(), color);
    }
    let error = Any::of(&Color::Secret).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    assert_eq!(error.to_string(), "the value is a variant of Colour that only Rust sees");
    for wrong in [Any::of(&Level::Low).unwrap(), Any::from(3), Any::from("green"), Any::None] {
        let error = wrong.to::<Color>().unwrap_err();
        assert_eq!(error.to_string(), format!("expected Colour, got {}", wrong.type_name()));
    }
    // As in Python: an `IntEnum` equals its number, an `Enum` does not.
    assert_eq!(Any::of(&Level::Low).unwrap(), Any::from(-1));
    assert_ne!(Any::of(&Color::Green).unwrap(), Any::from(3));
    assert_eq!(format!("{:?}", Any::of(&Color::Green).unwrap()), "Colour.green");
}

#[test]
fn each_variant_has_a_type_that_extends_the_enums() {
    let circle = Obj::new(Shape::Circle { radius: Mut::new(1.0), label: "c".into() });
    let info = circle.type_info();
    assert_eq!((info.name, info.key, info.doc), ("Shape_Circle", "enums::Shape::Circle", "Round."));
    assert!(info.is_a(Shape::TYPE) && !std::ptr::eq(info, Shape::TYPE));
    assert_eq!(info.fields.iter().map(|f| f.name).collect::<Vec<_>>(), ["radius", "title"]);
    assert!(Shape::TYPE.constructor().is_none() && info.constructor().is_some());
    assert_eq!(Obj::new(Shape::Empty).type_info().name, "Shape_Empty");
    let variants = &registry().unwrap().variants;
    let names: Vec<_> = variants.iter().map(|(of, name, info)| (of.name, *name, info.name)).collect();
    assert_eq!(
        names,
        [("Shape", "Circle", "Shape_Circle"), ("Shape", "Empty", "Shape_Empty"), ("Shape", "Group", "Shape_Group"),]
    );
    let any = circle.into_any();
    assert!(any.is::<Shape>() && any.downcast_ref::<Holder>().is_none());
    let back = any.downcast::<Shape>().unwrap();
    assert!(matches!(&*back, Shape::Circle { label, .. } if label == "c"));
    assert!(construct(&[], |_: &Shape| ()).is_err());
}

#[test]
fn a_variant_is_dropped_once_with_what_it_holds() {
    let drops = Arc::new(AtomicUsize::new(0));
    let inner = Obj::new(Shape::Empty);
    let list = Obj::new([inner.clone()].into_iter().collect::<List<_>>());
    let group = Obj::new(Shape::Group(list, Counted(Arc::clone(&drops))));
    let info = group.type_info();
    assert_eq!((live_objects(info), inner.owners()), (1, 2));
    let holder = Obj::new(Holder { shape: group.clone() });
    assert!(
        matches!(&*holder.shape, Shape::Group(list, counted) if list.len() == 1 && Arc::strong_count(&counted.0) == 2)
    );
    drop(group);
    assert_eq!(drops.load(Relaxed), 0);
    drop(holder);
    assert_eq!((drops.load(Relaxed), live_objects(info), inner.owners()), (1, 0, 1));
}

#[test]
fn a_value_that_another_stands_for() {
    assert_eq!(Any::of(&Even(4)).unwrap(), Any::from(4));
    assert_eq!(Any::from(4).to::<Even>().unwrap(), Even(4));
    assert_eq!(Any::from(5).to::<Even>().unwrap_err().to_string(), "5 is odd");
    assert_eq!(Any::from(256).to::<Even>().unwrap_err().kind(), ErrorKind::Overflow);
}
