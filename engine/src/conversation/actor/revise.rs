//! Editing and retracting an own message within the window.

use std::sync::Arc;

use super::super::{ConversationError, Posted, Refusal};
use super::decide::queue_writes;
use super::send::{Said, decision};
use super::{ConversationActor, Outcome, State};
use crate::domain::access::ConversationAction;
use crate::domain::message::{action_of, withheld};
use crate::domain::verdict::Action;
use crate::domain::{ClientId, DecisionKind, EventKind, Message, Seq, Verdict, Viewer};
use crate::filter::{Judged, Stage};
use crate::store::Write;

impl ConversationActor {
    /// Replaces a message's text after judging the new one. What would be held, shadowed or refused is refused.
    pub(super) async fn edit(
        &self,
        state: &mut State,
        viewer: &Viewer,
        message: Seq,
        body: Arc<str>,
    ) -> Outcome<Posted> {
        let old = match self.revisable(state, viewer, message).await {
            Ok(old) => old,
            Err(error) => return Ok(Err(error)),
        };
        let Some(live) = state.live.as_ref() else {
            return Ok(Err(Refusal::ConversationNotFound.into()));
        };
        if old.decided().is_some_and(|decided| decided != DecisionKind::Release) {
            return Ok(Err(Refusal::MessageDecided.into()));
        }
        if old.body == body {
            let view = Arc::new(live.view());
            return Ok(Ok(Posted { view, message: old, replayed: true }));
        }
        if let Some(refusal) = live.send_refusal(&viewer.id) {
            return Ok(Err(refusal.into()));
        }
        let conversation = Arc::clone(&live.conversation);
        let judged = match self.judge(state, viewer, &conversation, Stage::Edit, &body, false).await
        {
            Ok(judged) => judged,
            Err(error) => return Ok(Err(error)),
        };
        let client_id = edit_client_id(message);
        let strict = |it: &Judged| withheld(it.action()) && !old.is_withheld();
        if let Some(judged) = judged.clone().filter(strict) {
            return Ok(Err(self.refuse(state, viewer, client_id, body, judged).await));
        }
        let verdict =
            still_withheld(&old, judged.as_ref().and_then(|judged| judged.verdict.clone()));
        let kind =
            EventKind::MessageEdited { message, body: Arc::clone(&body), verdict: verdict.clone() };
        let event = self.event(state, 0, &viewer.id, kind);
        let revised = Message {
            body: Arc::clone(&body),
            verdict: verdict.clone(),
            edited_at: Some(event.at),
            revision: event.seq,
            // It was about the text as it was.
            decision: None,
            ..old.clone()
        };
        let mut writes = vec![Write::Message(revised.clone())];
        writes.extend(queue_writes(&old, &revised));
        writes.extend(judged.as_ref().zip(verdict).map(|(judged, verdict)| {
            let (at, sender, seq) = (event.at, &viewer.id, Some(message));
            decision(Said { at, sender, client_id: &client_id, body, seq }, verdict, judged)
        }));
        let committed = self.commit(state, vec![event], None, writes).await?;
        if let (Ok(_), Some(judged)) = (&committed, judged) {
            self.rooms.pipeline.observe(judged, Some(message), &client_id);
        }
        Ok(committed.map(|view| Posted { view, message: revised, replayed: false }))
    }

    /// Takes a message back: its text is gone from the current state.
    pub(super) async fn retract(
        &self,
        state: &mut State,
        viewer: &Viewer,
        message: Seq,
    ) -> Outcome<Posted> {
        let old = match self.revisable(state, viewer, message).await {
            Ok(old) => old,
            Err(ConversationError::Refused(Refusal::MessageRetracted)) => {
                return Ok(self.already_retracted(state, message).await);
            }
            Err(error) => return Ok(Err(error)),
        };
        let kind = EventKind::MessageRetracted { message, withheld: old.is_withheld() };
        let event = self.event(state, 0, &viewer.id, kind);
        let revised = Message {
            body: Arc::from(""),
            retracted_at: Some(event.at),
            revision: event.seq,
            ..old.clone()
        };
        let mut writes = vec![Write::Message(revised.clone())];
        writes.extend(queue_writes(&old, &revised));
        let committed = self.commit(state, vec![event], None, writes).await?;
        Ok(committed.map(|view| Posted { view, message: revised, replayed: false }))
    }

    async fn already_retracted(
        &self,
        state: &State,
        message: Seq,
    ) -> Result<Posted, ConversationError> {
        let live = state.live.as_ref().ok_or(Refusal::ConversationNotFound)?;
        let view = Arc::new(live.view());
        let message = self.rooms.store.message(&state.id, message).await?;
        let message = message.ok_or(Refusal::MessageNotFound)?;
        Ok(Posted { view, message, replayed: true })
    }

    /// The viewer's own message, if it can still be changed.
    async fn revisable(
        &self,
        state: &State,
        viewer: &Viewer,
        seq: Seq,
    ) -> Result<Message, ConversationError> {
        let live = state.permitted(viewer, ConversationAction::Participate)?;
        let audience = crate::domain::access::audience(viewer, &live.conversation)
            .ok_or(Refusal::ConversationNotFound)?;
        let message = self.rooms.store.message(&state.id, seq).await?;
        let message = message
            .filter(|message| message.view(&audience).is_some())
            .ok_or(Refusal::MessageNotFound)?;
        if message.sender != viewer.id {
            return Err(Refusal::NotYourMessage.into());
        }
        if message.retracted_at.is_some() {
            return Err(Refusal::MessageRetracted.into());
        }
        let window_seconds = self.rooms.messages.edit_window_seconds;
        let age = (self.rooms.clock.now() - message.sent_at).num_seconds();
        if u64::try_from(age).unwrap_or(0) > window_seconds {
            return Err(Refusal::EditWindowOver { window_seconds }.into());
        }
        Ok(message)
    }
}

/// What decisions over an edit are filed under: edits have no client id of their own.
fn edit_client_id(message: Seq) -> ClientId {
    ClientId::trusted(format!("edit of {message}"))
}

/// An edit does not release a message that is held or shadowed.
fn still_withheld(old: &Message, new: Option<Arc<Verdict>>) -> Option<Arc<Verdict>> {
    let before = old.verdict.as_ref().filter(|_| old.is_withheld());
    let Some(before) = before else { return new };
    let found = new.as_deref().unwrap_or(before);
    // Spans belong to the text they were found in.
    let (signals, mask) =
        new.as_deref().map_or_else(Default::default, |it| (it.signals.clone(), it.mask.clone()));
    Some(Arc::new(Verdict {
        action: before.action.max(action_of(new.as_deref()).min(Action::Shadow)),
        policy_version: found.policy_version,
        signals,
        mask,
        notice: before.notice.clone(),
        warning: before.warning.clone(),
    }))
}
