//! Equality and hash by what objects consist of, through shared references and cycles.
//!
//! Two objects are *structurally equal* when what can be reached from them has the same shape: there is a one-to-one
//! correspondence between the objects that one reaches and those that the other does, which leads from the one to the
//! other, and in which objects that correspond have
//!
//! 1. the same type, and
//! 2. in each field (those of bases included), and at each place of a [`List`](crate::List) or an
//!    [`Array`](crate::Array) or key of a [`Map`](crate::Map), values that are equal as [`Any`]s are, or objects that
//!    correspond, and
//! 3. if they are [`Set`](crate::Set)s, the same elements.
//!
//! So it matters what is shared: a pair that holds one point twice is not equal to a pair that holds two equal points.
//! Cycles are compared as they are, and nothing is compared twice. Fields that only Rust sees do not count. The keys of
//! mappings and the elements of sets are compared as what makes them keys, which for objects is identity; the order of
//! mappings and sets does not count. A [`WeakObj`](crate::WeakObj) leads to its object as long as that lives.
//!
//! Both are written without recursion from object to object: a list of a million nodes is no deeper than one of two.
//! They look at objects one after the other. If another thread writes meanwhile, the result is that of no one moment.
//!
//! ```
//! use ffi_object::{structural, FfiObject, Mut, Obj};
//!
//! #[derive(FfiObject)]
//! struct Node {
//!     value: i64,
//!     next: Mut<Option<Obj<Node>>>,
//! }
//!
//! let ring = |value| {
//!     let node = Obj::new(Node { value, next: Mut::new(None) });
//!     node.next.set(Some(node.clone()));
//!     node
//! };
//! let (a, b, c) = (ring(1), ring(1), ring(2));
//! assert!(structural::equal(&a, &b)?);
//! assert_eq!(structural::hash(&a)?, structural::hash(&b)?);
//! assert!(!structural::equal(&a, &c)?);
//! # for node in [a, b, c] {
//! #     node.next.set(None);
//! # }
//! # Ok::<(), ffi_object::Error>(())
//! ```

use std::collections::hash_map::Entry;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::any::Any;
use crate::error::Error;
use crate::obj::{AnyObj, FfiObject, Obj};
use crate::reflect::canonical;
use crate::visit::{self, Place};

/// Whether two objects are structurally equal.
///
/// # Errors
///
/// A field whose value no [`Any`] can hold (a path that is not UTF-8).
pub fn equal<T: FfiObject, U: FfiObject>(a: &Obj<T>, b: &Obj<U>) -> Result<bool, Error> {
    if a.ptr_eq(b) {
        return Ok(true);
    }
    // The correspondence, both ways. Owners, so that no address is used again.
    let mut forth: HashMap<AnyObj, AnyObj> = HashMap::new();
    let mut back: HashMap<AnyObj, AnyObj> = HashMap::new();
    let mut pending = vec![(Any::Object(a.as_any().clone()), Any::Object(b.as_any().clone()))];
    while let Some((a, b)) = pending.pop() {
        match (a, b) {
            (Any::Object(a), Any::Object(b)) => match (forth.entry(a.clone()), back.entry(b.clone())) {
                (Entry::Occupied(to), Entry::Occupied(from)) if *to.get() == b && *from.get() == a => {}
                (Entry::Vacant(to), Entry::Vacant(from)) => {
                    if !std::ptr::eq(a.type_info(), b.type_info()) {
                        return Ok(false);
                    }
                    let (parts, others) = (parts(&a)?, parts(&b)?);
                    if parts.len() != others.len() {
                        return Ok(false);
                    }
                    to.insert(b);
                    from.insert(a);
                    pending.extend(parts.into_iter().zip(others));
                }
                _ => return Ok(false),
            },
            (Any::Tuple(a), Any::Tuple(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                pending.extend(a.iter().cloned().zip(b.iter().cloned()));
            }
            (a, b) => {
                if a != b {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// A hash of what an object consists of at this moment: equal for objects that are structurally equal, in one run of the
/// program.
///
/// # Errors
///
/// As for [`equal`].
pub fn hash<T: FfiObject>(object: &Obj<T>) -> Result<u64, Error> {
    let mut hasher = DefaultHasher::new();
    // Objects by the order in which they are met. Owners, so that no address is used again.
    let mut met: HashMap<AnyObj, usize> = HashMap::new();
    let mut pending = vec![Any::Object(object.as_any().clone())];
    while let Some(value) = pending.pop() {
        match value {
            Any::Object(object) => {
                let next = met.len();
                match met.entry(object) {
                    Entry::Occupied(before) => ("met", before.get()).hash(&mut hasher),
                    Entry::Vacant(new) => {
                        let parts = parts(new.key())?;
                        (new.key().type_info().key, parts.len()).hash(&mut hasher);
                        new.insert(next);
                        pending.extend(parts.into_iter().rev());
                    }
                }
            }
            Any::Tuple(items) => {
                items.len().hash(&mut hasher);
                pending.extend(items.iter().rev().cloned());
            }
            leaf => leaf.hash(&mut hasher),
        }
    }
    Ok(hasher.finish())
}

/// What an object consists of: its fields' values, then the elements of a list, an array or a set, or the keys and values of
/// a map.
fn parts(object: &AnyObj) -> Result<Vec<Any>, Error> {
    let (mut parts, mut entries, mut elements) = (Vec::new(), Vec::new(), Vec::new());
    visit::each(object, canonical(), &mut |place, value| match place {
        // It comes once more, with the value.
        Place::Key => {}
        Place::Value(mut key) => {
            by_identity(&mut key);
            entries.push((key, value));
        }
        Place::Element(mut element) => {
            by_identity(&mut element);
            elements.push(element);
        }
        Place::Field(_) | Place::Item(_) => parts.push(value),
    })?;
    sort(&mut entries, |(key, _)| key);
    parts.extend(entries.into_iter().flat_map(|(key, value)| [key, value]));
    sort(&mut elements, |element| element);
    parts.extend(elements);
    Ok(parts)
}

/// A key as keys are compared: an object in it becomes what tells it from other objects.
pub(crate) fn by_identity(key: &mut Any) {
    match key {
        Any::Object(object) => {
            let address = object.as_raw().as_ptr().addr();
            *key = vec![Any::from("object"), Any::from(address as i128)].into();
        }
        Any::Tuple(items) => {
            let mut own = items.to_vec();
            own.iter_mut().for_each(by_identity);
            *key = own.into();
        }
        _ => {}
    }
}

/// Sorts by what keys hash to, and keys that collide by how they print.
pub(crate) fn sort<T: Default>(items: &mut Vec<T>, key: impl Fn(&T) -> &Any) {
    let order = order(items.len(), &|place| key(&items[place]));
    *items = order.into_iter().map(|place| std::mem::take(&mut items[place])).collect();
}

/// The places of these keys in the order of [`sort`].
fn order<'a>(len: usize, key: &dyn Fn(usize) -> &'a Any) -> Vec<usize> {
    let hash = |place| {
        let mut hasher = DefaultHasher::new();
        key(place).hash(&mut hasher);
        hasher.finish()
    };
    let text = |place| format!("{:?}", key(place));
    let mut order: Vec<_> = (0..len).map(|place| (hash(place), place)).collect();
    order
        .sort_unstable_by(|(hash, a), (other, b)| hash.cmp(other).then_with(|| text(*a).cmp(&text(*b))).then(a.cmp(b)));
    order.into_iter().map(|(_, place)| place).collect()
}
