//! How a log lies in rows: `event:[conversation, seq]` holds an event and, under `then`, those that were filed with it.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use surrealdb::types::{Array, Object, Value};

use super::StoreError;
use super::catalogue::variable;
use super::db::Db;
use super::group::NewRecord;
use super::rows::{self, seq_id};
use super::value::{Row, int, text};
use crate::domain::{ConversationId, Event, Seq};

/// No row reaches over a multiple of this, so that the rows that may hold an event can be named.
const LONGEST: u64 = 16;
/// Shorter ranges are asked for by naming every id: the database keeps that statement compiled,
/// while a range is compiled each time, which costs more than reading a page.
const NAMED_IDS: u64 = 128;

/// What asks for rows by their ids, `$events`.
pub(super) const NAMED: &str = "SELECT * FROM $events";
/// What asks for the rows of a range.
const RANGED: &str = "SELECT * FROM event:[$c, $from]..=[$c, $to]";

/// The first sequence number whose row may hold this event.
fn first_row(seq: Seq) -> Seq {
    seq.saturating_sub(1) / LONGEST * LONGEST + 1
}

/// Ids of all rows that may hold events of a closed range.
fn ids(id: &ConversationId, range: &RangeInclusive<Seq>) -> impl Iterator<Item = Value> {
    let rows = first_row(*range.start())..=*range.end();
    rows.map(|seq| Value::RecordId(seq_id("event", id, seq)))
}

/// The events' rows: of one conversation, in order; a row ends at a gap.
pub(super) fn rows(events: &[Event]) -> Vec<NewRecord> {
    let goes_on = |a: &Event, b: &Event| b.seq == a.seq + 1 && first_row(b.seq) != b.seq;
    events.chunk_by(goes_on).filter_map(rows::run_row).collect()
}

/// The events of a closed range that these rows hold, in order.
pub(super) fn events(
    id: &ConversationId,
    rows: Vec<Value>,
    range: &RangeInclusive<Seq>,
) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let run = rows::run(id, row)?;
        events.extend(run.into_iter().filter(|event| range.contains(&event.seq)));
    }
    Ok(events)
}

/// What asks for the rows of a closed range, `NAMED` if it is short, and what it is called with.
pub(super) fn question(id: &ConversationId, range: &RangeInclusive<Seq>) -> (&'static str, Object) {
    if range.end().saturating_sub(*range.start()) < NAMED_IDS {
        let ids: Array = ids(id, range).collect();
        return (NAMED, variable("events", Value::Array(ids)));
    }
    let mut variables = variable("c", text(id.as_str()));
    variables.insert("from", int(first_row(*range.start())));
    variables.insert("to", int(*range.end()));
    (RANGED, variables)
}

/// Ids of all rows that may hold these events, each once.
pub(super) fn ids_of<'a>(places: impl Iterator<Item = (&'a ConversationId, Seq)>) -> Array {
    let mut seen = HashSet::new();
    let mut ids = Array::new();
    for (id, seq) in places {
        for row in first_row(seq)..=seq {
            if seen.insert((id, row)) {
                ids.push(Value::RecordId(seq_id("event", id, row)));
            }
        }
    }
    ids
}

/// All events of rows of whatever conversations.
pub(super) fn all(rows: Vec<Value>) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::with_capacity(rows.len());
    for value in rows {
        let id = Row::new(value.clone(), "event")?.first_text()?;
        events.extend(rows::run(&ConversationId::trusted(id), value)?);
    }
    Ok(events)
}

/// Which of these events the rows hold.
pub(super) async fn present(
    db: &Db,
    places: &[(ConversationId, Seq)],
) -> Result<HashSet<(ConversationId, Seq)>, StoreError> {
    let ids = ids_of(places.iter().map(|(id, seq)| (id, *seq)));
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found = db.ask("SELECT * FROM $ids", variable("ids", Value::Array(ids))).await?.rows(0)?;
    Ok(all(found)?.into_iter().map(|event| (event.conversation, event.seq)).collect())
}

/// What was filed and what was not yet, read in the opposite order, as one log: an event may be in both.
pub(super) fn merged(filed: Vec<Event>, unfiled: Vec<Event>) -> Vec<Event> {
    if unfiled.is_empty() {
        return filed;
    }
    let mut events: Vec<Event> = filed.into_iter().chain(unfiled).collect();
    events.sort_by_key(|event| event.seq);
    events.dedup_by_key(|event| event.seq);
    events
}
