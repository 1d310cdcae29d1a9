//! Types that are defined while the program runs, without any frontend.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ffi_object::defined::{DefaultValue, NewDefault, NewField, NewType, Rule, define, publish};
use ffi_object::info::ParamKind;
use ffi_object::{Any, AnyObj, Error, FfiObject, Mut, Obj, Object, TypeInfo, WeakObj, live_objects, structural};

/// Counts when it is dropped.
#[derive(Default)]
struct Counted(Option<Arc<AtomicUsize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(drops) = &self.0 {
            drops.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[derive(FfiObject)]
#[ffi(no_init)]
#[repr(C, align(128))]
struct Base {
    name: Mut<String>,
    #[ffi(kw_only, default = 5)]
    level: i64,
    #[ffi(init = false, default = vec![1, 2])]
    hidden: Vec<i64>,
    #[ffi(skip)]
    counted: std::sync::Mutex<Counted>,
}

fn field(name: &str, rule: Rule) -> NewField {
    NewField {
        name: name.into(),
        doc: String::new(),
        rule,
        mutable: true,
        param: ParamKind::Standard,
        repr: true,
        default: None,
    }
}

fn with_default(name: &str, rule: Rule, value: impl Into<Any>) -> NewField {
    let default = NewDefault { text: "...".into(), value: DefaultValue::Value(value.into()) };
    NewField { default: Some(default), ..field(name, rule) }
}

fn try_defining(name: &str, base: &'static TypeInfo, fields: Vec<NewField>) -> Result<&'static TypeInfo, Error> {
    let new = NewType {
        key: format!("tests.{name}"),
        name: name.into(),
        module: "tests".into(),
        doc: String::new(),
        source: (file!().into(), line!()),
        base,
        fields,
        this: Arc::default(),
    };
    let class = define(new)?;
    publish(class);
    Ok(class.info)
}

fn defining(name: &str, base: &'static TypeInfo, fields: Vec<NewField>) -> &'static TypeInfo {
    try_defining(name, base, fields).unwrap()
}

fn message<T>(result: Result<T, Error>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

fn optional(rule: Rule) -> Rule {
    Rule::OneOf([rule, Rule::None].into())
}

#[test]
fn all_kinds_of_storage_are_written_read_and_dropped() {
    for mutable in [true, false] {
        let rules = [
            ("bool", Rule::Bool, Any::from(true), Any::from(1)),
            ("int", Rule::Int, Any::from(-3), Any::from("x")),
            ("float", Rule::Float, Any::from(1.5), Any::from("x")),
            ("str", Rule::Str, Any::from("text"), Any::from(1)),
            ("bytes", Rule::Bytes, Any::from(&b"bytes"[..]), Any::from(1)),
            ("object", Rule::Object(Object::TYPE), Any::from(Obj::new(Leaf { x: 1 })), Any::from(1)),
            ("maybe", optional(Rule::Object(Leaf::TYPE)), Any::None, Any::from(1)),
            ("any", Rule::Any, Any::from(vec![Any::from(1), Any::from("x")]), Any::None),
        ];
        let fields =
            rules.iter().map(|(name, rule, ..)| NewField { mutable, ..field(name, rule.clone()) }).collect::<Vec<_>>();
        let info = defining(if mutable { "Changing" } else { "Fixed" }, Object::TYPE, fields);
        let values: Vec<_> = rules.iter().map(|(name, _, value, _)| (*name, value.clone())).collect();
        let object = info.make(&values).unwrap();
        for (name, rule, value, wrong) in &rules {
            assert_eq!(object.field(name).unwrap(), *value);
            assert_eq!(info.field(name).unwrap().1.type_name(), rule.name());
            match (mutable, *name) {
                (false, _) => assert!(message(object.set_field(name, value)).ends_with("is not writable")),
                (true, "any") => object.set_field(name, wrong).unwrap(),
                (true, _) => {
                    assert!(
                        message(object.set_field(name, wrong)).starts_with(&format!("{}.{name}: expected", info.name))
                    );
                    assert_eq!(object.field(name).unwrap(), *value);
                    object.set_field(name, value).unwrap();
                }
            }
        }
        assert!(structural::equal(&object, &object.clone()).unwrap());
        let other = info.make(&values).unwrap();
        assert_eq!(structural::equal(&object, &other).unwrap(), !mutable);
        drop((object, other, values));
        drop(rules);
        assert_eq!((live_objects(info), live_objects(Leaf::TYPE)), (0, 0));
    }
}

#[derive(FfiObject)]
struct Leaf {
    x: i64,
}

#[test]
fn the_part_of_a_type_of_rusts_is_built_and_dropped_as_ever() {
    let middle = defining("Middle", Base::TYPE, vec![with_default("more", Rule::Float, 0.5)]);
    let keyword = NewField { param: ParamKind::KeywordOnly, ..field("last", Rule::Str) };
    let info = defining("Derived", middle, vec![keyword, with_default("text", Rule::Str, "t")]);
    assert_eq!(info.size() % 128, 0);
    let params: Vec<_> = info.constructor().unwrap().signature.params.iter().map(|param| param.name).collect();
    assert_eq!(params, ["name", "more", "text", "level", "last", "hidden"]);

    let object = info.make(&[("name", "n".into()), ("last", "l".into()), ("level", 7.into())]).unwrap();
    let base = object.downcast_ref::<Base>().unwrap();
    assert_eq!(std::ptr::from_ref(base).addr() % 128, 0);
    assert_eq!((base.name.get().as_str(), base.level, &base.hidden[..]), ("n", 7, &[1, 2][..]));
    let texts = ["name", "last", "text"].map(|name| object.field(name).unwrap().to::<String>().unwrap());
    assert_eq!(texts, ["n", "l", "t"]);
    assert_eq!(object.field("more").unwrap(), Any::from(0.5));
    assert!(object.type_info().is_a(middle) && object.type_info().is_a(Base::TYPE));

    let drops = Arc::new(AtomicUsize::new(0));
    base.counted.lock().unwrap().0 = Some(Arc::clone(&drops));
    let typed: Obj<Base> = object.downcast().ok().unwrap();
    let weak: WeakObj<Base> = typed.downgrade();
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(typed);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(weak.upgrade().is_none());
    assert_eq!(live_objects(info), 0);
}

#[test]
fn what_cannot_be_built_leaves_nothing() {
    let info = defining("Unbuilt", Base::TYPE, vec![field("x", Rule::Int), field("y", Rule::Object(Leaf::TYPE))]);
    let leaf = Any::from(Obj::new(Leaf { x: 1 }));
    let make = |name: Any, x: Any| info.make(&[("name", name), ("x", x), ("y", leaf.clone())]);
    assert_eq!(message(make("n".into(), "x".into())), "Unbuilt() argument 'x': expected int, got str");
    assert_eq!(message(make(1.into(), 1.into())), "Unbuilt() argument 'name': expected str, got int");
    assert_eq!(
        message(info.make(&[("name", "n".into()), ("x", 1.into())])),
        "Unbuilt() missing required argument: 'y'"
    );
    let Any::Object(owner) = &leaf else { unreachable!() };
    assert_eq!((live_objects(info), owner.owners()), (0, 1));
    assert!(make("n".into(), 1.into()).is_ok());
}

#[test]
fn a_hierarchy_is_traced_as_its_root_says() {
    assert!(defining("Root", Object::TYPE, vec![]).is_traced());
    assert!(defining("Below", defining("Above", Object::TYPE, vec![]), vec![field("x", Rule::Int)]).is_traced());
    assert!(!Plain::TYPE.is_traced());
    assert!(!defining("OfPlain", Plain::TYPE, vec![field("y", optional(Rule::Object(Plain::TYPE)))]).is_traced());
    assert!(defining("OfTraced", Traced::TYPE, vec![field("y", Rule::Any)]).is_traced());
    for (rule, name) in [(Rule::Any, "object"), (Rule::Callable, "Callable"), (Rule::Object(Object::TYPE), "Object")] {
        assert_eq!(
            message(try_defining("No", Plain::TYPE, vec![field("y", rule)])),
            format!(
                "No.y: a class that extends 'Plain' cannot have a field of type {name}: Python's garbage collector does \
                 not look into objects of 'Plain'"
            )
        );
    }
    assert_eq!(message(TypeInfo::find("No")), "there is no type of objects 'No'");
}

#[derive(FfiObject)]
struct Plain {
    x: i64,
}

#[derive(FfiObject)]
struct Traced {
    #[ffi(default)]
    any: Mut<Any>,
}

#[test]
fn names_lead_to_the_latest_definition() {
    let first = defining("Again", Object::TYPE, vec![field("x", Rule::Int)]);
    let object = first.make(&[("x", 1.into())]).unwrap();
    let second = defining("Again", Object::TYPE, vec![field("y", Rule::Int)]);
    assert!(std::ptr::eq(TypeInfo::find("Again").unwrap(), second));
    assert!(std::ptr::eq(TypeInfo::find("tests.Again").unwrap(), second));
    assert_eq!(object.field("x").unwrap(), Any::from(1));
    let twice = vec![field("x", Rule::Int), field("x", Rule::Int)];
    assert_eq!(message(try_defining("Twice", Object::TYPE, twice)), "Twice.x: there are two fields of this name");
    let hiding = try_defining("Hiding", first, vec![field("x", Rule::Int)]);
    assert_eq!(message(hiding), "Hiding.x: 'Again' has a field of this name already");
}

#[test]
fn rules_of_parts() {
    let pair = Rule::Tuple([Rule::Float, optional(Rule::Str)].into());
    let fields = vec![field("pair", pair), field("all", Rule::TupleOf(Arc::new(Rule::Int)))];
    let info = defining("Parts", Object::TYPE, fields);
    let make = |pair: Vec<Any>, all: Vec<Any>| info.make(&[("pair", pair.into()), ("all", all.into())]);
    let made = make(vec![1.into(), Any::None], vec![]).unwrap();
    // The rule has made floats of it.
    assert!(matches!(made.field("pair").unwrap(), Any::Tuple(items) if matches!(items[0], Any::Float(_))));
    assert_eq!(message(make(vec![1.into()], vec![])), "Parts() argument 'pair': expected 2 items, got 1");
    let wrong = message(make(vec![1.into(), 2.into()], vec![]));
    assert_eq!(wrong, "Parts() argument 'pair': item 1: expected str | None, got int");
    assert_eq!(message(made.set_field("all", &(1, 2.5))), "Parts.all: item 1: expected int, got float");
}

#[test]
fn long_chains_and_threads() {
    let info = defining("Link", Object::TYPE, vec![field("next", optional(Rule::Object(Object::TYPE)))]);
    let mut last: Option<AnyObj> = None;
    for _ in 0..200_000 {
        let next = last.take().map_or(Any::None, Any::Object);
        last = Some(info.make(&[("next", next)]).unwrap());
    }
    drop(last);
    assert_eq!(live_objects(info), 0);

    let shared = info.make(&[("next", Any::None)]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    let other = info.make(&[("next", Any::None)]).unwrap();
                    shared.set_field("next", &Any::Object(other)).unwrap();
                    assert!(matches!(shared.field("next").unwrap(), Any::Object(_)));
                }
            });
        }
    });
    drop(shared);
    assert_eq!(live_objects(info), 0);
}
