//! A bounded cache of users, listings and the like, of those that don't exist too.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Two generations: what was not asked for while the young one filled up is forgotten.
pub(super) struct Cache<K, V> {
    generations: Mutex<Generations<K, V>>,
    half: usize,
}

struct Generations<K, V> {
    young: HashMap<K, Option<Arc<V>>>,
    old: HashMap<K, Option<Arc<V>>>,
    /// Goes up with every change, so that a slow reader can't put back what it read before.
    version: u64,
}

impl<K: Eq + Hash + Clone, V> Cache<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), version: 0 };
        Self { generations: Mutex::new(generations), half: (capacity / 2).max(1) }
    }

    /// What is known of it, or else the version to hand to `fill`.
    pub(super) fn get(&self, id: &K) -> Result<Option<Arc<V>>, u64> {
        let mut generations = self.lock();
        if let Some(known) = generations.young.get(id) {
            return Ok(known.clone());
        }
        let Some(known) = generations.old.remove(id) else { return Err(generations.version) };
        generations.put(id.clone(), known.clone(), self.half);
        Ok(known)
    }

    /// Keeps what was read, unless something changed since `version`.
    pub(super) fn fill(&self, id: K, found: Option<Arc<V>>, version: u64) {
        let mut generations = self.lock();
        if generations.version == version {
            generations.put(id, found, self.half);
        }
    }

    /// Forgets what has just been written.
    pub(super) fn forget<'a>(&self, ids: impl Iterator<Item = &'a K>)
    where
        K: 'a,
    {
        let mut generations = self.lock();
        generations.version += 1;
        for id in ids {
            generations.young.remove(id);
            generations.old.remove(id);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        let mut generations = self.lock();
        generations.version += 1;
        generations.young.clear();
        generations.old.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn put(&mut self, id: K, found: Option<Arc<V>>, half: usize) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{User, UserId};

    type UserCache = Cache<UserId, User>;

    fn id(n: usize) -> UserId {
        UserId::trusted(n.to_string())
    }

    #[test]
    fn it_stays_small_and_keeps_what_is_asked_for() {
        let cache = UserCache::new(10);
        for n in 0..100 {
            let version = cache.get(&id(n)).expect_err("not there yet");
            cache.fill(id(n), None, version);
            assert_eq!(cache.get(&id(0)), Ok(None), "asked for all the time, so it stays");
        }
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 10, "bounded by its capacity");
    }

    #[test]
    fn a_slow_reader_does_not_undo_a_change() {
        let cache = UserCache::new(10);
        let version = cache.get(&id(1)).expect_err("not there yet");
        cache.forget([id(1)].iter());
        cache.fill(id(1), None, version);
        assert!(cache.get(&id(1)).is_err(), "what was read before the change must not be kept");
    }
}
