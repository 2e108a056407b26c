//! The newest groups, kept in memory: followers that keep up never ask the database.

use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use super::OutboxRow;

/// Groups that are kept. Each is a few dozen bytes for every commit in it.
const KEPT: usize = 1_024;

/// The newest groups of this opening.
#[derive(Debug, Default)]
pub(in crate::store) struct RecentGroups(Mutex<Groups>);

#[derive(Debug, Default)]
struct Groups {
    rows: HashMap<(u64, u64), OutboxRow>,
    order: VecDeque<(u64, u64)>,
}

impl RecentGroups {
    /// Takes a group that was just committed; must come before followers are told of it.
    pub(in crate::store) fn add(&self, row: OutboxRow) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (row.shard, row.n);
        groups.order.push_back(key);
        groups.rows.insert(key, row);
        if groups.order.len() > KEPT
            && let Some(oldest) = groups.order.pop_front()
        {
            groups.rows.remove(&oldest);
        }
    }

    /// Forgets what is trimmed.
    pub(super) fn forget(&self, shard: u64, numbers: &RangeInclusive<u64>) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_trimmed = |key: &(u64, u64)| key.0 == shard && numbers.contains(&key.1);
        groups.rows.retain(|key, _| !is_trimmed(key));
        groups.order.retain(|key| !is_trimmed(key));
    }

    /// The group of this number, if it is one of the newest.
    pub(super) fn find(&self, shard: u64, n: u64) -> Option<OutboxRow> {
        let groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups.rows.get(&(shard, n)).cloned()
    }
}
