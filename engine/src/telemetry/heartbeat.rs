//! Whether the runtime gets round to its tasks: one of them beats, and a thread outside the runtime listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::{Histogram, LATENCIES, Page, catalogue};

/// Between beats.
const EVERY: Duration = Duration::from_secs(1);
/// A beat that is this late means that the runtime is stuck.
const STUCK: Duration = Duration::from_secs(10);

static DELAY: Histogram = Histogram::new(&LATENCIES);

/// The runtime's pulse, for as long as a clone of it is held.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    last: Arc<AtomicU64>,
    stuck: Duration,
}

impl Heartbeat {
    /// Begins to beat; must be called inside the runtime.
    pub fn start() -> Self {
        Self::with(EVERY, STUCK)
    }

    fn with(every: Duration, stuck: Duration) -> Self {
        let last = Arc::new(AtomicU64::new(super::now()));
        tokio::spawn(beat(Arc::downgrade(&last), every));
        let listening = Arc::downgrade(&last);
        let thread = thread::Builder::new().name("rialto-pulse".into());
        if let Err(error) = thread.spawn(move || listen(&listening, stuck)) {
            tracing::warn!(%error, "nobody listens whether the runtime is stuck");
        }
        Self { last, stuck }
    }

    /// How long ago it last beat.
    pub fn silent_for(&self) -> Duration {
        since(&self.last)
    }

    /// Whether the runtime has not got round to it for too long.
    pub fn is_stuck(&self) -> bool {
        self.silent_for() >= self.stuck
    }
}

fn since(last: &AtomicU64) -> Duration {
    Duration::from_nanos(super::now().saturating_sub(last.load(Ordering::Relaxed)))
}

async fn beat(last: Weak<AtomicU64>, every: Duration) {
    loop {
        let due = super::now() + super::nanos(every);
        tokio::time::sleep(every).await;
        let Some(last) = last.upgrade() else { return };
        let now = super::now();
        DELAY.record(now.saturating_sub(due));
        last.store(now, Ordering::Relaxed);
    }
}

fn listen(last: &Weak<AtomicU64>, stuck: Duration) {
    let mut told = false;
    loop {
        thread::park_timeout(stuck / 4);
        let Some(last) = last.upgrade() else { return };
        let silent = since(&last);
        if silent >= stuck && !told {
            tracing::error!(
                seconds = silent.as_secs_f64(),
                "the runtime is stuck: no task of it gets on"
            );
        } else if silent < stuck && told {
            tracing::warn!("the runtime gets on again");
        }
        told = silent >= stuck;
    }
}

/// Writes how late beats are.
pub fn write(page: &mut Page) {
    page.single_histogram(&catalogue::RUNTIME_DELAY, &DELAY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_that_is_blocked_is_stuck_until_it_gets_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(async {
            let (every, stuck) = (Duration::from_millis(5), Duration::from_millis(200));
            let pulse = Heartbeat::with(every, stuck);
            tokio::time::sleep(every * 4).await;
            assert!(!pulse.is_stuck(), "silent for {:?}", pulse.silent_for());
            // The runtime's only thread does something else.
            let watcher = pulse.clone();
            let seen = thread::spawn(move || {
                for _ in 0..2_000 {
                    if watcher.is_stuck() {
                        return true;
                    }
                    thread::park_timeout(Duration::from_millis(5));
                }
                false
            });
            assert!(seen.join().expect("no panic"), "nobody noticed");
            let deadline = std::time::Instant::now() + Duration::from_secs(10);
            while pulse.is_stuck() {
                assert!(std::time::Instant::now() < deadline, "it gets on but is called stuck");
                tokio::time::sleep(every).await;
            }
        });
    }
}
