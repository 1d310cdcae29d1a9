//! Sets: any sequence of operations does what it does to a vector in which nothing is twice.

use arbitrary::Arbitrary;
use ffi_object::__private::{Common, RawSet, SetOperation, Step};
use ffi_object::{Any, AnyObj, Error, Key, Obj, Set};

use crate::containers::{decoder, encoder, Kind};
use crate::given::{anys, same, Given};

/// An operation on a set.
#[derive(Debug, Arbitrary)]
#[expect(missing_docs, reason = "the methods that they name say it")]
pub enum SetOp {
    Insert(Given),
    Contains(Given),
    Remove(Given),
    Pop,
    Combine(How, Vec<Given>),
    Combined(How, Vec<Given>, bool),
    Common(Vec<Given>),
    Clear,
    Bind(Kind),
}

/// What makes one set of two.
#[derive(Debug, Clone, Copy, Arbitrary)]
#[expect(missing_docs, reason = "`SetOperation` says it")]
pub enum How {
    Union,
    Intersection,
    Difference,
    SymmetricDifference,
}

impl How {
    fn operation(self) -> SetOperation {
        match self {
            Self::Union => SetOperation::Union,
            Self::Intersection => SetOperation::Intersection,
            Self::Difference => SetOperation::Difference,
            Self::SymmetricDifference => SetOperation::SymmetricDifference,
        }
    }

    fn apply(self, first: &[Any], second: &[Any]) -> Vec<Any> {
        let only = |a: &[Any], b: &[Any]| a.iter().filter(|item| !b.contains(item)).cloned().collect::<Vec<_>>();
        match self {
            Self::Union => [first.to_vec(), only(second, first)].concat(),
            Self::Intersection => first.iter().filter(|item| second.contains(item)).cloned().collect(),
            Self::Difference => only(first, second),
            Self::SymmetricDifference => [only(first, second), only(second, first)].concat(),
        }
    }
}

/// Binds a set, or looks at one that is bound to this type; elements are what has an equality of its own.
fn elements_of(set: &AnyObj, kind: Kind) -> Result<Vec<Any>, Error> {
    fn all<T: Key>(set: &AnyObj) -> Result<Vec<Any>, Error> {
        let set = Any::Object(set.clone()).to::<Obj<Set<T>>>()?;
        Ok(set.iter().map(|element| Any::of(&element).unwrap()).collect())
    }
    match kind {
        Kind::Any | Kind::Float => all::<Any>(set),
        Kind::Int => all::<i64>(set),
        Kind::Str => all::<String>(set),
    }
}

/// The elements that fit, each once, and how many do not.
fn fitting(kind: Kind, items: &[Any]) -> (Vec<Any>, usize) {
    let (mut fit, mut strangers) = (Vec::new(), 0);
    for item in items {
        match kind.convert(item) {
            Ok(item) if fit.contains(&item) => (),
            Ok(item) => fit.push(item),
            Err(_) => strangers += 1,
        }
    }
    (fit, strangers)
}

/// The same elements in the same order, and of the same types.
fn assert_same(found: &[Any], expected: &[Any]) {
    let same = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| same(a, b));
    assert!(same, "{found:?} should be {expected:?}");
}

pub(crate) fn sets(ops: Vec<SetOp>) {
    let object = RawSet::open();
    let set = RawSet::of(&object).unwrap();
    let mut model: Vec<Any> = Vec::new();
    let mut bound = None;
    for op in ops {
        let kind = bound.unwrap_or(Kind::Any);
        let place = |model: &[Any], item: &Any| {
            let item = kind.convert(item).ok()?;
            model.iter().position(|other| *other == item)
        };
        match op {
            SetOp::Insert(item) => {
                let item = item.any();
                assert_eq!(set.insert(decoder(&item)).is_ok(), kind.convert(&item).is_ok());
                if place(&model, &item).is_none() {
                    model.extend(kind.convert(&item));
                }
            }
            SetOp::Contains(item) => {
                let item = item.any();
                assert_eq!(set.contains(decoder(&item)).unwrap(), place(&model, &item).is_some());
            }
            SetOp::Remove(item) => {
                let item = item.any();
                let place = place(&model, &item);
                assert_eq!(set.remove(decoder(&item)).unwrap(), place.is_some());
                place.map(|place| model.remove(place));
            }
            SetOp::Pop => {
                assert_eq!(set.pop(encoder()).unwrap().is_some(), model.pop().is_some());
            }
            SetOp::Combine(how, items) => {
                let items = anys(&items);
                let done = set.combine(how.operation(), decoder(&Any::from(items.clone())));
                let (items, strangers) = fitting(kind, &items);
                let must_fit = matches!(how, How::Union | How::SymmetricDifference);
                assert_eq!(done.is_err(), must_fit && strangers > 0);
                if done.is_ok() {
                    model = how.apply(&model, &items);
                }
            }
            SetOp::Combined(how, items, reversed) => {
                let items = anys(&items);
                let made = set.combined(how.operation(), decoder(&Any::from(items.clone())), reversed);
                let (items, strangers) = fitting(kind, &items);
                let must_fit = reversed || matches!(how, How::Union | How::SymmetricDifference);
                assert_eq!(made.is_err(), must_fit && strangers > 0);
                if let Ok(made) = made {
                    let (first, second) = if reversed { (&items, &model) } else { (&model, &items) };
                    assert_same(&elements_of(&made, kind).unwrap(), &how.apply(first, second));
                }
            }
            SetOp::Common(items) => {
                let items = anys(&items);
                let common = set.common(decoder(&Any::from(items.clone()))).unwrap();
                let (items, strangers) = fitting(kind, &items);
                let both = items.iter().filter(|item| model.contains(item)).count();
                assert_eq!(common, Common { ours: model.len(), theirs: items.len() + strangers, both });
            }
            SetOp::Clear => {
                set.clear().unwrap();
                model.clear();
            }
            SetOp::Bind(to) => {
                let to = if to == Kind::Float { Kind::Any } else { to };
                let converted = model.iter().map(|item| to.convert(item)).collect::<Result<Vec<_>, _>>();
                let fits = bound.map_or(converted.is_ok(), |kind| kind == to);
                assert_eq!(elements_of(&object, to).is_ok(), fits);
                if fits {
                    (bound, model) = (Some(to), converted.unwrap());
                }
            }
        }
        assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
        let kind = bound.unwrap_or(Kind::Any);
        assert_eq!(set.type_name(), format!("Set[{}]", kind.name()));
        assert_same(&elements_of(&set.copy().unwrap(), kind).unwrap(), &model);
        let (cursor, mut seen) = (set.cursor().unwrap(), 0);
        while let Step::Entry(_) = set.step(&cursor, encoder()).unwrap() {
            seen += 1;
            assert_eq!(set.left(&cursor), model.len() - seen);
        }
        assert_eq!(seen, model.len());
    }
}
