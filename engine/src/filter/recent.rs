//! The recent past in memory: who said what where within a day, bounded, so that filters can look back.

mod index;
mod sketch;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{ConversationId, UserId};

use super::Subject;
use super::normalize::normalize;
use index::Index;
pub use sketch::Sketch;

/// Messages remembered of one sender, and of one conversation.
pub const KEPT: usize = 32;
/// Bytes remembered of a text.
pub const MAX_TEXT: usize = 500;
/// How long a message is remembered.
pub const MAX_AGE: TimeDelta = TimeDelta::hours(24);
/// Memory of everything, bytes, roughly.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a message costs beside its text and sketch, bytes, roughly.
const MESSAGE_BYTES: usize = 160;

/// Something said before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Who said it.
    pub sender: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// When.
    pub at: DateTime<Utc>,
    /// At most its first 500 bytes.
    pub text: Arc<str>,
    sketch: Sketch,
}

/// Earlier messages of a sender that are like one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Similar {
    /// How many.
    pub messages: u32,
    /// In how many conversations beside the one asked about.
    pub conversations: u32,
    /// When the oldest was said.
    pub oldest: Option<DateTime<Utc>>,
}

/// The recent past as the inspection of one message may see it.
#[derive(Debug, Clone)]
pub struct Lookback {
    recent: Arc<Recent>,
    sender: UserId,
    conversation: ConversationId,
    now: DateTime<Utc>,
    sketch: Sketch,
}

impl Lookback {
    /// Of this message.
    pub(super) fn new(recent: Arc<Recent>, subject: &Subject) -> Self {
        Self {
            recent,
            sender: subject.sender.id.clone(),
            conversation: subject.conversation.id.clone(),
            now: subject.now,
            sketch: subject.sketch().clone(),
        }
    }

    /// What the sender said in all conversations within a day, latest first, at most 32.
    pub fn of_sender(&self, limit: usize) -> Vec<Arc<Past>> {
        self.recent.of_sender(&self.sender, self.now, limit)
    }

    /// What anybody said in this conversation within a day, latest first, at most 32.
    pub fn of_conversation(&self, limit: usize) -> Vec<Arc<Past>> {
        self.recent.of_conversation(&self.conversation, self.now, limit)
    }

    /// The sender's messages of so many last seconds that are at least so like this one.
    pub fn similar(&self, window_seconds: u32, min_similarity: f32) -> Similar {
        let since = self.now - TimeDelta::seconds(window_seconds.into());
        let (sender, conversation) = (&self.sender, &self.conversation);
        self.recent.similar(sender, conversation, &self.sketch, since, min_similarity)
    }

    /// Whether the message is of the sender, and whether of the conversation of the message under inspection.
    pub fn relation(&self, past: &Past) -> (bool, bool) {
        (past.sender == self.sender, past.conversation == self.conversation)
    }

    /// Whole seconds since the time.
    pub fn age_seconds(&self, at: DateTime<Utc>) -> u64 {
        u64::try_from((self.now - at).num_seconds()).unwrap_or(0)
    }
}

/// The recent past of all senders and conversations. Share one; a backtest has its own.
#[derive(Debug)]
pub struct Recent {
    senders: Index<UserId>,
    conversations: Index<ConversationId>,
}

impl Default for Recent {
    fn default() -> Self {
        Self::new()
    }
}

impl Recent {
    /// Knows nothing; will take some 32 MiB at most, the longest unused forgotten first.
    pub fn new() -> Self {
        Self::with_capacity(MAX_BYTES)
    }

    fn with_capacity(bytes: usize) -> Self {
        Self { senders: Index::new(bytes / 2), conversations: Index::new(bytes / 2) }
    }

    /// Remembers a message that was judged.
    pub fn note(&self, subject: &Subject) {
        let (sender, conversation) = (&subject.sender.id, &subject.conversation.id);
        self.add(sender, conversation, subject.now, &subject.text, subject.sketch().clone());
    }

    fn add(
        &self,
        sender: &UserId,
        conversation: &ConversationId,
        at: DateTime<Utc>,
        text: &str,
        sketch: Sketch,
    ) {
        let past = Arc::new(Past {
            sender: sender.clone(),
            conversation: conversation.clone(),
            at,
            text: text[..text.floor_char_boundary(MAX_TEXT)].into(),
            sketch,
        });
        self.senders.add(sender, &past);
        self.conversations.add(conversation, &past);
    }

    /// Remembers a message read from the store; one that is known already is not remembered twice.
    pub fn note_stored(
        &self,
        sender: &UserId,
        conversation: &ConversationId,
        at: DateTime<Utc>,
        text: &str,
    ) {
        self.add(sender, conversation, at, text, Sketch::of(&normalize(text)));
    }

    /// Whether the sender's past was loaded from the store (and not forgotten since); from now on it counts as loaded.
    pub fn begin_sender(&self, sender: &UserId) -> bool {
        self.senders.begin(sender)
    }

    /// Whether the conversation's past was loaded from the store (and not forgotten since); from now on it counts as loaded.
    pub fn begin_conversation(&self, conversation: &ConversationId) -> bool {
        self.conversations.begin(conversation)
    }

    /// The sender's messages of the last day before `now`, latest first, at most 32.
    pub fn of_sender(&self, sender: &UserId, now: DateTime<Utc>, limit: usize) -> Vec<Arc<Past>> {
        self.senders.latest(sender, now, limit)
    }

    /// The conversation's messages of the last day before `now`, latest first, at most 32.
    pub fn of_conversation(
        &self,
        conversation: &ConversationId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Arc<Past>> {
        self.conversations.latest(conversation, now, limit)
    }

    /// Counts the sender's messages since `since` that are at least so like the text of this sketch.
    pub fn similar(
        &self,
        sender: &UserId,
        conversation: &ConversationId,
        sketch: &Sketch,
        since: DateTime<Utc>,
        min_similarity: f32,
    ) -> Similar {
        self.senders.read(sender, |messages| {
            let mut found = Similar::default();
            let mut elsewhere: Vec<&ConversationId> = Vec::new();
            let recent = messages.iter().filter(|past| past.at >= since);
            for past in recent.filter(|past| past.sketch.likeness(sketch) >= min_similarity) {
                found.messages += 1;
                found.oldest = Some(found.oldest.map_or(past.at, |oldest| oldest.min(past.at)));
                if past.conversation != *conversation && !elsewhere.contains(&&past.conversation) {
                    elsewhere.push(&past.conversation);
                }
            }
            found.conversations = u32::try_from(elsewhere.len()).unwrap_or(u32::MAX);
            found
        })
    }

    /// Memory in use, bytes, roughly.
    pub fn bytes(&self) -> usize {
        self.senders.bytes() + self.conversations.bytes()
    }
}

impl Past {
    fn bytes(&self) -> usize {
        MESSAGE_BYTES + self.text.len() + self.sketch.bytes()
    }
}

#[cfg(test)]
mod tests;
