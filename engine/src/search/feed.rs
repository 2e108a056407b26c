//! The outbox consumer behind search: turns what was committed into changes of the index.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use rialto_search::{Changes, Index, IndexError, Indexed};

use super::documents::{self, Subject};
use crate::domain::{
    Conversation, ConversationId, Event, EventKind, ListingId, Message, ParticipantRole, Seq, User,
    UserId,
};
use crate::outbox::{Consumer, ConsumerError, Pace};
use crate::store::{CatalogueEntry, OutboxCursor, OutboxEntry, Page, Store, StoreError};

/// The name of the consumer that feeds the search index.
pub const SEARCH_CONSUMER: &str = "search";

/// Rows asked for at once.
const READ: usize = 1_000;
/// Messages read at once of a conversation that is indexed whole.
const PAGE: usize = 500;

/// Feeds one index.
pub(super) struct Feed {
    store: Store,
    index: Arc<dyn Index>,
    /// Up to here documents may be in the index already though its position is before them.
    overlap: OutboxCursor,
    /// Whether that has been passed.
    past_overlap: AtomicBool,
    /// Where the last write that succeeded left the index.
    written: Mutex<Option<OutboxCursor>>,
}

/// What a batch says of one conversation.
#[derive(Default)]
struct Touched {
    /// Places of its events.
    events: Vec<Seq>,
    /// It was started, or somebody joined: its own document changes.
    itself: bool,
    /// All its messages have to be written anew.
    whole: bool,
    /// What the index has of it, if that was looked up.
    indexed: Option<Indexed>,
}

impl From<IndexError> for ConsumerError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Unavailable(_) => Self::Unavailable(error.to_string()),
            IndexError::Lost(_) => Self::Lost(error.to_string()),
            IndexError::Rejected(_) => Self::Rejected(error.to_string()),
        }
    }
}

impl Consumer for Feed {
    fn name(&self) -> &'static str {
        SEARCH_CONSUMER
    }

    // Each write of an index costs it a commit with a dozen syncs: fewer and larger ones are cheaper, and a message is
    // still found well within a second.
    fn pace(&self) -> Pace {
        Pace { batch: 1_024, coalesce: Duration::from_millis(500) }
    }

    async fn position(&self, _store: &Store) -> Result<OutboxCursor, ConsumerError> {
        let position = self.index.position().await?.unwrap_or_default();
        if position.is_empty() {
            return Ok(OutboxCursor::default());
        }
        position.parse().map_err(|error| ConsumerError::Lost(format!("{error}")))
    }

    async fn apply(
        &self,
        entries: &[OutboxEntry],
        cursor: &OutboxCursor,
    ) -> Result<(), ConsumerError> {
        let fresh = self.begin(cursor);
        let changes = self.changes(entries, fresh).await?;
        self.index.write(changes, &cursor.to_string()).await?;
        *self.written() = Some(cursor.clone());
        Ok(())
    }
}

impl Feed {
    /// A feed of this index; `overlap` is the end of the outbox when it was opened or began to be built.
    pub(super) fn new(store: Store, index: Arc<dyn Index>, overlap: OutboxCursor) -> Self {
        let past_overlap = AtomicBool::new(false);
        Self { store, index, overlap, past_overlap, written: Mutex::new(None) }
    }

    fn written(&self) -> std::sync::MutexGuard<'_, Option<OutboxCursor>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether messages posted in what comes now can't be in the index yet: the last write succeeded, this one moves on, and
    /// everything that was there before the feed began is behind. If in doubt they are replaced, which costs more.
    fn begin(&self, cursor: &OutboxCursor) -> bool {
        let last = self.written().take();
        let Some(last) = last else { return false };
        if !self.past_overlap.load(Ordering::Relaxed) {
            if last.covers(&self.overlap) {
                self.past_overlap.store(true, Ordering::Relaxed);
            }
            return false;
        }
        last != *cursor
    }

    async fn changes(
        &self,
        entries: &[OutboxEntry],
        fresh: bool,
    ) -> Result<Changes, ConsumerError> {
        let mut touched: BTreeMap<ConversationId, Touched> = BTreeMap::new();
        let mut catalogue = CatalogueEntry::default();
        for entry in entries {
            match entry {
                OutboxEntry::Conversation(entry) => {
                    let Some((first, last)) = entry.events else { continue };
                    let seen = touched.entry(entry.conversation.clone()).or_default();
                    seen.events.extend(first..=last);
                    seen.itself |= entry.started();
                }
                OutboxEntry::Catalogue(entry) => {
                    catalogue.users.extend(entry.users.iter().cloned());
                    catalogue.listings.extend(entry.listings.iter().cloned());
                }
            }
        }
        self.store.read_afresh(&catalogue);
        self.touch_by_catalogue(&catalogue, &mut touched).await?;
        let ids: Vec<ConversationId> = touched.keys().cloned().collect();
        // Read once: what decides whether messages are written anew must be what the conversation's document gets.
        let subjects = subjects(&self.store, &ids).await?;
        for (id, seen) in &mut touched {
            let category = subjects.get(id).map(Subject::category);
            seen.whole |=
                seen.indexed.as_ref().is_some_and(|it| Some(&it.category) != category.as_ref());
        }
        self.write_touched(touched, &subjects, fresh).await
    }

    /// Conversations that show a changed name or title, with the category they are indexed by.
    async fn touch_by_catalogue(
        &self,
        catalogue: &CatalogueEntry,
        touched: &mut BTreeMap<ConversationId, Touched>,
    ) -> Result<(), ConsumerError> {
        let texts = |ids: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            ids.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let listings = texts(&mut catalogue.listings.iter().map(ListingId::as_str));
        let users = texts(&mut catalogue.users.iter().map(UserId::as_str));
        if listings.is_empty() && users.is_empty() {
            return Ok(());
        }
        let indexed = self.index.about(&listings, &users).await?;
        for one in indexed {
            let seen = touched.entry(ConversationId::trusted(&one.conversation)).or_default();
            seen.itself = true;
            seen.indexed = Some(one);
        }
        Ok(())
    }

    async fn write_touched(
        &self,
        mut touched: BTreeMap<ConversationId, Touched>,
        subjects: &HashMap<ConversationId, Subject>,
        fresh: bool,
    ) -> Result<Changes, ConsumerError> {
        let places = touched
            .iter()
            .flat_map(|(id, seen)| seen.events.iter().map(move |seq| (id.clone(), *seq)));
        let places: Vec<(ConversationId, Seq)> = places.collect();
        let mut posted: HashMap<(ConversationId, Seq), Event> = HashMap::new();
        let mut changed: BTreeSet<(ConversationId, Seq)> = BTreeSet::new();
        for some in places.chunks(READ) {
            for event in self.store.events_at(some).await? {
                if let Some(seen) = touched.get_mut(&event.conversation) {
                    notice_joining(&event, seen);
                }
                let Some(message) = event.message() else { continue };
                let place = (event.conversation.clone(), message);
                if message == event.seq {
                    posted.insert(place, event);
                } else {
                    changed.insert(place);
                }
            }
        }
        // A message that was posted in this batch and changed in it is new all the same, if it is fresh.
        let is_new = |place: &(ConversationId, Seq)| fresh && posted.contains_key(place);
        let all = changed.iter().chain(posted.keys());
        let replaced: BTreeSet<_> = all.filter(|place| !is_new(place)).cloned().collect();
        let mut changes = Changes::default();
        // Should one that is new have changed since, that is in a later batch.
        let (unchanged, wanted): (Vec<_>, Vec<_>) = posted
            .keys()
            .chain(&changed)
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .partition(|place| is_new(place) && !changed.contains(place));
        let unchanged = unchanged.iter().filter_map(|place| posted.get(place)?.posted_message());
        let mut messages: Vec<Message> = unchanged.collect();
        for some in wanted.chunks(READ) {
            messages.extend(self.store.messages_at(some, &mut posted).await?);
        }
        for message in &messages {
            if let Some(subject) = subjects.get(&message.conversation) {
                changes.messages.extend(documents::of_message(subject, message));
            }
        }
        changes.replaced = replaced.into_iter().map(named).collect();
        for (id, seen) in &touched {
            let Some(subject) = subjects.get(id) else {
                changes.erased.push(id.as_str().to_owned());
                continue;
            };
            if seen.itself || seen.whole {
                changes.conversations.push(conversation_document(&self.store, subject).await?);
            }
            if seen.whole {
                add_whole(&self.store, subject, &mut changes).await?;
            }
        }
        Ok(changes)
    }
}

/// Somebody new reads a conversation that was there before; staff read it as staff.
fn notice_joining(event: &Event, seen: &mut Touched) {
    if let EventKind::ParticipantJoined { participant } = &event.kind {
        seen.whole |= !seen.itself && participant.role != ParticipantRole::Staff;
        seen.itself = true;
    }
}

fn named((conversation, seq): (ConversationId, Seq)) -> (String, u64) {
    (conversation.as_str().to_owned(), seq)
}

/// The conversations of these ids with their listings; those that don't exist are missing.
pub(super) async fn subjects(
    store: &Store,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Subject>, StoreError> {
    let mut subjects = HashMap::with_capacity(ids.len());
    for some in ids.chunks(READ) {
        for conversation in store.conversations_at(some).await? {
            let subject = subject(store, conversation).await?;
            subjects.insert(subject.conversation.id.clone(), subject);
        }
    }
    Ok(subjects)
}

/// A conversation with its listing.
pub(super) async fn subject(
    store: &Store,
    conversation: Conversation,
) -> Result<Subject, StoreError> {
    let listing = match &conversation.listing {
        Some(id) => store.listing(id).await?,
        None => None,
    };
    Ok(Subject { conversation, listing })
}

/// The document of a conversation, with the names of who is in it.
pub(super) async fn conversation_document(
    store: &Store,
    subject: &Subject,
) -> Result<rialto_search::ConversationDocument, StoreError> {
    let participants = &subject.conversation.participants;
    let users = try_join_all(participants.iter().map(|one| store.user(&one.user))).await?;
    let users: Vec<Arc<User>> = users.into_iter().flatten().collect();
    Ok(documents::of_conversation(subject, &users))
}

/// Adds every message of a conversation to the changes.
async fn add_whole(
    store: &Store,
    subject: &Subject,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let id = &subject.conversation.id;
    let mut after = 0;
    loop {
        let page = Page { after, before: Seq::MAX, limit: PAGE, newest: false };
        let found = store.messages(id, page, |_: &Message| true).await?;
        for message in &found.messages {
            changes.replaced.push((id.as_str().to_owned(), message.seq));
            changes.messages.extend(documents::of_message(subject, message));
        }
        if !found.has_more {
            break;
        }
        after = found.scanned_to;
    }
    // Of what is named twice, what came first is as good: both were read from the store just now.
    let mut seen = BTreeSet::new();
    changes.messages.retain(|one| seen.insert((one.conversation.clone(), one.seq, one.projection)));
    Ok(())
}
