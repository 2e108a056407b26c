//! How domain types look as rows of the conversation tables.

use std::sync::Arc;

use surrealdb::types::{RecordId, SurrealValue, Value};

use super::StoreError;
use super::value::{NewRow, Row, as_int, int, millis, record, serde_value, text};
use crate::domain::{
    ClientId, Conversation, ConversationId, Effect, Event, EventKind, ListingId, Message,
    ModeratorDecision, Seq, UserId, Verdict,
};

/// `event:[conversation, seq]` or `message:[conversation, seq]`.
pub(super) fn seq_id(table: &'static str, conversation: &ConversationId, seq: Seq) -> RecordId {
    record(table, [text(conversation.as_str()), int(seq).into_value()])
}

fn verdict_value(verdict: Option<&Arc<Verdict>>) -> Option<Value> {
    verdict.map(|verdict| serde_value(Verdict::clone(verdict)))
}

/// The row of events that follow each other: the first one's fields, the others' under `then`. Conversation and sequence
/// numbers are only in the id. None without events.
pub(super) fn run_row(events: &[Event]) -> Option<(RecordId, NewRow)> {
    let (first, others) = events.split_first()?;
    let then: Vec<Value> = others.iter().map(|event| event_fields(event).value()).collect();
    let then = (!then.is_empty()).then(|| Value::Array(then.into()));
    let row = event_fields(first).maybe("then", then);
    Some((seq_id("event", &first.conversation, first.seq), row))
}

/// What the event says, but for its conversation and its sequence number.
fn event_fields(event: &Event) -> NewRow {
    let row = NewRow::new().with("at", millis(event.at)).with("actor", text(event.actor.as_str()));
    match &event.kind {
        EventKind::MessagePosted { client_id, body, verdict } => row
            .with("kind", text("posted"))
            .with("client_id", text(client_id.as_str()))
            .with("body", text(body))
            .maybe("verdict", verdict_value(verdict.as_ref())),
        EventKind::MessageEdited { message, body, verdict } => row
            .with("kind", text("edited"))
            .with("message", int(*message))
            .with("body", text(body))
            .maybe("verdict", verdict_value(verdict.as_ref())),
        EventKind::MessageRetracted { message, withheld } => row
            .with("kind", text("retracted"))
            .with("message", int(*message))
            .with("withheld", *withheld),
        EventKind::MessageDecided { message, sender, decision, effect } => row
            .with("kind", text("decided"))
            .with("message", int(*message))
            .with("sender", text(sender.as_str()))
            .with("decision", serde_value(ModeratorDecision::clone(decision)))
            .with("effect", effect_value(*effect)),
        EventKind::DecisionUndone { message, sender, decision, reason, effect } => row
            .with("kind", text("undone"))
            .with("message", int(*message))
            .with("sender", text(sender.as_str()))
            .with("decision", int(*decision))
            .maybe("reason", reason.as_ref().map(text))
            .with("effect", effect_value(*effect)),
        EventKind::ParticipantJoined { participant } => row
            .with("kind", text("joined"))
            .with("user", text(participant.user.as_str()))
            .with("role", serde_value(participant.role)),
        EventKind::ParticipantBlocked { blocked } => {
            row.with("kind", text("blocked")).with("user", text(blocked.as_str()))
        }
        EventKind::ParticipantUnblocked { blocked } => {
            row.with("kind", text("unblocked")).with("user", text(blocked.as_str()))
        }
        EventKind::ConversationClosed => row.with("kind", text("closed")),
        EventKind::ConversationReopened => row.with("kind", text("reopened")),
    }
}

fn effect_value(effect: Effect) -> Value {
    let Effect { was_withheld, is_withheld, tells_sender, tells_recipients } = effect;
    let flags = [was_withheld, is_withheld, tells_sender, tells_recipients];
    Value::Array(flags.into_iter().map(Value::Bool).collect())
}

fn effect(row: &mut Row) -> Result<Effect, StoreError> {
    let flags = row.list("effect")?;
    let [
        Value::Bool(was_withheld),
        Value::Bool(is_withheld),
        Value::Bool(tells_sender),
        Value::Bool(tells_recipients),
    ] = flags[..]
    else {
        return Err(row.corrupt("effect", &Value::Array(flags.into())));
    };
    Ok(Effect { was_withheld, is_withheld, tells_sender, tells_recipients })
}

fn key_seq(row: &mut Row) -> Result<Seq, StoreError> {
    let [_, seq] = row.key::<2>()?;
    as_int(&seq).and_then(|seq| Seq::try_from(seq).ok()).ok_or_else(|| row.corrupt("id", &seq))
}

fn shared(row: &mut Row, field: &str) -> Result<Arc<str>, StoreError> {
    Ok(Arc::from(row.text(field)?))
}

fn verdict(row: &mut Row) -> Result<Option<Arc<Verdict>>, StoreError> {
    Ok(row.maybe_serde("verdict")?.map(Arc::new))
}

fn user(row: &mut Row, field: &str) -> Result<UserId, StoreError> {
    Ok(UserId::trusted(row.text(field)?))
}

/// Reads what `run_row` wrote.
pub(super) fn run(conversation: &ConversationId, value: Value) -> Result<Vec<Event>, StoreError> {
    let row = &mut Row::new(value, "event")?;
    let first = key_seq(row)?;
    let then = row.list("then")?;
    let mut events = Vec::with_capacity(1 + then.len());
    events.push(event(conversation, first, row)?);
    for (seq, value) in (first + 1..).zip(then) {
        events.push(event(conversation, seq, &mut Row::new(value, "event")?)?);
    }
    Ok(events)
}

/// Reads what `event_fields` wrote.
fn event(conversation: &ConversationId, seq: Seq, row: &mut Row) -> Result<Event, StoreError> {
    let kind = match row.text("kind")?.as_str() {
        "posted" => EventKind::MessagePosted {
            client_id: ClientId::trusted(row.text("client_id")?),
            body: shared(row, "body")?,
            verdict: verdict(row)?,
        },
        "edited" => EventKind::MessageEdited {
            message: row.count("message")?,
            body: shared(row, "body")?,
            verdict: verdict(row)?,
        },
        "retracted" => EventKind::MessageRetracted {
            message: row.count("message")?,
            withheld: row.serde("withheld")?,
        },
        "decided" => EventKind::MessageDecided {
            message: row.count("message")?,
            sender: user(row, "sender")?,
            decision: Arc::new(row.serde("decision")?),
            effect: effect(row)?,
        },
        "undone" => EventKind::DecisionUndone {
            message: row.count("message")?,
            sender: user(row, "sender")?,
            decision: row.count("decision")?,
            reason: row.maybe_text("reason")?,
            effect: effect(row)?,
        },
        "joined" => EventKind::ParticipantJoined {
            participant: crate::domain::Participant {
                user: user(row, "user")?,
                role: row.serde("role")?,
            },
        },
        "blocked" => EventKind::ParticipantBlocked { blocked: user(row, "user")? },
        "unblocked" => EventKind::ParticipantUnblocked { blocked: user(row, "user")? },
        "closed" => EventKind::ConversationClosed,
        "reopened" => EventKind::ConversationReopened,
        other => {
            let what = format!("event {seq} of {conversation} is of unknown kind `{other}`");
            return Err(StoreError::Corrupt { what });
        }
    };
    let (at, actor) = (row.time("at")?, user(row, "actor")?);
    Ok(Event { conversation: conversation.clone(), seq, at, actor, kind })
}

/// The row of a message that differs from its posted event.
pub(super) fn message_row(message: &Message) -> (RecordId, NewRow) {
    let row = NewRow::new()
        .with("sender", text(message.sender.as_str()))
        .with("client_id", text(message.client_id.as_str()))
        .with("sent_at", millis(message.sent_at))
        .with("body", text(&message.body))
        .maybe("verdict", verdict_value(message.verdict.as_ref()))
        .maybe("edited_at", message.edited_at.map(millis))
        .maybe("retracted_at", message.retracted_at.map(millis))
        .maybe("decision", message.decision.as_deref().cloned().map(serde_value))
        .with("revision", int(message.revision));
    (seq_id("message", &message.conversation, message.seq), row)
}

/// Reads what `message_row` wrote.
pub(super) fn message(conversation: &ConversationId, value: Value) -> Result<Message, StoreError> {
    let row = &mut Row::new(value, "message")?;
    let seq = key_seq(row)?;
    let revision = row.maybe_int("revision")?.and_then(|revision| Seq::try_from(revision).ok());
    Ok(Message {
        conversation: conversation.clone(),
        seq,
        sender: user(row, "sender")?,
        client_id: ClientId::trusted(row.text("client_id")?),
        sent_at: row.time("sent_at")?,
        body: shared(row, "body")?,
        verdict: verdict(row)?,
        edited_at: row.maybe_time("edited_at")?,
        retracted_at: row.maybe_time("retracted_at")?,
        decision: row.maybe_serde("decision")?.map(Arc::new),
        // Rows of before there were revisions.
        revision: revision.unwrap_or(seq),
    })
}

/// The conversation's row.
pub(super) fn conversation_row(conversation: &Conversation) -> (RecordId, NewRow) {
    let row = NewRow::new()
        .with("kind", serde_value(conversation.kind))
        .maybe("listing", conversation.listing.as_ref().map(|listing| text(listing.as_str())))
        .maybe("category", conversation.category.as_ref().map(text))
        .with("participants", serde_value(conversation.participants.clone()))
        .with("state", serde_value(conversation.state))
        .with("blocks", serde_value(conversation.blocks.clone()))
        .with("created_at", millis(conversation.created_at))
        .with("sealed_chunks", int(conversation.sealed_chunks));
    (super::value::named("conversation", conversation.id.as_str()), row)
}

/// Reads what `conversation_row` wrote.
pub(super) fn conversation(value: Value) -> Result<Conversation, StoreError> {
    let row = &mut Row::new(value, "conversation")?;
    Ok(Conversation {
        id: ConversationId::trusted(row.name()?),
        kind: row.serde("kind")?,
        listing: row.maybe_text("listing")?.map(ListingId::trusted),
        category: row.maybe_text("category")?,
        participants: row.serde("participants")?,
        state: row.serde("state")?,
        blocks: row.serde("blocks")?,
        created_at: row.time("created_at")?,
        sealed_chunks: row.count("sealed_chunks")?,
    })
}
