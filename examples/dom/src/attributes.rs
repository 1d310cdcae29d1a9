//! The attributes of an element: names and values in a row that becomes the `Map` that Python sees when it first asks.
//!
//! Most elements have few, and most of these are only read. In a row they take a third of the memory.

use std::borrow::Cow;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Field, Map, Mut, Name, Obj, Str, Value};

/// A name and a value.
pub type Attribute = (Name, Str);

/// The attributes of an element.
#[derive(Debug)]
pub struct Attributes {
    kept: Mut<Kept>,
}

#[derive(Debug)]
enum Kept {
    Row(Box<[Attribute]>),
    Map(Obj<Map<Name, Str>>),
}

impl Attributes {
    /// Above this, looking through all of them would be slow.
    const MANY: usize = 16;

    /// These attributes, of different names.
    #[must_use]
    pub fn of(entries: Vec<Attribute>) -> Self {
        let kept = if entries.len() > Self::MANY {
            Kept::Map(Obj::new(entries.into_iter().collect()))
        } else {
            Kept::Row(entries.into())
        };
        Self { kept: Mut::new(kept) }
    }

    /// Their map, made now if it is not there.
    pub fn map(&self) -> Obj<Map<Name, Str>> {
        self.kept.with(|kept| {
            let row = match kept {
                Kept::Map(map) => return map.clone(),
                Kept::Row(row) => std::mem::take(row),
            };
            let map = Obj::new(Vec::from(row).into_iter().collect());
            *kept = Kept::Map(Obj::clone(&map));
            map
        })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Str> {
        self.kept.read(|kept| match kept {
            Kept::Row(row) => row.iter().find(|(n, _)| *n == *name).map(|(_, value)| value.clone()),
            Kept::Map(map) => map.get(name),
        })
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &str) {
        self.kept.with(|kept| match kept {
            Kept::Map(map) => drop(map.insert(Name::new(name), Str::new(value))),
            Kept::Row(row) => match row.iter_mut().find(|(n, _)| *n == *name) {
                Some((_, old)) => *old = Str::new(value),
                None => {
                    let mut all = Vec::from(std::mem::take(row));
                    all.push((Name::new(name), Str::new(value)));
                    *kept = Self::of(all).kept.into_inner();
                }
            },
        });
    }

    /// Names and values, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<Attribute> {
        self.kept.read(|kept| match kept {
            Kept::Row(row) => row.to_vec(),
            Kept::Map(map) => map.iter().collect(),
        })
    }

    /// Removes all.
    pub fn clear(&self) {
        self.kept.with(|kept| match kept {
            Kept::Row(row) => *row = Box::default(),
            Kept::Map(map) => map.clear(),
        });
    }
}

impl Field for Attributes {
    type Inner = Obj<Map<Name, Str>>;
    const WRITABLE: bool = false;

    fn type_name() -> Cow<'static, str> {
        <Self::Inner as Value>::type_name()
    }
    fn new(map: Self::Inner) -> Self {
        Self { kept: Mut::new(Kept::Map(map)) }
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        <Self::Inner as Value>::decode(from).map(<Self as Field>::new)
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.map().encode(out)
    }
    fn write(&self, _: Decoder<'_>) -> Result<(), Error> {
        Err(Error::attribute("the map cannot be replaced: change what it holds"))
    }
}
