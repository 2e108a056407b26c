//! What the server keeps: documents as they are written, and hits as they come back.

use std::collections::HashMap;
use std::ops::Range;

use meilisearch_sdk::search::MatchRange;
use serde::{Deserialize, Serialize};

use super::filter::{key, keys};
use crate::document::{ConversationDocument, MessageDocument, Person, Projection};
use crate::query::{ConversationHit, MessageHit};

/// Between names: a border no phrase goes across. (Of a list of names the server tells the matches in one of them only.)
const BETWEEN_NAMES: &str = " | ";

/// A message document's id: the server allows `a-zA-Z0-9-_` there.
pub fn message_id(conversation: &str, seq: u64, projection: Projection) -> String {
    let projection = &projection.as_str()[..1];
    format!("{}-{seq}-{projection}", key(conversation))
}

/// A message document. What is compared is there as keys.
#[derive(Serialize)]
pub struct StoredMessage<'a> {
    id: String,
    conversation: &'a str,
    seq: u64,
    projection: Projection,
    text: &'a str,
    conversation_key: String,
    readers: Vec<String>,
    participants: Vec<String>,
    sender: String,
    kind: &'static str,
    listing: Option<String>,
    category: Option<String>,
    at: i64,
    verdict: String,
    has_attachment: bool,
}

impl<'a> From<&'a MessageDocument> for StoredMessage<'a> {
    fn from(document: &'a MessageDocument) -> Self {
        Self {
            id: message_id(&document.conversation, document.seq, document.projection),
            conversation: &document.conversation,
            seq: document.seq,
            projection: document.projection,
            text: &document.text,
            conversation_key: key(&document.conversation),
            readers: keys(&document.readers),
            participants: keys(&document.participants),
            sender: key(&document.sender),
            kind: document.kind.as_str(),
            listing: document.listing.as_deref().map(key),
            category: document.category.as_deref().map(key),
            at: document.at,
            verdict: key(&document.verdict),
            has_attachment: document.has_attachment,
        }
    }
}

/// A conversation document. What is compared is there as keys.
#[derive(Serialize)]
pub struct StoredConversation<'a> {
    id: String,
    conversation: &'a str,
    title: Option<&'a str>,
    names: String,
    people: &'a [Person],
    listing: Option<&'a str>,
    category: Option<&'a str>,
    readers: Vec<String>,
    participants: Vec<String>,
    kind: &'static str,
    listing_key: Option<String>,
    category_key: Option<String>,
    at: i64,
}

impl<'a> From<&'a ConversationDocument> for StoredConversation<'a> {
    fn from(document: &'a ConversationDocument) -> Self {
        let names: Vec<_> = document.people.iter().map(|p| p.name.as_str()).collect();
        Self {
            id: key(&document.id),
            conversation: &document.id,
            title: document.title.as_deref(),
            names: names.join(BETWEEN_NAMES),
            people: &document.people,
            listing: document.listing.as_deref(),
            category: document.category.as_deref(),
            readers: keys(&document.readers),
            participants: document.people.iter().map(|p| key(&p.id)).collect(),
            kind: document.kind.as_str(),
            listing_key: document.listing.as_deref().map(key),
            category_key: document.category.as_deref().map(key),
            at: document.at,
        }
    }
}

/// What is read back of a message.
#[derive(Deserialize)]
pub struct FoundMessage {
    conversation: String,
    seq: u64,
    projection: Projection,
    text: String,
}

impl FoundMessage {
    /// What is asked for.
    pub const FIELDS: [&'static str; 4] = ["conversation", "seq", "projection", "text"];

    pub fn hit(self, matches: &Matches) -> MessageHit {
        MessageHit {
            matches: ranges(&self.text, matches.get("text")),
            conversation: self.conversation,
            seq: self.seq,
            projection: self.projection,
            text: self.text,
        }
    }
}

/// What is read back of a conversation.
#[derive(Deserialize)]
pub struct FoundConversation {
    conversation: String,
    listing: Option<String>,
    title: Option<String>,
    names: String,
    people: Vec<Person>,
}

impl FoundConversation {
    /// What is asked for.
    pub const FIELDS: [&'static str; 5] = ["conversation", "listing", "title", "names", "people"];

    pub fn hit(self, matches: &Matches) -> ConversationHit {
        let title = self.title.as_deref().unwrap_or_default();
        ConversationHit {
            title_matches: ranges(title, matches.get("title")),
            people_matches: by_name(&self.people, &ranges(&self.names, matches.get("names"))),
            id: self.conversation,
            listing: self.listing,
            title: self.title,
            people: self.people,
        }
    }
}

/// Which conversation is about something.
#[derive(Deserialize)]
pub struct FoundAbout {
    pub conversation: String,
    pub category: Option<String>,
}

/// By attribute, where the server found something: in bytes.
pub type Matches = HashMap<String, Vec<MatchRange>>;

/// The server's matches as ranges of `text`: ascending, on character borders, none overlapping another.
fn ranges(text: &str, matches: Option<&Vec<MatchRange>>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = matches
        .into_iter()
        .flatten()
        .map(|found| {
            let end = found.start.saturating_add(found.length);
            text.floor_char_boundary(found.start)..text.ceil_char_boundary(end)
        })
        .filter(|range| !range.is_empty())
        .collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Ranges of all names together as ranges of each.
fn by_name(people: &[Person], ranges: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
    let mut start = 0;
    people
        .iter()
        .map(|person| {
            let end = start + person.name.len();
            let own = ranges
                .iter()
                .map(|range| range.start.max(start)..range.end.min(end))
                .filter(|range| range.start < range.end)
                .map(|range| range.start - start..range.end - start)
                .collect();
            start = end + BETWEEN_NAMES.len();
            own
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_are_allowed_and_differ() {
        let ids = [
            message_id("a", 12, Projection::Whole),
            message_id("a", 12, Projection::Masked),
            message_id("a-1", 2, Projection::Whole),
            message_id("A", 12, Projection::Whole),
            message_id("é/\"'".repeat(25).as_str(), u64::MAX, Projection::Whole),
        ];
        for (n, id) in ids.iter().enumerate() {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            assert!(id.len() < 511 && id.bytes().all(allowed), "{id} is refused");
            assert!(!ids[..n].contains(id), "{id} is there twice");
        }
    }

    #[test]
    fn matches_become_ranges_apart_and_on_borders() {
        let found = |start, length| MatchRange { start, length, indices: None };
        let text = "né 🚲 x";
        let matches = vec![found(4, 2), found(0, 2), found(0, 3), found(99, 4)];
        assert_eq!(ranges(text, Some(&matches)), [0..3, 4..8]);
        assert_eq!(ranges(text, None), Vec::<Range<usize>>::new());
    }

    #[test]
    fn matches_in_names_are_told_by_name() {
        let people: Vec<_> = ["Zoë Z", "", "Anna Bike"]
            .map(|name| Person { id: name.to_owned(), name: name.to_owned() })
            .into();
        let found = by_name(&people, &[0..4, 5..6, 12..16, 17..21]);
        assert_eq!(found, [vec![0..4, 5..6], vec![], vec![0..4, 5..9]]);
    }
}
