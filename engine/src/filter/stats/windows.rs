//! Counts of the last hour by minutes and of the last day by hours, in two rings of atomics.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, Utc};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// What alarms look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The last 60 minutes.
    pub hour: Counts,
    /// The last 24 hours.
    pub day: Counts,
    /// Messages its signals led to mask, hold, refuse or shadow since midnight UTC.
    pub acted_today: u64,
}

/// Counts of a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages it looked at.
    pub inspected: u64,
    /// Of those, how many it gave at least one signal for.
    pub flagged: u64,
    /// How often it failed.
    pub faults: u64,
    /// Messages its signals led to mask, hold, refuse or shadow.
    pub acted: u64,
}

#[derive(Default)]
pub(super) struct Windows {
    minutes: Ring<60>,
    hours: Ring<24>,
}

impl Windows {
    pub(super) fn inspected(&self, now: DateTime<Utc>, flagged: bool, failed: bool) {
        let count = |cell: &Cell| {
            cell.inspected.fetch_add(1, Ordering::Relaxed);
            if flagged {
                cell.flagged.fetch_add(1, Ordering::Relaxed);
            }
            if failed {
                cell.faults.fetch_add(1, Ordering::Relaxed);
            }
        };
        count(self.minutes.cell(now.timestamp() / MINUTE));
        count(self.hours.cell(now.timestamp() / HOUR));
    }

    pub(super) fn acted(&self, now: DateTime<Utc>) {
        self.minutes.cell(now.timestamp() / MINUTE).acted.fetch_add(1, Ordering::Relaxed);
        self.hours.cell(now.timestamp() / HOUR).acted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, now: DateTime<Utc>) -> Window {
        let seconds = now.timestamp();
        let (minute, hour) = (seconds / MINUTE, seconds / HOUR);
        Window {
            hour: self.minutes.sum(minute - 59, minute),
            day: self.hours.sum(hour - 23, hour),
            acted_today: self.hours.sum(seconds / DAY * 24, hour).acted,
        }
    }
}

/// A stretch's counts; `of` says which stretch, so that old ones can be told from new.
struct Cell {
    of: AtomicI64,
    inspected: AtomicU64,
    flagged: AtomicU64,
    faults: AtomicU64,
    acted: AtomicU64,
}

struct Ring<const N: usize>([Cell; N]);

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Cell {
            of: AtomicI64::new(i64::MIN),
            inspected: AtomicU64::new(0),
            flagged: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            acted: AtomicU64::new(0),
        }))
    }
}

impl<const N: usize> Ring<N> {
    /// The stretch's cell, emptied if it held an older one. A count made at that very moment may be lost.
    fn cell(&self, stretch: i64) -> &Cell {
        let place = stretch.rem_euclid(i64::try_from(N).unwrap_or(1));
        let cell = &self.0[usize::try_from(place).unwrap_or(0)];
        let held = cell.of.load(Ordering::Acquire);
        if held < stretch
            && cell.of.compare_exchange(held, stretch, Ordering::AcqRel, Ordering::Acquire).is_ok()
        {
            for counter in [&cell.inspected, &cell.flagged, &cell.faults, &cell.acted] {
                counter.store(0, Ordering::Relaxed);
            }
        }
        cell
    }

    fn sum(&self, from: i64, to: i64) -> Counts {
        let mut sum = Counts::default();
        for cell in &self.0 {
            if (from..=to).contains(&cell.of.load(Ordering::Acquire)) {
                sum.inspected += cell.inspected.load(Ordering::Relaxed);
                sum.flagged += cell.flagged.load(Ordering::Relaxed);
                sum.faults += cell.faults.load(Ordering::Relaxed);
                sum.acted += cell.acted.load(Ordering::Relaxed);
            }
        }
        sum
    }
}
