//! Trust and safety: the queue of held messages that wait for a moderator, and what is to be known about their senders.

mod fill;

use std::collections::HashMap;
use std::sync::Arc;

use async_stream::stream;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::broadcast::error::RecvError;

use crate::domain::{
    Audience, ConversationId, EventKind, Held, Message, ModeratorDecision, QueueChange, Seq, UserId,
};
use crate::fanout::Fanout;
use crate::store::{
    Page, QueueFilter, QueueOrder, QueuePage, QueuePlace, Ruling, Store, StoreError,
};

/// Conversations of a sender that are looked through, those with the newest activity.
const CONVERSATIONS: usize = 8;
/// Events read of each.
const EVENTS: Seq = 64;

/// The moderation queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Moderation {
    store: Store,
    fanout: Fanout,
}

/// A held message and its entry in the queue.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The entry.
    pub held: Held,
    /// The message as it is now.
    pub message: Message,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct WaitingPage {
    /// The messages.
    pub waiting: Vec<Waiting>,
    /// Whether there may be more.
    pub has_more: bool,
    /// Where to go on, if there may be more.
    pub end: Option<QueuePlace>,
}

/// What a watcher of the queue is told.
#[derive(Debug, Clone)]
pub enum QueueDelivery {
    /// It waits, or waits with another text.
    Added(Box<Waiting>),
    /// It waits no longer.
    Removed {
        /// Its entry.
        held: Arc<Held>,
        /// What was decided; `None`: its sender took it back.
        decision: Option<Arc<ModeratorDecision>>,
    },
    /// The last item: the watcher was too slow, or the store can't say.
    ResyncRequired,
}

impl Moderation {
    /// Counts what waits. A store of before there was a queue is looked through once, so this comes before any send.
    pub async fn start(store: Store, fanout: Fanout) -> Result<Self, StoreError> {
        fill::fill(&store).await?;
        fanout.begin_queue(store.count_queue().await?);
        Ok(Self { store, fanout })
    }

    /// How many messages wait.
    pub fn count_waiting(&self) -> u64 {
        self.fanout.held()
    }

    /// The entry that waits longest.
    pub async fn longest_waiting(&self) -> Result<Option<Held>, StoreError> {
        let filter = QueueFilter::default();
        Ok(self.store.held(&filter, QueueOrder::Oldest, None, 1).await?.held.pop())
    }

    /// Up to `limit` messages that wait and fit, those after `after`.
    pub async fn queue(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<WaitingPage, StoreError> {
        let QueuePage { held, has_more, end } =
            self.store.held(filter, order, after, limit).await?;
        let places: Vec<_> = held.iter().map(|it| (it.conversation.clone(), it.seq)).collect();
        let mut messages =
            self.store.messages_at(&places, &mut HashMap::new()).await?.into_iter().peekable();
        let (mut waiting, mut left_over) = (Vec::with_capacity(held.len()), Vec::new());
        for held in held {
            let found =
                messages.next_if(|it| it.seq == held.seq && it.conversation == held.conversation);
            match found.filter(|message| Held::of(message).is_some()) {
                Some(message) => waiting.push(Waiting { held, message }),
                None => left_over.push(held),
            }
        }
        if !left_over.is_empty() {
            for held in left_over {
                self.store.drop_from_queue(&held).await?;
            }
            self.fanout.begin_queue(self.store.count_queue().await?);
        }
        Ok(WaitingPage { waiting, has_more, end: end.filter(|_| has_more) })
    }

    /// One message, if it waits.
    pub async fn waiting(
        &self,
        conversation: &ConversationId,
        seq: Seq,
    ) -> Result<Option<Waiting>, StoreError> {
        let message = self.store.message(conversation, seq).await?;
        Ok(message.and_then(|message| Held::of(&message).map(|held| Waiting { held, message })))
    }

    /// What comes and goes from now on.
    pub fn subscribe(&self) -> BoxStream<'static, QueueDelivery> {
        let (this, mut changes) = (self.clone(), self.fanout.subscribe_queue());
        stream! {
            loop {
                match changes.recv().await {
                    Ok(QueueChange::Added { held, .. }) => {
                        match this.waiting(&held.conversation, held.seq).await {
                            Ok(Some(waiting)) => yield QueueDelivery::Added(Box::new(waiting)),
                            // Decided meanwhile; that comes next.
                            Ok(None) => {}
                            Err(error) => {
                                tracing::error!(%error, "a held message can't be read");
                                yield QueueDelivery::ResyncRequired;
                                return;
                            }
                        }
                    }
                    Ok(QueueChange::Removed { held, decision }) => {
                        yield QueueDelivery::Removed { held, decision };
                    }
                    Err(RecvError::Lagged(_)) => {
                        yield QueueDelivery::ResyncRequired;
                        return;
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        }
        .boxed()
    }

    /// Messages around one, oldest first, itself included. `last`: the conversation's newest event.
    pub async fn around(
        &self,
        conversation: &ConversationId,
        (seq, last): (Seq, Seq),
        around: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let visible = |message: &Message| message.view(&Audience::Staff).is_some();
        let page = |after, before, newest| Page { after, before, limit: around, newest };
        let before = page(0, seq, true);
        let mut messages = self.store.messages(conversation, before, visible).await?.messages;
        messages.extend(self.store.message(conversation, seq).await?);
        let after = page(seq, last.saturating_add(1), false);
        messages.extend(self.store.messages(conversation, after, visible).await?.messages);
        Ok(messages)
    }

    /// What somebody said lately in whatever conversation, newest first, up to `limit`.
    pub async fn said_by(&self, sender: &UserId, limit: usize) -> Result<Vec<Message>, StoreError> {
        let mut rows = self.store.inbox(sender).await?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.last_at));
        let mut places = Vec::new();
        for row in rows.iter().take(CONVERSATIONS) {
            let first = row.last_seq.saturating_sub(EVENTS - 1).max(1);
            let events = self.store.events(&row.conversation, first..=row.last_seq).await?;
            places.extend(events.iter().filter_map(|event| {
                let own = matches!(event.kind, EventKind::MessagePosted { .. });
                (own && event.actor == *sender)
                    .then(|| (event.at, event.conversation.clone(), event.seq))
            }));
        }
        places.sort_unstable_by_key(|place| std::cmp::Reverse(place.0));
        places.truncate(limit);
        let places: Vec<_> = places.into_iter().map(|(_, id, seq)| (id, seq)).collect();
        self.store.messages_at(&places, &mut HashMap::new()).await
    }

    /// What moderators decided about somebody's messages, newest first, with the messages as they are now.
    pub async fn decided_about(
        &self,
        sender: &UserId,
        limit: usize,
    ) -> Result<Vec<(Ruling, Option<Message>)>, StoreError> {
        let rulings = self.store.rulings(sender, limit).await?;
        let mut places: Vec<_> =
            rulings.iter().map(|it| (it.conversation.clone(), it.message)).collect();
        places.sort_unstable();
        places.dedup();
        let messages = self.store.messages_at(&places, &mut HashMap::new()).await?;
        let find = |ruling: &Ruling| {
            let same = |message: &&Message| {
                message.seq == ruling.message && message.conversation == ruling.conversation
            };
            messages.iter().find(same).cloned()
        };
        let with = |ruling| {
            let message = find(&ruling);
            (ruling, message)
        };
        Ok(rulings.into_iter().map(with).collect())
    }
}
