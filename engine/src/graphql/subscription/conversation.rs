//! A conversation's events: replayed, then live.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use super::replay::Replay;
use crate::conversation::{Delivery, View};
use crate::domain::{Audience, Event, EventKind, Seq, Viewer};
use crate::graphql::errors::{Fault, found};
use crate::graphql::types::conversation::{Conversation, Participant};
use crate::graphql::types::event::{
    ConversationClosed, ConversationEvent, ConversationReopened, ConversationSnapshot, HiddenEvent,
    MessageEdited, MessagePosted, MessageRetracted, ParticipantBlocked, ParticipantJoined,
    ParticipantUnblocked, ReadAdvanced, ResyncReason, ResyncRequired, TypingChanged,
};
use crate::graphql::types::message::Message;
use crate::graphql::types::user::User;
use crate::graphql::{Rooms, ids, rooms, viewer};
use crate::store::StoreError;

/// A conversation's events.
#[derive(Debug, Default)]
pub struct ConversationSubscription;

#[Subscription]
impl ConversationSubscription {
    /// A conversation's events in order: a snapshot, then what follows `after`, then what happens from now on.
    async fn conversation_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation's id, global or bare.")] conversation_id: ID,
        #[graphql(
            desc = "The last sequence number the client has; without it nothing is replayed."
        )]
        after: Option<Seq>,
    ) -> Result<BoxStream<'static, ConversationEvent>, Fault> {
        let viewer = Arc::clone(viewer(ctx)?);
        let absent = Fault::NotFound("There is no such conversation, or you are not in it.");
        let Ok(id) = ids::conversation(&conversation_id) else { return Err(absent) };
        let rooms = rooms(ctx)?.clone();
        let subscribed = rooms.conversations.subscribe(&viewer, &id, after).await;
        let Some((audience, deliveries)) = found(subscribed)? else { return Err(absent) };
        let replay = Replay::new(rooms.store.clone(), id, 0);
        let feed = Feed { rooms, viewer, audience, view: None, replay, over: false };
        Ok(stream::unfold((feed, deliveries), |(mut feed, mut deliveries)| async move {
            loop {
                if feed.over {
                    return None;
                }
                let delivery = deliveries.next().await?;
                if let Some(event) = feed.event(delivery).await {
                    return Some((event, (feed, deliveries)));
                }
            }
        })
        .boxed())
    }
}

/// What one subscription needs to show deliveries to its viewer.
struct Feed {
    rooms: Rooms,
    viewer: Arc<Viewer>,
    audience: Audience,
    view: Option<Arc<View>>,
    replay: Replay,
    over: bool,
}

impl Feed {
    /// The delivery as the viewer may see it; `None` if they get nothing of it.
    async fn event(&mut self, delivery: Delivery) -> Option<ConversationEvent> {
        Some(match delivery {
            Delivery::Snapshot(view) => {
                let (store, id) = (self.rooms.store.clone(), view.conversation.id.clone());
                self.replay = Replay::new(store, id, view.last_seq);
                self.view = Some(Arc::clone(&view));
                let conversation = Conversation::new(view, self.audience.clone());
                ConversationEvent::Snapshot(ConversationSnapshot { conversation })
            }
            Delivery::Event(event) => match self.durable(&event).await {
                Ok(shown) => {
                    shown.unwrap_or(ConversationEvent::Hidden(HiddenEvent { seq: event.seq }))
                }
                Err(error) => {
                    tracing::error!(%error, seq = event.seq, "an event's message could not be read");
                    self.resync(event.seq, ResyncReason::Unavailable)
                }
            },
            Delivery::ReadAdvanced { user, seq } => ConversationEvent::Read(ReadAdvanced {
                user_id: ID(user.to_string()),
                user: User::new(user),
                last_read_seq: seq,
            }),
            Delivery::Typing { user, .. } if user == self.viewer.id => return None,
            Delivery::Typing { user, typing } => {
                ConversationEvent::Typing(TypingChanged { user: User::new(user), typing })
            }
            Delivery::ResyncRequired { last_seq } => {
                self.resync(last_seq, ResyncReason::FellBehind)
            }
        })
    }

    fn resync(&mut self, last_seq: Seq, reason: ResyncReason) -> ConversationEvent {
        self.over = true;
        ConversationEvent::Resync(ResyncRequired { last_seq: Some(last_seq), reason })
    }

    /// An event of the log; `None` if the viewer may not see it.
    async fn durable(&mut self, event: &Event) -> Result<Option<ConversationEvent>, StoreError> {
        if !event.visible_to(&self.audience) {
            return Ok(None);
        }
        let (seq, at, by) = (event.seq, event.at, User::new(event.actor.clone()));
        Ok(match &event.kind {
            EventKind::MessagePosted { .. } => {
                let Some(posted) = event.posted_message() else { return Ok(None) };
                let current = self.replay.current(posted).await?;
                let message = Message::seen(current, &self.audience);
                message.map(|message| MessagePosted { seq, at, message }).map(Into::into)
            }
            EventKind::MessageEdited { message, .. } => {
                let message = self.read(event, *message).await?;
                message.map(|message| MessageEdited { seq, at, message }).map(Into::into)
            }
            EventKind::MessageRetracted { message, .. } => {
                let message = self.read(event, *message).await?;
                message.map(|message| MessageRetracted { seq, at, message }).map(Into::into)
            }
            EventKind::ParticipantJoined { participant } => self.view.as_ref().map(|view| {
                let participant = Participant::of(view, &self.audience, participant);
                ParticipantJoined { seq, at, participant }.into()
            }),
            EventKind::ParticipantBlocked { blocked } => {
                let blocked = User::new(blocked.clone());
                Some(ParticipantBlocked { seq, at, by, blocked }.into())
            }
            EventKind::ParticipantUnblocked { blocked } => {
                let blocked = User::new(blocked.clone());
                Some(ParticipantUnblocked { seq, at, by, blocked }.into())
            }
            EventKind::ConversationClosed => Some(ConversationClosed { seq, at, by }.into()),
            EventKind::ConversationReopened => Some(ConversationReopened { seq, at, by }.into()),
        })
    }

    async fn read(&self, event: &Event, seq: Seq) -> Result<Option<Message>, StoreError> {
        let message = self.rooms.store.message(&event.conversation, seq).await?;
        Ok(message.and_then(|message| Message::seen(message, &self.audience)))
    }
}
