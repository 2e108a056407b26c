//! The interface both indexes have.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::document::Changes;
use crate::query::{ConversationHit, ConversationQuery, Found, MessageHit, MessageQuery};

/// Why an index did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It can't be reached or has too much to do; nothing was lost, the same may work later.
    #[error("the search index is not available: {0}")]
    Unavailable(String),
    /// It is gone, damaged, or not what was written: it must be built anew.
    #[error("the search index is lost: {0}")]
    Lost(String),
    /// It refuses these documents or this query, and always will.
    #[error("the search index refused it: {0}")]
    Rejected(String),
}

/// What an index holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Message documents.
    pub messages: u64,
    /// Conversation documents.
    pub conversations: u64,
    /// Bytes on disk, if it is known.
    pub bytes: Option<u64>,
}

/// What an index knows of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its id.
    pub conversation: String,
    /// Its category as indexed.
    pub category: Option<String>,
}

/// A full-text index, and its place in the log it is made from.
pub trait Index: Send + Sync + 'static {
    /// The position that came with the last write that is visible; `None` if nothing was ever written.
    fn position(&self) -> BoxFuture<'_, Result<Option<String>, IndexError>>;

    /// Writes, and notes the position with it: after a crash the index stands at the position its content has, or before
    /// it. What was written is found once this returns. Empty changes move the position only. Calls don't overlap.
    fn write<'a>(
        &'a self,
        changes: Changes,
        position: &'a str,
    ) -> BoxFuture<'a, Result<(), IndexError>>;

    /// Searches messages.
    fn messages<'a>(
        &'a self,
        query: &'a MessageQuery,
    ) -> BoxFuture<'a, Result<Found<MessageHit>, IndexError>>;

    /// Searches conversations.
    fn conversations<'a>(
        &'a self,
        query: &'a ConversationQuery,
    ) -> BoxFuture<'a, Result<Found<ConversationHit>, IndexError>>;

    /// All indexed conversations about any of these listings or with any of these people, in no particular order.
    fn about<'a>(
        &'a self,
        listings: &'a [String],
        people: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Indexed>, IndexError>>;

    /// How much it holds.
    fn stats(&self) -> BoxFuture<'_, Result<Stats, IndexError>>;

    /// Whether it is still there, as it was made, at the position of the last write; `Lost` if not.
    fn check(&self) -> BoxFuture<'_, Result<(), IndexError>>;
}

/// The index in use, as found.
#[derive(Clone)]
pub struct Current {
    /// It.
    pub index: Arc<dyn Index>,
    /// It was made with other settings or by another version: it serves until a new one is built.
    pub outdated: bool,
}

/// Where indexes are kept: the one in use, and while one is being built, the one beside it.
pub trait Shelf: Send + Sync + 'static {
    /// What kind it is, in a word: `embedded` or `meilisearch`.
    fn kind(&self) -> &'static str;

    /// The index in use; `None` if there is none, or it is damaged and must be built anew.
    fn current(&self) -> BoxFuture<'_, Result<Option<Current>, IndexError>>;

    /// A new, empty index beside the one in use. What is left of one that was never adopted is removed.
    fn begin(&self) -> BoxFuture<'_, Result<Arc<dyn Index>, IndexError>>;

    /// Makes the index that was begun last the one in use, in one step; the one before is removed when nobody uses it any
    /// more. The adopted index goes on working through the same handle.
    fn adopt(&self) -> BoxFuture<'_, Result<(), IndexError>>;
}
