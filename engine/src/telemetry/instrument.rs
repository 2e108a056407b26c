//! Counters, gauges and histograms that cost a few nanoseconds: atomics in statics, buckets fixed, nothing to look up.
//! Of fixed size however long nobody reads them, which the usual recorders are not.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// At zero.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// At zero.
    pub const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// Up or down by so many; returns what it was.
    pub fn add(&self, difference: i64) -> i64 {
        self.0.fetch_add(difference, Ordering::Relaxed)
    }

    /// How many now; never below zero.
    pub fn get(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

/// Where a histogram's buckets end, ascending, and how many of its whole numbers make one of the unit that is shown.
#[derive(Debug)]
pub struct Bounds {
    /// The largest value of each bucket but the last, which has no end.
    pub ends: &'static [u64],
    /// 1,000,000,000 for nanoseconds shown as seconds.
    pub per_unit: f64,
}

const BUCKETS: usize = 24;

/// Times, kept in nanoseconds: 10 µs to 10 s.
pub static LATENCIES: Bounds = Bounds {
    ends: &[
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        10_000_000_000,
    ],
    per_unit: 1e9,
};

/// Counts of things: 1 to 16,384.
pub static SIZES: Bounds = Bounds {
    ends: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384],
    per_unit: 1.0,
};

/// How values are spread.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static Bounds,
    counts: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The end of each bucket in the unit shown, and how many values are not above it.
    pub up_to: Vec<(f64, u64)>,
    /// All values.
    pub count: u64,
    /// Their sum in the unit shown.
    pub sum: f64,
}

impl Histogram {
    /// Empty.
    pub const fn new(bounds: &'static Bounds) -> Self {
        assert!(bounds.ends.len() < BUCKETS, "the last bucket has no end");
        Self { bounds, counts: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0) }
    }

    /// Adds a value.
    pub fn record(&self, value: u64) {
        let place = self.bounds.ends.partition_point(|end| *end < value);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Adds a time; for bounds in nanoseconds.
    pub fn time(&self, took: Duration) {
        self.record(super::nanos(took));
    }

    /// Times what happens until the timer is dropped.
    pub fn start(&'static self) -> Timer {
        Timer { histogram: self, began: super::now() }
    }

    /// All so far.
    #[expect(clippy::cast_precision_loss, reason = "a statistic")]
    pub fn spread(&self) -> Spread {
        let per_unit = self.bounds.per_unit;
        let mut count = 0;
        let up_to = self.bounds.ends.iter().zip(&self.counts).map(|(end, bucket)| {
            count += bucket.load(Ordering::Relaxed);
            (*end as f64 / per_unit, count)
        });
        let up_to: Vec<(f64, u64)> = up_to.collect();
        count += self.counts[self.bounds.ends.len()].load(Ordering::Relaxed);
        Spread { up_to, count, sum: self.sum.load(Ordering::Relaxed) as f64 / per_unit }
    }
}

/// Adds the time since it was started when it is dropped.
#[derive(Debug)]
#[must_use = "it measures until it is dropped"]
pub struct Timer {
    histogram: &'static Histogram,
    began: u64,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.histogram.record(super::now().saturating_sub(self.began));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_bucket_that_ends_at_or_after_them() {
        let histogram = Histogram::new(&SIZES);
        [0, 1, 2, 3, 16_384, 16_385, u64::from(u32::MAX)]
            .into_iter()
            .for_each(|value| histogram.record(value));
        let spread = histogram.spread();
        assert_eq!(spread.up_to[..3], [(1.0, 2), (2.0, 3), (4.0, 4)]);
        assert_eq!(spread.up_to.last(), Some(&(16_384.0, 5)), "two are longer than all ends");
        assert_eq!(spread.count, 7);
        let times = Histogram::new(&LATENCIES);
        times.time(Duration::from_micros(1_500));
        let spread = times.spread();
        assert_eq!(spread.up_to[6..8], [(0.001, 0), (0.0025, 1)]);
        assert!((spread.sum - 0.0015).abs() < 1e-12, "{}", spread.sum);
    }
}
