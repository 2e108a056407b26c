//! Times in buckets that grow by a sixteenth of an octave: any quantile within five per cent, in fixed memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::telemetry::instrument::{Bounds, Spread};

/// Buckets per doubling.
const STEPS: u32 = 16;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Up to 2^36 nanoseconds, about 69 seconds; longer counts as that.
const OCTAVES: u32 = 36;
const BUCKETS: usize = (OCTAVES * STEPS) as usize;

/// Times, collected without a lock.
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    longest: AtomicU64,
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let (longest, sum) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { buckets: [const { AtomicU64::new(0) }; BUCKETS], longest, sum }
    }
}

/// The bucket's place; the first sixteen nanoseconds have one each.
fn bucket(nanos: u64) -> usize {
    if nanos < u64::from(STEPS) {
        return usize::try_from(nanos).unwrap_or(0);
    }
    let octave = nanos.ilog2() - STEP_BITS;
    let step = (nanos >> octave) - u64::from(STEPS);
    let index = u64::from(octave + 1) * u64::from(STEPS) + step;
    usize::try_from(index).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest time a bucket holds, nanoseconds.
#[allow(clippy::cast_precision_loss, reason = "buckets end far below 2^52 nanoseconds")]
fn end(bucket: usize) -> f64 {
    let bucket = bucket as u64;
    let steps = u64::from(STEPS);
    if bucket < steps {
        return bucket as f64;
    }
    let (octave, step) = (bucket / steps - 1, bucket % steps);
    (((steps + step + 1) << octave) - 1) as f64
}

impl Histogram {
    /// Adds one.
    pub fn record(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanos)].fetch_add(1, Ordering::Relaxed);
        self.longest.fetch_max(nanos, Ordering::Relaxed);
        self.sum.fetch_add(nanos, Ordering::Relaxed);
    }

    /// All so far.
    pub fn read(&self) -> Times {
        let counts: Vec<u64> =
            self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Times { counts, longest: read(&self.longest), sum: read(&self.sum) }
    }
}

/// A histogram at one moment.
pub struct Times {
    counts: Vec<u64>,
    longest: u64,
    sum: u64,
}

impl Times {
    /// Microseconds that this share of all stayed within; 0 if there are none.
    #[allow(clippy::cast_precision_loss, reason = "a statistic")]
    pub fn quantile(&self, share: f64) -> f64 {
        let all: u64 = self.counts.iter().sum();
        let wanted = all as f64 * share;
        let mut passed = 0;
        for (index, count) in self.counts.iter().enumerate() {
            passed += count;
            if *count > 0 && passed as f64 >= wanted {
                return end(index).min(self.longest as f64) / 1_000.0;
            }
        }
        0.0
    }

    /// The same in coarser buckets; a time that lies across one's end counts as above it.
    #[allow(clippy::cast_precision_loss, reason = "a statistic")]
    pub fn spread(&self, bounds: &Bounds) -> Spread {
        let up_to = |limit: &u64| {
            let within = self.counts.iter().enumerate();
            let within = within.take_while(|(place, _)| end(*place) <= *limit as f64);
            (*limit as f64 / bounds.per_unit, within.map(|(_, count)| count).sum())
        };
        Spread {
            up_to: bounds.ends.iter().map(up_to).collect(),
            count: self.counts.iter().sum(),
            sum: self.sum as f64 / bounds.per_unit,
        }
    }

    /// Microseconds of the longest.
    #[allow(clippy::cast_precision_loss, reason = "a statistic")]
    pub fn max(&self) -> f64 {
        self.longest as f64 / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_lies_in_a_bucket_that_ends_little_after_it() {
        let mut last = 0;
        for nanos in (0..4_000).chain((12..36).map(|bit| (1_u64 << bit) + 1)) {
            let place = bucket(nanos);
            #[allow(clippy::cast_precision_loss, reason = "small")]
            let exact = nanos as f64;
            assert!(end(place) >= exact, "{nanos} ends at {}", end(place));
            assert!(end(place) <= exact * 1.07 + 1.0, "{nanos} ends at {}", end(place));
            if nanos < 4_000 {
                assert!(place == last || place == last + 1, "no bucket is skipped at {nanos}");
                last = place;
            }
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }
}
