//! A hash map that keeps the order of insertion, also after removals, as Python's `dict`.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use hashbrown::HashTable;

/// Below this many places, holes are not worth closing.
const SMALL: usize = 16;

/// A hash map that keeps the order of insertion.
///
/// Entries stand in a vector in the order they came; a table maps hashes to places. A removal leaves a hole, so that it
/// takes constant time, and holes are closed when there are as many as entries. (The layout of CPython's `dict` since
/// 3.6, after Raymond Hettinger's proposal of 2012.)
#[derive(Debug)]
pub struct OrderedMap<K, V> {
    entries: Vec<Option<(K, V)>>,
    places: HashTable<usize>,
}

fn hash_of(key: &(impl Hash + ?Sized)) -> u64 {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::new).hash_one(key)
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), places: HashTable::new() }
    }
}

impl<K: Eq + Hash, V> OrderedMap<K, V> {
    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn place<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.places.find(hash_of(key), |&place| self.key_is(place, key)).copied()
    }

    fn key_is<Q: Eq + ?Sized>(&self, place: usize, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.entries[place].as_ref().is_some_and(|(k, _)| k.borrow() == key)
    }

    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries[self.place(key)?].as_ref().map(|(_, value)| value)
    }

    /// Puts a value in, at the end if the key is new. Gives the old value.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(place) = self.place(&key) {
            let (_, old) = self.entries[place].as_mut()?;
            return Some(std::mem::replace(old, value));
        }
        let hash = hash_of(&key);
        let place = self.entries.len();
        self.entries.push(Some((key, value)));
        let entries = &self.entries;
        self.places.insert_unique(hash, place, |&other| entries[other].as_ref().map_or(0, |(k, _)| hash_of(k)));
        None
    }

    /// Takes an entry out.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let Self { entries, places } = self;
        let found = places
            .find_entry(hash_of(key), |&place| entries[place].as_ref().is_some_and(|(k, _)| k.borrow() == key))
            .ok()?;
        let (place, _) = found.remove();
        let entry = self.entries[place].take();
        if self.entries.len() > SMALL && self.places.len() * 2 <= self.entries.len() {
            self.close_holes();
        }
        entry
    }

    fn close_holes(&mut self) {
        self.entries.retain(Option::is_some);
        self.places.clear();
        let entries = &self.entries;
        let hash_at = |place: usize| entries[place].as_ref().map_or(0, |(k, _)| hash_of(k));
        for place in 0..entries.len() {
            self.places.insert_unique(hash_at(place), place, |&other| hash_at(other));
        }
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.places.clear();
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter().flatten().map(|(k, v)| (k, v))
    }

    /// The first entry at or after a place, and the place after it. Places grow in the order of the entries; a removal
    /// may change them.
    #[must_use]
    pub fn next_from(&self, place: usize) -> Option<(usize, &K, &V)> {
        let rest = self.entries.get(place..)?;
        let (skipped, (key, value)) = rest.iter().enumerate().find_map(|(i, e)| e.as_ref().map(|e| (i, e)))?;
        Some((place + skipped + 1, key, value))
    }
}

impl<K, V> IntoIterator for OrderedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Option<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_through_removals() {
        let mut map = OrderedMap::default();
        for i in 0..1000 {
            assert_eq!(map.insert(i, i * i), None);
        }
        for i in (0..1000).filter(|i| i % 10 != 3) {
            assert_eq!(map.remove(&i), Some((i, i * i)));
        }
        assert_eq!(map.insert(7, 49), None);
        assert_eq!(map.insert(13, 0), Some(169));
        let keys: Vec<_> = map.iter().map(|(k, _)| *k).collect();
        let expected: Vec<_> = (0..1000).filter(|i| i % 10 == 3).chain([7]).collect();
        assert_eq!(keys, expected);
        assert_eq!(map.len(), 101);
        assert_eq!(map.get(&13), Some(&0));
        assert_eq!(map.get(&14), None);
        map.clear();
        assert!(map.is_empty());
    }
}
