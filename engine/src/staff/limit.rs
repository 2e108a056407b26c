//! Failed attempts to sign in, by account and by address: some at once, then one every few seconds.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lru::LruCache;

/// Accounts and addresses remembered; the longest unused are forgotten.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

/// What failures are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The e-mail address that was given.
    Account(String),
    /// Where the attempt came from.
    Address(IpAddr),
}

impl Key {
    /// Failures that may come at once, and how long until another one may.
    fn allowance(&self) -> (i32, TimeDelta) {
        match self {
            Self::Account(_) => (5, TimeDelta::seconds(30)),
            Self::Address(_) => (20, TimeDelta::seconds(6)),
        }
    }
}

/// When all of a key's failures will be forgiven.
#[derive(Debug)]
pub struct Failures(Mutex<LruCache<Key, DateTime<Utc>>>);

impl Default for Failures {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Failures {
    /// How long to wait before another attempt, if at all.
    pub fn wait(&self, keys: &[Key], now: DateTime<Utc>) -> Option<Duration> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = keys.iter().filter_map(|key| {
            let (burst, each) = key.allowance();
            let over = *failures.peek(key)? - now - each * (burst - 1);
            over.to_std().ok().filter(|over| !over.is_zero())
        });
        waits.max()
    }

    /// Counts one more.
    pub fn count(&self, keys: &[Key], now: DateTime<Utc>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            let (_, each) = key.allowance();
            let until = failures.get(key).copied().unwrap_or(now).max(now);
            failures.put(key.clone(), until + each);
        }
    }

    /// The right password was given: the account's are forgiven, of the address's only the one that was counted for this.
    pub fn forgive(&self, keys: &[Key]) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            let (_, each) = key.allowance();
            match key {
                Key::Account(_) => {
                    failures.pop(key);
                }
                Key::Address(_) => {
                    if let Some(until) = failures.get_mut(key) {
                        *until -= each;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_failures_are_free_and_then_each_costs_a_wait() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let keys = [Key::Account("a@example.com".into())];
        let failures = Failures::default();
        for attempt in 0..5 {
            assert_eq!(failures.wait(&keys, at(0)), None, "attempt {attempt} is free");
            failures.count(&keys, at(0));
        }
        assert_eq!(failures.wait(&keys, at(0)), Some(Duration::from_secs(30)));
        assert_eq!(failures.wait(&keys, at(29)), Some(Duration::from_secs(1)));
        assert_eq!(failures.wait(&keys, at(30)), None, "one more after the wait");
        failures.count(&keys, at(30));
        assert_eq!(failures.wait(&keys, at(30)), Some(Duration::from_secs(30)));
        let other = [Key::Account("b@example.com".into())];
        assert_eq!(failures.wait(&other, at(30)), None, "each account by itself");
        failures.forgive(&keys);
        assert_eq!(failures.wait(&keys, at(30)), None, "forgiven");
        let office = [Key::Address(IpAddr::from([10, 0, 0, 1]))];
        for attempt in 0..100 {
            assert_eq!(failures.wait(&office, at(0)), None, "a whole office signs in: {attempt}");
            failures.count(&office, at(0));
            failures.forgive(&office);
        }
    }
}
