//! A subscriber's stream: what it missed, then what happens, with no gap and no duplicate.

use std::sync::Arc;

use async_stream::stream;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::broadcast::error::RecvError;

use super::{ConversationError, Conversations, View};
use crate::domain::{Audience, ConversationId, Event, Seq, UserId, Viewer};
use crate::fanout::{Live, Published};
use crate::telemetry;

/// Events read from the store at once while catching up.
const REPLAY_PAGE: u64 = 256;

/// What a subscription delivers.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// First of all: the state that everything after builds on.
    Snapshot(Arc<View>),
    /// A durable event; contiguous with the one before.
    Event(Arc<Published>),
    /// Somebody has read up to here.
    ReadAdvanced {
        /// Who.
        user: UserId,
        /// Up to which sequence number.
        seq: Seq,
    },
    /// Somebody types, or stopped.
    Typing {
        /// Who.
        user: UserId,
        /// Started or stopped.
        typing: bool,
    },
    /// The last item: the client was too slow or too far behind, and should fetch afresh and subscribe again.
    ResyncRequired {
        /// The newest event there is.
        last_seq: Seq,
    },
}

impl Conversations {
    /// The conversation's events after `after` (`None`: from now on), then live ones, as long as the caller listens.
    /// Staff say why, if it is between users.
    pub async fn subscribe(
        &self,
        viewer: &Viewer,
        id: &ConversationId,
        after: Option<Seq>,
        reason: Option<&str>,
    ) -> Result<(Audience, BoxStream<'static, Delivery>), ConversationError> {
        // Listening starts before looking, so that nothing falls between.
        let mut live = self.rooms().fanout.subscribe(id);
        let (view, audience) = self.view_because(viewer, id, reason).await?;
        let (this, id) = (self.clone(), id.clone());
        let stream = stream! {
            let mut last = after.unwrap_or(view.last_seq);
            let newest = view.last_seq;
            yield Delivery::Snapshot(view);
            if last > newest || newest - last > this.rooms().settings.max_replay {
                yield Delivery::ResyncRequired { last_seq: newest };
                return;
            }
            let mut goal = newest;
            // Until the first live item arrives, falling behind is the replay's fault, not the client's.
            let mut replaying = true;
            loop {
                while last < goal {
                    let Some(events) = this.replay(&id, last, goal).await else {
                        yield Delivery::ResyncRequired { last_seq: goal };
                        return;
                    };
                    for event in events {
                        last = event.seq;
                        yield Delivery::Event(Arc::new(Published::new(event)));
                    }
                }
                match live.recv().await {
                    Ok(Live::Event(event)) => {
                        telemetry::live::taken(&event);
                        replaying = false;
                        if event.seq == last + 1 {
                            last = event.seq;
                            yield Delivery::Event(event);
                        } else if event.seq > last {
                            // What lies between was committed before this was published.
                            goal = event.seq;
                        }
                    }
                    Ok(Live::ReadAdvanced { user, seq }) => {
                        yield Delivery::ReadAdvanced { user, seq };
                    }
                    Ok(Live::Typing { user, typing }) => yield Delivery::Typing { user, typing },
                    Err(RecvError::Lagged(_)) => {
                        let newest = this.current(&id).await.map_or(last, |view| view.last_seq);
                        if !replaying {
                            yield Delivery::ResyncRequired { last_seq: newest };
                            return;
                        }
                        goal = newest;
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        };
        Ok((audience, stream.boxed()))
    }

    /// The next page of events after `last` up to `goal`; `None` if the store can't give them.
    async fn replay(&self, id: &ConversationId, last: Seq, goal: Seq) -> Option<Vec<Event>> {
        let page = last + 1..=goal.min(last + REPLAY_PAGE);
        let events = match self.rooms().store.events(id, page).await {
            Ok(events) => events,
            Err(error) => {
                tracing::error!(%error, conversation = %id, "a replay failed");
                return None;
            }
        };
        let contiguous = (last + 1..).zip(&events).all(|(seq, event)| event.seq == seq);
        (!events.is_empty() && contiguous).then_some(events)
    }
}
