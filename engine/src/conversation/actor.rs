//! The actor: one command at a time, so that a conversation's events have one order. Nothing is answered before it is committed.

mod change;
mod decide;
mod past;
mod revise;
mod send;

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::command::{Command, Reply};
use super::handle::ConversationRooms;
use super::registry::{Registration, Shared};
use super::state::Live;
use super::{ConversationError, Refusal, View};
use crate::domain::access::{self, ConversationAction};
use crate::domain::{Conversation, ConversationId, Event, EventKind, QueueChange, UserId, Viewer};
use crate::fanout::{self, Published};
use crate::store::{Commit, CommitError, StoreError, Write};
use crate::telemetry::trace;

/// What every conversation's actor is made of.
#[derive(Debug, Clone)]
pub struct ConversationActor {
    /// The rooms it works with.
    pub rooms: Arc<ConversationRooms>,
}

/// What starts one.
#[derive(Debug)]
pub struct Arguments {
    /// Which conversation.
    pub id: ConversationId,
    /// What the handle reads without asking.
    pub shared: Arc<Shared>,
    /// Takes it out of the registry at its end.
    pub registration: Registration,
}

/// The actor's state.
#[derive(Debug)]
pub struct State {
    id: ConversationId,
    live: Option<Live>,
    shared: Arc<Shared>,
    _registration: Registration,
}

/// The actor can't trust its memory any more: it stops, and the next use starts from the store.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Abandon(String);

/// What a command's work gives: an answer, or the end of this actor.
type Outcome<T> = Result<Result<T, ConversationError>, Abandon>;

impl Actor for ConversationActor {
    type Msg = Command;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Command>,
        arguments: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        let Arguments { id, shared, registration } = arguments;
        let loaded = self.rooms.store.load(&id).await?;
        if let Some(newest) = loaded.as_ref().and_then(|loaded| loaded.tail.last()) {
            // Should the actor before this one have died between commit and delivery, subscribers notice the gap now.
            self.rooms
                .fanout
                .publish(&id, fanout::Live::Event(Arc::new(Published::new(newest.clone()))));
        }
        let live = loaded.map(Live::loaded);
        shared.view.store(live.as_ref().map(|live| Arc::new(live.view())));
        self.passivate_later(&myself);
        Ok(State { id, live, shared, _registration: registration })
    }

    async fn handle(
        &self,
        myself: ActorRef<Command>,
        command: Command,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match command {
            Command::View(reply) => {
                let view = state.shared.view.load_full();
                let _ = reply.send(view.ok_or(Refusal::ConversationNotFound.into()));
            }
            Command::Send { viewer, client_id, body, opening, trace, reply } => {
                let sending = self.send(state, &viewer, client_id, body, opening);
                let outcome = trace::within_child(trace, "actor", sending).await;
                answer(reply, outcome)?;
            }
            Command::Edit { viewer, message, body, reply } => {
                answer(reply, self.edit(state, &viewer, message, body).await)?;
            }
            Command::Retract { viewer, message, reply } => {
                answer(reply, self.retract(state, &viewer, message).await)?;
            }
            Command::Decide { viewer, message, ruling, reply } => {
                answer(reply, self.decide(state, &viewer, message, ruling).await)?;
            }
            Command::UndoDecision { viewer, message, decision, reason, reply } => {
                let undone = self.undo_decision(state, &viewer, message, decision, reason).await;
                answer(reply, undone)?;
            }
            Command::MarkRead { viewer, seq, reply } => {
                answer(reply, self.mark_read(state, &viewer, seq).await)?;
            }
            Command::Change { viewer, change, reply } => {
                answer(reply, self.change(state, &viewer, change).await)?;
            }
            Command::Passivate => self.passivate(&myself, state),
        }
        // The command just answered may still hold its permit.
        if state.live.is_none() && state.shared.pending() <= 1 {
            // Nothing to remember: whoever asked for an unknown conversation leaves no actor behind.
            myself.stop(Some("no such conversation".into()));
        }
        Ok(())
    }
}

/// Answers the command, or lets its reply drop unanswered and ends the actor.
fn answer<T>(reply: Reply<T>, outcome: Outcome<T>) -> Result<(), ActorProcessingErr> {
    let result = outcome.map_err(|abandon| ActorProcessingErr::from(abandon.to_string()))?;
    // Nobody may be waiting any more; the work is done all the same.
    let _ = reply.send(result);
    Ok(())
}

impl ConversationActor {
    fn idle(&self) -> Duration {
        Duration::from_secs(self.rooms.settings.idle_seconds.max(1))
    }

    fn passivate_later(&self, myself: &ActorRef<Command>) {
        myself.send_after(self.idle(), || Command::Passivate);
    }

    fn passivate(&self, myself: &ActorRef<Command>, state: &State) {
        let idle = u128::from(state.shared.idle_millis()) >= self.idle().as_millis();
        if idle && state.shared.pending() == 0 {
            myself.stop(Some("idle".into()));
        } else {
            self.passivate_later(myself);
        }
    }

    /// Commits what happened and takes it into memory, then tells subscribers. The conversation is written if given.
    async fn commit(
        &self,
        state: &mut State,
        events: Vec<Event>,
        conversation: Option<Conversation>,
        mut writes: Vec<Write>,
    ) -> Outcome<Arc<View>> {
        let Some(live) = state.live.as_mut() else {
            return Ok(Err(Refusal::ConversationNotFound.into()));
        };
        let sealing = live.sealing(&events);
        let conversation = match (sealing, conversation) {
            (Some((sealed, with_chunk)), changed) => {
                writes.push(sealed);
                let sealed_chunks = with_chunk.sealed_chunks;
                Some(Conversation { sealed_chunks, ..changed.unwrap_or(with_chunk) })
            }
            (None, changed) => changed,
        };
        writes.extend(conversation.clone().map(Write::Conversation));
        writes.extend(events.iter().cloned().map(Write::Event));
        let queue = queue_changes(&writes);
        let commit = Commit { conversation: state.id.clone(), writes };
        match self.rooms.store.commit(commit).await {
            Ok(()) => {}
            Err(CommitError::Busy) => return Ok(Err(Refusal::Busy.into())),
            Err(CommitError::Conflict) => {
                return Err(Abandon("another writer used this sequence number".into()));
            }
            Err(CommitError::Store(error)) => return self.uncertain(state, error).await,
        }
        live.advance(&events, conversation);
        let view = Arc::new(live.view());
        state.shared.view.store(Some(Arc::clone(&view)));
        for event in events {
            self.rooms
                .fanout
                .publish(&state.id, fanout::Live::Event(Arc::new(Published::new(event))));
        }
        for change in queue {
            self.rooms.fanout.publish_queue(change);
        }
        Ok(Ok(view))
    }

    /// After a failed commit memory may be wrong either way: what the store says now counts.
    async fn uncertain<T>(&self, state: &mut State, error: StoreError) -> Outcome<T> {
        tracing::error!(%error, conversation = %state.id, "a commit failed");
        match self.rooms.store.load(&state.id).await {
            Ok(loaded) => {
                state.live = loaded.map(Live::loaded);
                let view = state.live.as_ref().map(|live| Arc::new(live.view()));
                state.shared.view.store(view);
                Ok(Err(error.into()))
            }
            Err(_) => Err(Abandon("the store failed, and so did reading it again".into())),
        }
    }

    /// The next event of the conversation, not yet committed.
    fn event(&self, state: &State, offset: u64, actor: &UserId, kind: EventKind) -> Event {
        let last_seq = state.live.as_ref().map_or(0, |live| live.last_seq);
        Event {
            conversation: state.id.clone(),
            seq: last_seq + 1 + offset,
            at: self.rooms.clock.now(),
            actor: actor.clone(),
            kind,
        }
    }
}

/// What a commit does to the moderation queue, as those who watch it are told.
fn queue_changes(writes: &[Write]) -> Vec<QueueChange> {
    let (mut added, mut removed, mut decision) = (None, None, None);
    for write in writes {
        match write {
            Write::Held(held) => added = Some(Arc::new(held.clone())),
            Write::Unheld(held) => removed = Some(Arc::new(held.clone())),
            Write::Message(message) => decision.clone_from(&message.decision),
            _ => {}
        }
    }
    match (added, removed) {
        (Some(held), removed) => vec![QueueChange::Added { held, fresh: removed.is_none() }],
        (None, Some(held)) => vec![QueueChange::Removed { held, decision }],
        (None, None) => vec![],
    }
}

impl State {
    /// The conversation, if the viewer may do this to it. Strangers are told that there is none.
    fn permitted(
        &self,
        viewer: &Viewer,
        action: ConversationAction,
    ) -> Result<&Live, ConversationError> {
        let live = self.live.as_ref().ok_or(Refusal::ConversationNotFound)?;
        if access::may(viewer, &live.conversation, action) {
            Ok(live)
        } else if access::audience(viewer, &live.conversation).is_some() {
            Err(Refusal::NotAllowed.into())
        } else {
            Err(Refusal::ConversationNotFound.into())
        }
    }
}
