//! A message as one audience may see it.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::conversation::Conversation;
use super::moderation::ModeratorDecision;
use super::user::User;
use super::verdict::Verdict;
use crate::domain::{self, Audience, MessageView, Seq};
use crate::graphql::errors::Fault;
use crate::graphql::{ids, viewer};

/// What became of a message, as shown to the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessageStatus")]
pub enum MessageStatus {
    /// Delivered as written.
    Sent,
    /// Delivered; parts are hidden from the recipient.
    Masked,
    /// Kept back until a moderator decides.
    Held,
    /// Taken back by its sender; its text is gone.
    Retracted,
    /// A moderator removed it; only its sender and staff still see it.
    Removed,
}

/// A message and what its audience may see of it.
#[derive(Debug, Clone)]
pub struct Message {
    pub(in crate::graphql) inner: domain::Message,
    pub(in crate::graphql) seen: MessageView,
    pub(in crate::graphql) staff: bool,
}

impl Message {
    /// The message for this audience; `None` if to them it does not exist.
    pub fn seen(message: domain::Message, audience: &Audience) -> Option<Self> {
        let seen = message.view(audience)?;
        Some(Self { inner: message, seen, staff: *audience == Audience::Staff })
    }

    /// The message for staff, who see every one.
    pub fn for_staff(message: domain::Message) -> Option<Self> {
        Self::seen(message, &Audience::Staff)
    }

    /// Its place in the conversation.
    pub fn place(&self) -> Seq {
        self.inner.seq
    }
}

/// Something said in a conversation, as the viewer may see it.
#[Object]
impl Message {
    /// The global id: `message:<conversation id>:<seq>`.
    pub async fn id(&self) -> ID {
        ids::of_message(&self.inner.conversation, self.inner.seq)
    }

    /// The sequence number of the event that posted it.
    async fn seq(&self) -> Seq {
        self.inner.seq
    }

    /// Where it was said.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Option<Conversation>, Fault> {
        Conversation::of_shown(ctx, &self.inner.conversation).await
    }

    /// Who said it.
    async fn sender(&self) -> User {
        User::new(self.inner.sender.clone())
    }

    /// The text, masked where the viewer may not read it; empty once retracted.
    async fn body(&self) -> &str {
        &self.seen.body
    }

    /// What became of it.
    async fn status(&self) -> MessageStatus {
        self.seen.status.into()
    }

    /// When it was accepted.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.inner.sent_at
    }

    /// When its text was last changed.
    async fn edited_at(&self) -> Option<DateTime<Utc>> {
        self.inner.edited_at
    }

    /// When its sender took it back.
    async fn retracted_at(&self) -> Option<DateTime<Utc>> {
        self.inner.retracted_at
    }

    /// What the viewer's client called it; only on the viewer's own messages.
    async fn client_id(&self, ctx: &Context<'_>) -> Result<Option<&str>, Fault> {
        let own = viewer(ctx)?.id == self.inner.sender;
        Ok(own.then(|| self.inner.client_id.as_str()))
    }

    /// Words for the sender, such as why it is held; also shown to staff.
    async fn notice(&self) -> Option<&str> {
        self.seen.notice.as_deref()
    }

    /// Words of warning for the recipient; also shown to staff.
    async fn warning(&self) -> Option<&str> {
        self.seen.warning.as_deref()
    }

    /// Why it was treated so; only for staff.
    async fn verdict(&self) -> Option<Verdict> {
        self.seen.verdict.as_deref().map(Verdict::from)
    }

    /// The moderator's decision that stands; only for staff.
    async fn decision(&self) -> Option<ModeratorDecision> {
        self.seen.decision.as_deref().map(ModeratorDecision::from)
    }

    /// The sequence number of the event that last changed it, for `expectedRevision`; only for staff.
    async fn revision(&self) -> Option<Seq> {
        self.staff.then_some(self.inner.revision)
    }
}
