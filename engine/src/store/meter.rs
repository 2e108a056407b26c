//! What is counted of commits, and how the store says that it gets on.

use std::time::Duration;

use super::commit::{Catalogue, Work};
use super::writer::Job;
use super::{CommitError, Store, StoreError};
use crate::telemetry::conversations::Bound;
use crate::telemetry::store::{self as figures, Group, Outcome};
use crate::telemetry::{Page, catalogue};

/// A group of these is about to be written.
pub(super) fn group(jobs: &[Job]) -> Group {
    let rows = jobs.iter().map(|job| match &job.work {
        Work::Commit(commit) => commit.writes.len(),
        Work::Catalogue(Catalogue { users, introduced, listings }) => {
            users.len() + introduced.len() + listings.len()
        }
    });
    let traced = jobs.iter().filter_map(|job| job.waiting.trace()).collect();
    Group::begin(jobs.len(), rows.sum::<usize>() + 1, traced)
}

/// Too many waited.
pub(super) fn busy() -> CommitError {
    Outcome::Busy.count();
    Bound::Store.met();
    CommitError::Busy
}

/// A commit was answered.
pub(super) fn answered(outcome: &Result<(), CommitError>) {
    match outcome {
        Ok(()) => Outcome::Ok,
        Err(CommitError::Busy) => Outcome::Busy,
        Err(CommitError::Conflict) => Outcome::Conflict,
        Err(CommitError::Store(error)) if is_full(error) => Outcome::Space,
        Err(CommitError::Store(StoreError::Unavailable(_))) => Outcome::Unavailable,
        Err(CommitError::Store(_)) => Outcome::Failed,
    }
    .count();
}

/// The database passes on what the system says.
fn is_full(error: &StoreError) -> bool {
    let (StoreError::Query(text) | StoreError::Unavailable(text)) = error else { return false };
    let text = text.to_ascii_lowercase();
    ["no space left", "storage full", "os error 28", "disk quota exceeded"]
        .iter()
        .any(|words| text.contains(words))
}

impl Store {
    /// How long commits have waited without a writer getting on; the worst of all writers, zero if none wait.
    pub fn stalled(&self) -> Duration {
        self.backlogs().map(figures::Backlog::stalled).max().unwrap_or_default()
    }

    /// Events that are committed and not yet filed by conversation.
    pub fn unfiled(&self) -> usize {
        self.inner.unfiled.len()
    }

    /// Writes the store's figures.
    pub fn write_figures(&self, page: &mut Page) {
        figures::write(page);
        let waiting = self.backlogs().map(figures::Backlog::waiting).sum::<u64>();
        page.single(&catalogue::STORE_WAITING, waiting);
        page.single(&catalogue::STORE_UNFILED, self.unfiled() as u64);
        page.single(&catalogue::STORE_STALLED_SECONDS, self.stalled().as_secs_f64());
    }

    fn backlogs(&self) -> impl Iterator<Item = &figures::Backlog> {
        let queues = self.inner.queues.iter().chain([&self.inner.catalogue]);
        queues.map(|queue| &*queue.backlog)
    }
}
