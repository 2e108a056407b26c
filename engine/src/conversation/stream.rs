//! A subscriber's stream: what it missed, then what happens, with no gap and no duplicate.

use std::sync::Arc;
use std::vec;

use super::{ConversationError, Conversations, View};
use crate::domain::{Audience, ConversationId, Event, Seq, UserId, Viewer};
use crate::fanout::{Live, Missed, Published, Subscription};
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

/// What one subscriber is yet to be delivered.
#[derive(Debug)]
pub struct Deliveries {
    conversations: Conversations,
    id: ConversationId,
    live: Subscription<ConversationId, Live>,
    /// Delivered first.
    snapshot: Option<Arc<View>>,
    /// What was read from the store, delivered before anything live.
    replay: vec::IntoIter<Event>,
    /// The last event that was delivered.
    last: Seq,
    /// The newest that is known of.
    goal: Seq,
    /// Until the first live item arrives, falling behind is the replay's fault, not the client's.
    replaying: bool,
    /// What is to be replayed is more than is.
    too_far: bool,
    over: bool,
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
    ) -> Result<(Audience, Deliveries), ConversationError> {
        // Listening starts before looking, so that nothing falls between.
        let live = self.rooms().fanout.subscribe(id);
        let (view, audience) = self.view_because(viewer, id, reason).await?;
        let goal = view.last_seq;
        let last = after.unwrap_or(goal);
        let too_far = last > goal || goal - last > self.rooms().settings.max_replay;
        let deliveries = Deliveries {
            conversations: self.clone(),
            id: id.clone(),
            live,
            snapshot: Some(view),
            replay: Vec::new().into_iter(),
            last,
            goal,
            replaying: true,
            too_far,
            over: false,
        };
        Ok((audience, deliveries))
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

impl Deliveries {
    /// What comes next; `None` after the last.
    pub async fn next(&mut self) -> Option<Delivery> {
        if let Some(view) = self.snapshot.take() {
            return Some(Delivery::Snapshot(view));
        }
        if self.too_far && !self.over {
            return Some(self.resync(self.goal));
        }
        while !self.over {
            if let Some(event) = self.replay.next() {
                self.last = event.seq;
                return Some(Delivery::Event(Arc::new(Published::new(event))));
            }
            if self.last < self.goal {
                // Boxed, as most of the time a subscriber only waits and there are many.
                let page = self.conversations.replay(&self.id, self.last, self.goal);
                match Box::pin(page).await {
                    Some(page) => self.replay = page.into_iter(),
                    None => return Some(self.resync(self.goal)),
                }
                continue;
            }
            // An empty one keeps no room either.
            self.replay = Vec::new().into_iter();
            match self.live.recv().await {
                Ok(Live::Event(event)) => {
                    telemetry::live::taken(&event);
                    self.replaying = false;
                    if event.seq == self.last + 1 {
                        self.last = event.seq;
                        return Some(Delivery::Event(event));
                    }
                    // What lies between was committed before this was published.
                    self.goal = self.goal.max(event.seq);
                }
                Ok(Live::ReadAdvanced { user, seq }) => {
                    return Some(Delivery::ReadAdvanced { user, seq });
                }
                Ok(Live::Typing { user, typing }) => {
                    return Some(Delivery::Typing { user, typing });
                }
                Err(Missed(_)) => {
                    let current = Box::pin(self.conversations.current(&self.id)).await;
                    let newest = current.map_or(self.last, |view| view.last_seq);
                    if !self.replaying {
                        return Some(self.resync(newest));
                    }
                    self.goal = newest;
                }
            }
        }
        None
    }

    fn resync(&mut self, last_seq: Seq) -> Delivery {
        self.over = true;
        Delivery::ResyncRequired { last_seq }
    }
}
