//! Commits: their wait, their groups, what became of them, and whether writers get on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::trace::{self, Attribute, Batch, Context};
use super::{Counter, Gauge, Histogram, LATENCIES, Page, SIZES, catalogue};

static GROUP_COMMITS: Histogram = Histogram::new(&SIZES);
static GROUP_ROWS: Histogram = Histogram::new(&SIZES);
static COMMIT_TIME: Histogram = Histogram::new(&LATENCIES);
static QUEUE_TIME: Histogram = Histogram::new(&LATENCIES);
static GROUP_FAILURES: Counter = Counter::new();
static COMMITS: [Counter; Outcome::ALL.len()] = [const { Counter::new() }; Outcome::ALL.len()];
/// When a commit last failed for want of space; 0 if none has.
static NO_SPACE_AT: AtomicU64 = AtomicU64::new(0);

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// On disk.
    Ok,
    /// Not taken: too many waited.
    Busy,
    /// Another writer was first.
    Conflict,
    /// The disk is full.
    Space,
    /// The store can't be reached.
    Unavailable,
    /// Anything else.
    Failed,
}

impl Outcome {
    const ALL: [(Self, &str); 6] = [
        (Self::Ok, "ok"),
        (Self::Busy, "busy"),
        (Self::Conflict, "conflict"),
        (Self::Space, "space"),
        (Self::Unavailable, "unavailable"),
        (Self::Failed, "failed"),
    ];

    /// Counts it.
    pub fn count(self) {
        COMMITS[self as usize].inc();
        if self == Self::Space {
            NO_SPACE_AT.store(super::now().max(1), Ordering::Relaxed);
        }
    }
}

/// How long ago a commit last failed for want of space, if one has.
pub fn out_of_space_for() -> Option<Duration> {
    let at = NO_SPACE_AT.load(Ordering::Relaxed);
    (at > 0).then(|| Duration::from_nanos(super::now().saturating_sub(at)))
}

/// A group that is being written.
#[derive(Debug)]
pub struct Group {
    began: u64,
    commits: usize,
    rows: usize,
    batch: Batch,
}

impl Group {
    /// Begins one of so many commits with so many writes, of which these are traced.
    pub fn begin(commits: usize, rows: usize, traced: Vec<Context>) -> Self {
        let batch = Batch::begin("store group", "store commit", traced);
        Self { began: super::now(), commits, rows, batch }
    }

    /// It is on disk, or the database did not take it. `place`: its writer and number, by which followers of the log know it.
    pub fn end(self, on_disk: bool, place: (u64, u64)) {
        let Self { commits, rows, .. } = self;
        let facts = [("commits", commits), ("rows", rows), ("on_disk", usize::from(on_disk))];
        let members = self.batch.end(|| facts.map(|(key, n)| Attribute::Number(key, n as u64)));
        if on_disk {
            COMMIT_TIME.record(super::now().saturating_sub(self.began));
            GROUP_COMMITS.record(self.commits as u64);
            GROUP_ROWS.record(self.rows as u64);
            trace::group_landed(place, members);
        } else {
            GROUP_FAILURES.inc();
        }
    }
}

/// What waits for one writer.
#[derive(Debug, Default)]
pub struct Backlog {
    waiting: Gauge,
    /// When the writer last took or answered something, or found something after it had nothing.
    moved: AtomicU64,
}

impl Backlog {
    /// One more commit waits.
    pub fn enter(self: &Arc<Self>) -> Waiting {
        let since = super::now();
        // First, so that nobody who looks meanwhile takes an idle writer for one that is stuck.
        if self.waiting() == 0 {
            self.moved.store(since, Ordering::Relaxed);
        }
        self.waiting.add(1);
        Waiting { backlog: Arc::clone(self), since, taken: false, trace: trace::current() }
    }

    /// Commits waiting or being written.
    pub fn waiting(&self) -> u64 {
        self.waiting.get()
    }

    /// How long its commits have waited without the writer getting on; zero if none wait.
    pub fn stalled(&self) -> Duration {
        if self.waiting() == 0 {
            return Duration::ZERO;
        }
        Duration::from_nanos(super::now().saturating_sub(self.moved.load(Ordering::Relaxed)))
    }
}

/// A commit from when it is handed in until it is answered, that is, dropped.
#[derive(Debug)]
pub struct Waiting {
    backlog: Arc<Backlog>,
    since: u64,
    taken: bool,
    trace: Option<Context>,
}

impl Waiting {
    /// The writer has it.
    pub fn taken(&mut self) {
        let now = super::now();
        self.taken = true;
        self.backlog.moved.store(now, Ordering::Relaxed);
        let waited = now.saturating_sub(self.since);
        QUEUE_TIME.record(waited);
        trace::record(self.trace, "store queue", Duration::from_nanos(waited), || []);
    }

    /// What the commit is a part of, if that is traced.
    pub fn trace(&self) -> Option<Context> {
        self.trace
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // What was turned away at the queue says nothing about the writer.
        if self.taken {
            self.backlog.moved.store(super::now(), Ordering::Relaxed);
        }
        self.backlog.waiting.add(-1);
    }
}

/// Writes them.
pub fn write(page: &mut Page) {
    page.metric(&catalogue::STORE_COMMITS);
    for (outcome, name) in Outcome::ALL {
        page.sample(&[("outcome", name)], COMMITS[outcome as usize].get());
    }
    page.single_histogram(&catalogue::STORE_GROUP_COMMITS, &GROUP_COMMITS);
    page.single_histogram(&catalogue::STORE_GROUP_ROWS, &GROUP_ROWS);
    page.single_histogram(&catalogue::STORE_COMMIT_SECONDS, &COMMIT_TIME);
    page.single(&catalogue::STORE_GROUP_FAILURES, GROUP_FAILURES.get());
    page.single_histogram(&catalogue::STORE_QUEUE_SECONDS, &QUEUE_TIME);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_takes_nothing_is_stalled_however_much_is_turned_away() {
        let backlog = Arc::new(Backlog::default());
        assert_eq!(backlog.stalled(), Duration::ZERO, "nothing waits");
        let mut first = backlog.enter();
        let before = backlog.moved.load(Ordering::Relaxed);
        drop(backlog.enter());
        assert_eq!(backlog.moved.load(Ordering::Relaxed), before, "turned away at the queue");
        assert!(backlog.waiting() == 1 && backlog.stalled() > Duration::ZERO);
        first.taken();
        assert!(backlog.moved.load(Ordering::Relaxed) > before, "the writer gets on");
        drop(first);
        assert_eq!((backlog.waiting(), backlog.stalled()), (0, Duration::ZERO));
    }
}
