//! A filter's windowed counters: in memory, bounded in keys, shared by all its instances and by nobody else.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

/// Parts a window is counted in: a sum may count up to a sixteenth of a window too much.
const PARTS: usize = 16;
/// Sums kept; the longest unused goes first.
const MAX_SUMS: usize = 20_000;
/// Sets of items kept; the longest unused goes first.
const MAX_SETS: usize = 4_096;
/// Different items remembered in a set: a larger count says 256.
const MAX_ITEMS: usize = 256;

type Key = [u8; 16];

/// One filter's counters; a new version of the filter may go on with them.
#[derive(Debug)]
pub struct Counters {
    sums: Mutex<LruCache<Key, Sum>>,
    sets: Mutex<LruCache<Key, Set>>,
}

/// Sums per part of the window; `newest` is the number of the latest part.
#[derive(Debug, Clone, Default)]
struct Sum {
    parts: [u64; PARTS],
    newest: u64,
}

/// Hashes of items, with the second they were last seen in.
#[derive(Debug, Default)]
struct Set(Vec<(u64, u64)>);

impl Default for Counters {
    fn default() -> Self {
        Self::new()
    }
}

impl Counters {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let capacity = |entries| NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN);
        Self {
            sums: Mutex::new(LruCache::new(capacity(MAX_SUMS))),
            sets: Mutex::new(LruCache::new(capacity(MAX_SETS))),
        }
    }

    /// Adds to a counter; its sum over the window that ends at `now` (milliseconds since 1970). A rehearsal is told what the
    /// sum would be.
    pub(super) fn bump(&self, counter: &Counter<'_>, by: u32, now: u64, rehearsal: bool) -> u64 {
        let part = u64::from(counter.window_seconds) * 1_000 / PARTS as u64;
        let number = now / part.max(1);
        let add = |sum: &mut Sum| {
            sum.advance(number);
            let place = index(sum.newest);
            sum.parts[place] = sum.parts[place].saturating_add(u64::from(by));
            sum.parts.iter().fold(0, |total: u64, part| total.saturating_add(*part))
        };
        let key = counter.digest();
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        if rehearsal {
            return add(&mut sums.peek(&key).cloned().unwrap_or_default());
        }
        add(sums.get_or_insert_mut(key, Sum::default))
    }

    /// Notes an item under a key; how many different ones the window saw, 256 at most. A rehearsal is told how many there
    /// would be.
    pub(super) fn distinct(
        &self,
        counter: &Counter<'_>,
        item: &str,
        now: u64,
        rehearsal: bool,
    ) -> u64 {
        let now = now / 1_000;
        let oldest = now.saturating_sub(u64::from(counter.window_seconds));
        let hash = blake3::hash(item.as_bytes());
        let item = hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let key = counter.digest();
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if rehearsal {
            let known = sets.peek(&key).map(|set| set.0.as_slice()).unwrap_or_default();
            let others = known.iter().filter(|(known, seen)| *seen > oldest && *known != item);
            return (others.count().min(MAX_ITEMS - 1) + 1) as u64;
        }
        let set = &mut sets.get_or_insert_mut(key, Set::default).0;
        set.retain(|(known, seen)| *seen > oldest && *known != item);
        if set.len() == MAX_ITEMS {
            set.remove(0); // The longest unseen: noting an item moves it to the end.
        }
        set.push((item, now));
        set.len() as u64
    }
}

/// Which counter.
pub(super) struct Counter<'a> {
    pub(super) name: &'a str,
    pub(super) key: &'a str,
    pub(super) window_seconds: u32,
}

impl Counter<'_> {
    fn digest(&self) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.name.len() as u64).to_le_bytes());
        hasher.update(self.name.as_bytes());
        hasher.update(self.key.as_bytes());
        hasher.update(&self.window_seconds.to_le_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        digest
    }
}

impl Sum {
    /// Forgets the parts that left the window; a clock that went back counts into the newest.
    fn advance(&mut self, number: u64) {
        let gone = number.saturating_sub(self.newest).min(PARTS as u64);
        for step in 1..=gone {
            self.parts[index(number - gone + step)] = 0;
        }
        self.newest = self.newest.max(number);
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number % PARTS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_700_000_000_000;

    fn counter<'a>(name: &'a str, key: &'a str, window_seconds: u32) -> Counter<'a> {
        Counter { name, key, window_seconds }
    }

    fn bump(counters: &Counters, (name, key): (&str, &str), by: u32, window: u32, now: u64) -> u64 {
        counters.bump(&counter(name, key, window), by, now, false)
    }

    fn distinct(counters: &Counters, (name, key): (&str, &str), item: &str, now: u64) -> u64 {
        counters.distinct(&counter(name, key, 60), item, now, false)
    }

    #[test]
    fn sums_forget_what_left_the_window() {
        let counters = Counters::new();
        assert_eq!(bump(&counters, ("sent", "a"), 2, 60, START), 2);
        assert_eq!(bump(&counters, ("sent", "a"), 3, 60, START + 30_000), 5);
        assert_eq!(bump(&counters, ("sent", "b"), 1, 60, START + 30_000), 1, "keys are apart");
        assert_eq!(bump(&counters, ("other", "a"), 1, 60, START + 30_000), 1, "names are apart");
        assert_eq!(
            bump(&counters, ("sent", "a"), 1, 60, START + 65_000),
            4,
            "the first two are gone"
        );
        assert_eq!(
            bump(&counters, ("sent", "a"), 1, 60, START),
            5,
            "a clock that goes back loses nothing"
        );
        assert_eq!(bump(&counters, ("sent", "a"), 7, 60, START + 600_000), 7);
        assert_eq!(bump(&counters, ("fast", "a"), 1, 1, START), 1, "the shortest window works");
    }

    #[test]
    fn distinct_items_are_counted_once_and_bounded() {
        let counters = Counters::new();
        assert_eq!(distinct(&counters, ("texts", "a"), "x", START), 1);
        assert_eq!(distinct(&counters, ("texts", "a"), "x", START), 1, "the same item again");
        assert_eq!(distinct(&counters, ("texts", "a"), "y", START + 59_000), 2);
        assert_eq!(
            distinct(&counters, ("texts", "a"), "z", START + 61_000),
            2,
            "x left the window"
        );
        for item in 0..1_000 {
            distinct(&counters, ("many", "a"), &item.to_string(), START);
        }
        assert_eq!(distinct(&counters, ("many", "a"), "last", START), MAX_ITEMS as u64);
    }

    #[test]
    fn a_rehearsal_changes_nothing() {
        let counters = Counters::new();
        let sent = counter("sent", "a", 60);
        assert_eq!(counters.bump(&sent, 2, START, true), 2, "what it would be");
        assert_eq!(counters.bump(&sent, 2, START, false), 2, "it was not counted");
        assert_eq!(counters.bump(&sent, 3, START, true), 5);
        assert_eq!(counters.distinct(&sent, "x", START, true), 1);
        assert_eq!(counters.distinct(&sent, "y", START, false), 1, "x was not noted");
        assert_eq!(counters.distinct(&sent, "x", START, true), 2);
        assert_eq!(counters.distinct(&sent, "y", START, true), 1);
    }

    #[test]
    fn keys_are_bounded() {
        let counters = Counters::new();
        for key in 0..MAX_SUMS + 10 {
            bump(&counters, ("sent", &key.to_string()), 1, 60, START);
        }
        let kept = counters.sums.lock().expect("not poisoned").len();
        assert_eq!(kept, MAX_SUMS, "the longest unused went");
        assert_eq!(bump(&counters, ("sent", "0"), 1, 60, START), 1, "the first was forgotten");
    }
}
