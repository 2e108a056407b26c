//! Building an index from the store: everything that is there now, then whatever came meanwhile.

use std::sync::Arc;
use std::time::Duration;

use rialto_search::{Changes, Index, IndexError};

use super::documents;
use super::feed::{Feed, conversation_document, subject};
use super::{BuildProgress, Inner, Serving};
use crate::domain::{Conversation, Message, Seq};
use crate::outbox::{ConsumerError, Running};
use crate::store::{OutboxCursor, Page, StoreError};

/// Conversations read at once, and messages of one read at once.
const CONVERSATIONS: usize = 200;
const MESSAGES: usize = 500;
/// Documents written at once.
const DOCUMENTS: usize = 4_000;

/// Why an index could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BuildError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    #[error("{0}")]
    Ended(String),
}

/// An index that is built and follows the outbox.
pub(super) struct Built {
    pub(super) serving: Serving,
    pub(super) running: Running,
}

/// Builds beside the index in use, until the new one has caught up with what is committed.
pub(super) async fn build(inner: &Inner) -> Result<Built, BuildError> {
    let _report = Report(inner);
    let store = &inner.rooms.store;
    // Taken before the first conversation is read: whatever is committed from here on comes again through the outbox.
    let start = store.outbox_end();
    let hold = inner.rooms.outbox.hold(start.clone());
    inner.build.send_replace(Some(BuildProgress {
        started_at: inner.rooms.clock.now(),
        conversations_done: 0,
        conversations_total: store.conversation_count().await?,
        messages_done: 0,
    }));
    let index = inner.rooms.shelf.begin().await?;
    Writer { inner, index: &index, position: start.to_string(), changes: Changes::default() }
        .everything()
        .await?;
    let end = store.outbox_end();
    let feed = Feed::new(store.clone(), Arc::clone(&index), end);
    let running = inner.rooms.outbox.follow(feed).await?;
    drop(hold);
    catch_up(&running).await?;
    let progress = running.progress().clone();
    Ok(Built { serving: Serving { index, progress }, running })
}

/// Waits until the new index is where the outbox was a moment ago, so that the change is not felt.
async fn catch_up(running: &Running) -> Result<(), BuildError> {
    let progress = running.progress();
    loop {
        if progress.caught_up(Duration::from_secs(5)).await {
            return Ok(());
        }
        let ended = tokio::time::timeout(Duration::ZERO, progress.ended()).await;
        if let Ok(why) = ended {
            let why = why.unwrap_or_else(|| "the engine is stopping".to_owned());
            return Err(BuildError::Ended(why));
        }
    }
}

/// Tells that no build is under way, however it ended.
struct Report<'a>(&'a Inner);

impl Drop for Report<'_> {
    fn drop(&mut self) {
        self.0.build.send_replace(None);
    }
}

struct Writer<'a> {
    inner: &'a Inner,
    index: &'a Arc<dyn Index>,
    position: String,
    changes: Changes,
}

impl Writer<'_> {
    async fn everything(mut self) -> Result<(), BuildError> {
        let mut after = None;
        loop {
            let store = &self.inner.rooms.store;
            let page = store.conversations(after.as_ref(), CONVERSATIONS).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for conversation in page {
                self.conversation(conversation).await?;
                self.progress(|progress| progress.conversations_done += 1);
            }
        }
        self.write().await
    }

    async fn conversation(&mut self, conversation: Conversation) -> Result<(), BuildError> {
        let store = &self.inner.rooms.store;
        let subject = subject(store, conversation).await?;
        self.changes.conversations.push(conversation_document(store, &subject).await?);
        let mut after = 0;
        loop {
            let page = Page { after, before: Seq::MAX, limit: MESSAGES, newest: false };
            let id = &subject.conversation.id;
            let found = store.messages(id, page, |_: &Message| true).await?;
            let count = found.messages.len() as u64;
            for message in &found.messages {
                self.changes.messages.extend(documents::of_message(&subject, message));
            }
            self.progress(|progress| progress.messages_done += count);
            if self.changes.messages.len() >= DOCUMENTS
                || self.changes.conversations.len() >= DOCUMENTS
            {
                self.write().await?;
            }
            if !found.has_more {
                return Ok(());
            }
            after = found.scanned_to;
        }
    }

    async fn write(&mut self) -> Result<(), BuildError> {
        let changes = std::mem::take(&mut self.changes);
        Ok(self.index.write(changes, &self.position).await?)
    }

    fn progress(&self, change: impl FnOnce(&mut BuildProgress)) {
        self.inner.build.send_if_modified(|progress| {
            let Some(progress) = progress else { return false };
            change(progress);
            true
        });
    }
}

/// What an index is worth whose position is this.
pub(super) async fn is_usable(
    inner: &Inner,
    position: Option<&str>,
) -> Result<Result<OutboxCursor, &'static str>, StoreError> {
    use crate::store::Standing;
    let Some(position) = position else { return Ok(Err("it was never completed")) };
    let Ok(cursor) = position.parse::<OutboxCursor>() else {
        return Ok(Err("its position is not one of ours"));
    };
    Ok(match inner.rooms.store.standing(&cursor).await? {
        Standing::Good => Ok(cursor),
        Standing::Behind => Err("it has slept longer than the outbox is kept"),
        Standing::Foreign => {
            Err("it was made from another store, or from a later state of this one")
        }
    })
}
