//! What a consumer is.

use std::future::Future;
use std::time::Duration;

use crate::store::{OutboxCursor, OutboxEntry, Store, StoreError};

/// Why a consumer did not take a batch into account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsumerError {
    /// Something it needs is away; the same batch will work later.
    #[error("{0}")]
    Unavailable(String),
    /// It can't make anything of this batch, and trying again won't change that.
    #[error("{0}")]
    Rejected(String),
    /// What it writes to is lost: it ends, and whoever started it has to begin anew.
    #[error("{0}")]
    Lost(String),
}

impl From<StoreError> for ConsumerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { .. } | StoreError::Query(_) => Self::Rejected(error.to_string()),
            StoreError::Unavailable(_) | StoreError::Newer { .. } => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

/// How much at once, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Committed groups in one batch, at most.
    pub batch: usize,
    /// Between batches of a busy consumer, so that what changes often is written once for many changes.
    pub coalesce: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { batch: 64, coalesce: Duration::from_millis(100) }
    }
}

/// Something fed from the outbox. Its effects and the cursor are stored together, or applying twice is harmless.
pub trait Consumer: Send + Sync + 'static {
    /// Names it in metrics, in alerts, and usually its cursor's row.
    fn name(&self) -> &'static str;

    /// How much at once, and how often.
    fn pace(&self) -> Pace {
        Pace::default()
    }

    /// Where it stands; by default what the store keeps under its name.
    fn position(
        &self,
        store: &Store,
    ) -> impl Future<Output = Result<OutboxCursor, ConsumerError>> + Send {
        async { Ok(store.cursor(self.name()).await?) }
    }

    /// Takes what was committed into account and stores the cursor. Without entries only the cursor moves. Entries come in
    /// the order of their conversation; they may come again, alone or in other company.
    fn apply(
        &self,
        entries: &[OutboxEntry],
        cursor: &OutboxCursor,
    ) -> impl Future<Output = Result<(), ConsumerError>> + Send;
}
