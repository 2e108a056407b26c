//! The actor: one command at a time, so that a conversation's events have one order. Nothing is answered before it is committed.

mod change;
mod decide;
mod flight;
mod past;
mod revise;
mod send;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;

use super::command::{Command, Reply};
use super::handle::ConversationRooms;
use super::registry::{Registration, Shared};
use super::state::Live;
use super::{ConversationError, Refusal, View};
use crate::domain::access::{self, ConversationAction};
use crate::domain::{Conversation, ConversationId, Event, EventKind, QueueChange, UserId, Viewer};
use crate::fanout::{self, Published};
use crate::store::{CommitError, StoreError, Write};
use crate::telemetry::trace;
use flight::{Landed, Sent, refused};

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
    /// With what is handed in to the store and not committed yet.
    live: Option<Live>,
    /// Says whether the last send that was handed in was committed, and all before it.
    last: Option<oneshot::Receiver<Landed>>,
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
        Ok(State { id, live, last: None, shared, _registration: registration })
    }

    async fn handle(
        &self,
        myself: ActorRef<Command>,
        command: Command,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        if state.shared.outdated.load(Ordering::Acquire) {
            self.read_again(state).await?;
        }
        if !matches!(command, Command::Send { .. }) {
            // They see and change what is committed.
            settle(state).await?;
        }
        // Boxed, as an actor's task would else be large enough for the largest command for as long as it lives.
        self.obey(&myself, command, state).boxed().await?;
        // The command just answered may still hold its permit.
        if state.live.is_none() && state.shared.pending() <= 1 {
            // Nothing to remember: whoever asked for an unknown conversation leaves no actor behind.
            myself.stop(Some("no such conversation".into()));
        }
        Ok(())
    }
}

impl ConversationActor {
    async fn obey(
        &self,
        myself: &ActorRef<Command>,
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
                match trace::within_child(trace, "actor", sending).await {
                    Ok(Ok(Sent::HandedIn(flight))) => {
                        flight.land_later(state, myself.clone(), reply);
                    }
                    Ok(Ok(Sent::Done(posted))) => answer(reply, Ok(Ok(posted)))?,
                    Ok(Err(error)) => answer(reply, Ok(Err(error)))?,
                    Err(abandon) => answer(reply, Err(abandon))?,
                }
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
            Command::Passivate => self.passivate(myself, state),
        }
        Ok(())
    }
}

/// Waits for sends that were handed in. If one of them failed, memory is wrong.
async fn settle(state: &mut State) -> Result<(), ActorProcessingErr> {
    let Some(last) = state.last.take() else { return Ok(()) };
    match last.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Abandon("a send failed".into()).0.into()),
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

    /// Commits what happened, then tells subscribers. The conversation is written if given.
    async fn commit(
        &self,
        state: &mut State,
        events: Vec<Event>,
        conversation: Option<Conversation>,
        writes: Vec<Write>,
    ) -> Outcome<Arc<View>> {
        let (outcome, happened) = match self.hand_in(state, events, conversation, writes) {
            Ok(handed_in) => handed_in,
            Err(CommitError::Store(error)) => return self.uncertain(state, error).await,
            Err(error) => return Ok(Err(refused(&error))),
        };
        match outcome.await {
            Ok(()) => Ok(Ok(happened.tell(&self.rooms.fanout, &state.shared))),
            Err(CommitError::Busy) => Err(Abandon("the store was busy after all".into())),
            Err(CommitError::Conflict) => {
                Err(Abandon("another writer used this sequence number".into()))
            }
            Err(CommitError::Store(error)) => self.uncertain(state, error).await,
        }
    }

    /// A send that was handed in failed: what the store says counts, once all of them have ended.
    async fn read_again(&self, state: &mut State) -> Result<(), ActorProcessingErr> {
        if let Some(last) = state.last.take() {
            let _ = last.await;
        }
        state.shared.outdated.store(false, Ordering::Release);
        state.live = self.rooms.store.load(&state.id).await?.map(Live::loaded);
        state.shared.view.store(state.live.as_ref().map(|live| Arc::new(live.view())));
        Ok(())
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
