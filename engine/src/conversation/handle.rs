//! The way into conversations: what one can do there, checked as far as no actor is needed.

use std::sync::Arc;

use super::command::{Change, Command, Ruling};
use super::dispatch::Dispatch;
use super::opening::Opening;
use super::reasons::Reasons;
use super::{ConversationError, Posted, Refusal, View};
use crate::config;
use crate::domain::access::{self, ConversationAction};
use crate::domain::{
    ClientId, Clock, ConversationId, Listing, ListingId, ListingStatus, Seq, User, UserId, Viewer,
};
use crate::fanout::{Fanout, Live};
use crate::filter::Pipeline;
use crate::store::Store;
use crate::telemetry::conversations::Bound;
use crate::telemetry::{Page, trace};

/// What conversations work with.
#[derive(Debug)]
pub struct ConversationRooms {
    /// Keeps them.
    pub store: Store,
    /// Judges texts.
    pub pipeline: Pipeline,
    /// Delivers.
    pub fanout: Fanout,
    /// Tells the time.
    pub clock: Clock,
    /// What a message may be.
    pub messages: config::Messages,
    /// How actors live.
    pub settings: config::Conversations,
}

/// All conversations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Conversations(Arc<Dispatch>);

impl Conversations {
    /// Starts the supervisor; conversations start on first use.
    pub async fn start(rooms: ConversationRooms) -> Result<Self, ConversationError> {
        Ok(Self(Arc::new(Dispatch::start(Arc::new(rooms)).await?)))
    }

    /// Waits for commands under way, then stops every actor. New commands are answered `Busy`.
    pub async fn stop(&self) {
        self.0.stop().await;
    }

    /// Actors alive.
    pub fn live_count(&self) -> usize {
        self.0.live_count()
    }

    /// Whether messages are refused now, because so much is under way that they would wait for long.
    pub fn is_busy(&self) -> bool {
        self.0.is_busy()
    }

    /// Writes figures of actors and commands.
    pub fn write_figures(&self, page: &mut Page) {
        self.0.write_figures(page);
    }

    pub(super) fn reasons(&self) -> &Reasons {
        self.0.reasons()
    }

    pub(super) fn rooms(&self) -> &Arc<ConversationRooms> {
        self.0.rooms()
    }

    /// The newest view, from memory if the conversation is live.
    pub(super) async fn current(
        &self,
        id: &ConversationId,
    ) -> Result<Arc<View>, ConversationError> {
        self.0.current(id).await
    }

    /// A buyer's message to a listing's seller: starts their conversation, or goes on with it if there is one.
    pub async fn start_direct(
        &self,
        viewer: &Viewer,
        listing: &ListingId,
        client_id: ClientId,
        body: &str,
    ) -> Result<Posted, ConversationError> {
        let body = self.checked(viewer, body)?;
        let listing = self.rooms().store.listing(listing).await?;
        let listing = listing.ok_or(Refusal::ListingNotFound)?;
        let seller = listing.seller.as_ref().ok_or(unavailable(&listing))?;
        if *seller == viewer.id {
            return Err(Refusal::OwnListing.into());
        }
        self.introduce(viewer).await?;
        let opening = Opening::direct(&listing, seller, &viewer.id);
        let id = opening.id.clone();
        // A conversation that runs goes on after the listing was sold.
        let may_start = listing.messaging_enabled() || self.current(&id).await.is_ok();
        if !may_start {
            return Err(unavailable(&listing).into());
        }
        self.post(viewer, &id, client_id, body, Some(Arc::new(opening))).await
    }

    /// A user's question to staff. Each client id opens a conversation of its own.
    pub async fn contact_support(
        &self,
        viewer: &Viewer,
        listing: Option<&ListingId>,
        category: &str,
        client_id: ClientId,
        body: &str,
    ) -> Result<Posted, ConversationError> {
        let body = self.checked(viewer, body)?;
        if let Some(listing) = listing {
            self.rooms().store.listing(listing).await?.ok_or(Refusal::ListingNotFound)?;
        }
        self.introduce(viewer).await?;
        let opening = Opening::support(&viewer.id, listing.cloned(), category, &client_id);
        let id = opening.id.clone();
        self.post(viewer, &id, client_id, body, Some(Arc::new(opening))).await
    }

    /// A message to a conversation the viewer is in. A retry with the same client id gets the first answer.
    pub async fn send(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        client_id: ClientId,
        body: &str,
    ) -> Result<Posted, ConversationError> {
        let body = self.checked(viewer, body)?;
        if viewer.role.is_staff() {
            self.introduce(viewer).await?;
        }
        self.post(viewer, id, client_id, body, None).await
    }

    /// Replaces an own message's text, within the window and past the filters.
    pub async fn edit(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        message: Seq,
        body: &str,
    ) -> Result<Posted, ConversationError> {
        let body = self.checked(viewer, body)?;
        let (viewer, body) = (viewer.clone(), &body);
        self.0
            .ask(id, |reply| Command::Edit {
                viewer: viewer.clone(),
                message,
                body: Arc::clone(body),
                reply,
            })
            .await
    }

    /// Takes an own message back, within the window.
    pub async fn retract(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        message: Seq,
    ) -> Result<Posted, ConversationError> {
        self.0.ask(id, |reply| Command::Retract { viewer: viewer.clone(), message, reply }).await
    }

    /// A moderator's decision about a message; a retry of the same changes nothing.
    pub async fn decide(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        message: Seq,
        ruling: &Ruling,
    ) -> Result<Posted, ConversationError> {
        self.0
            .ask(id, |reply| Command::Decide {
                viewer: viewer.clone(),
                message,
                ruling: ruling.clone(),
                reply,
            })
            .await
    }

    /// Takes the decision made by the event `decision` back, if it still stands.
    pub async fn undo_decision(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        message: Seq,
        decision: Seq,
        reason: Option<&str>,
    ) -> Result<Posted, ConversationError> {
        self.0
            .ask(id, |reply| Command::UndoDecision {
                viewer: viewer.clone(),
                message,
                decision,
                reason: reason.map(str::to_owned),
                reply,
            })
            .await
    }

    /// Moves the viewer's read marker forward to `seq`.
    pub async fn mark_read(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        seq: Seq,
    ) -> Result<Arc<View>, ConversationError> {
        self.0.ask(id, |reply| Command::MarkRead { viewer: viewer.clone(), seq, reply }).await
    }

    /// Tells the others that the viewer types or stopped; kept nowhere.
    pub async fn set_typing(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        typing: bool,
    ) -> Result<(), ConversationError> {
        let view = self.current(id).await?;
        if access::audience(viewer, &view.conversation).is_none() {
            return Err(Refusal::ConversationNotFound.into());
        }
        if !access::may(viewer, &view.conversation, ConversationAction::Send) {
            return Err(Refusal::NotAllowed.into());
        }
        if view.conversation.is_blocked(&viewer.id) {
            return Err(Refusal::Blocked.into());
        }
        self.rooms().fanout.publish(id, Live::Typing { user: viewer.id.clone(), typing });
        Ok(())
    }

    /// Refuses another participant's messages from now on; `None` means the other side of a direct conversation.
    pub async fn block(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        other: Option<&UserId>,
    ) -> Result<Arc<View>, ConversationError> {
        self.change(viewer, id, Change::Block(other.cloned())).await
    }

    /// Lifts a block.
    pub async fn unblock(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        other: Option<&UserId>,
    ) -> Result<Arc<View>, ConversationError> {
        self.change(viewer, id, Change::Unblock(other.cloned())).await
    }

    /// Ends the conversation; history stays readable.
    pub async fn close(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
    ) -> Result<Arc<View>, ConversationError> {
        self.change(viewer, id, Change::Close).await
    }

    /// Opens a closed conversation again.
    pub async fn reopen(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
    ) -> Result<Arc<View>, ConversationError> {
        self.change(viewer, id, Change::Reopen).await
    }

    async fn change(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        change: Change,
    ) -> Result<Arc<View>, ConversationError> {
        self.0
            .ask(id, |reply| Command::Change {
                viewer: viewer.clone(),
                change: change.clone(),
                reply,
            })
            .await
    }

    async fn post(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        client_id: ClientId,
        body: Arc<str>,
        opening: Option<Arc<Opening>>,
    ) -> Result<Posted, ConversationError> {
        if self.is_busy() {
            Bound::Pressure.met();
            return Err(Refusal::Busy.into());
        }
        let span = trace::child("conversation");
        self.0
            .ask(id, |reply| Command::Send {
                viewer: viewer.clone(),
                client_id: client_id.clone(),
                body: Arc::clone(&body),
                opening: opening.clone(),
                trace: span.context(),
                reply,
            })
            .await
    }

    /// A token's bearer the marketplace has not pushed yet is known by what the token says.
    async fn introduce(&self, viewer: &Viewer) -> Result<(), ConversationError> {
        let store = &self.rooms().store;
        if store.user(&viewer.id).await?.is_none() {
            let name = viewer.name.clone().unwrap_or_else(|| viewer.id.to_string());
            let user = User { id: viewer.id.clone(), name, locale: None, created_at: None };
            store.ensure_user(&user).await?;
        }
        Ok(())
    }

    fn checked(&self, viewer: &Viewer, body: &str) -> Result<Arc<str>, Refusal> {
        let max_bytes = self.rooms().messages.max_bytes;
        if !access::may_converse(viewer.role) {
            Err(Refusal::NotAllowed)
        } else if body.trim().is_empty() {
            Err(Refusal::BodyEmpty)
        } else if body.len() > max_bytes {
            Err(Refusal::BodyTooLong { max_bytes })
        } else {
            Ok(Arc::from(body))
        }
    }
}

fn unavailable(listing: &Listing) -> Refusal {
    Refusal::MessagingUnavailable(match listing.status {
        ListingStatus::Active => "it has no seller",
        ListingStatus::Sold => "it has been sold",
        ListingStatus::Inactive => "it is no longer on the market",
    })
}
