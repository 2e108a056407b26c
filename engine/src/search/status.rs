//! How search is doing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rialto_search::Stats;

use super::Search;
use crate::telemetry::{Page, catalogue, search};

/// Longest wait for an index's figures.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether search answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchState {
    /// It does.
    Ready,
    /// Not yet: the index is being built, and there is none to answer meanwhile.
    Building,
    /// The index can't be reached.
    Unavailable,
}

/// How far a build has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildProgress {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Conversations in the new index.
    pub conversations_done: u64,
    /// Conversations when it began.
    pub conversations_total: u64,
    /// Messages in the new index.
    pub messages_done: u64,
}

/// How search is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `embedded` or `meilisearch`.
    pub kind: &'static str,
    /// Whether it answers.
    pub state: SearchState,
    /// What went wrong last, if nothing has worked since.
    pub problem: Option<String>,
    /// The build under way; the index in use goes on answering meanwhile.
    pub build: Option<BuildProgress>,
    /// What the index in use holds, if it says.
    pub stats: Option<Stats>,
}

impl Search {
    /// Whether it answers now.
    pub fn state(&self) -> SearchState {
        match (self.inner.serving.load().is_some(), self.inner.build.borrow().is_some()) {
            (true, _) => SearchState::Ready,
            (false, true) => SearchState::Building,
            (false, false) => SearchState::Unavailable,
        }
    }

    /// Writes its figures; asks the index how much it holds, but not for long.
    pub async fn write_figures(&self, page: &mut Page) {
        page.single(&catalogue::SEARCH_READY, u8::from(self.state() == SearchState::Ready));
        search::write(page);
        page.single(&catalogue::SEARCH_STALE_HITS, self.stale_hits());
        let status = tokio::time::timeout(PATIENCE, self.status()).await;
        let Some(stats) = status.ok().and_then(|status| status.stats) else { return };
        page.metric(&catalogue::SEARCH_DOCUMENTS)
            .sample(&[("what", "messages")], stats.messages)
            .sample(&[("what", "conversations")], stats.conversations);
        if let Some(bytes) = stats.bytes {
            page.single(&catalogue::SEARCH_BYTES, bytes);
        }
    }

    /// How it is doing; asks the index how much it holds.
    pub async fn status(&self) -> Status {
        let mut problem = self.inner.problem.borrow().clone();
        let mut stats = None;
        if let Some(serving) = self.inner.serving.load_full() {
            match serving.index.stats().await {
                Ok(counted) => stats = Some(counted),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        Status {
            kind: self.inner.rooms.shelf.kind(),
            state: self.state(),
            problem,
            build: self.inner.build.borrow().clone(),
            stats,
        }
    }
}
