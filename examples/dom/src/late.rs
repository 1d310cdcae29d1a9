//! Children and attributes: plain vectors that become the `List` and the `Map` that Python sees when it first asks.
//!
//! Most elements of a document are only passed on the way to others. Their contents take less than half the memory, and
//! the time to parse, as long as they are not objects of their own.
//!
//! A cell's plain part and its object change places once, under the plain part's lock. Who finds the object uses it; who
//! does not takes the lock, and looks again.

use std::borrow::Cow;
use std::sync::OnceLock;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, FfiObject, Field, List, Map, Mut, Obj, OrderedMap, Str, Value};

use crate::node::Node;

/// A plain value that becomes an object.
#[derive(Debug)]
pub struct Late<P, T: FfiObject> {
    plain: Mut<P>,
    object: OnceLock<Obj<T>>,
}

/// The children of a node.
pub type Children = Late<Vec<Obj<Node>>, List<Obj<Node>>>;

/// The attributes of an element.
pub type Attributes = Late<Vec<(Str, Box<str>)>, Map<String, String>>;

/// What a plain value becomes.
pub trait Becomes<T>: Default + Send + 'static {
    /// Makes it.
    fn become_object(self) -> T;
}

impl Becomes<List<Obj<Node>>> for Vec<Obj<Node>> {
    fn become_object(self) -> List<Obj<Node>> {
        self.into()
    }
}

impl Becomes<Map<String, String>> for Vec<(Str, Box<str>)> {
    fn become_object(self) -> Map<String, String> {
        self.into_iter().map(|(name, value)| (name.to_string(), value.into_string())).collect()
    }
}

impl<P: Becomes<T>, T: FfiObject + Default> Late<P, T> {
    /// The object, made now if it is not there.
    pub fn object(&self) -> &Obj<T> {
        if self.object.get().is_none() {
            self.plain.with(|plain| {
                if self.object.get().is_none() {
                    // No one else sets it: the lock is held.
                    let _ = self.object.set(Obj::new(std::mem::take(plain).become_object()));
                }
            });
        }
        self.object.get_or_init(Obj::default)
    }

    /// Runs one of two functions: on the object if it is there, or else on what it will be made of.
    fn either<A, R>(&self, a: A, on_object: impl FnOnce(A, &T) -> R, on_plain: impl FnOnce(A, &mut P) -> R) -> R {
        if let Some(object) = self.object.get() {
            return on_object(a, object);
        }
        let mut kept = Some(a);
        let done = self.plain.with(|plain| match self.object.get() {
            None => kept.take().map(|a| on_plain(a, plain)),
            Some(_) => None,
        });
        match (done, kept) {
            (Some(result), _) => result,
            (None, Some(a)) => on_object(a, self.object()),
            (None, None) => unreachable!("the argument was given to a function that has a result"),
        }
    }
}

impl<P, T: FfiObject> From<P> for Late<P, T> {
    fn from(plain: P) -> Self {
        Self { plain: Mut::new(plain), object: OnceLock::new() }
    }
}

impl Children {
    /// Runs `look` with the children, under their lock. It must not drop any, which may run Python code.
    pub fn with<R>(&self, look: impl FnOnce(&mut Vec<Obj<Node>>) -> R) -> R {
        self.either(look, |look, list| list.with(look), |look, items| look(items))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.with(|items| items.is_empty())
    }
}

impl Attributes {
    /// Above this, looking through all of them would be slow.
    const MANY: usize = 16;

    /// These attributes, of different names.
    #[must_use]
    pub fn of(entries: Vec<(Str, Box<str>)>) -> Self {
        let many = entries.len() > Self::MANY;
        let late = Self::from(entries);
        if many {
            late.object();
        }
        late
    }

    /// These attributes.
    #[must_use]
    pub fn of_map(entries: OrderedMap<String, String>) -> Self {
        Self::of(entries.into_iter().map(|(name, value)| (Str::new(&name), value.into_boxed_str())).collect())
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let find = |entries: &mut Vec<(Str, Box<str>)>| {
            entries.iter().find(|(n, _)| **n == *name).map(|(_, value)| value.to_string())
        };
        self.either((), |(), map| map.get(name), |(), entries| find(entries))
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &str) {
        let full = self.either(
            (),
            |(), map| {
                map.insert(name.to_owned(), value.to_owned());
                false
            },
            |(), entries| {
                match entries.iter_mut().find(|(n, _)| **n == *name) {
                    Some((_, old)) => *old = value.into(),
                    None => entries.push((Str::new(name), value.into())),
                }
                entries.len() > Self::MANY
            },
        );
        if full {
            self.object();
        }
    }

    /// Names and values, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Str, Box<str>)> {
        let of_map = |map: &Map<String, String>| {
            map.with(|entries| entries.iter().map(|(n, v)| (Str::new(n), v.as_str().into())).collect())
        };
        self.either((), |(), map| of_map(map), |(), entries| entries.clone())
    }

    /// Removes all.
    pub fn clear(&self) {
        self.either((), |(), map| map.clear(), |(), entries| entries.clear());
    }

    /// Runs `look` on names and values in order, under the lock, up to the first error.
    ///
    /// # Errors
    ///
    /// What `look` says.
    pub fn try_for_each(&self, mut look: impl FnMut(&str, &str) -> Result<(), Error>) -> Result<(), Error> {
        self.either(
            &mut look,
            |look, map| map.with(|entries| entries.iter().try_for_each(|(name, value)| look(name, value))),
            |look, entries| entries.iter().try_for_each(|(name, value)| look(name, value)),
        )
    }
}

impl<P: Becomes<T>, T: FfiObject + Default> Field for Late<P, T> {
    type Inner = Obj<T>;
    const WRITABLE: bool = false;

    fn type_name() -> Cow<'static, str> {
        <Obj<T> as Value>::type_name()
    }
    fn new(inner: Obj<T>) -> Self {
        Self { plain: Mut::default(), object: OnceLock::from(inner) }
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        <Obj<T> as Value>::decode(from).map(Self::new)
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.object().encode(out)
    }
    fn write(&self, _: Decoder<'_>) -> Result<(), Error> {
        Err(Error::attribute("the object cannot be replaced: change what it holds"))
    }
}
