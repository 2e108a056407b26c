//! Cursors: opaque to clients, stable while items come and go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use crate::domain::{ClientId, ConversationId, InboxRow, ListingId, Seq};
use crate::graphql::errors::Fault;
use crate::search;
use crate::store::{AuditPlace, DecisionPlace, DeskPlace, QueuePlace, ShadowPlace};

/// The cursor of a message.
pub fn of_message(seq: Seq) -> String {
    URL_SAFE_NO_PAD.encode(seq.to_string())
}

/// Reads a message's cursor.
pub fn message(cursor: &str) -> Result<Seq, Fault> {
    decode(cursor).and_then(|text| text.parse().ok()).ok_or_else(malformed)
}

/// The cursor of a listing.
pub fn of_listing(id: &ListingId) -> String {
    URL_SAFE_NO_PAD.encode(id.as_str())
}

/// Reads a listing's cursor.
pub fn listing(cursor: &str) -> Result<ListingId, Fault> {
    decode(cursor).and_then(|text| ListingId::new(text).ok()).ok_or_else(malformed)
}

/// The cursor of something numbered.
pub fn of_number(number: u32) -> String {
    of_message(u64::from(number))
}

/// Reads the cursor of something numbered.
pub fn number(cursor: &str) -> Result<u32, Fault> {
    message(cursor).and_then(|number| u32::try_from(number).map_err(|_| malformed()))
}

/// The cursor of something with a key of text.
pub fn of_key(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// Reads the cursor of something with a key of text.
pub fn key(cursor: &str) -> Result<String, Fault> {
    decode(cursor).ok_or_else(malformed)
}

/// The cursor of a shadow result.
pub fn of_shadow(place: ShadowPlace) -> String {
    of_key(&format!("{} {}", place.at.timestamp_millis(), place.n))
}

/// The cursor of a decision.
pub fn of_decision(place: &DecisionPlace) -> String {
    let DecisionPlace { at, conversation, client_id } = place;
    of_key(&format!("{}\n{conversation}\n{client_id}", at.timestamp_millis()))
}

/// Reads a decision's cursor.
pub fn decision(cursor: &str) -> Result<DecisionPlace, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let mut parts = text.splitn(3, '\n');
        let at = DateTime::from_timestamp_millis(parts.next()?.parse().ok()?)?;
        let conversation = ConversationId::new(parts.next()?).ok()?;
        let client_id = ClientId::new(parts.next()?).ok()?;
        Some(DecisionPlace { at, conversation, client_id })
    };
    read().ok_or_else(malformed)
}

/// The cursor of something that was found.
pub fn of_search(place: search::Place) -> String {
    of_key(&format!("{} {}", place.as_of.timestamp_millis(), place.offset))
}

/// Reads the cursor of something that was found.
pub fn search(cursor: &str) -> Result<search::Place, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let (millis, offset) = text.split_once(' ')?;
        let as_of = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some(search::Place { as_of, offset: offset.parse().ok()? })
    };
    read().ok_or_else(malformed)
}

/// Reads a shadow result's cursor.
pub fn shadow(cursor: &str) -> Result<ShadowPlace, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let (millis, n) = text.split_once(' ')?;
        let at = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some(ShadowPlace { at, n: n.parse().ok()? })
    };
    read().ok_or_else(malformed)
}

/// The cursor of a held message.
pub fn of_queue(place: &QueuePlace) -> String {
    let QueuePlace { severity, at, conversation, seq } = place;
    of_key(&format!("{severity}\n{}\n{conversation}\n{seq}", at.timestamp_millis()))
}

/// Reads a held message's cursor.
pub fn queue(cursor: &str) -> Result<QueuePlace, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let mut parts = text.splitn(4, '\n');
        Some(QueuePlace {
            severity: parts.next()?.parse().ok()?,
            at: DateTime::from_timestamp_millis(parts.next()?.parse().ok()?)?,
            conversation: ConversationId::new(parts.next()?).ok()?,
            seq: parts.next()?.parse().ok()?,
        })
    };
    read().ok_or_else(malformed)
}

/// The cursor of an entry of the audit log.
pub fn of_audit(place: AuditPlace) -> String {
    of_key(&format!("{} {}", place.at.timestamp_millis(), place.number))
}

/// Reads the cursor of an entry of the audit log.
pub fn audit(cursor: &str) -> Result<AuditPlace, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let (millis, number) = text.split_once(' ')?;
        let at = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some(AuditPlace { at, number: number.parse().ok()? })
    };
    read().ok_or_else(malformed)
}

/// The cursor of a support conversation.
pub fn of_desk(place: &DeskPlace) -> String {
    of_key(&format!("{} {}", place.at.timestamp_millis(), place.conversation))
}

/// Reads a support conversation's cursor.
pub fn desk(cursor: &str) -> Result<DeskPlace, Fault> {
    let read = || {
        let text = decode(cursor)?;
        let (millis, id) = text.split_once(' ')?;
        let at = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some(DeskPlace { at, conversation: ConversationId::new(id).ok()? })
    };
    read().ok_or_else(malformed)
}

/// A place in a list of conversations, which is ordered by last activity, newest first, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    last_at: DateTime<Utc>,
    id: ConversationId,
}

impl Position {
    /// The place of a row.
    pub fn of(row: &InboxRow) -> Self {
        Self { last_at: row.last_at, id: row.conversation.clone() }
    }

    /// Reads a conversation's cursor.
    pub fn parse(cursor: &str) -> Result<Self, Fault> {
        let read = || {
            let text = decode(cursor)?;
            let (millis, id) = text.split_once(' ')?;
            let last_at = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
            Some(Self { last_at, id: ConversationId::new(id).ok()? })
        };
        read().ok_or_else(malformed)
    }

    /// The cursor.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.last_at.timestamp_millis(), self.id))
    }

    fn key(&self) -> (std::cmp::Reverse<DateTime<Utc>>, &ConversationId) {
        (std::cmp::Reverse(self.last_at), &self.id)
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

fn decode(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

fn malformed() -> Fault {
    Fault::BadUserInput("This cursor is not one the engine gave out.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(millis: i64, id: &str) -> Position {
        let last_at = DateTime::from_timestamp_millis(millis).expect("in range");
        Position { last_at, id: ConversationId::trusted(id) }
    }

    #[test]
    fn cursors_come_back_as_they_went_out() {
        assert_eq!(message(&of_message(u64::MAX)), Ok(u64::MAX));
        let id = ListingId::trusted("ünïcode id");
        assert_eq!(listing(&of_listing(&id)), Ok(id));
        let place = position(1_700_000_000_123, "c 1");
        let decided = DecisionPlace {
            at: DateTime::from_timestamp_millis(1_700_000_000_123).expect("in range"),
            conversation: ConversationId::trusted("c 1"),
            client_id: ClientId::trusted("edit of 7"),
        };
        assert_eq!(decision(&of_decision(&decided)), Ok(decided));
        assert_eq!(Position::parse(&place.encode()), Ok(place));
    }

    #[test]
    fn invented_cursors_are_refused() {
        for cursor in ["", "7", "LTE", "!!", &of_listing(&ListingId::trusted("x"))] {
            assert!(message(cursor).is_err(), "`{cursor}` as a message's");
            assert!(Position::parse(cursor).is_err(), "`{cursor}` as a conversation's");
        }
    }

    #[test]
    fn the_newest_conversation_comes_first() {
        let mut places = [position(1, "b"), position(2, "z"), position(1, "a")];
        places.sort();
        assert_eq!(places, [position(2, "z"), position(1, "a"), position(1, "b")]);
    }
}
