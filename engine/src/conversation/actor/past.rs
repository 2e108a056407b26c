//! What filters may look back at, read from the store once after a restart: the end of the conversation, the sender's other ones.

use chrono::{DateTime, Utc};

use super::{ConversationActor, State};
use crate::domain::{ConversationId, EventKind, Seq, UserId, Viewer};
use crate::filter::recent::{KEPT, MAX_AGE};
use crate::store::StoreError;

/// Conversations of a sender that are read, those with the newest activity.
const CONVERSATIONS: usize = 8;
/// Events read of each.
const EVENTS: Seq = 16;

impl ConversationActor {
    /// Makes sure that the recent past knows this conversation and this sender, if any filter looks back.
    ///
    /// A store that fails costs the past, not the message.
    pub(super) async fn recall(&self, state: &State, viewer: &Viewer) {
        if !self.rooms.pipeline.wants_history() {
            return;
        }
        let recent = self.rooms.pipeline.recent();
        let since = self.rooms.clock.now() - MAX_AGE;
        if !recent.begin_conversation(&state.id)
            && let Some(live) = &state.live
        {
            let events = Seq::try_from(KEPT).unwrap_or(Seq::MAX);
            let read = self.recall_events(&state.id, live.last_seq, events, since, None).await;
            complain(read, "conversation", state.id.as_str());
        }
        if !recent.begin_sender(&viewer.id) {
            let read = self.recall_sender(&viewer.id, since).await;
            complain(read, "sender", viewer.id.as_str());
        }
    }

    async fn recall_sender(&self, sender: &UserId, since: DateTime<Utc>) -> Result<(), StoreError> {
        let mut rows = self.rooms.store.inbox(sender).await?;
        rows.retain(|row| row.last_at >= since);
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.last_at));
        for row in rows.iter().take(CONVERSATIONS) {
            self.recall_events(&row.conversation, row.last_seq, EVENTS, since, Some(sender))
                .await?;
        }
        Ok(())
    }

    /// The newest events up to `last`, of one sender if given.
    async fn recall_events(
        &self,
        id: &ConversationId,
        last: Seq,
        count: Seq,
        since: DateTime<Utc>,
        sender: Option<&UserId>,
    ) -> Result<(), StoreError> {
        let first = last.saturating_sub(count.saturating_sub(1)).max(1);
        for event in self.rooms.store.events(id, first..=last).await? {
            let EventKind::MessagePosted { body, .. } = &event.kind else { continue };
            if event.at >= since && sender.is_none_or(|sender| *sender == event.actor) {
                self.rooms.pipeline.recent().note_stored(&event.actor, id, event.at, body);
            }
        }
        Ok(())
    }
}

fn complain(read: Result<(), StoreError>, of: &str, id: &str) {
    if let Err(error) = read {
        tracing::warn!(%error, of, id, "the recent past can't be read; filters judge without it");
    }
}
