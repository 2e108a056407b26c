//! What a subscription to a conversation shows its viewer of what is delivered to it.

use std::sync::Arc;

use async_graphql::ID;

use super::Rooms;
use super::log::Log;
use super::types::conversation::Conversation;
use super::types::event::{
    ConversationEvent, ConversationSnapshot, HiddenEvent, ReadAdvanced, ResyncReason,
    ResyncRequired, TypingChanged,
};
use super::types::user::User;
use crate::conversation::{Deliveries, Delivery};
use crate::domain::{Audience, Event, EventKind, Seq, Viewer};
use crate::telemetry;

/// One subscription's deliveries, and what is needed to show them.
pub struct Feed {
    rooms: Rooms,
    viewer: Arc<Viewer>,
    audience: Audience,
    deliveries: Deliveries,
    /// Known from the snapshot on.
    log: Option<Log>,
    over: bool,
}

impl Feed {
    /// Of what is delivered to this viewer, who is this audience.
    pub fn new(
        rooms: Rooms,
        viewer: Arc<Viewer>,
        audience: Audience,
        deliveries: Deliveries,
    ) -> Self {
        Self { rooms, viewer, audience, deliveries, log: None, over: false }
    }

    /// Whose it is.
    pub fn viewer(&self) -> &Arc<Viewer> {
        &self.viewer
    }

    /// What names are looked up in.
    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// The next event that the viewer gets anything of; `None` after the last.
    pub async fn next(&mut self) -> Option<ConversationEvent> {
        loop {
            let delivery = self.delivery().await?;
            if let Some(event) = Box::pin(self.show(delivery)).await {
                return Some(event);
            }
        }
    }

    /// What comes next, to be shown; `None` after the last.
    pub async fn delivery(&mut self) -> Option<Delivery> {
        if self.over { None } else { self.deliveries.next().await }
    }

    /// The delivery as the viewer may see it; `None` if they get nothing of it.
    pub async fn show(&mut self, delivery: Delivery) -> Option<ConversationEvent> {
        Some(match delivery {
            Delivery::Snapshot(view) => {
                let (store, audience) = (self.rooms.store.clone(), self.audience.clone());
                self.log = Some(Log::new(store, Arc::clone(&view), audience));
                let conversation = Conversation::new(view, self.audience.clone());
                ConversationEvent::Snapshot(ConversationSnapshot { conversation })
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
    pub fn class(&self, event: &Event, is_personal: bool) -> Option<u8> {
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
        telemetry::live::resync(reason == ResyncReason::FellBehind);
        ConversationEvent::Resync(ResyncRequired { last_seq: Some(last_seq), reason })
    }
}
