//! How many of something each user, or each address, has.

use std::hash::Hash;
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

/// Counts by key; holds only keys that have something. Clones share it.
#[derive(Debug, Clone)]
pub struct Tally<K: Eq + Hash>(Arc<DashMap<K, usize>>);

impl<K: Eq + Hash> Default for Tally<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Tally<K> {
    /// One more of this key until it is dropped; `None` if it has `most`.
    pub fn enter(&self, key: &K, most: usize) -> Option<Counted<K>> {
        match self.0.entry(key.clone()) {
            Entry::Occupied(count) if *count.get() >= most => return None,
            Entry::Occupied(mut count) => *count.get_mut() += 1,
            Entry::Vacant(_) if most == 0 => return None,
            Entry::Vacant(place) => drop(place.insert(1)),
        }
        Some(Counted { tally: self.clone(), key: key.clone() })
    }
}

/// Something that counts; not any more once it is dropped.
#[derive(Debug)]
pub struct Counted<K: Eq + Hash> {
    tally: Tally<K>,
    key: K,
}

impl<K: Eq + Hash> Drop for Counted<K> {
    fn drop(&mut self) {
        if let Some(mut count) = self.tally.0.get_mut(&self.key) {
            *count = count.saturating_sub(1);
        }
        self.tally.0.remove_if(&self.key, |_, count| *count == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_what_is_dropped_counts_no_more() {
        let tally = Tally::default();
        let first = tally.enter(&"ann", 2).expect("room");
        let _second = tally.enter(&"ann", 2).expect("room");
        assert!(tally.enter(&"ann", 2).is_none(), "a third");
        assert!(tally.enter(&"bob", 2).is_some(), "each has their own");
        drop(first);
        assert!(tally.enter(&"ann", 2).is_some(), "there is room again");
        assert_eq!(tally.0.len(), 1, "nobody without anything is kept");
        assert!(tally.enter(&"eve", 0).is_none());
    }
}
