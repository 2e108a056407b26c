//! Sends between being handed in to the store and being committed. The actor goes on with the next one meanwhile, so that
//! groups grow with the load instead of holding one message of each conversation.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ractor::ActorRef;
use tokio::sync::oneshot;

use super::super::command::{Command, Reply};
use super::super::handle::ConversationRooms;
use super::super::registry::Shared;
use super::super::{ConversationError, Posted, Refusal, View};
use super::{ConversationActor, State, queue_changes};
use crate::domain::{
    Action, ClientId, Conversation, ConversationKind, Event, Message, QueueChange,
};
use crate::fanout::{self, Fanout, Published};
use crate::filter::Judged;
use crate::store::{Commit, CommitError, StoreError, Write};
use crate::telemetry::trace::{self, Context};

/// What became of a send as far as the actor is concerned.
pub(super) enum Sent {
    /// It has its answer.
    Done(Posted),
    /// It has when it is committed.
    HandedIn(Box<Flight>),
}

/// What a commit makes happen.
pub(super) struct Happened {
    events: Vec<Event>,
    queue: Vec<QueueChange>,
    /// The conversation as everybody sees it from then on.
    view: Arc<View>,
    conversation: crate::domain::ConversationId,
}

impl Happened {
    /// Tells subscribers, and whoever looks from now on.
    pub(super) fn tell(self, fanout: &Fanout, shared: &Shared) -> Arc<View> {
        let Self { events, queue, view, conversation } = self;
        shared.view.store(Some(Arc::clone(&view)));
        for event in events {
            fanout.publish(&conversation, fanout::Live::Event(Arc::new(Published::new(event))));
        }
        for change in queue {
            fanout.publish_queue(change);
        }
        view
    }
}

/// Why nothing was written.
pub(super) fn refused(error: &CommitError) -> ConversationError {
    match error {
        CommitError::Busy => Refusal::Busy.into(),
        CommitError::Conflict => ConversationError::Actor("a conflict before writing".into()),
        CommitError::Store(error) => StoreError::clone(error).into(),
    }
}

impl ConversationActor {
    /// Hands what happened in to be committed and takes it into memory. Nothing is changed if it is refused.
    pub(super) fn hand_in(
        &self,
        state: &mut State,
        events: Vec<Event>,
        conversation: Option<Conversation>,
        mut writes: Vec<Write>,
    ) -> Result<
        (impl Future<Output = Result<(), CommitError>> + Send + 'static, Happened),
        CommitError,
    > {
        let Some(live) = state.live.as_mut() else {
            let fault = "there is no conversation to write to";
            return Err(StoreError::Query(fault.into()).into());
        };
        let conversation = match (live.sealing(&events), conversation) {
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
        let outcome = self.rooms.store.submit(commit)?;
        live.advance(&events, conversation);
        let view = Arc::new(live.view());
        Ok((outcome, Happened { events, queue, view, conversation: state.id.clone() }))
    }
}

/// A send that is handed in.
pub(super) struct Flight {
    pub(super) outcome: futures_util::future::BoxFuture<'static, Result<(), CommitError>>,
    pub(super) happened: Happened,
    pub(super) message: Message,
    pub(super) kind: ConversationKind,
    pub(super) judged: Option<Judged>,
    pub(super) client_id: ClientId,
    pub(super) rooms: Arc<ConversationRooms>,
    /// What the send is a part of, if that is traced.
    pub(super) trace: Option<Context>,
}

impl Flight {
    /// Waits for the commit and for all sends before it, tells everybody, answers. If it or one before it failed, the actor's
    /// memory is wrong: it is read again if the store failed; else the actor ends, and who is not answered comes again, to a
    /// fresh one.
    pub(super) fn land_later(
        self: Box<Self>,
        state: &mut State,
        actor: ActorRef<Command>,
        reply: Reply<Posted>,
    ) {
        let (landed, next) = oneshot::channel();
        let before = state.last.replace(next);
        let shared = Arc::clone(&state.shared);
        tokio::spawn(async move {
            let outcome = trace::within(self.trace, self.land(before, &shared)).await;
            let so_far = match &outcome {
                Ok(_) => Ok(()),
                Err(failure) => Err(failure.clone()),
            };
            match &outcome {
                Ok(_) => {}
                Err(Failure::Store(_)) => shared.outdated.store(true, Ordering::Release),
                Err(Failure::Again) => actor.stop(Some("another writer was here".into())),
            }
            // Nobody may be waiting for either.
            let _ = landed.send(so_far);
            match outcome {
                Ok(posted) => drop(reply.send(Ok(posted))),
                Err(Failure::Store(error)) => drop(reply.send(Err(error.into()))),
                Err(Failure::Again) => {}
            }
        });
    }

    async fn land(
        self: Box<Self>,
        before: Option<oneshot::Receiver<Landed>>,
        shared: &Shared,
    ) -> Result<Posted, Failure> {
        let Self { outcome, happened, message, kind, judged, client_id, rooms, trace: _ } = *self;
        let outcome = outcome.await;
        if let Some(before) = before
            && let Err(failure) = before.await.unwrap_or(Err(Failure::Again))
        {
            // It was not made because of the one before it, or it was made after all.
            return Err(if outcome.is_ok() { Failure::Again } else { failure });
        }
        match outcome {
            Ok(()) => {}
            Err(CommitError::Busy | CommitError::Conflict) => return Err(Failure::Again),
            Err(CommitError::Store(error)) => {
                tracing::error!(%error, conversation = %message.conversation, "a commit failed");
                return Err(Failure::Store(error));
            }
        }
        let view = happened.tell(&rooms.fanout, shared);
        settled(&rooms, &message, kind, judged, &client_id);
        Ok(Posted { view, message, replayed: false })
    }
}

/// Whether a send was committed, and all before it.
pub(super) type Landed = Result<(), Failure>;

/// Why it was not.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The store failed; whoever sent it is told.
    Store(StoreError),
    /// It has to be tried again, on what the store says now.
    Again,
}

/// What is counted and remembered of a message that was committed.
pub(super) fn settled(
    rooms: &ConversationRooms,
    message: &Message,
    kind: ConversationKind,
    judged: Option<Judged>,
    client_id: &ClientId,
) {
    let action: Action = message.action();
    rooms.fanout.minutes().count(message.sent_at, kind, action);
    if let Some(judged) = judged {
        rooms.pipeline.observe(judged, Some(message.seq), client_id);
    }
}
