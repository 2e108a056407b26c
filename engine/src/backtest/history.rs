//! Messages from the store, in the order they were said: an index of places first, then the texts, a batch at a time.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::item::{Item, Recorded};
use super::pace::{Cancel, rest_after};
use super::report::Place;
use crate::domain::{
    Action, Conversation, ConversationKind, ConversationState, Event, EventKind, ParticipantRole,
    Role, Seq, UserId, Verdict,
};
use crate::filter::{Facts, Stage};
use crate::store::{Decision, DecisionFilter, DecisionPlace, Store, StoreError};

/// Conversations read at once.
const CONVERSATIONS: usize = 64;
/// Events read at once: few first, since most conversations are short and short reads are cheap.
const EVENTS: (u64, u64) = (100, 1_024);
/// Texts read at once.
const BATCH: usize = 128;
/// Refused messages looked at: they have no place in the log, so their texts are held.
const MAX_REFUSED: usize = 50_000;

/// Which messages are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRange {
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Not after.
    pub to: Option<DateTime<Utc>>,
    /// The latest so many.
    pub limit: usize,
}

/// One message's place; small, for there may be a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: i64,
    /// Which conversation; of a refused message, which of those.
    number: u32,
    /// Its event; 0 if it was refused.
    seq: Seq,
    /// The sender had not spoken there before.
    first: bool,
}

/// Where all wanted messages are, in the order they were said.
pub(super) struct Index {
    conversations: Vec<Conversation>,
    refused: Vec<(DecisionPlace, Decision)>,
    entries: Vec<Entry>,
}

impl Index {
    /// Walks over the whole log once; keeps places only.
    pub(super) async fn build(
        store: &Store,
        range: &HistoryRange,
        share: f64,
        cancel: &Cancel,
    ) -> Result<Self, StoreError> {
        let mut index =
            Self { conversations: Vec::new(), refused: Vec::new(), entries: Vec::new() };
        let mut after = None;
        while !cancel.is_cancelled() {
            let started = Instant::now();
            let page = store.conversations(after.as_ref(), CONVERSATIONS).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for conversation in page {
                index.add(store, conversation, range).await?;
                if index.entries.len() > range.limit.saturating_mul(2).max(100_000) {
                    index.keep_latest(range.limit);
                }
            }
            tokio::time::sleep(rest_after(started.elapsed(), share)).await;
        }
        index.add_refused(store, range, share, cancel).await?;
        index.keep_latest(range.limit);
        index.entries.sort_unstable();
        Ok(index)
    }

    async fn add_refused(
        &mut self,
        store: &Store,
        range: &HistoryRange,
        share: f64,
        cancel: &Cancel,
    ) -> Result<(), StoreError> {
        let filter = DecisionFilter {
            action: Some(Action::Refuse),
            from: range.from,
            to: range.to,
            ..DecisionFilter::default()
        };
        let most = range.limit.min(MAX_REFUSED);
        let mut after = None;
        while self.refused.len() < most && !cancel.is_cancelled() {
            let started = Instant::now();
            let page = store.decisions_by_time(&filter, after.as_ref(), BATCH).await?;
            for (place, decision) in page.decisions {
                let number = u32::try_from(self.refused.len()).unwrap_or(u32::MAX);
                let at = decision.at.timestamp_millis();
                self.entries.push(Entry { at, number, seq: 0, first: false });
                self.refused.push((place, decision));
            }
            let Some(end) = page.end.filter(|_| page.has_more) else { break };
            after = Some(end);
            tokio::time::sleep(rest_after(started.elapsed(), share)).await;
        }
        Ok(())
    }

    /// How many messages.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    async fn add(
        &mut self,
        store: &Store,
        conversation: Conversation,
        range: &HistoryRange,
    ) -> Result<(), StoreError> {
        let number = u32::try_from(self.conversations.len()).unwrap_or(u32::MAX);
        let mut spoken: Vec<UserId> = Vec::new();
        let (mut from, mut length, before) = (1, EVENTS.0, self.entries.len());
        loop {
            let events = store.events(&conversation.id, from..=from + length - 1).await?;
            for event in &events {
                let posted = match &event.kind {
                    EventKind::MessagePosted { .. } => true,
                    EventKind::MessageEdited { .. } => false,
                    _ => continue,
                };
                let first = posted && !spoken.contains(&event.actor);
                if first {
                    spoken.push(event.actor.clone());
                }
                let late = range.from.is_none_or(|from| event.at >= from);
                if late && range.to.is_none_or(|to| event.at <= to) {
                    let at = event.at.timestamp_millis();
                    self.entries.push(Entry { at, number, seq: event.seq, first });
                }
            }
            if (events.len() as u64) < length {
                break;
            }
            from += length;
            length = EVENTS.1;
        }
        if self.entries.len() > before {
            self.conversations.push(conversation);
        }
        Ok(())
    }

    fn keep_latest(&mut self, limit: usize) {
        if self.entries.len() <= limit {
            return;
        }
        let gone = self.entries.len() - limit;
        if limit > 0 {
            self.entries.select_nth_unstable(gone);
        }
        self.entries.drain(..gone);
    }

    /// A batch of messages from the `start`th on, and where the next one starts.
    pub(super) async fn batch(
        &self,
        store: &Store,
        start: usize,
    ) -> Result<(Vec<Item>, usize), StoreError> {
        let end = (start + BATCH).min(self.entries.len());
        let entries = self.entries.get(start..end).unwrap_or_default();
        let posted_ones = entries.iter().filter(|entry| entry.seq > 0);
        let conversation = |entry: &Entry| &self.conversations[entry.number as usize];
        let places: Vec<_> =
            posted_ones.map(|entry| (conversation(entry).id.clone(), entry.seq)).collect();
        let mut events = store.events_at(&places).await?.into_iter().peekable();
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.seq == 0 {
                let (place, decision) = &self.refused[entry.number as usize];
                items.push(refused(store, place, decision).await?);
                continue;
            }
            // In the order asked for; one that is missing was erased meanwhile.
            let conversation = conversation(entry);
            let event = events
                .next_if(|event| event.conversation == conversation.id && event.seq == entry.seq);
            if let Some(event) = event {
                items.extend(posted(store, conversation, event, entry.first).await?);
            }
        }
        Ok((items, end))
    }
}

/// A message as it was said.
struct Said<'a> {
    stage: Stage,
    at: DateTime<Utc>,
    sender: &'a UserId,
    body: Arc<str>,
    verdict: Option<Arc<Verdict>>,
    seq: Option<Seq>,
    message_count: u64,
    is_first_contact: bool,
}

/// What filters were told of it; `None` for a message they were not asked about.
async fn posted(
    store: &Store,
    conversation: &Conversation,
    event: Event,
    is_first_contact: bool,
) -> Result<Option<Item>, StoreError> {
    let (stage, body, verdict) = match event.kind {
        EventKind::MessagePosted { body, verdict, .. } => (Stage::Create, body, verdict),
        EventKind::MessageEdited { body, verdict, .. } => (Stage::Edit, body, verdict),
        _ => return Ok(None),
    };
    let role = conversation.participant(&event.actor).map(|participant| participant.role);
    if role == Some(ParticipantRole::Staff) && conversation.kind == ConversationKind::Support {
        return Ok(None);
    }
    let said = Said {
        stage,
        at: event.at,
        sender: &event.actor,
        body,
        verdict,
        seq: Some(event.seq),
        message_count: event.seq - 1,
        is_first_contact,
    };
    item(store, conversation, said).await.map(Some)
}

/// The same of a message that was refused, so that there is no event. How many messages came before it was not recorded:
/// in a conversation that never began there were none.
async fn refused(
    store: &Store,
    place: &DecisionPlace,
    decision: &Decision,
) -> Result<Item, StoreError> {
    let known = store.conversation(&place.conversation).await?;
    let begun = known.as_ref().is_some_and(|known| known.created_at < decision.at);
    let conversation = known.unwrap_or_else(|| Conversation {
        id: place.conversation.clone(),
        kind: ConversationKind::Direct,
        listing: None,
        category: None,
        participants: Vec::new(),
        state: ConversationState::Open,
        blocks: Vec::new(),
        created_at: decision.at,
        sealed_chunks: 0,
    });
    let said = Said {
        stage: if decision.seq.is_some() { Stage::Edit } else { Stage::Create },
        at: decision.at,
        sender: &decision.sender,
        body: Arc::clone(&decision.body),
        verdict: Some(Arc::clone(&decision.verdict)),
        seq: None,
        message_count: u64::from(begun),
        is_first_contact: !begun,
    };
    item(store, &conversation, said).await
}

async fn item(
    store: &Store,
    conversation: &Conversation,
    said: Said<'_>,
) -> Result<Item, StoreError> {
    let user = store.user(said.sender).await?;
    let other = conversation.participants.iter().find(|it| it.user != *said.sender);
    let recipient_locale = match other {
        Some(other) => store.user(&other.user).await?.and_then(|user| user.locale.clone()),
        None => None,
    };
    let listing = match &conversation.listing {
        Some(listing) => store.listing(listing).await?,
        None => None,
    };
    let facts = Facts {
        text: said.body,
        stage: said.stage,
        at: said.at,
        sender: said.sender,
        role: Role::User,
        user: user.as_deref(),
        conversation,
        message_count: said.message_count,
        is_first_contact: said.is_first_contact,
        recipient_locale,
        listing: listing.as_deref(),
    };
    let signals = said.verdict.map_or_else(Vec::new, |verdict| verdict.signals.clone());
    Ok(Item {
        place: Place::Message { conversation: conversation.id.clone(), seq: said.seq },
        inspection: facts.into(),
        recorded: Some(Recorded { signals }),
        unwanted: None,
    })
}
