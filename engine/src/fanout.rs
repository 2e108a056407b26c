//! Live delivery: one topic per conversation and one per viewer's inbox. Bounded; a receiver that lags is told so.

pub mod minutes;
mod published;
mod topic;

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dashmap::DashMap;
use tokio::sync::broadcast;

use crate::domain::{ConversationId, InboxRow, QueueChange, Seq, UserId};
use crate::telemetry;

pub use minutes::{Minute, Minutes};
pub use published::{Mould, Published};
pub use topic::Missed;
use topic::Topic;

/// Something that just happened in a conversation.
#[derive(Debug, Clone)]
pub enum Live {
    /// Durable: committed before it got here.
    Event(Arc<Published>),
    /// Somebody has read up to here; state, not history.
    ReadAdvanced {
        /// Who.
        user: UserId,
        /// Up to which sequence number.
        seq: Seq,
    },
    /// Somebody started or stopped typing; kept nowhere.
    Typing {
        /// Who.
        user: UserId,
        /// Started or stopped.
        typing: bool,
    },
}

/// Live delivery to whoever listens in this process.
#[derive(Debug, Clone)]
pub struct Fanout {
    conversations: Topics<ConversationId, Live>,
    inboxes: Topics<UserId, Arc<InboxRow>>,
    queue: broadcast::Sender<QueueChange>,
    /// Messages in the moderation queue.
    held: Arc<AtomicI64>,
    minutes: Minutes,
}

impl Fanout {
    /// `buffer`: items a receiver may lag behind before it misses any and is told.
    pub fn new(buffer: usize) -> Self {
        let queue = broadcast::channel(buffer.max(1)).0;
        let (conversations, inboxes) = (Topics::new(buffer), Topics::new(buffer));
        Self { conversations, inboxes, queue, held: Arc::default(), minutes: Minutes::default() }
    }

    /// Hands an item to the conversation's subscribers; costs nothing when there are none.
    pub fn publish(&self, conversation: &ConversationId, live: Live) {
        if let Live::Event(event) = &live {
            telemetry::live::published(event);
        }
        self.conversations.publish(conversation, live);
    }

    /// Everything published to the conversation from now on.
    pub fn subscribe(&self, conversation: &ConversationId) -> Subscription<ConversationId, Live> {
        self.conversations.subscribe(conversation.clone())
    }

    /// Tells a user's open lists that a row changed.
    pub fn publish_inbox(&self, row: Arc<InboxRow>) {
        self.inboxes.publish(&row.user.clone(), row);
    }

    /// Everything that changes the user's list from now on.
    pub fn subscribe_inbox(&self, user: &UserId) -> Subscription<UserId, Arc<InboxRow>> {
        self.inboxes.subscribe(user.clone())
    }

    /// Tells those who watch the moderation queue.
    pub fn publish_queue(&self, change: QueueChange) {
        let difference = match &change {
            QueueChange::Added { fresh, .. } => i64::from(*fresh),
            QueueChange::Removed { .. } => -1,
        };
        self.held.fetch_add(difference, Ordering::Relaxed);
        // An error only means that nobody listens.
        let _ = self.queue.send(change);
    }

    /// Everything that comes to or goes from the moderation queue from now on.
    pub fn subscribe_queue(&self) -> broadcast::Receiver<QueueChange> {
        self.queue.subscribe()
    }

    /// Says how many messages are in the moderation queue to begin with.
    pub fn begin_queue(&self, held: u64) {
        self.held.store(i64::try_from(held).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Messages in the moderation queue.
    pub fn held(&self) -> u64 {
        u64::try_from(self.held.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Counts of messages by the minute.
    pub fn minutes(&self) -> &Minutes {
        &self.minutes
    }

    /// Topics with at least one subscriber: conversations, inboxes.
    pub fn topic_counts(&self) -> (usize, usize) {
        (self.conversations.all.len(), self.inboxes.all.len())
    }
}

#[derive(Debug)]
struct Topics<K: Eq + Hash, T> {
    all: Arc<DashMap<K, Arc<Topic<T>>>>,
    buffer: usize,
}

impl<K: Eq + Hash, T> Clone for Topics<K, T> {
    fn clone(&self) -> Self {
        Self { all: Arc::clone(&self.all), buffer: self.buffer }
    }
}

impl<K: Eq + Hash + Clone, T: Clone> Topics<K, T> {
    fn new(buffer: usize) -> Self {
        Self { all: Arc::new(DashMap::new()), buffer }
    }

    fn publish(&self, key: &K, item: T) {
        if let Some(topic) = self.all.get(key) {
            topic.send(item);
        }
    }

    fn subscribe(&self, key: K) -> Subscription<K, T> {
        let entry = self.all.entry(key.clone());
        let topic = entry.or_insert_with(|| Arc::new(Topic::new(self.buffer)));
        let (topic, next) = (Arc::clone(&topic), topic.enter());
        Subscription { topic, next, key, topics: self.clone() }
    }
}

/// Listens to a topic, and removes it when it was the last one to.
#[derive(Debug)]
pub struct Subscription<K: Eq + Hash + Clone, T: Clone> {
    topic: Arc<Topic<T>>,
    /// The number of the item it takes next.
    next: u64,
    key: K,
    topics: Topics<K, T>,
}

impl<K: Eq + Hash + Clone, T: Clone> Subscription<K, T> {
    /// The next item, as soon as there is one; an error, once, if items were missed. Nothing is lost if it is dropped.
    pub async fn recv(&mut self) -> Result<T, Missed> {
        self.topic.take(&mut self.next).await
    }

    /// The same if there is one already.
    pub fn try_recv(&mut self) -> Option<Result<T, Missed>> {
        self.topic.try_take(&mut self.next)
    }
}

impl<K: Eq + Hash + Clone, T: Clone> Drop for Subscription<K, T> {
    fn drop(&mut self) {
        self.topic.leave(self.next);
        // Under the entry's lock, so that nobody subscribes between the look and the removal.
        self.topics.all.remove_if(&self.key, |_, topic| !topic.is_heard());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typing(typing: bool) -> Live {
        Live::Typing { user: UserId::trusted("ann"), typing }
    }

    #[tokio::test]
    async fn a_topic_lives_as_long_as_its_subscribers() {
        let fanout = Fanout::new(4);
        let id = ConversationId::trusted("c");
        fanout.publish(&id, typing(true));
        let mut first = fanout.subscribe(&id);
        let second = fanout.subscribe(&id);
        fanout.publish(&id, typing(false));
        assert!(matches!(first.recv().await, Ok(Live::Typing { typing: false, .. })));
        drop(second);
        assert_eq!(fanout.topic_counts(), (1, 0));
        drop(first);
        assert_eq!(fanout.topic_counts(), (0, 0));
    }

    #[tokio::test]
    async fn a_slow_receiver_is_told_how_much_it_missed() {
        let fanout = Fanout::new(4);
        let id = ConversationId::trusted("c");
        let mut slow = fanout.subscribe(&id);
        for _ in 0..7 {
            fanout.publish(&id, typing(true));
        }
        assert_eq!(slow.recv().await.unwrap_err(), Missed(3));
    }
}
