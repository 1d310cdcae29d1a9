//! What `#[derive(FfiObject)]` says of a type.

use ffi_object::{Any, ErrorKind, FfiObject, List, Mut, Obj, registry};
use ffi_object_tests::construct;

const LIMIT: i64 = 7;

const POINT_LINE: u32 = line!() + 6;

/// A point.
///
/// In the plane.
#[derive(FfiObject)]
struct Point {
    /// Horizontal.
    x: Mut<f64>,
    y: Mut<f64>,
}

#[derive(FfiObject)]
#[ffi(name = "Line", module = "shapes.lines")]
struct Polyline {
    points: Obj<List<Obj<Point>>>,
    r#type: i64,
    next: Option<Obj<Self>>,
    #[ffi(default = String::from("unnamed"), name = "title")]
    label: Mut<String>,
    #[ffi(default)]
    count: u8,
    #[ffi(default = LIMIT + Self::EXTRA)]
    limit: i64,
    #[ffi(skip)]
    cache: std::sync::OnceLock<f64>,
    #[ffi(skip, default = 3)]
    seed: u32,
}

impl Polyline {
    const EXTRA: i64 = 1;
}

#[derive(FfiObject)]
#[ffi(no_init)]
struct Unit;

#[derive(FfiObject)]
#[repr(C)]
struct Point3 {
    #[ffi(base)]
    point: Point,
    z: f64,
}

#[derive(FfiObject)]
#[repr(C, align(16))]
struct Named3 {
    #[ffi(base)]
    base: Point3,
    #[ffi(default = "n".into())]
    name: String,
}

#[test]
fn a_descriptor_says_what_was_written() {
    let info = Point::TYPE;
    assert_eq!((info.name, info.key, info.doc), ("Point", "types::Point", "A point.\n\nIn the plane."));
    assert_eq!(info.module, None);
    assert!(info.source.file.ends_with("types.rs"));
    assert_eq!(info.source.line, POINT_LINE);
    let fields: Vec<_> = info.fields.iter().map(|f| (f.name, f.doc, (f.ty().name)(), f.ty().writable)).collect();
    assert_eq!(fields, [("x", "Horizontal.", "float".into(), true), ("y", "", "float".into(), true)]);
}

#[test]
fn fields_have_names_defaults_and_offsets() {
    let info = Polyline::TYPE;
    assert_eq!((info.name, info.module), ("Line", Some("shapes.lines")));
    let names: Vec<_> = info.fields.iter().map(|f| f.name).collect();
    assert_eq!(names, ["points", "type", "next", "title", "count", "limit"]);
    assert_eq!(info.fields[3].offset as usize, std::mem::offset_of!(Polyline, label));
    let params = info.constructor().unwrap().signature.params;
    let defaults: Vec<_> = params.iter().map(|p| p.default).collect();
    let expected =
        [None, None, None, Some("String::from(\"unnamed\")"), Some("Default::default()"), Some("LIMIT + Self::EXTRA")];
    assert_eq!(defaults, expected);
    assert_eq!((params[2].type_name)(), "Line | None");
}

#[test]
fn a_type_without_a_constructor() {
    assert!(Unit::TYPE.constructor().is_none());
    assert!(Unit::TYPE.fields.is_empty());
    let _ = Obj::new(Unit);
}

#[test]
fn bases_come_first() {
    let names = |params: &[ffi_object::__private::Param]| params.iter().map(|p| p.name).collect::<Vec<_>>();
    assert_eq!(names(Named3::TYPE.constructor().unwrap().signature.params), ["x", "y", "z", "name"]);
    let lineage: Vec<_> = Named3::LINEAGE.iter().map(|t| t.name).collect();
    assert_eq!(lineage, ["Object", "Point", "Point3", "Named3"]);
    assert!(Named3::TYPE.is_a(Point::TYPE));
    assert!(!Point::TYPE.is_a(Named3::TYPE));
    let all: Vec<_> = Named3::TYPE.all_fields().map(|(t, f)| (t.name, f.name)).collect();
    assert_eq!(all, [("Point", "x"), ("Point", "y"), ("Point3", "z"), ("Named3", "name")]);

    let point = Point { x: Mut::new(1.0), y: Mut::new(2.0) };
    let object = Obj::new(Named3 { base: Point3 { point, z: 3.0 }, name: "a".into() });
    let point: Obj<Point> = object.upcast().upcast();
    assert_eq!(point.y.get(), 2.0);
    assert_eq!(point.type_info().name, "Named3");
    let back = point.into_any().downcast::<Named3>().unwrap();
    assert_eq!((back.base.z, &*back.name), (3.0, "a"));
    assert!(back.upcast().downcast::<Polyline>().is_err());
}

#[test]
fn the_registry_knows_all_types_bases_first() {
    let names: Vec<_> = registry().unwrap().classes.iter().map(|c| c.info.name).collect();
    let place = |name| names.iter().position(|n| *n == name).unwrap();
    assert!(place("Object") < place("Point") && place("Point") < place("Point3") && place("Point3") < place("Named3"));
    assert!(names.contains(&"Line") && names.contains(&"Unit"));
}

#[test]
fn skipped_fields_are_only_rusts() {
    let line = Obj::new(Polyline {
        points: Obj::new(List::new()),
        r#type: 1,
        next: None,
        label: Mut::new("l".into()),
        count: 0,
        limit: 1,
        cache: std::sync::OnceLock::new(),
        seed: 3,
    });
    assert_eq!(*line.cache.get_or_init(|| 2.0), 2.0);
    assert_eq!((line.seed, line.points.len()), (3, 0));
}

#[test]
fn fields_are_arguments_of_the_constructor() {
    let args = [Some(Any::Float(1.0)), Some(Any::Float(2.0)), Some(Any::Float(3.0)), None];
    let parts = |made: &Named3| (made.base.point.x.get(), made.base.z, made.name.clone());
    assert_eq!(construct(&args, parts).unwrap(), (1.0, 3.0, "n".into()));

    let points = Any::from(Obj::new(List::<Obj<Point>>::new()));
    let args = [Some(points.clone()), Some(Any::Int(5)), Some(Any::None), Some("t".into()), None, None];
    construct(&args, |line: &Polyline| {
        assert_eq!((line.r#type, line.label.get(), line.count, line.limit, line.seed), (5, "t".to_owned(), 0, 8, 3));
        assert!(line.next.is_none() && line.cache.get().is_none());
    })
    .unwrap();

    let args = [Some(points), Some("five".into()), Some(Any::None), None, None, None];
    let error = construct(&args, |_: &Polyline| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Type);
    assert_eq!(error.to_string(), "Line() argument 'type': expected int, got str");
    let error = construct(&[None, None], |_: &Point| ()).unwrap_err();
    assert_eq!(error.to_string(), "Point() missing required argument: 'x'");
}
