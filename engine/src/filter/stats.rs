//! How a filter's version does: counts, actions, time. Lock-free; kept over the life of a `Release`.

mod histogram;
mod windows;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::Action;

use super::FaultKind;
use crate::telemetry::LATENCIES;
use crate::telemetry::instrument::Spread;
use windows::Windows;

pub use histogram::{Histogram, Times};
pub use windows::{Counts, Window};

/// Counts of one version of one filter since it was made ready.
#[derive(Default)]
pub struct FilterStats {
    inspected: AtomicU64,
    flagged: AtomicU64,
    faults: [AtomicU64; FaultKind::ALL.len()],
    acted: [AtomicU64; Action::ALL.len()],
    time: Histogram,
    windows: Windows,
}

/// The counts at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterStatsSnapshot {
    /// Messages it looked at.
    pub inspected: u64,
    /// Of those, how many it gave at least one signal for.
    pub flagged: u64,
    /// How often it failed, by kind; kinds that never happened are missing.
    pub faults: Vec<(FaultKind, u64)>,
    /// Messages by the strictest action its own signals led to; `deliver` and what never happened are missing.
    pub acted: Vec<(Action, u64)>,
    /// Half of its inspections took no longer, microseconds; 0 before the first.
    pub p50_micros: f64,
    /// 99 of 100 inspections took no longer, microseconds.
    pub p99_micros: f64,
    /// The longest, microseconds.
    pub max_micros: f64,
}

impl FilterStatsSnapshot {
    /// Failures of every kind.
    pub fn all_faults(&self) -> u64 {
        self.faults.iter().map(|(_, count)| count).sum()
    }
}

impl FilterStats {
    /// Notes one inspection: how long it took, and what came of it.
    pub fn inspected(&self, now: DateTime<Utc>, took: Duration, outcome: Result<usize, FaultKind>) {
        self.inspected.fetch_add(1, Ordering::Relaxed);
        self.time.record(took);
        let flagged = matches!(outcome, Ok(1..));
        if flagged {
            self.flagged.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(kind) = outcome {
            self.faults[kind.index()].fetch_add(1, Ordering::Relaxed);
        }
        self.windows.inspected(now, flagged, outcome.is_err());
    }

    /// Notes what its signals made of a message.
    pub fn acted(&self, now: DateTime<Utc>, action: Action) {
        self.acted[action.index()].fetch_add(1, Ordering::Relaxed);
        if action >= Action::Mask {
            self.windows.acted(now);
        }
    }

    /// The times of its inspections, for Prometheus.
    pub fn spread(&self) -> Spread {
        self.time.read().spread(&LATENCIES)
    }

    /// The counts now.
    pub fn snapshot(&self) -> FilterStatsSnapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let faults =
            FaultKind::ALL.into_iter().map(|kind| (kind, read(&self.faults[kind.index()])));
        let acted =
            Action::ALL.into_iter().map(|action| (action, read(&self.acted[action.index()])));
        let time = self.time.read();
        FilterStatsSnapshot {
            inspected: read(&self.inspected),
            flagged: read(&self.flagged),
            faults: faults.filter(|(_, count)| *count > 0).collect(),
            acted: acted.filter(|(_, count)| *count > 0).collect(),
            p50_micros: time.quantile(0.5),
            p99_micros: time.quantile(0.99),
            max_micros: time.max(),
        }
    }

    /// The counts of the last hour, of the last day and of today, for alarms.
    pub fn window(&self, now: DateTime<Utc>) -> Window {
        self.windows.read(now)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn counts_and_times_are_kept() {
        let stats = FilterStats::default();
        let now = at("2026-03-01T12:00:00Z");
        for micros in 1..=1_000 {
            let outcome = match micros {
                1..=10 => Ok(2),
                11..=13 => Err(FaultKind::Timeout),
                _ => Ok(0),
            };
            stats.inspected(now, Duration::from_micros(micros), outcome);
        }
        stats.acted(now, Action::Hold);
        stats.acted(now, Action::Label);
        let seen = stats.snapshot();
        assert_eq!((seen.inspected, seen.flagged, seen.all_faults()), (1_000, 10, 3));
        assert_eq!(seen.acted, [(Action::Label, 1), (Action::Hold, 1)]);
        assert!((seen.p50_micros / 500.0 - 1.0).abs() < 0.1, "p50 {}", seen.p50_micros);
        assert!((seen.p99_micros / 990.0 - 1.0).abs() < 0.1, "p99 {}", seen.p99_micros);
        assert!((seen.max_micros - 1_000.0).abs() < 0.5, "max {}", seen.max_micros);
        assert_eq!(FilterStats::default().snapshot(), FilterStatsSnapshot::default());
    }

    #[test]
    fn windows_forget_what_is_old() {
        let stats = FilterStats::default();
        let start = at("2026-03-01T22:30:00Z");
        let mark = |time| {
            stats.inspected(time, Duration::ZERO, Ok(1));
            stats.acted(time, Action::Mask);
            stats.acted(time, Action::Warn);
        };
        (0..3).for_each(|_| mark(start));
        let one = |window: Window| (window.hour.inspected, window.day.flagged, window.acted_today);
        assert_eq!(one(stats.window(start)), (3, 3, 3));
        assert_eq!(one(stats.window(start + TimeDelta::minutes(59))), (3, 3, 3));
        assert_eq!(one(stats.window(start + TimeDelta::minutes(61))), (0, 3, 3));
        let midnight = start + TimeDelta::minutes(91);
        assert_eq!(one(stats.window(midnight)), (0, 3, 0), "a new day");
        mark(midnight);
        assert_eq!(one(stats.window(midnight)), (1, 4, 1));
        assert_eq!(one(stats.window(start + TimeDelta::hours(24))), (0, 1, 1));
        assert_eq!(one(stats.window(start + TimeDelta::days(400))), (0, 0, 0));
    }
}
