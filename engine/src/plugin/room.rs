//! The room all instances of a process share: how many there are, and how much memory the idle ones may keep.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::engine::MAX_INSTANCES;

/// Linear memory idle instances keep together, bytes; beyond it the longest idle are dropped.
const MAX_IDLE_BYTES: usize = 512 * 1024 * 1024;

/// How much of the room is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostUsage {
    /// Instances alive, running or idle.
    pub instances: usize,
    /// Most that can be alive at once.
    pub max_instances: usize,
    /// Linear memory of the idle ones, bytes.
    pub idle_bytes: usize,
    /// Most they keep.
    pub max_idle_bytes: usize,
}

/// Instances that wait for their next message, of one filter.
pub(super) trait Idle: Send + Sync {
    /// When the longest idle one was last used, in turns of the room's; `None` if none is idle.
    fn oldest(&self) -> Option<u64>;
    /// Drops the longest idle one.
    fn drop_oldest(&self);
}

/// The room.
#[derive(Default)]
pub(super) struct Room {
    instances: Arc<AtomicUsize>,
    idle_bytes: Arc<AtomicUsize>,
    turns: std::sync::atomic::AtomicU64,
    pools: Mutex<Vec<Weak<dyn Idle>>>,
}

impl Room {
    /// A place for one more instance; idle ones make room. `None` if all are running.
    pub(super) fn enter(&self) -> Option<Place> {
        let most = usize::try_from(MAX_INSTANCES).unwrap_or(usize::MAX);
        loop {
            if self.instances.fetch_add(1, Ordering::AcqRel) < most {
                return Some(Place(Arc::clone(&self.instances)));
            }
            self.instances.fetch_sub(1, Ordering::AcqRel);
            if !self.drop_oldest() {
                return None;
            }
        }
    }

    /// Lets the pool's idle instances be dropped when others need the room.
    pub(super) fn register(&self, pool: Weak<dyn Idle>) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(pool);
    }

    /// A number that grows, to tell who has been idle longest.
    pub(super) fn turn(&self) -> u64 {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts an idle instance's memory until the result is dropped.
    pub(super) fn keep(&self, bytes: usize) -> Kept {
        self.idle_bytes.fetch_add(bytes, Ordering::AcqRel);
        Kept { bytes, total: Arc::clone(&self.idle_bytes) }
    }

    /// Drops the longest idle instances until the rest is within the bound.
    pub(super) fn tidy(&self) {
        while self.idle_bytes.load(Ordering::Acquire) > MAX_IDLE_BYTES && self.drop_oldest() {}
    }

    /// How much of it is taken.
    pub(super) fn usage(&self) -> HostUsage {
        HostUsage {
            instances: self.instances.load(Ordering::Acquire),
            max_instances: usize::try_from(MAX_INSTANCES).unwrap_or(usize::MAX),
            idle_bytes: self.idle_bytes.load(Ordering::Acquire),
            max_idle_bytes: MAX_IDLE_BYTES,
        }
    }

    fn drop_oldest(&self) -> bool {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pools: Vec<_> = pools.iter().filter_map(Weak::upgrade).collect();
        let oldest = pools
            .iter()
            .filter_map(|pool| Some((pool.oldest()?, pool)))
            .min_by_key(|(turn, _)| *turn);
        if let Some((_, pool)) = oldest {
            pool.drop_oldest();
        }
        oldest.is_some()
    }
}

/// One instance's place.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Memory of one idle instance.
#[derive(Debug)]
pub(super) struct Kept {
    bytes: usize,
    total: Arc<AtomicUsize>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}
