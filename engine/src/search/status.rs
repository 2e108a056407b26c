//! How search is doing.

use chrono::{DateTime, Utc};
use rialto_search::Stats;

use super::Search;

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
