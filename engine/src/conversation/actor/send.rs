//! Sending: retry? open? blocked? filters, policy, commit, delivery.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use futures_util::FutureExt as _;

use super::super::opening::Opening;
use super::super::state::Live;
use super::super::{ConversationError, Posted, Refusal};
use super::flight::{Flight, Sent, refused, settled};
use super::{Abandon, ConversationActor, Outcome, State, settle};
use crate::domain::access::ConversationAction;
use crate::domain::{
    Action, ClientId, Conversation, ConversationKind, Event, EventKind, Held, Participant,
    ParticipantRole, Seq, UserId, Verdict, Viewer,
};
use crate::filter::{Facts, Judged, Overloaded, Stage};
use crate::store::{Commit, CommitError, Decision, StoreError, Write};
use crate::telemetry::trace;

impl ConversationActor {
    /// Posts a message, starting the conversation if an opening allows that; a retry gets the first answer.
    pub(super) async fn send(
        &self,
        state: &mut State,
        viewer: &Viewer,
        client_id: ClientId,
        body: Arc<str>,
        opening: Option<Arc<Opening>>,
    ) -> Outcome<Sent> {
        let repeated = state
            .live
            .as_ref()
            .is_some_and(|live| live.remembered(&viewer.id, &client_id).is_some());
        if repeated && settle(state).await.is_err() {
            return Err(Abandon("a send failed".into()));
        }
        let started = match (&state.live, opening) {
            (None, Some(opening)) => Some(opening.conversation(self.rooms.clock.now())),
            _ => None,
        };
        if started.is_none() {
            match self.replay(state, viewer, &client_id).await {
                Ok(None) => {}
                Ok(Some(posted)) => return Ok(Ok(Sent::Done(posted))),
                Err(error) => return Ok(Err(error)),
            }
        }
        let conversation = match self.sendable(state, viewer, started.as_ref()).await {
            Ok(conversation) => conversation,
            Err(error) => return Ok(Err(error)),
        };
        let first_contact = !state.live.as_ref().is_some_and(|live| live.has_spoken(&viewer.id));
        let judged =
            self.judge(state, viewer, &conversation, Stage::Create, &body, first_contact).await;
        let judged = match judged {
            Ok(judged) => judged,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(judged) = judged.clone().filter(|it| it.action() == Action::Refuse) {
            let refusal = self.refuse(state, viewer, client_id, body, judged).await;
            if matches!(refusal, ConversationError::Refused(Refusal::RefusedByPolicy(_))) {
                let (now, kind) = (self.rooms.clock.now(), conversation.kind);
                self.rooms.fanout.minutes().count(now, kind, Action::Refuse);
            }
            return Ok(Err(refusal));
        }
        let fresh = started.is_some();
        if let Some(conversation) = started {
            state.live = Some(Live::new(conversation));
        }
        let outcome = self.post(state, viewer, client_id, body, judged, fresh).await;
        if fresh && !matches!(outcome, Ok(Ok(_))) {
            // Not committed, so there is no conversation yet.
            state.live = state.live.take().filter(|live| live.last_seq > 0);
        }
        outcome
    }

    async fn post(
        &self,
        state: &mut State,
        viewer: &Viewer,
        client_id: ClientId,
        body: Arc<str>,
        judged: Option<Judged>,
        fresh: bool,
    ) -> Outcome<Sent> {
        let Some(live) = state.live.as_ref() else {
            return Ok(Err(Refusal::ConversationNotFound.into()));
        };
        let mut events = Vec::with_capacity(1);
        let mut changed = fresh.then(|| Conversation::clone(&live.conversation));
        if live.conversation.participant(&viewer.id).is_none() {
            let participant = Participant { user: viewer.id.clone(), role: ParticipantRole::Staff };
            changed
                .get_or_insert_with(|| Conversation::clone(&live.conversation))
                .participants
                .push(participant.clone());
            let joined = EventKind::ParticipantJoined { participant };
            events.push(self.event(state, 0, &viewer.id, joined));
        }
        let kind = EventKind::MessagePosted {
            client_id: client_id.clone(),
            body: Arc::clone(&body),
            verdict: judged.as_ref().and_then(|judged| judged.verdict.clone()),
        };
        let mut posted = self.event(state, events.len() as u64, &viewer.id, kind);
        posted.at = judged.as_ref().map_or(posted.at, Judged::at);
        let (at, seq) = (posted.at, posted.seq);
        let message = posted.posted_message();
        let decision = judged.as_ref().and_then(|judged| {
            let verdict = judged.verdict.clone()?;
            let said = Said { at, sender: &viewer.id, client_id: &client_id, body, seq: Some(seq) };
            Some(decision(said, verdict, judged))
        });
        events.push(posted);
        let held = message.as_ref().and_then(Held::of).map(Write::Held);
        let writes = decision.into_iter().chain(held).collect();
        let kind = live.conversation.kind;
        let Some(message) = message else { return Ok(Err(Refusal::MessageNotFound.into())) };
        if fresh {
            // Whoever else writes to it finds that it exists, or that it doesn't.
            let view = match self.commit(state, events, changed, writes).await? {
                Ok(view) => view,
                Err(error) => return Ok(Err(error)),
            };
            settled(&self.rooms, &message, kind, judged, &client_id);
            return Ok(Ok(Sent::Done(Posted { view, message, replayed: false })));
        }
        let (outcome, happened) = match self.hand_in(state, events, changed, writes) {
            Ok(handed_in) => handed_in,
            Err(error) => return Ok(Err(refused(&error))),
        };
        let rooms = Arc::clone(&self.rooms);
        let outcome = outcome.boxed();
        let trace = trace::current();
        let flight = Flight { outcome, happened, message, kind, judged, client_id, rooms, trace };
        Ok(Ok(Sent::HandedIn(Box::new(flight))))
    }

    /// The first answer, if this client id was used by this sender here before.
    async fn replay(
        &self,
        state: &mut State,
        viewer: &Viewer,
        client_id: &ClientId,
    ) -> Result<Option<Posted>, ConversationError> {
        let Some(seq) = self.earlier_send(state, &viewer.id, client_id).await? else {
            return Ok(None);
        };
        let live = state.permitted(viewer, ConversationAction::Read)?;
        let view = Arc::new(live.view());
        let message = self.rooms.store.message(&state.id, seq).await?;
        Ok(message.map(|message| Posted { view, message, replayed: true }))
    }

    async fn earlier_send(
        &self,
        state: &mut State,
        sender: &UserId,
        client_id: &ClientId,
    ) -> Result<Option<Seq>, StoreError> {
        let Some(live) = state.live.as_mut() else { return Ok(None) };
        if let Some(seq) = live.remembered(sender, client_id) {
            return Ok(Some(seq));
        }
        if live.needs_fingerprints() {
            let chunks = live.conversation.sealed_chunks;
            live.take_fingerprints(self.rooms.store.fingerprints(&state.id, chunks).await?);
        }
        for seq in live.candidates(sender, client_id) {
            let events = self.rooms.store.events(&state.id, seq..=seq).await?;
            let same = |event: &Event| {
                event.actor == *sender
                    && matches!(&event.kind, EventKind::MessagePosted { client_id: id, .. } if id == client_id)
            };
            if events.iter().any(same) {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }

    /// The conversation this viewer may send to now.
    async fn sendable(
        &self,
        state: &State,
        viewer: &Viewer,
        started: Option<&Conversation>,
    ) -> Result<Arc<Conversation>, ConversationError> {
        if let Some(conversation) = started {
            for other in conversation.participants.iter().filter(|it| it.user != viewer.id) {
                if self.rooms.store.is_blocked(&other.user, &viewer.id).await? {
                    return Err(Refusal::Blocked.into());
                }
            }
            return Ok(Arc::new(conversation.clone()));
        }
        let live = state.permitted(viewer, ConversationAction::Send)?;
        match live.send_refusal(&viewer.id) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(Arc::clone(&live.conversation)),
        }
    }

    /// Runs the filters and the policy over a text.
    pub(super) async fn judge(
        &self,
        state: &State,
        viewer: &Viewer,
        conversation: &Conversation,
        stage: Stage,
        body: &Arc<str>,
        is_first_contact: bool,
    ) -> Result<Option<Judged>, ConversationError> {
        if conversation.kind == ConversationKind::Support && viewer.role.is_staff() {
            // Staff answer with addresses and links all day; filters are there for the public.
            return Ok(None);
        }
        self.recall(state, viewer).await;
        let user = self.rooms.store.user(&viewer.id).await?;
        let listing = match &conversation.listing {
            Some(listing) => self.rooms.store.listing(listing).await?,
            None => None,
        };
        let recipient = match conversation.participants.iter().find(|it| it.user != viewer.id) {
            Some(other) => self.rooms.store.user(&other.user).await?,
            None => None,
        };
        let facts = Facts {
            text: Arc::clone(body),
            stage,
            // To the store's precision, so that what is remembered and what is read back are the same moment.
            at: self.rooms.clock.now().trunc_subsecs(3),
            sender: &viewer.id,
            role: viewer.role,
            user: user.as_deref(),
            conversation,
            message_count: state.live.as_ref().map_or(0, |live| live.last_seq),
            is_first_contact,
            recipient_locale: recipient.and_then(|user| user.locale.clone()),
            listing: listing.as_deref(),
        };
        self.rooms
            .pipeline
            .judge(facts.into())
            .await
            .map(Some)
            .map_err(|Overloaded| ConversationError::from(Refusal::Busy))
    }

    /// Records why a message was refused; the sender gets the policy's words.
    pub(super) async fn refuse(
        &self,
        state: &State,
        viewer: &Viewer,
        client_id: ClientId,
        body: Arc<str>,
        judged: Judged,
    ) -> ConversationError {
        let words = judged.verdict.as_ref().and_then(|verdict| verdict.notice.clone());
        let writes = judged.verdict.clone().map(|verdict| {
            let (at, sender) = (self.rooms.clock.now(), &viewer.id);
            decision(Said { at, sender, client_id: &client_id, body, seq: None }, verdict, &judged)
        });
        let writes = writes.into_iter().collect();
        match self.rooms.store.commit(Commit { conversation: state.id.clone(), writes }).await {
            // A decision already there is the record of an earlier try of the same send.
            Ok(()) | Err(CommitError::Conflict) => {
                self.rooms.pipeline.observe(judged, None, &client_id);
                let words = words.unwrap_or_else(|| "This message can't be sent.".to_owned());
                Refusal::RefusedByPolicy(words).into()
            }
            Err(CommitError::Busy) => Refusal::Busy.into(),
            Err(CommitError::Store(error)) => error.into(),
        }
    }
}

/// What a decision is about.
pub(super) struct Said<'a> {
    pub(super) at: DateTime<Utc>,
    pub(super) sender: &'a UserId,
    pub(super) client_id: &'a ClientId,
    pub(super) body: Arc<str>,
    pub(super) seq: Option<Seq>,
}

/// The record of why a message was treated as it was. The verdict may be stricter than the judged one.
pub(super) fn decision(said: Said<'_>, verdict: Arc<Verdict>, judged: &Judged) -> Write {
    Write::Decision(Decision {
        at: said.at,
        sender: said.sender.clone(),
        client_id: said.client_id.clone(),
        seq: said.seq,
        body: said.body,
        verdict,
        runs: judged.runs.clone(),
        micros: judged.micros,
    })
}
