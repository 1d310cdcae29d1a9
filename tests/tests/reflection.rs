//! Reflection by name, without any frontend.

use ffi_object::{Any, Error, FfiObject, List, Mut, Obj, TypeInfo, WeakObj, ffi_methods, live_objects};

#[derive(FfiObject)]
struct Shape {
    name: Mut<String>,
}

/// A field hides its base's.
#[derive(FfiObject)]
#[ffi(module = "shapes")]
#[repr(C)]
struct Round {
    #[ffi(base)]
    shape: Shape,
    #[ffi(default = 1.0)]
    radius: Mut<f64>,
    #[ffi(default)]
    next: Mut<Option<Obj<Shape>>>,
    #[ffi(default)]
    back: Mut<WeakObj<Shape>>,
    #[ffi(default)]
    parts: Obj<List<Any>>,
    #[ffi(skip)]
    seen: u8,
}

/// Its own constructor checks what it is given.
#[derive(FfiObject)]
struct Even {
    value: i64,
}

#[ffi_methods]
impl Even {
    #[ffi(new)]
    fn new(value: i64, #[ffi(args)] rest: Vec<i64>) -> Result<Self, Error> {
        match value % 2 {
            0 => Ok(Self { value: value + i64::try_from(rest.len()).unwrap_or(0) }),
            _ => Err(Error::value(format!("{value} is odd"))),
        }
    }
}

#[derive(FfiObject)]
#[ffi(no_init)]
struct Sealed {
    value: i64,
}

mod twice {
    #[derive(ffi_object::FfiObject)]
    #[ffi(name = "Double", module = "one")]
    pub(crate) struct One {}

    #[derive(ffi_object::FfiObject)]
    #[ffi(name = "Double", module = "two")]
    pub(crate) struct Two {}
}

fn message<T>(result: Result<T, Error>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn objects_are_made_read_and_written_by_name() {
    let info = TypeInfo::find("Round").unwrap();
    assert!(std::ptr::eq(info, Round::TYPE));
    let round = info.make(&[("radius", Any::from(2)), ("name", Any::from("r"))]).unwrap();
    assert!(std::ptr::eq(round.type_info(), Round::TYPE));
    assert_eq!(round.owners(), 1);
    assert_eq!(round.field("radius").unwrap(), Any::from(2.0));
    assert_eq!(round.field("name").unwrap(), Any::from("r"));
    assert_eq!(round.field("next").unwrap(), Any::None);

    let typed = round.clone().downcast::<Round>().ok().unwrap();
    assert_eq!((typed.seen, typed.parts.len()), (0, 0));
    let shape = TypeInfo::find("Shape").unwrap().make(&[("name", Any::from("s"))]).unwrap();
    round.set_field("next", &shape).unwrap();
    round.set_field("back", &Any::Object(round.clone())).unwrap();
    assert!(typed.next.get().unwrap().ptr_eq(&shape));
    assert_eq!(round.field("back").unwrap(), Any::Object(round.clone()));
    assert_eq!(message(round.set_field("next", &1)), "Round.next: expected Shape, got int");
    assert!(typed.next.get().unwrap().ptr_eq(&shape));
    assert_eq!(message(round.set_field("name", &())), "Shape.name: expected str, got None");
    assert_eq!(message(round.set_field("parts", &())), "attribute 'parts' of 'Round' objects is not writable");
    assert_eq!(message(round.field("seen")), "'Round' objects have no field 'seen'");
}

#[test]
fn what_cannot_be_made_leaves_nothing_behind() {
    let info = Round::TYPE;
    let before = live_objects(info);
    assert_eq!(message(info.make(&[])), "Round() missing required argument: 'name'");
    let twice = [("name", Any::from("a")), ("name", Any::from("b"))];
    assert_eq!(message(info.make(&twice)), "Round() got multiple values for argument 'name'");
    assert_eq!(message(info.make(&[("seen", Any::from(1))])), "Round() got an unexpected keyword argument 'seen'");
    let wrong = [("name", Any::from("a")), ("radius", Any::from("b"))];
    assert_eq!(message(info.make(&wrong)), "Round() argument 'radius': expected float, got str");
    assert_eq!(live_objects(info), before);
    assert_eq!(message(Sealed::TYPE.make(&[("value", Any::from(1))])), "cannot create 'Sealed' instances");
    assert_eq!(Obj::new(Sealed { value: 1 }).into_any().field("value").unwrap(), Any::from(1));
}

#[test]
fn a_constructor_of_its_own_is_called() {
    let info = TypeInfo::find("Even").unwrap();
    assert_eq!(info.make(&[("value", Any::from(4))]).unwrap().field("value").unwrap(), Any::from(4));
    assert_eq!(message(info.make(&[("value", Any::from(5))])), "5 is odd");
}

#[test]
fn types_are_found_by_name_module_or_key() {
    assert!(TypeInfo::find("shapes.Round").is_ok());
    assert_eq!(message(TypeInfo::find("other.Round")), "there is no type of objects 'other.Round'");
    let one = <twice::One as FfiObject>::TYPE;
    assert!(std::ptr::eq(TypeInfo::find(one.key).unwrap(), one));
    assert!(std::ptr::eq(TypeInfo::find("two.Double").unwrap(), <twice::Two as FfiObject>::TYPE));
    assert_eq!(
        message(TypeInfo::find("Double")),
        "'Double' is the name of several types, tell them apart by key: reflection::twice::One, reflection::twice::Two"
    );
    assert!(std::ptr::eq(TypeInfo::find("Object").unwrap(), <ffi_object::Object as FfiObject>::TYPE));
}

#[test]
fn fields_describe_themselves() {
    let (owner, name) = Round::TYPE.field("name").unwrap();
    assert!(std::ptr::eq(owner, Shape::TYPE));
    assert_eq!((name.type_name(), name.is_required(), name.is_read_only()), ("str".into(), true, false));
    let (_, parts) = Round::TYPE.field("parts").unwrap();
    assert_eq!((parts.is_required(), parts.is_read_only()), (false, true));
    assert_eq!(<Even as FfiObject>::TYPE.size(), 32 + 8);
}
