//! What one commit changed, as the outbox names it.

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, SurrealValue, Value};

use crate::domain::{ClientId, ConversationId, ListingId, Seq, UserId};
use crate::store::StoreError;
use crate::store::value::{NewRow, Row, as_int, as_text, int, millis, text};

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxEntry {
    /// Something in a conversation.
    Conversation(ConversationEntry),
    /// Users or listings that the marketplace pushed.
    Catalogue(CatalogueEntry),
}

/// What one commit changed in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationEntry {
    /// Which.
    pub conversation: ConversationId,
    /// First and last event it appended, if it appended any. It started the conversation if the
    /// first is 1.
    pub events: Option<(Seq, Seq)>,
    /// Whose read markers it moved.
    pub reads: Vec<UserId>,
    /// Time and client id of the decisions it recorded.
    pub decisions: Vec<(DateTime<Utc>, ClientId)>,
}

/// Users and listings that were added or replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Which users.
    pub users: Vec<UserId>,
    /// Which listings.
    pub listings: Vec<ListingId>,
}

impl ConversationEntry {
    /// An entry that says nothing yet.
    pub fn new(conversation: ConversationId) -> Self {
        Self { conversation, events: None, reads: Vec::new(), decisions: Vec::new() }
    }

    /// Whether the commit started the conversation.
    pub fn started(&self) -> bool {
        self.events.is_some_and(|(first, _)| first == 1)
    }
}

impl OutboxEntry {
    /// The conversation it is about, if it is about one.
    pub fn conversation(&self) -> Option<&ConversationEntry> {
        match self {
            Self::Conversation(entry) => Some(entry),
            Self::Catalogue(_) => None,
        }
    }

    /// As it is stored; fields that would be empty are left out.
    pub(in crate::store) fn value(&self) -> Value {
        let some = |list: Vec<Value>| (!list.is_empty()).then(|| Value::Array(Array::from(list)));
        let seq = |seq: Seq| int(seq).into_value();
        let row = match self {
            Self::Conversation(entry) => {
                let decided = |(at, client_id): &(DateTime<Utc>, ClientId)| {
                    Value::Array(Array::from(vec![millis(*at), text(client_id.as_str())]))
                };
                NewRow::new()
                    .with("conversation", text(entry.conversation.as_str()))
                    .maybe("first", entry.events.map(|(first, _)| seq(first)))
                    .maybe("last", entry.events.map(|(_, last)| seq(last)))
                    .maybe("reads", some(entry.reads.iter().map(|u| text(u.as_str())).collect()))
                    .maybe("decisions", some(entry.decisions.iter().map(decided).collect()))
            }
            Self::Catalogue(entry) => NewRow::new()
                .maybe("users", some(entry.users.iter().map(|id| text(id.as_str())).collect()))
                .maybe(
                    "listings",
                    some(entry.listings.iter().map(|id| text(id.as_str())).collect()),
                ),
        };
        row.value()
    }

    pub(super) fn read(value: Value) -> Result<Self, StoreError> {
        let row = &mut Row::new(value, "outbox.entries")?;
        let Some(conversation) = row.maybe_text("conversation")? else {
            let users = texts(row, "users")?.into_iter().map(UserId::trusted).collect();
            let listings = texts(row, "listings")?.into_iter().map(ListingId::trusted).collect();
            return Ok(Self::Catalogue(CatalogueEntry { users, listings }));
        };
        let seq = |n: Option<i64>| n.and_then(|n| Seq::try_from(n).ok());
        let events = seq(row.maybe_int("first")?).zip(seq(row.maybe_int("last")?));
        let reads = texts(row, "reads")?.into_iter().map(UserId::trusted).collect();
        let mut decisions = Vec::new();
        for pair in row.list("decisions")? {
            let at = as_int(pair.get(0)).and_then(DateTime::from_timestamp_millis);
            let (Some(at), Value::String(client_id)) = (at, pair.get(1)) else {
                return Err(row.corrupt("decisions", &pair));
            };
            decisions.push((at, ClientId::trusted(client_id)));
        }
        let conversation = ConversationId::trusted(conversation);
        Ok(Self::Conversation(ConversationEntry { conversation, events, reads, decisions }))
    }
}

fn texts(row: &mut Row, field: &str) -> Result<Vec<String>, StoreError> {
    let list = row.list(field)?.into_iter();
    list.map(|one| as_text(one).map_err(|value| row.corrupt(field, &value))).collect()
}
