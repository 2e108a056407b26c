//! A moderator's decision about a message, and taking it back: exactly one of two gets through, a retry changes nothing.

use std::sync::Arc;

use chrono::SubsecRound;

use super::super::command::Ruling;
use super::super::{ConversationError, Posted, Refusal};
use super::{ConversationActor, Outcome, State};
use crate::domain::access::ConversationAction;
use crate::domain::{
    Audience, DecisionKind, Effect, EventKind, Held, Message, ModeratorDecision, Seq, Span, Viewer,
};
use crate::store::{self, AuditEntry, Write};

impl ConversationActor {
    /// Decides about a message. Who comes second gets the decision that stands.
    pub(super) async fn decide(
        &self,
        state: &mut State,
        viewer: &Viewer,
        message: Seq,
        ruling: Ruling,
    ) -> Outcome<Posted> {
        let old = match self.judgeable(state, viewer, message).await {
            Ok(old) => old,
            Err(error) => return Ok(Err(error)),
        };
        let spans = match spans(&old, &ruling) {
            Ok(spans) => spans,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        if let Some(standing) = &old.decision {
            let same =
                standing.by == viewer.id && standing.kind == ruling.kind && standing.spans == spans;
            if same {
                return Ok(self.unchanged(state, old));
            }
            if ruling.expected != Some(old.revision) {
                return Ok(Err(Refusal::AlreadyDecided(Arc::clone(standing)).into()));
            }
        } else if ruling.expected.is_some_and(|expected| expected != old.revision) {
            return Ok(Err(Refusal::ChangedMeanwhile.into()));
        }
        let notice = ruling.notice.or_else(|| words(ruling.kind));
        let mut decision = ModeratorDecision {
            seq: 0,
            at: self.rooms.clock.now().trunc_subsecs(3),
            by: viewer.id.clone(),
            kind: ruling.kind,
            reason: ruling.reason.clone(),
            spans,
            notice,
            before: old.decision.as_ref().map(|before| before.seq),
        };
        decision.seq = state.live.as_ref().map_or(0, |live| live.last_seq) + 1;
        let decision = Arc::new(decision);
        let mut revised = Message { decision: Some(Arc::clone(&decision)), ..old.clone() };
        revised.revision = decision.seq;
        let kind = EventKind::MessageDecided {
            message,
            sender: old.sender.clone(),
            decision: Arc::clone(&decision),
            effect: Effect::between(&old, &revised),
        };
        let past = store::Ruling {
            sender: old.sender.clone(),
            conversation: state.id.clone(),
            message,
            decision: ModeratorDecision::clone(&decision),
            undone: false,
        };
        let audit = self.audited(viewer, "message.decide", &old, Some(ruling.kind), ruling.reason);
        self.settle(state, viewer, old, revised, kind, vec![Write::Ruling(past), audit]).await
    }

    /// Takes the decision of that event back, if it still stands; what stood before it counts again.
    pub(super) async fn undo_decision(
        &self,
        state: &mut State,
        viewer: &Viewer,
        message: Seq,
        decision: Seq,
        reason: Option<String>,
    ) -> Outcome<Posted> {
        let old = match self.judgeable(state, viewer, message).await {
            Ok(old) => old,
            Err(error) => return Ok(Err(error)),
        };
        let standing = match &old.decision {
            Some(standing) if standing.seq == decision => Arc::clone(standing),
            standing => {
                let standing = standing.clone();
                return Ok(match self.event_kind(state, old.revision).await {
                    // A retry of what was done, and nothing came since.
                    Ok(Some(EventKind::DecisionUndone { decision: of, .. })) if of == decision => {
                        self.unchanged(state, old)
                    }
                    Ok(_) => {
                        Err(standing.map_or(Refusal::NothingToUndo, Refusal::AlreadyDecided).into())
                    }
                    Err(error) => Err(error),
                });
            }
        };
        let before = match standing.before {
            None => None,
            Some(seq) => match self.event_kind(state, seq).await {
                Ok(Some(EventKind::MessageDecided { decision, .. })) => Some(decision),
                Ok(_) => None,
                Err(error) => return Ok(Err(error)),
            },
        };
        let mut revised = Message { decision: before, ..old.clone() };
        revised.revision = state.live.as_ref().map_or(0, |live| live.last_seq) + 1;
        let kind = EventKind::DecisionUndone {
            message,
            sender: old.sender.clone(),
            decision,
            reason: reason.clone(),
            effect: Effect::between(&old, &revised),
        };
        let past = store::Ruling {
            sender: old.sender.clone(),
            conversation: state.id.clone(),
            message,
            decision: ModeratorDecision::clone(&standing),
            undone: true,
        };
        let audit = self.audited(viewer, "message.undo", &old, Some(standing.kind), reason);
        self.settle(state, viewer, old, revised, kind, vec![Write::Ruling(past), audit]).await
    }

    async fn settle(
        &self,
        state: &mut State,
        viewer: &Viewer,
        old: Message,
        revised: Message,
        kind: EventKind,
        mut writes: Vec<Write>,
    ) -> Outcome<Posted> {
        let event = self.event(state, 0, &viewer.id, kind);
        writes.extend(queue_writes(&old, &revised));
        writes.push(Write::Message(revised.clone()));
        let committed = self.commit(state, vec![event], None, writes).await?;
        Ok(committed.map(|view| Posted { view, message: revised, replayed: false }))
    }

    fn audited(
        &self,
        viewer: &Viewer,
        action: &str,
        message: &Message,
        kind: Option<DecisionKind>,
        reason: Option<String>,
    ) -> Write {
        let what = kind.map(DecisionKind::as_str).unwrap_or_default();
        Write::Audit(AuditEntry {
            at: self.rooms.clock.now(),
            actor: viewer.id.clone(),
            action: action.to_owned(),
            target: format!("message:{}:{}", message.conversation, message.seq),
            reason: Some(reason.map_or_else(|| what.to_owned(), |why| format!("{what}: {why}"))),
        })
    }

    fn unchanged(&self, state: &State, message: Message) -> Result<Posted, ConversationError> {
        let live = state.live.as_ref().ok_or(Refusal::ConversationNotFound)?;
        Ok(Posted { view: Arc::new(live.view()), message, replayed: true })
    }

    /// Somebody else's message that the viewer may decide about.
    async fn judgeable(
        &self,
        state: &State,
        viewer: &Viewer,
        seq: Seq,
    ) -> Result<Message, ConversationError> {
        state.permitted(viewer, ConversationAction::Moderate)?;
        let message = self.rooms.store.message(&state.id, seq).await?;
        let message = message
            .filter(|message| message.view(&Audience::Staff).is_some())
            .ok_or(Refusal::MessageNotFound)?;
        if message.sender == viewer.id {
            return Err(Refusal::NotAllowed.into());
        }
        if message.retracted_at.is_some() {
            return Err(Refusal::MessageRetracted.into());
        }
        Ok(message)
    }

    async fn event_kind(
        &self,
        state: &State,
        seq: Seq,
    ) -> Result<Option<EventKind>, ConversationError> {
        let found = self.rooms.store.events(&state.id, seq..=seq).await?;
        Ok(found.into_iter().next().map(|event| event.kind))
    }
}

/// What a message's change does to the queue of those that wait for a moderator.
pub(super) fn queue_writes(old: &Message, revised: &Message) -> Vec<Write> {
    let (before, after) = (Held::of(old), Held::of(revised));
    let gone = before.map(Write::Unheld);
    gone.into_iter().chain(after.map(Write::Held)).collect()
}

/// What a mask hides: what the moderator says, or what the verdict found, or everything.
fn spans(message: &Message, ruling: &Ruling) -> Result<Vec<Span>, Refusal> {
    if ruling.kind != DecisionKind::Mask {
        return Ok(Vec::new());
    }
    let refused = |message: &str| Refusal::Invalid { field: "spans", message: message.to_owned() };
    let mut spans = match (&ruling.spans, message.verdict.as_deref()) {
        (Some(spans), _) => spans.clone(),
        (None, Some(verdict)) if !verdict.mask.is_empty() => verdict.mask.clone(),
        (None, Some(verdict)) => verdict.signals.iter().flat_map(|it| it.spans.clone()).collect(),
        (None, None) => Vec::new(),
    };
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    if spans.is_empty() {
        return Err(refused("Say what is to be hidden: nothing was found in the text."));
    }
    let whole = |at: u32| message.body.is_char_boundary(at as usize);
    if !spans.iter().all(|span| whole(span.start) && whole(span.end)) {
        return Err(refused("Spans are UTF-8 bytes of the text, and must not cut a character."));
    }
    Ok(spans)
}

/// Words for the sender where the moderator gives none.
fn words(kind: DecisionKind) -> Option<String> {
    match kind {
        DecisionKind::Release => None,
        DecisionKind::Mask => Some("Parts of this message are hidden from the recipient.".into()),
        DecisionKind::Remove => Some("A moderator removed this message.".into()),
    }
}
