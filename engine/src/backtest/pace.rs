//! Keeps a backtest to its share of a core, so that live traffic doesn't notice it.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Rests after so much work: short enough that a message waiting for the core waits little.
const STRETCH: Duration = Duration::from_millis(5);

/// Rests the thread in proportion to its work. A rest ends at once when the backtest is cancelled.
pub(super) struct Pace {
    share: f64,
    worked: Duration,
}

/// Told to stop, from another thread.
#[derive(Default)]
pub(super) struct Cancel {
    cancelled: Mutex<bool>,
    wake: Condvar,
    notify: Notify,
}

impl Cancel {
    pub(super) fn cancel(&self) {
        *self.cancelled.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
        self.notify.notify_waiters();
    }

    /// Waits for it.
    pub(super) async fn cancelled(&self) {
        let told = self.notify.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if !self.is_cancelled() {
            told.await;
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.cancelled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rest(&self, time: Duration) {
        let cancelled = self.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self
            .wake
            .wait_timeout_while(cancelled, time, |cancelled| !*cancelled)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

/// How long to rest after work, to stay within a share of a core.
pub(super) fn rest_after(worked: Duration, share: f64) -> Duration {
    worked.mul_f64(1.0 / share.clamp(0.01, 1.0) - 1.0)
}

impl Pace {
    /// `share` of a core, 0.01 to 1.
    pub(super) fn new(share: f64) -> Self {
        Self { share: share.clamp(0.01, 1.0), worked: Duration::ZERO }
    }

    /// Does a piece of work, then rests if it is time to; how long the work took.
    pub(super) fn work<T>(&mut self, cancel: &Cancel, work: impl FnOnce() -> T) -> (T, Duration) {
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        self.worked += took;
        if self.worked >= STRETCH && self.share < 1.0 {
            cancel.rest(rest_after(self.worked, self.share));
            self.worked = Duration::ZERO;
        }
        (result, took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(time: Duration) {
        let started = Instant::now();
        while started.elapsed() < time {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn work_is_followed_by_rest_in_proportion() {
        let (cancel, mut pace) = (Cancel::default(), Pace::new(0.25));
        let started = Instant::now();
        let mut worked = Duration::ZERO;
        while worked < Duration::from_millis(30) {
            worked += pace.work(&cancel, || busy(Duration::from_millis(1))).1;
        }
        let share = worked.as_secs_f64() / started.elapsed().as_secs_f64();
        assert!(share < 0.35, "expected at most about a quarter of the time, was {share}");
    }

    #[test]
    fn a_cancelled_backtest_does_not_rest() {
        let (cancel, mut pace) = (Cancel::default(), Pace::new(0.01));
        cancel.cancel();
        let started = Instant::now();
        pace.work(&cancel, || busy(Duration::from_millis(20)));
        assert!(started.elapsed() < Duration::from_millis(1_000), "it would rest for two seconds");
    }
}
