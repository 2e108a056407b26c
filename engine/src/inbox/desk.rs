//! The support desk's conversations: who waits for an answer, how many are open.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::Inbox;
use super::projection::recount;
use crate::domain::{ConversationId, ConversationKind, InboxRow, SUPPORT_DESK, UserId};
use crate::store::{DeskFilter, DeskPage, DeskPlace, InboxChange, Store, StoreError};

/// How many support conversations there are; kept up by the projection. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct DeskCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicI64,
    waiting: AtomicI64,
}

impl DeskCounts {
    /// Counts what is in the store, which is first brought up to date if it is of before there were such lists.
    pub(super) async fn start(store: &Store) -> Result<Self, StoreError> {
        if !store.desk_is_filled().await? {
            let mut changes = Vec::new();
            for row in store.inbox(&UserId::trusted(SUPPORT_DESK)).await? {
                if let Some(after) = recount(store, &row).await? {
                    changes.push(InboxChange { before: None, after });
                }
            }
            store.fill_desk(&changes).await?;
        }
        let (open, waiting) = store.count_desk().await?;
        let number = |count: u64| AtomicI64::new(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(Self(Arc::new(Counts { open: number(open), waiting: number(waiting) })))
    }

    /// Takes a changed row into account.
    pub(super) fn count(&self, before: Option<&InboxRow>, after: &InboxRow) {
        if after.user.as_str() != SUPPORT_DESK {
            return;
        }
        let change = |count: &AtomicI64, is: fn(&InboxRow) -> bool| {
            let difference = i64::from(is(after)) - i64::from(before.is_some_and(is));
            count.fetch_add(difference, Ordering::Relaxed);
        };
        change(&self.0.open, InboxRow::is_open);
        change(&self.0.waiting, InboxRow::is_waiting);
    }

    /// Open conversations.
    pub fn open(&self) -> u64 {
        u64::try_from(self.0.open.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Those whose customer waits for an answer.
    pub fn waiting(&self) -> u64 {
        u64::try_from(self.0.waiting.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

impl Inbox {
    /// How many support conversations are open, and how many wait.
    pub fn desk_counts(&self) -> &DeskCounts {
        &self.desk
    }

    /// A page of support conversations; what was just committed is included.
    pub async fn desk(
        &self,
        filter: &DeskFilter,
        after: Option<&DeskPlace>,
        limit: usize,
    ) -> Result<DeskPage, StoreError> {
        self.settle().await;
        self.store.desk(filter, after, limit).await
    }

    /// The desk's rows of a customer's support conversations, in no particular order.
    pub async fn of_customer(&self, customer: &UserId) -> Result<Vec<InboxRow>, StoreError> {
        self.settle().await;
        let desk = UserId::trusted(SUPPORT_DESK);
        let own = self.store.inbox(customer).await?.into_iter();
        let keys: Vec<_> = own
            .filter(|row| row.kind == ConversationKind::Support)
            .map(|row| (desk.clone(), row.conversation))
            .collect();
        self.store.inbox_rows(&keys).await
    }

    /// The desk's row of a support conversation.
    pub async fn desk_row(&self, id: &ConversationId) -> Result<Option<InboxRow>, StoreError> {
        let key = (UserId::trusted(SUPPORT_DESK), id.clone());
        Ok(self.store.inbox_rows(&[key]).await?.pop())
    }

    /// The support conversation that waits longest.
    pub async fn longest_waiting(&self) -> Result<Option<InboxRow>, StoreError> {
        let filter = DeskFilter { unanswered: true, ..DeskFilter::default() };
        Ok(self.store.desk(&filter, None, 1).await?.rows.pop())
    }
}
