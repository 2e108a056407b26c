//! Turns committed events into list rows: who has which conversation, when it last moved, what is unread.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::{
    Audience, Conversation, ConversationId, ConversationKind, Event, EventKind, InboxRow,
    ParticipantRole, SUPPORT_DESK, Seq, UserId,
};
use crate::fanout::Fanout;
use crate::outbox::{Consumer, ConsumerError};
use crate::store::{INBOX_CONSUMER, OutboxCursor, OutboxEntry, Store, StoreError};

/// Events read at once when counting what is unread.
const PAGE: Seq = 256;

/// The outbox consumer behind the inbox.
#[derive(Debug)]
pub struct Projection {
    store: Store,
    fanout: Fanout,
}

/// What a batch says of one conversation.
#[derive(Debug, Default)]
struct Touched {
    /// First and last new event.
    events: Option<(Seq, Seq)>,
    /// Whether a read marker moved.
    read: bool,
}

impl Consumer for Projection {
    fn name(&self) -> &'static str {
        INBOX_CONSUMER
    }

    async fn apply(
        &self,
        entries: &[OutboxEntry],
        cursor: &OutboxCursor,
    ) -> Result<(), ConsumerError> {
        let mut touched: BTreeMap<ConversationId, Touched> = BTreeMap::new();
        for entry in entries.iter().filter_map(OutboxEntry::conversation) {
            let seen = touched.entry(entry.conversation.clone()).or_default();
            seen.read |= !entry.reads.is_empty();
            if let Some((first, last)) = entry.events {
                let (from, to) = seen.events.unwrap_or((first, last));
                seen.events = Some((from.min(first), to.max(last)));
            }
        }
        let mut changed = Vec::new();
        for (id, touched) in touched {
            changed.extend(self.project(&id, &touched).await?);
        }
        self.store.apply_inbox(&changed, cursor).await?;
        for row in changed {
            self.fanout.publish_inbox(Arc::new(row));
        }
        Ok(())
    }
}

impl Projection {
    /// A projection that writes to this store and tells these subscribers.
    pub fn new(store: Store, fanout: Fanout) -> Self {
        Self { store, fanout }
    }

    /// The rows of everyone in the conversation, with the new events and read markers counted in.
    async fn project(
        &self,
        id: &ConversationId,
        touched: &Touched,
    ) -> Result<Vec<InboxRow>, StoreError> {
        let Some(conversation) = self.store.conversation(id).await? else {
            return Ok(Vec::new());
        };
        let reads = if touched.read { self.store.reads(id).await? } else { HashMap::default() };
        let owners = owners(&conversation);
        let keys: Vec<_> = owners.iter().map(|user| (user.clone(), id.clone())).collect();
        let mut known: HashMap<UserId, InboxRow> = self
            .store
            .inbox_rows(&keys)
            .await?
            .into_iter()
            .map(|row| (row.user.clone(), row))
            .collect();
        let events = match touched.events {
            Some((first, last)) => self.store.events(id, first..=last).await?,
            None => Vec::new(),
        };
        let mut rows = Vec::with_capacity(owners.len());
        for owner in owners {
            let before = known.remove(&owner);
            let mut row = before.unwrap_or_else(|| InboxRow {
                user: owner.clone(),
                conversation: id.clone(),
                kind: conversation.kind,
                state: conversation.state,
                last_seq: 0,
                last_at: conversation.created_at,
                unread: 0,
                last_read: 0,
            });
            row.state = conversation.state;
            let counted = row.last_seq;
            for event in events.iter().filter(|event| event.seq > counted) {
                count(&mut row, &conversation, event);
            }
            row.last_seq = row.last_seq.max(events.last().map_or(0, |event| event.seq));
            let read = last_read(&owner, &conversation, &reads);
            if read > row.last_read {
                row.last_read = read;
                row.unread = self.unread(&row, &conversation).await?;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Counts what lies after the row's read marker, up to the last event it takes into account.
    async fn unread(&self, row: &InboxRow, conversation: &Conversation) -> Result<u64, StoreError> {
        let mut fresh = InboxRow { unread: 0, ..row.clone() };
        let mut next = row.last_read + 1;
        while next <= row.last_seq {
            let page = next..=row.last_seq.min(next + PAGE - 1);
            next = page.end() + 1;
            for event in self.store.events(&row.conversation, page).await? {
                count(&mut fresh, conversation, &event);
            }
        }
        Ok(fresh.unread)
    }
}

/// Counts one event into a row.
fn count(row: &mut InboxRow, conversation: &Conversation, event: &Event) {
    let EventKind::MessagePosted { .. } = event.kind else { return };
    let desk = row.user.as_str() == SUPPORT_DESK;
    let audience = if desk { Audience::Staff } else { Audience::Participant(row.user.clone()) };
    if !event.visible_to(&audience) {
        return;
    }
    row.last_at = row.last_at.max(event.at);
    let own = if desk { is_staff(conversation, &event.actor) } else { event.actor == row.user };
    if own {
        // Whoever answers has read what went before.
        row.unread = 0;
    } else {
        row.unread += 1;
    }
}

/// Whose lists show the conversation.
fn owners(conversation: &Conversation) -> Vec<UserId> {
    let people = conversation
        .participants
        .iter()
        .filter(|participant| participant.role != ParticipantRole::Staff)
        .map(|participant| participant.user.clone());
    let desk =
        (conversation.kind == ConversationKind::Support).then(|| UserId::trusted(SUPPORT_DESK));
    people.chain(desk).collect()
}

fn is_staff(conversation: &Conversation, user: &UserId) -> bool {
    conversation.participant(user).is_some_and(|it| it.role == ParticipantRole::Staff)
}

/// How far the row's owner has read; for the desk, how far any of the staff has.
fn last_read(owner: &UserId, conversation: &Conversation, reads: &HashMap<UserId, Seq>) -> Seq {
    if owner.as_str() != SUPPORT_DESK {
        return reads.get(owner).copied().unwrap_or(0);
    }
    let customer = |user: &UserId| {
        conversation.participant(user).is_some_and(|it| it.role == ParticipantRole::Customer)
    };
    reads.iter().filter(|(user, _)| !customer(user)).map(|(_, seq)| *seq).max().unwrap_or(0)
}
