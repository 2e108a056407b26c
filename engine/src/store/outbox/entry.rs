//! What one commit changed, as the outbox names it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, Bytes, SurrealValue, Value};

use crate::domain::{ClientId, ConversationId, ListingId, Seq, UserId};
use crate::store::StoreError;
use crate::store::value::{NewRow, Row, as_int, as_text, int, millis, text};

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxEntry {
    /// Something in a conversation.
    Conversation(ConversationEntry),
    /// Users or listings that the marketplace pushed.
    Catalogue(CatalogueEntry),
}

/// What one commit changed in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationEntry {
    /// Which.
    pub conversation: ConversationId,
    /// First and last event it appended, if it appended any. It started the conversation if the
    /// first is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<(Seq, Seq)>,
    /// Whose read markers it moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<UserId>,
    /// Time and client id of the decisions it recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<(DateTime<Utc>, ClientId)>,
}

/// Users and listings that were added or replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Which users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
    /// Which listings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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

    /// A group's, as they are stored: as one value, JSON, as nobody looks into it, and a value for each field would cost as
    /// much as all the rest of the commit.
    pub(in crate::store) fn together(entries: &[Self]) -> Result<Value, StoreError> {
        let text = serde_json::to_vec(entries).map_err(|error| StoreError::Corrupt {
            what: format!("outbox entries that can't be written: {error}"),
        })?;
        Ok(Bytes::from(text).into_value())
    }

    /// Reads a group's. Stores of before this version have a list of values.
    pub(super) fn read_all(value: Value) -> Result<Vec<Self>, StoreError> {
        match value {
            Value::Bytes(text) => serde_json::from_slice(&text)
                .map_err(|error| StoreError::Corrupt { what: format!("outbox.entries: {error}") }),
            Value::Array(values) => values.into_vec().into_iter().map(Self::read).collect(),
            other => Err(StoreError::Corrupt { what: format!("outbox.entries: {other:?}") }),
        }
    }

    /// One alone, as it is stored; fields that would be empty are left out.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_went_out_and_those_of_before_are_read() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).expect("a time");
        let id = ConversationId::trusted("c \"1\"");
        let entries = [
            OutboxEntry::Conversation(ConversationEntry::new(id.clone())),
            OutboxEntry::Conversation(ConversationEntry {
                conversation: id,
                events: Some((1, 2)),
                reads: vec![UserId::trusted("ann")],
                decisions: vec![(at, ClientId::trusted("é"))],
            }),
            OutboxEntry::Catalogue(CatalogueEntry {
                users: vec![UserId::trusted("bob")],
                listings: vec![ListingId::trusted("bike")],
            }),
            OutboxEntry::Catalogue(CatalogueEntry::default()),
        ];
        let text = OutboxEntry::together(&entries).expect("written");
        assert_eq!(OutboxEntry::read_all(text).expect("read"), entries);
        let before: Array = entries.iter().map(OutboxEntry::value).collect();
        assert_eq!(OutboxEntry::read_all(Value::Array(before)).expect("read"), entries);
        for unreadable in [Value::None, Bytes::from(b"[{}]".to_vec()).into_value()] {
            let read = OutboxEntry::read_all(unreadable);
            assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
        }
    }
}
