//! Everybody's list of conversations with unread counts: a projection of the log, fed from the outbox.

mod desk;
mod projection;

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use futures_util::future::select_all;
use futures_util::stream::{BoxStream, StreamExt};

use crate::domain::{InboxRow, SUPPORT_DESK, UserId, Viewer};
use crate::fanout::{Fanout, Missed};
use crate::outbox::{ConsumerError, Outbox, Progress};
use crate::store::{Store, StoreError};
pub use desk::DeskCounts;
use projection::Projection;

/// How long a list may wait to include what was just committed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everybody's list of conversations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox {
    store: Store,
    fanout: Fanout,
    progress: Progress,
    desk: DeskCounts,
}

/// What an inbox subscription delivers.
#[derive(Debug, Clone)]
pub enum InboxDelivery {
    /// A conversation came, changed, was read or was answered.
    Changed(Arc<InboxRow>),
    /// The last item: the client was too slow, and should fetch its list afresh and subscribe again.
    ResyncRequired,
}

impl Inbox {
    /// Starts the projection where it stopped.
    pub async fn start(
        store: Store,
        fanout: Fanout,
        outbox: &Outbox,
    ) -> Result<Self, ConsumerError> {
        let desk = DeskCounts::start(&store).await?;
        let projection = Projection::new(store.clone(), fanout.clone(), desk.clone());
        let progress = outbox.follow(projection).await?.progress().clone();
        Ok(Self { store, fanout, progress, desk })
    }

    /// The viewer's conversations, newest activity first; support staff see the support desk's too.
    pub async fn rows(&self, viewer: &Viewer) -> Result<Vec<InboxRow>, StoreError> {
        self.settle().await;
        let mut rows = Vec::new();
        for owner in owners(viewer) {
            rows.extend(self.store.inbox(&owner).await?);
        }
        rows.sort_by(|a, b| {
            (Reverse(a.last_at), &a.conversation).cmp(&(Reverse(b.last_at), &b.conversation))
        });
        rows.dedup_by(|a, b| a.conversation == b.conversation);
        Ok(rows)
    }

    /// Waits until what was just committed is in the lists, for a while.
    async fn settle(&self) {
        if !self.progress.caught_up(PATIENCE).await {
            tracing::warn!(lag = self.progress.lag(), "a list of conversations may lag behind");
        }
    }

    /// Unread messages over all the viewer's conversations.
    pub async fn unread(&self, viewer: &Viewer) -> Result<u64, StoreError> {
        Ok(self.rows(viewer).await?.iter().map(|row| row.unread).sum())
    }

    /// Groups committed but not yet in the lists.
    pub fn lag(&self) -> u64 {
        self.progress.lag()
    }

    /// Every change of the viewer's list from now on.
    pub fn subscribe(&self, viewer: &Viewer) -> BoxStream<'static, InboxDelivery> {
        let mut topics: Vec<_> =
            owners(viewer).iter().map(|owner| self.fanout.subscribe_inbox(owner)).collect();
        stream! {
            loop {
                let next = select_all(topics.iter_mut().map(|topic| Box::pin(topic.recv())));
                match next.await.0 {
                    Ok(row) => yield InboxDelivery::Changed(row),
                    Err(Missed(_)) => {
                        yield InboxDelivery::ResyncRequired;
                        return;
                    }
                }
            }
        }
        .boxed()
    }
}

/// Whose rows make up the viewer's list.
fn owners(viewer: &Viewer) -> Vec<UserId> {
    let desk = viewer.role.is_staff().then(|| UserId::trusted(SUPPORT_DESK));
    std::iter::once(viewer.id.clone()).chain(desk).collect()
}
