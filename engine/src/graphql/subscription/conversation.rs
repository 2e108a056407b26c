//! A conversation's events: replayed, then live.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::conversation::Delivery;
use crate::domain::{Audience, Event, EventKind, Seq, Viewer};
use crate::graphql::errors::{Fault, found};
use crate::graphql::log::Log;
use crate::graphql::sharing::Sharing;
use crate::graphql::types::conversation::Conversation;
use crate::graphql::types::event::{
    ConversationEvent, ConversationSnapshot, HiddenEvent, ReadAdvanced, ResyncReason,
    ResyncRequired, TypingChanged,
};
use crate::graphql::types::user::User;
use crate::graphql::{Rooms, ids, rooms, viewer};
use crate::telemetry;

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
        #[graphql(desc = "Why staff look into a conversation between users; good for an hour.")]
        reason: Option<String>,
    ) -> Result<BoxStream<'static, ConversationEvent>, Fault> {
        let viewer = Arc::clone(viewer(ctx)?);
        let absent = Fault::NotFound("There is no such conversation, or you are not in it.");
        let Ok(id) = ids::conversation(&conversation_id) else { return Err(absent) };
        let rooms = rooms(ctx)?.clone();
        let subscribed =
            rooms.conversations.subscribe(&viewer, &id, after, reason.as_deref()).await;
        let Some((audience, deliveries)) = found(subscribed)? else { return Err(absent) };
        let sharing = ctx.data_opt::<Sharing>().cloned();
        let feed = Feed { rooms, viewer, audience, sharing, log: None, over: false };
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
    sharing: Option<Sharing>,
    /// Known from the snapshot on.
    log: Option<Log>,
    over: bool,
}

impl Feed {
    /// The delivery as the viewer may see it; `None` if they get nothing of it.
    async fn event(&mut self, delivery: Delivery) -> Option<ConversationEvent> {
        Some(match delivery {
            Delivery::Snapshot(view) => {
                let (store, audience) = (self.rooms.store.clone(), self.audience.clone());
                self.log = Some(Log::new(store, Arc::clone(&view), audience));
                let conversation = Conversation::new(view, self.audience.clone());
                ConversationEvent::Snapshot(ConversationSnapshot { conversation })
            }
            Delivery::Event(event)
                if let Some(sharing) = &self.sharing
                    && let Some(class) = self.class(&event, sharing.is_personal())
                    && sharing.is_made(&event, class) =>
            {
                return None;
            }
            Delivery::Event(event) => match self.log.as_mut()?.show(&event).await {
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

    /// Which viewers see the event just like this one; `None` if that is not known. A message as posted looks alike to all
    /// but its sender, apart from what only staff see; one that was delivered as written to everybody, unless what is
    /// asked for of it `is_personal`.
    fn class(&self, event: &Event, is_personal: bool) -> Option<u8> {
        const EVERYBODY: u8 = 4;
        let EventKind::MessagePosted { verdict, .. } = &event.kind else { return None };
        if verdict.is_none() && !is_personal {
            return Some(EVERYBODY);
        }
        let own = u8::from(event.actor == self.viewer.id);
        Some(if self.audience == Audience::Staff { 2 + own } else { own })
    }

    fn resync(&mut self, last_seq: Seq, reason: ResyncReason) -> ConversationEvent {
        self.over = true;
        if let Some(sharing) = &self.sharing {
            sharing.keep_private();
        }
        telemetry::live::resync(reason == ResyncReason::FellBehind);
        ConversationEvent::Resync(ResyncRequired { last_seq: Some(last_seq), reason })
    }
}
