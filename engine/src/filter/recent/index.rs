//! Messages by whom or where: sharded, each shard with a lock and a share of the memory, the longest unused row forgotten first.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use lru::LruCache;

use super::{KEPT, MAX_AGE, Past};

/// Locks per index.
const SHARDS: usize = 16;
/// What a row costs beside its messages, bytes, roughly.
pub(super) const ROW_BYTES: usize = 256;

/// Messages by whom or where, in shards, each with a lock and a share of the memory.
#[derive(Debug)]
pub(super) struct Index<K: Hash + Eq> {
    hasher: RandomState,
    pub(super) shards: [Mutex<Shard<K>>; SHARDS],
    shard_bytes: usize,
}

#[derive(Debug)]
pub(super) struct Shard<K: Hash + Eq> {
    pub(super) rows: LruCache<K, Row>,
    bytes: usize,
}

/// Oldest first.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) messages: VecDeque<Arc<Past>>,
    loaded: bool,
}

impl<K: Hash + Eq + Clone> Index<K> {
    /// Takes so many bytes, roughly.
    pub(super) fn new(bytes: usize) -> Self {
        let shard = |_| Mutex::new(Shard { rows: LruCache::unbounded(), bytes: 0 });
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(shard),
            shard_bytes: bytes / SHARDS,
        }
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message into a row.
    pub(super) fn add(&self, key: &K, past: &Arc<Past>) {
        let mut shard = self.shard(key);
        let row = shard.row(key);
        let change = row.add(past);
        shard.account(change, self.shard_bytes);
    }

    /// Whether the row's past was loaded before; from now on it was.
    pub(super) fn begin(&self, key: &K) -> bool {
        let mut shard = self.shard(key);
        let loaded = std::mem::replace(&mut shard.row(key).loaded, true);
        shard.account(Change::default(), self.shard_bytes);
        loaded
    }

    /// A row's messages of the last day before `now`, latest first.
    pub(super) fn latest(&self, key: &K, now: DateTime<Utc>, limit: usize) -> Vec<Arc<Past>> {
        self.read(key, |messages| {
            let recent = messages.iter().rev().filter(|past| now - past.at < MAX_AGE);
            recent.take(limit.min(KEPT)).cloned().collect()
        })
    }

    /// Reads a row, oldest message first.
    pub(super) fn read<T: Default>(
        &self,
        key: &K,
        read: impl FnOnce(&VecDeque<Arc<Past>>) -> T,
    ) -> T {
        self.shard(key).rows.get(key).map(|row| read(&row.messages)).unwrap_or_default()
    }

    /// Memory in use, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).bytes)
            .sum()
    }
}

impl<K: Hash + Eq + Clone> Shard<K> {
    fn row(&mut self, key: &K) -> &mut Row {
        if !self.rows.contains(key) {
            self.bytes += ROW_BYTES;
        }
        self.rows.get_or_insert_mut(key.clone(), Row::default)
    }

    /// Counts what a row gained and lost, then forgets the longest unused rows until the rest fits.
    fn account(&mut self, change: Change, limit: usize) {
        self.bytes = (self.bytes + change.gained).saturating_sub(change.lost);
        while self.bytes > limit
            && let Some((_, row)) = self.rows.pop_lru()
        {
            let bytes = ROW_BYTES + row.messages.iter().map(|past| past.bytes()).sum::<usize>();
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }
}

/// Bytes a row gained and lost.
#[derive(Clone, Copy, Default)]
struct Change {
    gained: usize,
    lost: usize,
}

impl Row {
    /// Puts a message where its time belongs, drops what is too old or too much.
    fn add(&mut self, past: &Arc<Past>) -> Change {
        let mut change = Change::default();
        let after = self.messages.iter().rev().take_while(|other| other.at > past.at).count();
        let place = self.messages.len() - after;
        let same = |other: &Arc<Past>| other == past;
        let known = self.messages.range(..place).rev().take_while(|other| other.at == past.at);
        if known.into_iter().any(same) {
            return change;
        }
        self.messages.insert(place, Arc::clone(past));
        change.gained = past.bytes();
        let latest = self.messages.back().map_or(past.at, |latest| latest.at);
        while self.messages.len() > KEPT
            || self.messages.front().is_some_and(|oldest| latest - oldest.at >= MAX_AGE)
        {
            change.lost += self.messages.pop_front().map_or(0, |oldest| oldest.bytes());
        }
        change
    }
}
