//! Events of a conversation's log as one audience may see them.

use std::sync::Arc;

use super::ids;
use super::replay::Replay;
use super::types::conversation::Participant;
use super::types::event::{
    ConversationClosed, ConversationEvent, ConversationReopened, DecisionUndone, MessageDecided,
    MessageEdited, MessagePosted, MessageRetracted, ParticipantBlocked, ParticipantJoined,
    ParticipantUnblocked,
};
use super::types::message::Message;
use super::types::moderation::ModeratorDecision;
use super::types::user::User;
use crate::conversation::View;
use crate::domain::{Audience, Event, EventKind, Seq};
use crate::store::{Store, StoreError};

/// Most events looked at for one page, and how many of them at once.
const LOOKED_AT: Seq = 4_096;
const AT_ONCE: Seq = 256;

/// Shows events in ascending order.
pub struct Log {
    store: Store,
    audience: Audience,
    view: Arc<View>,
    replay: Replay,
}

impl Log {
    /// The conversation's log; everything up to the view's newest event is history.
    pub fn new(store: Store, view: Arc<View>, audience: Audience) -> Self {
        let replay = Replay::new(store.clone(), view.conversation.id.clone(), view.last_seq);
        Self { store, audience, view, replay }
    }

    /// A page of events between two numbers, both left out, in order: those at its end if `newest`. And whether there are
    /// more in its direction.
    pub async fn page(
        &mut self,
        (after, before): (Seq, Seq),
        limit: usize,
        newest: bool,
    ) -> Result<(Vec<(Seq, ConversationEvent)>, bool), StoreError> {
        let id = self.view.conversation.id.clone();
        let (mut first, mut last) = (after.saturating_add(1), before.saturating_sub(1));
        let mut found: Vec<Event> = Vec::new();
        let mut looked_at = 0;
        while first <= last && found.len() <= limit && looked_at < LOOKED_AT {
            let range = if newest {
                last.saturating_sub(AT_ONCE - 1).max(first)..=last
            } else {
                first..=(first + AT_ONCE - 1).min(last)
            };
            looked_at += AT_ONCE;
            let (low, high) = (*range.start(), *range.end());
            let mut part = self.store.events(&id, range).await?;
            part.retain(|event| event.visible_to(&self.audience));
            if newest {
                last = low.saturating_sub(1);
                part.append(&mut found);
                found = part;
            } else {
                first = high.saturating_add(1);
                found.append(&mut part);
            }
        }
        let more = found.len() > limit || first <= last;
        if newest {
            found.drain(..found.len().saturating_sub(limit));
        } else {
            found.truncate(limit);
        }
        let mut shown = Vec::with_capacity(found.len());
        for event in &found {
            shown.extend(self.show(event).await?.map(|shown| (event.seq, shown)));
        }
        Ok((shown, more))
    }

    /// An event of the log; `None` if the viewer may not see it.
    pub async fn show(&mut self, event: &Event) -> Result<Option<ConversationEvent>, StoreError> {
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
            EventKind::MessageDecided { message, decision, .. } => {
                let message_id = ids::of_message(&event.conversation, *message);
                let decision = Some(ModeratorDecision::from(decision.as_ref()));
                let decision = decision.filter(|_| self.audience == Audience::Staff);
                let message = self.read(event, *message).await?;
                Some(MessageDecided { seq, at, message_id, message, decision }.into())
            }
            EventKind::DecisionUndone { message, .. } => {
                let message_id = ids::of_message(&event.conversation, *message);
                let by = Some(by).filter(|_| self.audience == Audience::Staff);
                let message = self.read(event, *message).await?;
                Some(DecisionUndone { seq, at, message_id, message, by }.into())
            }
            EventKind::ParticipantJoined { participant } => {
                let participant = Participant::of(&self.view, &self.audience, participant);
                Some(ParticipantJoined { seq, at, participant }.into())
            }
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
        let message = self.store.message(&event.conversation, seq).await?;
        Ok(message.and_then(|message| Message::seen(message, &self.audience)))
    }
}
