//! A conversation as the viewer may see it.

use std::sync::Arc;

use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::cursor;
use super::event::DurableEvent;
use super::listing::Listing;
use super::message::Message;
use super::user::User;
use crate::conversation::View;
use crate::domain::access::{self, ConversationAction};
use crate::domain::{self, Audience, ConversationId, InboxRow, Seq, UserId, Viewer};
use crate::graphql::errors::{Fault, found};
use crate::graphql::limits::{Page, page_cost};
use crate::graphql::log::Log;
use crate::graphql::{ids, limits, rooms, viewer};
use crate::store;

/// Walks over stretches of withheld messages for one page; the store looks at some 7,000 events in each.
const MAX_WALKS: usize = 16;

/// Who talks with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ConversationKind")]
pub enum ConversationKind {
    /// A buyer and a seller about a listing.
    Direct,
    /// A user and staff.
    Support,
}

/// Whether messages can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ConversationState")]
pub enum ConversationState {
    /// Messages can be sent.
    Open,
    /// Ended; history stays readable.
    Closed,
}

/// What a participant is in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ParticipantRole")]
pub enum ParticipantRole {
    /// Asked about the listing.
    Buyer,
    /// Offers the listing.
    Seller,
    /// Asked support.
    Customer,
    /// Answers for the marketplace.
    Staff,
}

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub struct Participant {
    user: UserId,
    role: domain::ParticipantRole,
    last_read: Seq,
    blocked: bool,
}

impl Participant {
    /// A participant of the conversation, as this audience may see them.
    pub fn of(view: &View, audience: &Audience, participant: &domain::Participant) -> Self {
        let user = &participant.user;
        let blocked = view.conversation.blocks.iter().any(|block| {
            let known = match audience {
                Audience::Staff => true,
                Audience::Participant(viewer) => block.by == *viewer,
            };
            known && block.blocked == *user
        });
        let last_read = view.reads.get(user).copied().unwrap_or(0);
        Self { user: user.clone(), role: participant.role, last_read, blocked }
    }
}

/// Somebody who takes part in a conversation.
#[Object]
impl Participant {
    /// Who.
    async fn user(&self) -> User {
        User::new(self.user.clone())
    }

    /// As what.
    async fn role(&self) -> ParticipantRole {
        self.role.into()
    }

    /// Up to which sequence number they have read; 0 for nothing.
    async fn last_read_seq(&self) -> Seq {
        self.last_read
    }

    /// Whether the viewer blocked them; for staff, whether anybody did.
    async fn blocked(&self) -> bool {
        self.blocked
    }
}

/// A conversation, for whom it is shown, and the viewer's list's row of it if that is at hand.
#[derive(Debug, Clone)]
pub struct Conversation {
    view: Arc<View>,
    audience: Audience,
    row: Option<InboxRow>,
}

impl Conversation {
    /// A conversation for an audience that was admitted to it.
    pub fn new(view: Arc<View>, audience: Audience) -> Self {
        Self { view, audience, row: None }
    }

    /// The conversation after something was done to it; `None` if the viewer may not see it any more.
    pub fn after(view: Arc<View>, viewer: &Viewer) -> Option<Self> {
        let audience = access::audience(viewer, &view.conversation)?;
        Some(Self::new(view, audience))
    }

    /// The conversation of this id; `None` alike if there is none and if it is not the viewer's.
    pub async fn find(ctx: &Context<'_>, id: &ConversationId) -> Result<Option<Self>, Fault> {
        Self::find_because(ctx, id, None).await
    }

    /// The same, with staff's reason for looking into it.
    pub async fn find_because(
        ctx: &Context<'_>,
        id: &ConversationId,
        reason: Option<&str>,
    ) -> Result<Option<Self>, Fault> {
        let conversations = &rooms(ctx)?.conversations;
        let found = found(conversations.view_because(viewer(ctx)?, id, reason).await)?;
        Ok(found.map(|(view, audience)| Self::new(view, audience)))
    }

    /// The conversation of a row of the viewer's list.
    pub async fn of_row(ctx: &Context<'_>, row: &InboxRow) -> Result<Option<Self>, Fault> {
        let found = Self::find(ctx, &row.conversation).await?;
        Ok(found.map(|found| found.with_row(row.clone())))
    }

    /// The same, with the viewer's list's row at hand.
    pub fn with_row(self, row: InboxRow) -> Self {
        Self { row: Some(row), ..self }
    }

    /// A fault unless what is said here may be shown to the viewer.
    fn look(&self, ctx: &Context<'_>) -> Result<(), Fault> {
        let may = rooms(ctx)?.conversations.may_look(viewer(ctx)?, &self.view.conversation);
        may.map_err(|refusal| Fault::ReasonRequired(refusal.to_string()))
    }

    /// The message of this number, if there is one the viewer may know of.
    pub async fn message(&self, ctx: &Context<'_>, seq: Seq) -> Result<Option<Message>, Fault> {
        self.look(ctx)?;
        let message = rooms(ctx)?.store.message(&self.view.conversation.id, seq).await?;
        Ok(message.and_then(|message| Message::seen(message, &self.audience)))
    }

    /// A page of messages the audience may see, and whether there are more in its direction.
    async fn page(
        &self,
        ctx: &Context<'_>,
        mut page: store::Page,
    ) -> Result<(Vec<Message>, bool), Fault> {
        self.look(ctx)?;
        let (store, id) = (&rooms(ctx)?.store, &self.view.conversation.id);
        let visible = |message: &domain::Message| message.view(&self.audience).is_some();
        let mut found = store.messages(id, page.clone(), visible).await?;
        // An empty page has no cursor to go on from, so a long stretch of withheld messages is walked here.
        for _ in 0..MAX_WALKS {
            if !found.messages.is_empty() || !found.has_more || page.limit == 0 {
                break;
            }
            if page.newest {
                page.before = found.scanned_to;
            } else {
                page.after = found.scanned_to;
            }
            found = store.messages(id, page.clone(), visible).await?;
        }
        let messages = found.messages.into_iter();
        let messages = messages.filter_map(|message| Message::seen(message, &self.audience));
        Ok((messages.collect(), found.has_more))
    }
}

/// People talking about a listing, or with support.
#[Object]
impl Conversation {
    /// The global id: `conversation:` and the conversation's own.
    pub async fn id(&self) -> ID {
        ids::of_conversation(&self.view.conversation.id)
    }

    /// Between users, or with staff.
    async fn kind(&self) -> ConversationKind {
        self.view.conversation.kind.into()
    }

    /// Open or closed.
    async fn state(&self) -> ConversationState {
        self.view.conversation.state.into()
    }

    /// The support category, such as `payment`.
    async fn category(&self) -> Option<&str> {
        self.view.conversation.category.as_deref()
    }

    /// What it is about.
    async fn listing(&self, ctx: &Context<'_>) -> Result<Option<Listing>, Fault> {
        let Some(id) = &self.view.conversation.listing else { return Ok(None) };
        let listing = rooms(ctx)?.store.listing(id).await?;
        Ok(listing.map(|listing| Listing(listing.as_ref().clone())))
    }

    /// Everyone in it, in order of joining.
    async fn participants(&self) -> Vec<Participant> {
        let participants = self.view.conversation.participants.iter();
        participants.map(|p| Participant::of(&self.view, &self.audience, p)).collect()
    }

    /// The sequence number of its newest event: what to subscribe after.
    async fn last_seq(&self) -> Seq {
        self.view.last_seq
    }

    /// Up to which sequence number the viewer has read; 0 for nothing.
    async fn last_read(&self, ctx: &Context<'_>) -> Result<Seq, Fault> {
        Ok(self.view.reads.get(&viewer(ctx)?.id).copied().unwrap_or(0))
    }

    /// Messages of others the viewer has not read.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<u64, Fault> {
        if let Some(row) = &self.row {
            return Ok(row.unread);
        }
        let rows = rooms(ctx)?.inbox.rows(viewer(ctx)?).await?;
        let id = &self.view.conversation.id;
        Ok(rows.iter().find(|row| row.conversation == *id).map_or(0, |row| row.unread))
    }

    /// The newest message the viewer may see.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<Message>, Fault> {
        let before = self.view.last_seq.saturating_add(1);
        let page = store::Page { after: 0, before, limit: 1, newest: true };
        Ok(self.page(ctx, page).await?.0.pop())
    }

    /// Since when the customer of a support conversation waits for an answer; null: nobody waits, or the viewer is no
    /// staff.
    async fn waiting_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>, Fault> {
        let conversation = &self.view.conversation;
        let support = conversation.kind == domain::ConversationKind::Support;
        if self.audience != Audience::Staff || !support {
            return Ok(None);
        }
        let row = match &self.row {
            Some(row) if row.user.as_str() == domain::SUPPORT_DESK => Some(row.clone()),
            _ => rooms(ctx)?.inbox.desk_row(&conversation.id).await?,
        };
        Ok(row.filter(InboxRow::is_waiting).and_then(|row| row.waiting_since))
    }

    /// When it was started.
    async fn created_at(&self) -> DateTime<Utc> {
        self.view.conversation.created_at
    }

    /// Whether the viewer could send a message now.
    async fn viewer_can_send(&self, ctx: &Context<'_>) -> Result<bool, Fault> {
        let (viewer, conversation) = (viewer(ctx)?, &self.view.conversation);
        Ok(access::may(viewer, conversation, ConversationAction::Send)
            && conversation.state == domain::ConversationState::Open
            && !conversation.is_blocked(&viewer.id))
    }

    /// Its messages, oldest first. Without `first` and `last`: the newest 50, or the 50 that follow `after`.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many from the start.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Take this many from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<String, Message>, Fault> {
        let page = Page::new(first, last, after.is_none(), limits(ctx)?)?;
        let end = self.view.last_seq.saturating_add(1);
        let from = after.as_deref().map(cursor::message).transpose()?.unwrap_or(0);
        let until = before.as_deref().map(cursor::message).transpose()?.unwrap_or(end).min(end);
        let bounds =
            store::Page { after: from, before: until, limit: page.limit, newest: page.backward };
        let (messages, more) = self.page(ctx, bounds).await?;
        let (has_previous, has_next) =
            if page.backward { (more, until < end) } else { (from > 0, more) };
        let mut connection = Connection::new(has_previous, has_next);
        let edges = messages.into_iter();
        let edges = edges.map(|message| Edge::new(cursor::of_message(message.place()), message));
        connection.edges.extend(edges);
        Ok(connection)
    }

    /// Its events, oldest first, messages included; what the viewer may not see is left out. Like `messages`: without
    /// `first` and `last` the newest 50, or the 50 that follow `after`.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Take this many from the start.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Take this many from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<String, DurableEvent>, Fault> {
        self.look(ctx)?;
        let page = Page::new(first, last, after.is_none(), limits(ctx)?)?;
        let end = self.view.last_seq.saturating_add(1);
        let from = after.as_deref().map(cursor::message).transpose()?.unwrap_or(0);
        let until = before.as_deref().map(cursor::message).transpose()?.unwrap_or(end).min(end);
        let store = rooms(ctx)?.store.clone();
        let mut log = Log::new(store, Arc::clone(&self.view), self.audience.clone());
        let (events, more) = log.page((from, until), page.limit, page.backward).await?;
        let (has_previous, has_next) =
            if page.backward { (more, until < end) } else { (from > 0, more) };
        let mut connection = Connection::new(has_previous, has_next);
        let edges = events
            .into_iter()
            .filter_map(|(seq, event)| Some(Edge::new(cursor::of_message(seq), event.durable()?)));
        connection.edges.extend(edges);
        Ok(connection)
    }
}
