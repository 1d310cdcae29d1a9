//! The attributes of an element: names and values in a row that becomes the `Map` that Python sees when it first asks.
//!
//! Most elements have few, and most of these are only read. In a row they take a third of the memory. It never changes, but
//! is replaced by another one, so that who reads it need not copy it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Field, Map, Mut, Name, Obj, Return, Str, Value};

/// A name and a value.
pub type Attribute = (Name, Str);

/// The attributes of an element.
#[derive(Debug)]
pub struct Attributes {
    kept: Mut<Kept>,
}

#[derive(Debug)]
enum Kept {
    Row(Arc<[Attribute]>),
    /// None: there never were any.
    Map(Option<Obj<Map<Name, Str>>>),
}

/// Names and values, in order. A tuple of pairs in Python.
#[derive(Debug, Clone)]
pub struct Row(Option<Arc<[Attribute]>>);

impl Deref for Row {
    type Target = [Attribute];

    fn deref(&self) -> &[Attribute] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Return for Row {
    fn type_name() -> Cow<'static, str> {
        <Vec<Attribute> as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.tuple(self.len(), |i| self[i].encode(out))
    }
}

impl Kept {
    /// Above this, looking through all of them would be slow.
    const MANY: usize = 16;

    fn of(entries: Vec<Attribute>) -> Self {
        match entries.len() {
            0 => Self::Map(None),
            1..=Self::MANY => Self::Row(entries.into()),
            _ => Self::Map(Some(Obj::new(entries.into_iter().collect()))),
        }
    }

    fn row(&self) -> Row {
        Row(match self {
            Self::Row(row) => Some(Arc::clone(row)),
            Self::Map(map) => map.as_ref().map(|map| map.iter().collect()),
        })
    }
}

impl Attributes {
    /// These attributes, of different names.
    #[must_use]
    pub fn of(entries: Vec<Attribute>) -> Self {
        Self { kept: Mut::new(Kept::of(entries)) }
    }

    /// Their map, made now if it is not there.
    pub fn map(&self) -> Obj<Map<Name, Str>> {
        self.kept.with(|kept| {
            if let Kept::Map(Some(map)) = kept {
                return map.clone();
            }
            let map = Obj::new(kept.row().iter().cloned().collect());
            *kept = Kept::Map(Some(Obj::clone(&map)));
            map
        })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Str> {
        self.kept.read(|kept| match kept {
            Kept::Row(row) => row.iter().find(|(n, _)| *n == *name).map(|(_, value)| value.clone()),
            Kept::Map(map) => map.as_ref()?.get(name),
        })
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &str) {
        self.kept.with(|kept| {
            if let Kept::Map(Some(map)) = kept {
                map.insert(Name::new(name), Str::new(value));
                return;
            }
            let mut entries = kept.row().to_vec();
            match entries.iter_mut().find(|(n, _)| *n == *name) {
                Some((_, old)) => *old = Str::new(value),
                None => entries.push((Name::new(name), Str::new(value))),
            }
            *kept = Kept::of(entries);
        });
    }

    /// All of them.
    #[must_use]
    pub fn entries(&self) -> Row {
        self.kept.read(Kept::row)
    }

    /// Removes all.
    pub fn clear(&self) {
        self.kept.with(|kept| match kept {
            Kept::Map(Some(map)) => map.clear(),
            _ => *kept = Kept::Map(None),
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
        Self { kept: Mut::new(Kept::Map(Some(map))) }
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
