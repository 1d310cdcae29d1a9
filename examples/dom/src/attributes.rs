//! The attributes of an element: names and values in a row, and in the `Map` that Python sees once it has asked for it.
//!
//! Most elements have few, and most of these are only read. In a row they take a third of the memory, and as long as they are
//! those that the element was made with, reading them takes no lock. For that they stay as long as the element, also if
//! others have taken their place.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Field, Map, Mut, Name, Obj, Return, Str, Value};
use once_cell::race::OnceBox;

/// A name and a value.
pub type Attribute = (Name, Str);

/// The attributes of an element.
pub struct Attributes {
    /// Those that it was made with: what they are, as long as there is nothing else.
    first: Box<[Attribute]>,
    kept: OnceBox<Mut<Kept>>,
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries().iter()).finish()
    }
}

/// What has taken their place. A row never changes, but is replaced by another one, so that who reads it need not copy it.
#[derive(Debug)]
enum Kept {
    Row(Arc<[Attribute]>),
    Map(Obj<Map<Name, Str>>),
}

/// Names and values, in order. A tuple of pairs in Python.
#[derive(Debug)]
pub enum Row<'a> {
    /// Those that the element was made with.
    First(&'a [Attribute]),
    /// Others.
    Kept(Arc<[Attribute]>),
}

impl Deref for Row<'_> {
    type Target = [Attribute];

    fn deref(&self) -> &[Attribute] {
        match self {
            Self::First(row) => row,
            Self::Kept(row) => row,
        }
    }
}

impl Return for Row<'_> {
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
            0..=Self::MANY => Self::Row(entries.into()),
            _ => Self::Map(Obj::new(entries.into_iter().collect())),
        }
    }

    fn row(&self) -> Arc<[Attribute]> {
        match self {
            Self::Row(row) => Arc::clone(row),
            Self::Map(map) => map.iter().collect(),
        }
    }
}

impl Attributes {
    fn kept_as(kept: Kept) -> Self {
        Self { first: Box::default(), kept: OnceBox::with_value(Box::new(Mut::new(kept))) }
    }

    /// These attributes, of different names.
    #[must_use]
    pub fn of(entries: Vec<Attribute>) -> Self {
        match entries.len() {
            0..=Kept::MANY => Self { first: entries.into(), kept: OnceBox::new() },
            _ => Self::kept_as(Kept::of(entries)),
        }
    }

    /// What takes the place of the first, to be changed: made now if it is not there.
    fn kept(&self, make: impl FnOnce(&[Attribute]) -> Kept) -> &Mut<Kept> {
        self.kept.get_or_init(|| Box::new(Mut::new(make(&self.first))))
    }

    /// Their map, made now if it is not there.
    pub fn map(&self) -> Obj<Map<Name, Str>> {
        let make = |row: &[Attribute]| Obj::new(row.iter().cloned().collect::<Map<_, _>>());
        self.kept(|row| Kept::Map(make(row))).with(|kept| {
            let map = match kept {
                Kept::Map(map) => return map.clone(),
                Kept::Row(row) => make(row),
            };
            *kept = Kept::Map(map.clone());
            map
        })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Str> {
        let find = |row: &[Attribute]| row.iter().find(|(n, _)| *n == *name).map(|(_, value)| value.clone());
        let Some(kept) = self.kept.get() else { return find(&self.first) };
        kept.read(|kept| match kept {
            Kept::Row(row) => find(row),
            Kept::Map(map) => map.get(name),
        })
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &str) {
        self.kept(|row| Kept::Row(row.into())).with(|kept| {
            let row = match kept {
                Kept::Map(map) => {
                    map.insert(Name::new(name), Str::new(value));
                    return;
                }
                Kept::Row(row) => row,
            };
            let mut entries = row.to_vec();
            match entries.iter_mut().find(|(n, _)| *n == *name) {
                Some((_, old)) => *old = Str::new(value),
                None => entries.push((Name::new(name), Str::new(value))),
            }
            *kept = Kept::of(entries);
        });
    }

    /// All of them.
    #[must_use]
    pub fn entries(&self) -> Row<'_> {
        match self.kept.get() {
            None => Row::First(&self.first),
            Some(kept) => Row::Kept(kept.read(Kept::row)),
        }
    }

    /// Removes all.
    pub fn clear(&self) {
        if self.first.is_empty() && self.kept.get().is_none() {
            return;
        }
        self.kept(|_| Kept::of(Vec::new())).with(|kept| match kept {
            Kept::Map(map) => map.clear(),
            Kept::Row(_) => *kept = Kept::of(Vec::new()),
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
        Self::kept_as(Kept::Map(map))
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
