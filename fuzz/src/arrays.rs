//! Arrays: what is made of one has what a vector of the same would have, whatever it is bound to.

use arbitrary::Arbitrary;
use ffi_object::__private::RawArray;
use ffi_object::{Any, AnyObj, Array, Error, Obj, Value};

use crate::containers::{decoder, encoder, slice, Kind};
use crate::given::{anys, same, Given};

/// What is done with an array. What comes out of it takes its place.
#[derive(Debug, Arbitrary)]
#[expect(missing_docs, reason = "the methods that they name say it")]
pub enum ArrayOp {
    New(Vec<Given>),
    Numbers(Vec<f64>),
    Get(u8),
    Slice(Option<i8>, Option<i8>, i8),
    Repeat(u8),
    Join(Vec<Given>, bool),
    Bind(Kind),
}

fn bind(array: &AnyObj, kind: Kind) -> Result<Vec<Any>, Error> {
    fn all<T: Value + Clone>(array: &AnyObj) -> Result<Vec<Any>, Error> {
        Any::Object(array.clone()).to::<Obj<Array<T>>>()?.iter().map(Any::of).collect()
    }
    match kind {
        Kind::Any => all::<Any>(array),
        Kind::Int => all::<i64>(array),
        Kind::Float => all::<f64>(array),
        Kind::Str => all::<String>(array),
    }
}

fn open(items: Vec<Any>) -> AnyObj {
    RawArray::open(decoder(&Any::from(items))).unwrap()
}

/// Does all operations to an array and a vector.
pub fn check(ops: Vec<ArrayOp>) {
    let (mut object, mut model, mut bound) = (open(Vec::new()), Vec::new(), None);
    for op in ops {
        let array = RawArray::of(&object).unwrap();
        let kind: Kind = bound.unwrap_or(Kind::Any);
        match op {
            ArrayOp::New(items) => {
                model = anys(&items);
                (object, bound) = (open(model.clone()), None);
            }
            ArrayOp::Numbers(numbers) => {
                model = numbers.into_iter().map(Any::from).collect();
                (object, bound) = (open(model.clone()), None);
            }
            ArrayOp::Get(index) => {
                let item = array.get(index.into(), encoder()).unwrap();
                assert_eq!(item.is_some(), usize::from(index) < model.len());
            }
            ArrayOp::Slice(start, stop, step) => {
                let part = slice(start, stop, step);
                model = part.indices(model.len()).map(|index| model[index].clone()).collect();
                object = array.slice_of(part).unwrap();
            }
            ArrayOp::Repeat(times) => {
                let times = usize::from(times) % 4;
                if model.len() * times < 200 {
                    model = std::iter::repeat_n(&model, times).flatten().cloned().collect();
                    object = array.repeat(times).unwrap().unwrap();
                }
            }
            ArrayOp::Join(items, before) => {
                let items = anys(&items);
                let joined = array.join(decoder(&Any::from(items.clone())), before);
                let items = items.iter().map(|item| kind.convert(item)).collect::<Result<Vec<_>, _>>();
                assert_eq!(joined.is_ok(), items.is_ok());
                if let (Ok(joined), Ok(mut items)) = (joined, items) {
                    if before {
                        std::mem::swap(&mut model, &mut items);
                    }
                    model.append(&mut items);
                    object = joined;
                }
            }
            ArrayOp::Bind(to) => {
                let converted = model.iter().map(|item| to.convert(item)).collect::<Result<Vec<_>, _>>();
                let fits = bound.map_or(converted.is_ok(), |kind| kind == to);
                let found = bind(&object, to);
                assert_eq!(found.is_ok(), fits);
                if let (Ok(found), Ok(converted)) = (found, converted) {
                    assert!(found.iter().zip(&converted).all(|(a, b)| same(a, b)), "{found:?} should be {converted:?}");
                    (bound, model) = (Some(to), converted);
                }
            }
        }
        let array = RawArray::of(&object).unwrap();
        assert_eq!((array.len(), array.is_empty()), (model.len(), model.is_empty()));
        assert_eq!(array.item_name(), bound.unwrap_or(Kind::Any).name());
        let item = |index| array.get(index, encoder()).unwrap().map(|item| Any::decode(item.decoder()).unwrap());
        let items: Vec<_> = (0..).map_while(item).collect();
        assert!(
            items.len() == model.len() && items.iter().zip(&model).all(|(a, b)| same(a, b)),
            "{items:?}, not {model:?}"
        );
    }
}
