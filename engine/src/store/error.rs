//! What can go wrong with the store.

/// Why the store could not be read or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, is locked by another process, or is closing.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A newer Rialto wrote it.
    #[error(
        "the store has schema version {found}, this binary knows versions up to {supported}: \
         start the newer Rialto that wrote it"
    )]
    Newer {
        /// The store's version.
        found: u64,
        /// This binary's version.
        supported: u64,
    },
    /// It holds something that no version of Rialto wrote.
    #[error("the store holds something unreadable: {what}")]
    Corrupt {
        /// Which row or field, and what was wrong with it.
        what: String,
    },
    /// It refused a query.
    #[error("the store refused a query: {0}")]
    Query(String),
}

impl From<surrealdb::Error> for StoreError {
    fn from(error: surrealdb::Error) -> Self {
        if error.is_connection() {
            Self::Unavailable(error.message().to_owned())
        } else {
            Self::Query(error.message().to_owned())
        }
    }
}

/// Why a commit was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Too many writes wait already; nothing was written, trying again later is safe.
    #[error("the store is busy, try again in a moment")]
    Busy,
    /// One of its sequence numbers is taken or leaves a gap: another writer was here. Nothing was
    /// written; the conversation has to be loaded again.
    #[error("another writer has changed this conversation; load it again")]
    Conflict,
    /// The store failed. Whether the commit was made is unknown if it became unavailable.
    #[error(transparent)]
    Store(#[from] StoreError),
}
