//! How search is doing.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};

use super::user_error::UserError;
use crate::outbox::Lag;
use crate::search;

/// Whether search answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "search::SearchState")]
pub enum SearchState {
    /// It does.
    Ready,
    /// Not yet: the index is being built, and there is none to answer meanwhile.
    Building,
    /// The index can't be reached.
    Unavailable,
}

/// A build of the index under way.
#[derive(Debug, Clone, SimpleObject)]
pub struct SearchBuild {
    /// When it began.
    started_at: DateTime<Utc>,
    /// Conversations in the new index.
    conversations_done: u64,
    /// Conversations when it began.
    conversations_total: u64,
    /// Messages in the new index.
    messages_done: u64,
}

/// How search is doing.
#[derive(Debug, Clone, SimpleObject)]
pub struct SearchIndex {
    /// `embedded` or `meilisearch`.
    kind: String,
    /// Whether it answers.
    state: SearchState,
    /// What went wrong last, if nothing has worked since.
    problem: Option<String>,
    /// Message documents in it; a message of which parts are masked has two.
    messages: Option<u64>,
    /// Conversations in it.
    conversations: Option<u64>,
    /// Its size on disk, bytes; null if the index does not say.
    bytes: Option<u64>,
    /// The build under way; the index in use goes on answering meanwhile.
    build: Option<SearchBuild>,
    /// Age of the oldest committed change that is not in it yet, seconds; 0 if it is up to date.
    lag_seconds: f64,
    /// Changes it refused, which were set aside; a new build takes them in.
    set_aside: u64,
}

impl SearchIndex {
    /// The status and how far the index follows.
    pub fn new(status: search::Status, lag: Option<&Lag>) -> Self {
        Self {
            kind: status.kind.to_owned(),
            state: status.state.into(),
            problem: status.problem.or_else(|| lag.and_then(|lag| lag.trouble.clone())),
            messages: status.stats.map(|stats| stats.messages),
            conversations: status.stats.map(|stats| stats.conversations),
            bytes: status.stats.and_then(|stats| stats.bytes),
            build: status.build.map(|build| SearchBuild {
                started_at: build.started_at,
                conversations_done: build.conversations_done,
                conversations_total: build.conversations_total,
                messages_done: build.messages_done,
            }),
            lag_seconds: lag.map_or(0.0, |lag| lag.age.as_secs_f64()),
            set_aside: lag.map_or(0, |lag| lag.set_aside),
        }
    }
}

/// What became of the request to build the index anew.
#[derive(SimpleObject)]
pub struct RebuildSearchIndexPayload {
    /// How search is doing; the build goes on in the background.
    pub index: Option<SearchIndex>,
    /// Why it was not begun.
    pub user_errors: Vec<UserError>,
}
