//! How much may be under way at once, learnt from how long it takes: too much waiting is refused at the door, where it
//! costs next to nothing, instead of making everybody wait.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Commands that take longer mean that too many are under way.
const TOO_LONG: Duration = Duration::from_millis(300);
/// While commands take no longer, more may be under way.
const SHORT: Duration = Duration::from_millis(150);
/// So many are always let in: a slow disk is best used by large groups.
const LEAST: usize = 256;
/// What is let in to begin with.
const FIRST: usize = 1_024;
/// So many short commands let one more in. What that does shows only when it has gone through; meanwhile a bound that rose
/// with each would be far past what can be done.
const STEP: usize = 8;
/// Between two cuts, milliseconds: what was let in before the first still takes long after it.
const BETWEEN_CUTS: u64 = 200;

/// The bound, which goes up by ones and down by a quarter.
#[derive(Debug)]
pub struct Pressure {
    limit: AtomicUsize,
    /// Short commands so far.
    short: AtomicUsize,
    most: usize,
    begin: Instant,
    /// When it was cut last, milliseconds after the beginning.
    cut: AtomicU64,
}

impl Pressure {
    /// Never lets in more than `most`.
    pub fn new(most: usize) -> Self {
        let limit = AtomicUsize::new(most.min(FIRST));
        let (short, cut) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self { limit, short, most, begin: Instant::now(), cut }
    }

    /// Whether another command should be refused while so many are under way.
    pub fn is_too_high(&self, under_way: usize) -> bool {
        under_way >= self.limit.load(Ordering::Relaxed)
    }

    /// Commands that are let in now.
    pub fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Learns from a command that took so long, when so many were under way.
    pub fn learn(&self, took: Duration, under_way: usize) {
        let limit = self.limit.load(Ordering::Relaxed);
        if took > TOO_LONG {
            let now = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
            let cut = self.cut.load(Ordering::Relaxed);
            let due = now.saturating_sub(cut) >= BETWEEN_CUTS;
            let relaxed = Ordering::Relaxed;
            if due && self.cut.compare_exchange(cut, now, relaxed, relaxed).is_ok() {
                // What takes long although little is under way would not get faster with less.
                let lower = limit.min(under_way.saturating_mul(2)) / 4 * 3;
                self.limit.store(lower.max(LEAST.min(self.most)), Ordering::Relaxed);
            }
        } else if took <= SHORT
            && under_way * 2 >= limit
            && limit < self.most
            && self.short.fetch_add(1, Ordering::Relaxed).is_multiple_of(STEP)
        {
            self.limit.store(limit + 1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_closes_when_commands_take_long_and_opens_when_they_do_not() {
        let mut pressure = Pressure::new(4_096);
        assert!(!pressure.is_too_high(FIRST - 1) && pressure.is_too_high(FIRST));
        let long_ago = |pressure: &mut Pressure| {
            pressure.begin = Instant::now().checked_sub(Duration::from_secs(60)).expect("earlier");
            *pressure.cut.get_mut() = 0;
        };
        long_ago(&mut pressure);
        pressure.learn(Duration::from_secs(1), FIRST);
        pressure.learn(Duration::from_secs(1), FIRST);
        assert!(pressure.is_too_high(FIRST / 4 * 3), "cut");
        assert!(!pressure.is_too_high(FIRST / 4 * 3 - 1), "but once for what was let in together");
        for _ in 0..20 {
            long_ago(&mut pressure);
            pressure.learn(Duration::from_secs(1), FIRST);
        }
        assert!(!pressure.is_too_high(LEAST - 1) && pressure.is_too_high(LEAST));
        for _ in 0..5_000 {
            pressure.learn(Duration::from_millis(1), 10);
        }
        assert!(pressure.is_too_high(LEAST), "nobody knows how it would be if more came");
        for _ in 0..4_096 * STEP {
            pressure.learn(Duration::from_millis(1), 4_000);
        }
        assert!(!pressure.is_too_high(4_095) && pressure.is_too_high(4_096), "up to the most");
    }
}
