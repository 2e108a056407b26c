//! How fast messages are sent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How fast messages are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Each sender sends its next message when the last one was answered.
    Closed,
    /// So many a second, whatever the answers do.
    Rate(f64),
    /// None at all.
    Silent,
}

/// When messages of an offered rate are due. What could not be sent in time stays due when it was due, so that a
/// server that stalls can't hide its stall.
#[derive(Debug)]
pub struct Schedule {
    start: Instant,
    gap: f64,
    taken: u32,
}

impl Schedule {
    /// From `start` on, `rate` a second.
    pub fn new(start: Instant, rate: f64) -> Self {
        Self { start, gap: 1.0 / rate.max(1e-3), taken: 0 }
    }

    /// When the next one is due.
    pub fn next(&self) -> Instant {
        self.start + Duration::from_secs_f64(self.gap * f64::from(self.taken))
    }

    /// The next one, if it is due: when it was.
    pub fn take(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next();
        (due <= now).then(|| {
            self.taken += 1;
            due
        })
    }
}

/// Messages that come to an end, for all threads together.
#[derive(Debug)]
pub struct Supply {
    next: AtomicU64,
    end: u64,
}

impl Supply {
    /// Of this many.
    pub fn new(end: u64) -> Self {
        Self { next: AtomicU64::new(0), end }
    }

    /// The next one's number.
    pub fn take(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.end).then_some(number)
    }

    /// Whether there are none left.
    pub fn is_empty(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_does_not_shift_what_is_due() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start, 1_000.0);
        assert_eq!(schedule.take(start), Some(start));
        assert_eq!(schedule.take(start), None);
        // The driver comes back after 100 ms: everything of that time is due, each with its own time.
        let back = start + Duration::from_millis(100);
        let due: Vec<Instant> = std::iter::from_fn(|| schedule.take(back)).collect();
        assert_eq!(due.len(), 100);
        assert_eq!(due[0], start + Duration::from_millis(1));
        let waits: Duration = due.iter().map(|due| back - *due).sum();
        assert_eq!(waits.as_millis() / 100, 49);
        assert_eq!(schedule.next(), start + Duration::from_millis(101));
    }
}
