//! Turns committed events into list rows: who has which conversation, when it last moved, what is unread.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::desk::DeskCounts;
use crate::domain::{
    Audience, Conversation, ConversationId, ConversationKind, Event, EventKind, InboxRow,
    ParticipantRole, SUPPORT_DESK, Seq, UserId,
};
use crate::fanout::Fanout;
use crate::outbox::{Consumer, ConsumerError};
use crate::store::{INBOX_CONSUMER, InboxChange, OutboxCursor, OutboxEntry, Store, StoreError};

/// List rows kept in memory.
const ROWS: NonZeroUsize = NonZeroUsize::new(20_000).expect("not zero");

/// Events read at once when counting what is unread.
const PAGE: Seq = 256;

/// The outbox consumer behind the inbox.
#[derive(Debug)]
pub struct Projection {
    store: Store,
    fanout: Fanout,
    desk: DeskCounts,
    /// Rows it wrote lately. Nobody else writes any, so they are as in the store; none is kept across a failure.
    rows: Mutex<LruCache<(UserId, ConversationId), InboxRow>>,
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
        let applied = self.store.apply_inbox(&changed, cursor).await;
        self.keep(&changed, applied.is_ok());
        applied?;
        for InboxChange { before, after } in changed {
            self.desk.count(before.as_ref(), &after);
            self.fanout.publish_inbox(Arc::new(after));
        }
        Ok(())
    }
}

impl Projection {
    /// A projection that writes to this store and tells these subscribers.
    pub fn new(store: Store, fanout: Fanout, desk: DeskCounts) -> Self {
        Self { store, fanout, desk, rows: Mutex::new(LruCache::new(ROWS)) }
    }

    /// The list rows of these owners as they are.
    async fn known(
        &self,
        id: &ConversationId,
        owners: &[UserId],
    ) -> Result<HashMap<UserId, InboxRow>, StoreError> {
        let keys: Vec<_> = owners.iter().map(|user| (user.clone(), id.clone())).collect();
        let kept = self.kept(&keys);
        let rows = match kept {
            Some(rows) => rows,
            None => self.store.inbox_rows(&keys).await?,
        };
        Ok(rows.into_iter().map(|row| (row.user.clone(), row)).collect())
    }

    fn kept(&self, keys: &[(UserId, ConversationId)]) -> Option<Vec<InboxRow>> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().map(|key| rows.get(key).cloned()).collect()
    }

    fn keep(&self, changes: &[InboxChange], applied: bool) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for InboxChange { after, .. } in changes {
            let key = (after.user.clone(), after.conversation.clone());
            if applied {
                rows.put(key, after.clone());
            } else {
                rows.pop(&key);
            }
        }
    }

    /// The rows of everyone in the conversation, with the new events and read markers counted in.
    async fn project(
        &self,
        id: &ConversationId,
        touched: &Touched,
    ) -> Result<Vec<InboxChange>, StoreError> {
        let Some(conversation) = self.store.conversation(id).await? else {
            return Ok(Vec::new());
        };
        let reads = if touched.read { self.store.reads(id).await? } else { HashMap::default() };
        let owners = owners(&conversation);
        let mut known = self.known(id, &owners).await?;
        let events = match touched.events {
            Some((first, last)) => self.store.events(id, first..=last).await?,
            None => Vec::new(),
        };
        let mut rows = Vec::with_capacity(owners.len());
        for owner in owners {
            let before = known.remove(&owner);
            let mut row = before.clone().unwrap_or_else(|| fresh(&owner, &conversation));
            row.state = conversation.state;
            let counted = row.last_seq;
            let mut lost = false;
            for event in events.iter().filter(|event| event.seq > counted) {
                count(&mut row, &conversation, event);
                lost |= disappears(event);
            }
            row.last_seq = row.last_seq.max(events.last().map_or(0, |event| event.seq));
            let read = last_read(&owner, &conversation, &reads);
            if read > row.last_read || lost {
                row.last_read = row.last_read.max(read);
                row.unread = self.unread(&row, &conversation).await?;
            }
            rows.push(InboxChange { before, after: row });
        }
        Ok(rows)
    }

    /// Counts what lies after the row's read marker, up to the last event it takes into account.
    async fn unread(&self, row: &InboxRow, conversation: &Conversation) -> Result<u64, StoreError> {
        let mut unread = HashSet::new();
        let mut next = row.last_read + 1;
        while next <= row.last_seq {
            let page = next..=row.last_seq.min(next + PAGE - 1);
            next = page.end() + 1;
            for event in self.store.events(&row.conversation, page).await? {
                match effect(row, conversation, &event) {
                    Seen::Unread(message) => drop(unread.insert(message)),
                    Seen::Gone(message) => drop(unread.remove(&message)),
                    Seen::Answered => unread.clear(),
                    Seen::Nothing => {}
                }
            }
        }
        Ok(unread.len() as u64)
    }
}

/// What an event means for a list's owner.
enum Seen {
    /// Somebody else's message came, or came to light.
    Unread(Seq),
    /// It is out of their sight.
    Gone(Seq),
    /// They said something themselves, so they have read what went before.
    Answered,
    /// Nothing.
    Nothing,
}

fn effect(row: &InboxRow, conversation: &Conversation, event: &Event) -> Seen {
    let desk = row.user.as_str() == SUPPORT_DESK;
    let audience = if desk { Audience::Staff } else { Audience::Participant(row.user.clone()) };
    let own = |user: &UserId| if desk { is_staff(conversation, user) } else { *user == row.user };
    match &event.kind {
        EventKind::MessagePosted { .. } if !event.visible_to(&audience) => Seen::Nothing,
        EventKind::MessagePosted { .. } if own(&event.actor) => Seen::Answered,
        EventKind::MessagePosted { .. } => Seen::Unread(event.seq),
        // Staff saw it all along, and so did who wrote it.
        EventKind::MessageDecided { sender, message, effect, .. }
        | EventKind::DecisionUndone { sender, message, effect, .. }
            if !desk && *sender != row.user =>
        {
            match (effect.was_withheld, effect.is_withheld) {
                (true, false) => Seen::Unread(*message),
                (false, true) => Seen::Gone(*message),
                _ => Seen::Nothing,
            }
        }
        _ => Seen::Nothing,
    }
}

/// Whether the event takes a message out of somebody's sight that may have been counted.
fn disappears(event: &Event) -> bool {
    match &event.kind {
        EventKind::MessageDecided { effect, .. } | EventKind::DecisionUndone { effect, .. } => {
            effect.is_withheld && !effect.was_withheld
        }
        _ => false,
    }
}

/// Counts one event into a row.
fn count(row: &mut InboxRow, conversation: &Conversation, event: &Event) {
    let desk = row.user.as_str() == SUPPORT_DESK;
    match effect(row, conversation, event) {
        Seen::Unread(_) => {
            row.unread += 1;
            if desk {
                row.waiting_since.get_or_insert(event.at);
            }
        }
        Seen::Answered => {
            row.unread = 0;
            row.waiting_since = None;
        }
        // Counted afresh, because it may have been read.
        Seen::Gone(_) | Seen::Nothing => return,
    }
    row.last_at = row.last_at.max(event.at);
}

/// The row of a conversation of which no event was counted yet.
fn fresh(owner: &UserId, conversation: &Conversation) -> InboxRow {
    let desk = owner.as_str() == SUPPORT_DESK;
    InboxRow {
        user: owner.clone(),
        conversation: conversation.id.clone(),
        kind: conversation.kind,
        state: conversation.state,
        last_seq: 0,
        last_at: conversation.created_at,
        unread: 0,
        last_read: 0,
        waiting_since: None,
        category: conversation.category.clone().filter(|_| desk),
    }
}

/// The support desk's row as it would be had it been kept up from the beginning: for stores of before it knew who waits.
pub async fn recount(store: &Store, row: &InboxRow) -> Result<Option<InboxRow>, StoreError> {
    let Some(conversation) = store.conversation(&row.conversation).await? else { return Ok(None) };
    let mut whole = fresh(&row.user, &conversation);
    let mut next = 1;
    while next <= row.last_seq {
        let page = next..=row.last_seq.min(next + PAGE - 1);
        next = page.end() + 1;
        for event in store.events(&row.conversation, page).await? {
            count(&mut whole, &conversation, &event);
        }
    }
    let (waiting_since, category) = (whole.waiting_since, whole.category);
    Ok(Some(InboxRow { waiting_since, category, ..row.clone() }))
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
