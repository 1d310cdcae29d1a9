//! What objects consist of, the way through a graph of them, and passes that rewrite one: for objects of any types.
//!
//! An object consists of its fields, those of its bases included; a [`List`](crate::List) or an
//! [`Array`](crate::Array) of its elements, a [`Map`](crate::Map) of its keys and values, a [`Set`](crate::Set) of its
//! elements. Fields that only Rust sees are no part of it, and no one looks into values of the frontend's language.
//!
//! [`walk`] goes through all objects that an object owns, directly or through others: depth first, each once, whatever
//! is shared and however cycles lead back, and without recursion, so that a list of a million nodes is no deeper than one of
//! two. A weak reference owns nothing, and is not followed. Objects may change while they are walked: what one leads to is
//! read once, after it was entered.
//!
//! ```
//! use ffi_object::visit::{self, Step};
//! use ffi_object::{FfiObject, List, Mut, Obj};
//!
//! #[derive(FfiObject)]
//! struct Node {
//!     name: String,
//!     #[ffi(default)]
//!     children: Obj<List<Obj<Node>>>,
//! }
//!
//! let leaf = |name: &str| Obj::new(Node { name: name.into(), children: Obj::default() });
//! let (left, right) = (leaf("left"), leaf("right"));
//! let root = leaf("root");
//! root.children.extend([left.clone(), right, left]);
//!
//! let mut order = Vec::new();
//! for step in visit::walk(&root) {
//!     match step? {
//!         Step::Enter(object) => order.extend(object.downcast_ref::<Node>().map(|node| node.name.clone())),
//!         Step::Leave(_) => {}
//!     }
//! }
//! assert_eq!(order, ["root", "left", "right"]);
//! # Ok::<(), ffi_object::Error>(())
//! ```

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::any::Any;
use crate::containers::{self, RawArray, RawList, RawMap, RawSet};
use crate::error::Error;
use crate::frontend::Encoder;
use crate::obj::{AnyObj, FfiObject, Obj};
use crate::reflect::{self, decoder};
use crate::value::Value;

/// Where a part of an object is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// A field, by its name in the frontend.
    Field(&'static str),
    /// An element of a list or an array.
    Item(usize),
    /// A key of a map; its value comes next.
    Key,
    /// The value of this key.
    Value(Any),
    /// An element of a set, which this is. Another one that is written there takes its place, at the end.
    Element(Any),
}

/// What an object consists of: its fields in order, those of the base first; then a list's or an array's elements, or a map's keys
/// and values.
///
/// ```
/// use ffi_object::visit::{self, Place};
/// use ffi_object::{Any, FfiObject, Mut, Obj};
///
/// #[derive(FfiObject)]
/// struct Point {
///     x: Mut<f64>,
///     name: String,
/// }
///
/// let point = Obj::new(Point { x: Mut::new(1.5), name: "p".into() });
/// assert_eq!(
///     visit::parts(&point)?,
///     [(Place::Field("x"), Any::from(1.5)), (Place::Field("name"), Any::from("p"))],
/// );
/// # Ok::<(), ffi_object::Error>(())
/// ```
///
/// # Errors
///
/// A field whose value no [`Any`] can hold (a path that is not UTF-8).
pub fn parts<T: FfiObject>(object: &Obj<T>) -> Result<Vec<(Place, Any)>, Error> {
    let mut parts = Vec::new();
    each(object.as_any(), reflect::encoder(), &mut |place, value| parts.push((place, value)))?;
    Ok(parts)
}

/// The same, part by part, as this encoder writes them.
pub(crate) fn each(object: &AnyObj, out: Encoder<'static>, take: &mut dyn FnMut(Place, Any)) -> Result<(), Error> {
    for (owner, field) in object.type_info().all_fields() {
        // SAFETY: the owner keeps the object alive, and its type lists the field.
        let value = unsafe { field.get(object.as_raw(), out) }.and_then(|value| Any::decode(value.decoder()));
        take(Place::Field(field.name), value.map_err(|error| error.at(format_args!("{}.{}", owner.name, field.name)))?);
    }
    if let Some(list) = RawList::of(object) {
        let mut index = 0;
        while let Some(item) = list.get(index, out)? {
            take(Place::Item(index), Any::decode(item.decoder())?);
            index += 1;
        }
    }
    if let Some(array) = RawArray::of(object) {
        let mut index = 0;
        while let Some(item) = array.get(index, out)? {
            take(Place::Item(index), Any::decode(item.decoder())?);
            index += 1;
        }
    }
    if let Some(map) = RawMap::of(object) {
        let mut place = 0;
        while let Some((after, key, value)) = map.next(place, out)? {
            let key = Any::decode(key.decoder())?;
            take(Place::Key, key.clone());
            take(Place::Value(key), Any::decode(value.decoder())?);
            place = after;
        }
    }
    if let Some(set) = RawSet::of(object) {
        // Of a copy, which no one else changes.
        let copy = set.copy()?;
        let set = RawSet::of(&copy).unwrap_or(set);
        let cursor = set.cursor()?;
        while let containers::Step::Entry(element) = set.step(&cursor, out)? {
            let element = Any::decode(element.decoder())?;
            take(Place::Element(element.clone()), element);
        }
    }
    Ok(())
}

/// Writes a part of an object, with the checks that an assignment in the frontend goes through.
///
/// # Errors
///
/// No such part, one that cannot be written (a read-only field, a key), or a value that does not fit.
pub fn set<T: FfiObject>(object: &Obj<T>, place: &Place, value: &Any) -> Result<(), Error> {
    let object = object.as_any();
    match place {
        Place::Field(name) => object.set_field(name, value),
        Place::Item(_) if RawArray::of(object).is_some() => {
            Err(Error::type_error("an Array does not change; make another one, and put that in its place"))
        }
        Place::Item(index) => {
            let done = RawList::of(object).map(|list| list.set(*index, decoder(value))).transpose()?;
            match done {
                Some(true) => Ok(()),
                _ => Err(Error::index(format!("{} assignment index out of range", object.type_info().name))),
            }
        }
        Place::Value(key) => match RawMap::of(object) {
            Some(map) => map.set(decoder(key), decoder(value)),
            None => Err(Error::type_error(format!("'{}' objects have no keys", object.type_info().name))),
        },
        Place::Element(_) if RawSet::of(object).is_none() => {
            Err(Error::type_error(format!("'{}' objects have no elements", object.type_info().name)))
        }
        Place::Element(element) if element == value => Ok(()),
        Place::Element(element) => RawSet::of(object).map_or(Ok(()), |set| {
            set.insert(decoder(value))?;
            set.remove(decoder(element)).map(drop)
        }),
        Place::Key => Err(Error::type_error("a key cannot be written; remove it, and put its value under another")),
    }
}

/// A step of a [`Walk`].
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An object is met for the first time. What it leads to comes next.
    Enter(AnyObj),
    /// All that it leads to has been entered, and left unless the way leads back from there.
    Leave(AnyObj),
}

/// All objects that an object owns, directly or through others, itself first: see [the module](self).
pub fn walk<T: FfiObject>(root: &Obj<T>) -> Walk<'static> {
    let root = root.as_any().clone();
    Walk { pending: vec![Step::Enter(root)], met: HashMap::new(), entered: None, backward: Vec::new(), follow: None }
}

/// A way through a graph of objects, made by [`walk`].
pub struct Walk<'a> {
    /// What is to be done, the last first.
    pending: Vec<Step>,
    /// What was entered, and whether it was left. Owners, so that no address is used again.
    met: HashMap<AnyObj, bool>,
    /// The object of the last step, whose parts are read at the next.
    entered: Option<AnyObj>,
    /// Those that lead to an object which was not left yet, so that they are left before it.
    backward: Vec<AnyObj>,
    follow: Option<Box<Follow<'a>>>,
}

type Follow<'a> = dyn FnMut(&AnyObj, &Place) -> bool + 'a;

impl<'a> Walk<'a> {
    /// The way through those parts only of which `follow` says so.
    ///
    /// ```
    /// # use ffi_object::visit::{self, Place};
    /// # use ffi_object::{FfiObject, Mut, Obj};
    /// # #[derive(FfiObject)]
    /// # struct Node { next: Mut<Option<Obj<Node>>>, parent: Mut<Option<Obj<Node>>> }
    /// # let parent = Obj::new(Node { next: Mut::new(None), parent: Mut::new(None) });
    /// # let node = Obj::new(Node { next: Mut::new(None), parent: Mut::new(Some(parent)) });
    /// let without_parents = visit::walk(&node).through(|_, place| *place != Place::Field("parent"));
    /// assert_eq!(without_parents.enters().count(), 1);
    /// ```
    #[must_use]
    pub fn through<'b>(self, follow: impl FnMut(&AnyObj, &Place) -> bool + 'b) -> Walk<'b> {
        let Self { pending, met, entered, backward, follow: _ } = self;
        Walk { pending, met, entered, backward, follow: Some(Box::new(follow)) }
    }

    /// Leaves out what the object leads to that was entered last.
    pub fn skip_parts(&mut self) {
        self.entered = None;
    }

    /// The objects as they are entered: each before what it leads to.
    pub fn enters(self) -> impl Iterator<Item = Result<AnyObj, Error>> + 'a {
        self.filter_map(|step| match step {
            Ok(Step::Enter(object)) => Some(Ok(object)),
            Ok(Step::Leave(_)) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The objects as they are left: each after what it leads to, as far as no cycle forbids that.
    pub fn leaves(self) -> impl Iterator<Item = Result<AnyObj, Error>> + 'a {
        self.filter_map(|step| match step {
            Ok(Step::Enter(_)) => None,
            Ok(Step::Leave(object)) => Some(Ok(object)),
            Err(error) => Some(Err(error)),
        })
    }

    /// Puts down what the object leads to.
    fn put_down(&mut self, object: &AnyObj) -> Result<(), Error> {
        let first = self.pending.len();
        let Self { pending, met, backward, follow, .. } = self;
        let mut leads_back = false;
        let read = each(object, reflect::owned(), &mut |place, value| {
            if follow.as_mut().is_none_or(|follow| follow(object, &place)) {
                objects_in(&value, &mut |child| match met.get(child) {
                    None => pending.push(Step::Enter(child.clone())),
                    Some(left) => leads_back |= !left,
                });
            }
        });
        pending[first..].reverse();
        if leads_back {
            backward.push(object.clone());
        }
        read
    }
}

/// Each step once. After an error, the way goes on without what could not be read.
impl Iterator for Walk<'_> {
    type Item = Result<Step, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(object) = self.entered.take() {
            if let Err(error) = self.put_down(&object) {
                return Some(Err(error));
            }
        }
        loop {
            let step = self.pending.pop()?;
            match &step {
                Step::Enter(object) if self.met.contains_key(object) => continue,
                Step::Enter(object) => {
                    self.met.insert(object.clone(), false);
                    self.pending.push(Step::Leave(object.clone()));
                    self.entered = Some(object.clone());
                }
                Step::Leave(object) => {
                    self.met.insert(object.clone(), true);
                }
            }
            return Some(Ok(step));
        }
    }
}

impl fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("met", &self.met.len())
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

/// The objects in a value, also within tuples.
fn objects_in(value: &Any, take: &mut dyn FnMut(&AnyObj)) {
    match value {
        Any::Object(object) => take(object),
        Any::Tuple(items) => items.iter().for_each(|item| objects_in(item, take)),
        _ => {}
    }
}

/// Goes through a graph from the bottom up, and puts other objects in the place of some.
///
/// `replace` is asked once for each object, after all that it leads to is done: what was to be replaced there has been
/// replaced. `Some` is what the object gives way to, in all fields, elements and values that hold it. Where a cycle leads
/// back, and at keys of maps, it stays for the time being; fields are written once more at the end, keys never are. The
/// result is the root, or what it gave way to. What is put in the place of another is not gone through itself.
///
/// ```
/// use ffi_object::{visit, AnyObj, FfiObject, Mut, Obj};
///
/// #[derive(FfiObject)]
/// struct Number { value: i64 }
///
/// #[derive(FfiObject)]
/// struct Negative { of: Mut<AnyObj> }
///
/// let number = |value| Obj::new(Number { value }).into_any();
/// let negative = |of| Obj::new(Negative { of: Mut::new(of) }).into_any();
///
/// let folded = visit::rewrite(&negative(negative(number(3))), |node| {
///     let inner = node.downcast_ref::<Negative>().map(|negative| negative.of.get());
///     Ok(inner.and_then(|inner| Some(number(-inner.downcast_ref::<Number>()?.value))))
/// })?;
/// assert_eq!(folded.downcast_ref::<Number>().unwrap().value, 3);
/// # Ok::<(), ffi_object::Error>(())
/// ```
///
/// # Errors
///
/// What `replace` says; a part that holds what is replaced and cannot be written, or cannot hold its replacement. What was
/// rewritten before stays so.
pub fn rewrite<T: FfiObject>(
    root: &Obj<T>,
    mut replace: impl FnMut(&AnyObj) -> Result<Option<AnyObj>, Error>,
) -> Result<AnyObj, Error> {
    rewrite_with(root.as_any(), &mut replace)
}

fn rewrite_with(
    root: &AnyObj,
    replace: &mut dyn FnMut(&AnyObj) -> Result<Option<AnyObj>, Error>,
) -> Result<AnyObj, Error> {
    let mut replaced: HashMap<AnyObj, AnyObj> = HashMap::new();
    let mut way = walk(root);
    for step in way.by_ref() {
        let Step::Leave(object) = step? else { continue };
        put_replacements(&object, &replaced)?;
        if let Some(other) = replace(&object)?.filter(|other| *other != object) {
            replaced.insert(object, other);
        }
    }
    for object in way.backward {
        put_replacements(&object, &replaced)?;
    }
    Ok(replaced.remove(root).unwrap_or_else(|| root.clone()))
}

/// Writes those parts of an object that hold something replaced.
fn put_replacements(object: &AnyObj, replaced: &HashMap<AnyObj, AnyObj>) -> Result<(), Error> {
    if replaced.is_empty() {
        return Ok(());
    }
    let mut changes = Vec::new();
    each(object, reflect::owned(), &mut |place, value| {
        if place != Place::Key {
            changes.extend(replacement(&value, replaced).map(|value| (place, value)));
        }
    })?;
    changes.into_iter().try_for_each(|(place, value)| set(object, &place, &value))
}

/// The value with what was replaced in it. `None`: that is nothing.
fn replacement(value: &Any, replaced: &HashMap<AnyObj, AnyObj>) -> Option<Any> {
    match value {
        Any::Object(object) => replaced.get(object).cloned().map(Any::Object),
        Any::Tuple(items) => {
            let new: Vec<_> = items.iter().map(|item| replacement(item, replaced)).collect();
            if new.iter().all(Option::is_none) {
                return None;
            }
            let items = new.into_iter().zip(items.iter()).map(|(new, old)| new.unwrap_or_else(|| old.clone()));
            Some(Any::Tuple(Arc::new(items.collect())))
        }
        _ => None,
    }
}
