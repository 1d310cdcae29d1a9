//! A hash map that keeps the order of insertion, also after removals, as Python's `dict`.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use hashbrown::HashTable;

/// Below this many places, holes are not worth closing.
const SMALL: usize = 16;
/// Up to so many places are looked through. Hashing one key takes longer, and the table's memory is that of four of them.
const FEW: usize = 8;

/// A hash map that keeps the order of insertion.
///
/// Entries stand in a vector in the order they came; a table maps hashes to places, once there are more than a few. A removal
/// leaves a hole, so that it takes constant time, and holes are closed when there are as many as entries. (The layout of CPython's `dict` since
/// 3.6, after Raymond Hettinger's proposal of 2012.)
#[derive(Debug)]
pub struct OrderedMap<K, V> {
    entries: Vec<Option<(K, V)>>,
    /// How many of them are no holes.
    len: usize,
    /// The places of all entries, or of none: then it has no memory either.
    places: HashTable<usize>,
    /// How often entries have moved to other places, for whoever is on the way through them.
    moves: usize,
}

/// How far someone has come on the way through a map, from the first entry to the last or the other way round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    backwards: bool,
    /// The next place to look at; backwards, the one after it.
    place: usize,
    /// How many entries are still to come.
    left: usize,
    /// What the map was like in the beginning.
    len: usize,
    moves: usize,
    ended: bool,
}

/// What is next on the way through a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<T> {
    /// An entry.
    Entry(T),
    /// Nothing.
    End,
    /// The map has got larger or smaller since the beginning.
    Resized,
    /// The map has got other keys since the beginning.
    Changed,
}

impl<T> Step<T> {
    /// What there is for an entry.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Entry(entry) => Step::Entry(make(entry)),
            Self::End => Step::End,
            Self::Resized => Step::Resized,
            Self::Changed => Step::Changed,
        }
    }

    /// The same where it may go wrong.
    pub fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Step<U>, E> {
        Ok(match self.map(make) {
            Step::Entry(entry) => Step::Entry(entry?),
            Step::End => Step::End,
            Step::Resized => Step::Resized,
            Step::Changed => Step::Changed,
        })
    }
}

fn hash_of(key: &(impl Hash + ?Sized)) -> u64 {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::new).hash_one(key)
}

fn hash_at<K: Hash, V>(entries: &[Option<(K, V)>], place: usize) -> u64 {
    entries[place].as_ref().map_or(0, |(key, _)| hash_of(key))
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), len: 0, places: HashTable::new(), moves: 0 }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Clone for OrderedMap<K, V> {
    /// A copy without holes.
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.len);
        entries.extend(self.iter().map(|(key, value)| Some((key.clone(), value.clone()))));
        let mut copy = Self { entries, len: self.len, places: HashTable::new(), moves: 0 };
        copy.find_places();
        copy
    }
}

impl<K: Clone + Eq + Hash, V: Clone> OrderedMap<K, V> {
    pub(super) fn to_vec(&self) -> Vec<(K, V)> {
        self.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Puts copies of a key and a value in if the key is not there; otherwise gives a copy of the key's value.
    pub(super) fn get_or_insert(&mut self, key: &K, value: &V) -> Option<V> {
        let found = self.get(key).cloned();
        if found.is_none() {
            self.insert(key.clone(), value.clone());
        }
        found
    }
}

impl<K: Eq + Hash, V> OrderedMap<K, V> {
    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hash by which the table knows a key. None: it has no places.
    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> Option<u64> {
        (self.places.capacity() > 0).then(|| hash_of(key))
    }

    fn place<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.place_by(self.hash(key), key)
    }

    fn place_by<Q: Eq + ?Sized>(&self, hash: Option<u64>, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        let key_is = |entry: &Option<(K, V)>| entry.as_ref().is_some_and(|(k, _)| k.borrow() == key);
        match hash {
            Some(hash) => self.places.find(hash, |&place| key_is(&self.entries[place])).copied(),
            None => self.entries.iter().position(key_is),
        }
    }

    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries[self.place(key)?].as_ref().map(|(_, value)| value)
    }

    /// The key that equals a value.
    pub fn get_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&K>
    where
        K: Borrow<Q>,
    {
        self.entries[self.place(key)?].as_ref().map(|(key, _)| key)
    }

    /// Puts a value in, at the end if the key is new. Gives the old value.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hash(&key);
        if let Some(place) = self.place_by(hash, &key) {
            let (_, old) = self.entries[place].as_mut()?;
            return Some(std::mem::replace(old, value));
        }
        self.append(hash, key, value);
        None
    }

    /// Puts a key in that is not there.
    fn append(&mut self, hash: Option<u64>, key: K, value: V) {
        let place = self.entries.len();
        self.entries.push(Some((key, value)));
        self.len += 1;
        match hash {
            Some(hash) => _ = self.places.insert_unique(hash, place, |&other| hash_at(&self.entries, other)),
            None => self.find_places(),
        }
    }

    /// Fills the table, which has no places, if there are more than a few. All at once: a hash may panic.
    fn find_places(&mut self) {
        if self.entries.len() <= FEW {
            return;
        }
        let mut places = HashTable::with_capacity(self.entries.len());
        for (place, _) in self.entries.iter().enumerate().filter(|(_, entry)| entry.is_some()) {
            let hash = |&place: &usize| hash_at(&self.entries, place);
            places.insert_unique(hash(&place), place, hash);
        }
        self.places = places;
    }

    /// Takes an entry out.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let hash = self.hash(key);
        let place = self.place_by(hash, key)?;
        let entry = self.take_out(hash, place);
        if self.entries.len() > SMALL && self.len * 2 <= self.entries.len() {
            self.close_holes();
        }
        entry
    }

    /// Takes the last entry out.
    pub fn pop(&mut self) -> Option<(K, V)> {
        // What follows it are holes.
        let place = self.entries.iter().rposition(Option::is_some)?;
        let hash = self.entries[place].as_ref().and_then(|(key, _)| self.hash(key));
        let entry = self.take_out(hash, place);
        self.entries.truncate(place);
        entry
    }

    /// Leaves a hole.
    fn take_out(&mut self, hash: Option<u64>, place: usize) -> Option<(K, V)> {
        if let Some(Ok(found)) = hash.map(|hash| self.places.find_entry(hash, |&other| other == place)) {
            found.remove();
        }
        self.len -= 1;
        self.entries[place].take()
    }

    fn close_holes(&mut self) {
        self.moves = self.moves.wrapping_add(1);
        self.places = HashTable::new();
        self.entries.retain(Option::is_some);
        self.find_places();
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        drop(self.take());
    }

    /// Takes everything out.
    pub fn take(&mut self) -> Self {
        let moves = self.moves.wrapping_add(1);
        std::mem::replace(self, Self { moves, ..Self::default() })
    }

    /// Says that this map, of the same entries in the same order, takes the place of another one.
    pub(super) fn replaces<L: Eq + Hash, W>(&mut self, other: &OrderedMap<L, W>) {
        let same_places = other.entries.len() == self.entries.len();
        self.moves = if same_places { other.moves } else { other.moves.wrapping_add(1) };
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter().flatten().map(|(k, v)| (k, v))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The first entry at or after a place, and the place after it. Places grow in the order of the entries; a removal
    /// may change them.
    #[must_use]
    pub fn next_from(&self, place: usize) -> Option<(usize, &K, &V)> {
        let rest = self.entries.get(place..)?;
        let (skipped, (key, value)) = rest.iter().enumerate().find_map(|(i, e)| e.as_ref().map(|e| (i, e)))?;
        Some((place + skipped + 1, key, value))
    }

    /// The beginning of the way through the map.
    pub(super) fn beginning(&self, backwards: bool) -> Position {
        let place = if backwards { self.entries.len() } else { 0 };
        Position { backwards, place, left: self.len(), len: self.len(), moves: self.moves, ended: false }
    }

    /// The next entry on the way through the map. As `dict` does it: once the size is another one, that stays an error;
    /// other changes end the way.
    pub(super) fn step(&self, at: &mut Position) -> Step<(&K, &V)> {
        if at.ended {
            return Step::End;
        }
        if at.len != self.len() {
            at.len = usize::MAX;
            return Step::Resized;
        }
        if at.moves != self.moves {
            at.ended = true;
            return Step::Changed;
        }
        let found = if at.backwards {
            let rest = &self.entries[..at.place.min(self.entries.len())];
            rest.iter().rposition(Option::is_some).map(|place| (place, place))
        } else {
            let rest = self.entries.get(at.place..).unwrap_or_default();
            rest.iter().position(Option::is_some).map(|skipped| (at.place + skipped, at.place + skipped + 1))
        };
        let entry = found.and_then(|(place, next)| Some((self.entries[place].as_ref()?, next)));
        let Some(((key, value), next)) = entry else {
            at.ended = true;
            return Step::End;
        };
        if at.left == 0 {
            at.ended = true;
            return Step::Changed;
        }
        (at.place, at.left) = (next, at.left - 1);
        Step::Entry((key, value))
    }
}

impl Position {
    /// How many entries are still to come, if nothing changes in a map of this length.
    pub(super) fn left(&self, len: usize) -> usize {
        if self.ended || self.len != len {
            0
        } else {
            self.left
        }
    }
}

impl<K: Eq + Hash> OrderedMap<K, ()> {
    /// Puts an element of a set in, or gives it back if an equal one is there.
    pub(super) fn add(&mut self, element: K) -> Option<K> {
        let hash = self.hash(&element);
        if self.place_by(hash, &element).is_some() {
            return Some(element);
        }
        self.append(hash, element, ());
        None
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

    /// A few entries stand without a table, more with one, and fewer again still do: all as a plain list of pairs has it.
    #[test]
    fn is_the_same_with_few_entries_and_many() {
        let mut draw = 1_u64;
        for _ in 0..300 {
            let (mut map, mut plain) = (OrderedMap::default(), Vec::new());
            for round in 0..80 {
                draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = (draw >> 33) % 24;
                let known = plain.iter().position(|(k, _)| *k == key);
                match (draw >> 60, known) {
                    (0, _) => assert_eq!(map.pop(), plain.pop()),
                    (1..=6, _) => assert_eq!(map.remove(&key), known.map(|place| plain.remove(place))),
                    (7, _) => map = map.clone(),
                    (_, Some(place)) => {
                        assert_eq!(map.insert(key, round), Some(std::mem::replace(&mut plain[place].1, round)));
                    }
                    (_, None) => {
                        assert_eq!(map.insert(key, round), None);
                        plain.push((key, round));
                    }
                }
                assert_eq!(map.to_vec(), plain);
                assert_eq!(map.len(), plain.len());
                assert!(plain.iter().all(|(key, value)| map.get(key) == Some(value)));
                assert_eq!(map.get(&99), None);
            }
        }
    }
}
