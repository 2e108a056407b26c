//! Held messages that wait for a moderator, with what helps to decide.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union};
use chrono::{DateTime, Utc};

use super::connection::looked_through;
use super::conversation::Conversation;
use super::event::ResyncRequired;
use super::message::Message;
use super::moderation::ModeratorDecision;
use super::verdict::Action;
use crate::conversation::View;
use crate::domain::access::{self, ConversationAction};
use crate::domain::{Audience, UserId, Viewer};
use crate::filter::Policy;
use crate::filter::policy::{Circumstances, Match};
use crate::graphql::errors::{Fault, found};
use crate::graphql::{Rooms, ids, rooms};
use crate::store::{self, Ruling};
use crate::trust::Waiting;

/// In which order the queue is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[graphql(remote = "store::QueueOrder")]
pub enum QueueOrder {
    /// Who waits longest comes first.
    #[default]
    Oldest,
    /// What looks worst comes first, then the oldest.
    Severity,
}

/// Which held messages are wanted; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct QueueFilter {
    /// Where this signal was given, such as `contact.phone`.
    signal_id: Option<String>,
    /// Where this filter gave a signal.
    filter_name: Option<String>,
    /// From this sender.
    sender_id: Option<ID>,
    /// In this conversation.
    conversation_id: Option<ID>,
}

impl QueueFilter {
    /// As the store understands it.
    pub fn read(self) -> Result<store::QueueFilter, Fault> {
        Ok(store::QueueFilter {
            signal: self.signal_id,
            filter: self.filter_name,
            sender: self.sender_id.map(UserId::new).transpose()?,
            conversation: self.conversation_id.map(|id| ids::conversation(&id)).transpose()?,
        })
    }
}

/// A part of the policy that a message's signals met.
#[derive(Debug, Clone, SimpleObject)]
pub struct PolicyMatch {
    /// `row` or `sum`; `failure` if a filter failed on the message and its fail mode holds messages.
    table: &'static str,
    /// What it is about, such as `contact.*`.
    name: String,
    /// Its number in its table, counted from 1; null for a failure.
    number: Option<usize>,
    /// What it leads to.
    action: Action,
    /// The least confidence (of a row) or the least sum that meets it; null for a failure.
    threshold: Option<f32>,
}

impl From<Match> for PolicyMatch {
    fn from(found: Match) -> Self {
        let Match { table, name, number, action, threshold } = found;
        Self { table, name, number, action: action.into(), threshold }
    }
}

/// A moderator's decision about an earlier message of somebody.
#[derive(Debug, Clone, SimpleObject)]
pub struct PastDecision {
    /// The message's global id.
    message_id: ID,
    /// The message as it is now; null if it is gone.
    message: Option<Message>,
    /// What was decided.
    decision: ModeratorDecision,
    /// It was taken back.
    undone: bool,
}

impl PastDecision {
    fn new((ruling, message): (Ruling, Option<crate::domain::Message>)) -> Self {
        Self {
            message_id: ids::of_message(&ruling.conversation, ruling.message),
            message: message.and_then(Message::for_staff),
            decision: ModeratorDecision::from(&ruling.decision),
            undone: ruling.undone,
        }
    }
}

/// A held message that waits.
#[derive(Debug, Clone)]
pub struct QueueItem {
    waiting: Arc<Waiting>,
    view: Arc<View>,
}

impl QueueItem {
    /// The item with its conversation; `None` if there is none any more, and if the viewer takes part in it: nobody is judge
    /// in their own matter.
    pub async fn of(
        rooms: &Rooms,
        viewer: &Viewer,
        waiting: Waiting,
    ) -> Result<Option<Self>, Fault> {
        let view = found(rooms.conversations.metadata(&waiting.held.conversation).await)?;
        let view =
            view.filter(|it| access::may(viewer, &it.conversation, ConversationAction::Moderate));
        Ok(view.map(|view| Self { waiting: Arc::new(waiting), view }))
    }
}

/// A held message that waits for a moderator.
#[Object]
impl QueueItem {
    /// The message's global id.
    async fn id(&self) -> ID {
        ids::of_message(&self.waiting.held.conversation, self.waiting.held.seq)
    }

    /// The message with its verdict: signals, spans, evidence.
    async fn message(&self) -> Result<Message, Fault> {
        Message::for_staff(self.waiting.message.clone()).ok_or(Fault::Internal)
    }

    /// Where it was said. Its messages need a reason, its other fields don't.
    async fn conversation(&self) -> Conversation {
        Conversation::new(Arc::clone(&self.view), Audience::Staff)
    }

    /// Since when it waits.
    async fn held_at(&self) -> DateTime<Utc> {
        self.waiting.held.at
    }

    /// For how long, seconds.
    async fn held_seconds(&self, ctx: &Context<'_>) -> Result<i64, Fault> {
        let waited = rooms(ctx)?.clock.now() - self.waiting.held.at;
        Ok(waited.num_seconds().max(0))
    }

    /// How bad it looks, 0 to 1: its strongest signal's confidence, more if several agree.
    async fn severity(&self) -> f64 {
        f64::from(self.waiting.held.severity) / 1_000.0
    }

    /// The policy's rows and sums its signals met, strictest first, in the version that decided.
    async fn policy_rows(&self, ctx: &Context<'_>) -> Result<Vec<PolicyMatch>, Fault> {
        let rooms = rooms(ctx)?;
        let message = &self.waiting.message;
        let Some(verdict) = message.verdict.as_deref() else { return Ok(Vec::new()) };
        let Some(row) = rooms.store.policy(verdict.policy_version).await? else {
            return Ok(Vec::new());
        };
        // It was checked when it was saved.
        let Ok(policy) = Policy::parse(&row.text, row.version) else { return Ok(Vec::new()) };
        let listing = match &self.view.conversation.listing {
            Some(id) => rooms.store.listing(id).await?,
            None => None,
        };
        let at = Circumstances {
            text_len: message.body.len(),
            kind: self.view.conversation.kind,
            category: listing.as_ref().and_then(|listing| listing.category.as_deref()),
            listing: listing.as_ref().map(|listing| listing.title.as_str()),
            sender_locale: None,
            recipient_locale: None,
        };
        Ok(policy.matches(&at, &verdict.signals).into_iter().map(Into::into).collect())
    }

    /// Messages around it, oldest first, itself included.
    #[graphql(complexity = "1 + 2 * most(around, 20) * child_complexity")]
    async fn context(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "At most so many before and after, up to 20.")] around: i32,
    ) -> Result<Vec<Message>, Fault> {
        let held = &self.waiting.held;
        let moderation = &rooms(ctx)?.moderation;
        let place = (held.seq, self.view.last_seq);
        let found = moderation.around(&held.conversation, place, most(around, 20)).await?;
        Ok(found.into_iter().filter_map(Message::for_staff).collect())
    }

    /// What its sender said lately in whatever conversation, newest first, this one left out.
    #[graphql(complexity = "1 + most(first, 50) * child_complexity")]
    async fn sender_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "At most so many, up to 50.")] first: i32,
    ) -> Result<Vec<Message>, Fault> {
        let (held, first) = (&self.waiting.held, most(first, 50));
        let found = rooms(ctx)?.moderation.said_by(&held.sender, first + 1).await?;
        let others = found
            .into_iter()
            .filter(|it| it.seq != held.seq || it.conversation != held.conversation);
        Ok(others.take(first).filter_map(Message::for_staff).collect())
    }

    /// What moderators decided about its sender's messages, newest first.
    #[graphql(complexity = "1 + most(first, 50) * child_complexity")]
    async fn sender_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "At most so many, up to 50.")] first: i32,
    ) -> Result<Vec<PastDecision>, Fault> {
        let sender = &self.waiting.held.sender;
        let found = rooms(ctx)?.moderation.decided_about(sender, most(first, 50)).await?;
        Ok(found.into_iter().map(PastDecision::new).collect())
    }
}

fn most(asked: i32, limit: usize) -> usize {
    usize::try_from(asked).unwrap_or(0).min(limit)
}

looked_through! {
    /// A page of the queue. With a narrow filter a page may be short or empty and still have a next one.
    QueueConnection,
    /// A held message and its place in the queue.
    QueueEdge,
    QueueItem,
    /// All that wait, whatever the filter.
    total_count: u64
}

/// A message was held, came back by an undo, or its text changed while it waits: put it in by its id.
#[derive(Debug, Clone, SimpleObject)]
pub struct QueueItemAdded {
    /// What waits.
    pub item: QueueItem,
    /// All that wait now.
    pub held_count: u64,
}

/// A message waits no longer.
#[derive(Debug, Clone, SimpleObject)]
pub struct QueueItemRemoved {
    /// The message's global id.
    pub message_id: ID,
    /// What was decided; null: its sender took it back.
    pub decision: Option<ModeratorDecision>,
    /// All that wait now.
    pub held_count: u64,
}

/// What comes to or goes from the moderation queue.
#[derive(Debug, Clone, Union)]
pub enum QueueEvent {
    /// It waits.
    Added(QueueItemAdded),
    /// It waits no longer.
    Removed(QueueItemRemoved),
    /// Changes were missed.
    Resync(ResyncRequired),
}
