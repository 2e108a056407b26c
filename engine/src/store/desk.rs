//! The support desk's conversations in the orders staff look at them: open and closed ones by their last activity, those
//! that wait by how long they do. Kept with the desk's inbox rows, in the same transaction.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, RecordId, SurrealValue, Value};

use super::catalogue::variable;
use super::db::{Fall, Statement};
use super::group::{NewRecord, REPLACE, Table, put};
use super::inbox::{INBOX, InboxChange, inbox_row};
use super::value::{LAST_TEXT, NewRow, Row, as_int, as_text, int, named, record, text};
use super::{Store, StoreError};
use crate::domain::{ConversationId, ConversationState, InboxRow, SUPPORT_DESK, UserId};

const DESK: Table = Table {
    one: REPLACE,
    many: "INSERT INTO desk $rows ON DUPLICATE KEY UPDATE category = $input.category RETURN NONE",
};
const OPEN: &str = "open";
const CLOSED: &str = "closed";
const WAITING: &str = "waiting";
/// Entries read at once where a filter leaves out some.
const BATCH: usize = 1_000;
/// Entries looked at for one page at most; a page cut short says where to go on.
const MAX_LOOKED_AT: usize = 20_000;

/// Which support conversations are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskFilter {
    /// In this state.
    pub state: Option<ConversationState>,
    /// Only those whose customer waits for an answer, who waits longest first.
    pub unanswered: bool,
    /// Of this category.
    pub category: Option<String>,
}

/// A conversation's place in its list: when it last moved (newest first), or since when it waits (oldest first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPlace {
    /// When.
    pub at: DateTime<Utc>,
    /// Which.
    pub conversation: ConversationId,
}

/// A page of support conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPage {
    /// Their rows of the desk's inbox.
    pub rows: Vec<InboxRow>,
    /// Whether there may be more.
    pub has_more: bool,
    /// Where to go on, if there may be more.
    pub end: Option<DeskPlace>,
}

struct Entry {
    place: DeskPlace,
    category: Option<String>,
}

impl DeskFilter {
    fn lists(&self) -> &'static [&'static str] {
        match (self.unanswered, self.state) {
            (true, Some(ConversationState::Closed)) => &[],
            (true, _) => &[WAITING],
            (false, Some(ConversationState::Open)) => &[OPEN],
            (false, Some(ConversationState::Closed)) => &[CLOSED],
            (false, None) => &[OPEN, CLOSED],
        }
    }
}

impl Store {
    /// Up to `limit` support conversations that fit, those after `after`.
    pub async fn desk(
        &self,
        filter: &DeskFilter,
        after: Option<&DeskPlace>,
        limit: usize,
    ) -> Result<DeskPage, StoreError> {
        // One more than the page says whether there is a next one, and the place to go on from is read again.
        let batch = if filter.category.is_some() { BATCH } else { limit.saturating_add(2) };
        let (mut found, mut end) = (Vec::new(), after.cloned());
        let mut looked_at = 0;
        let has_more = 'pages: loop {
            let mut entries = Vec::new();
            let mut full = false;
            for list in filter.lists() {
                let part = self.desk_entries(list, end.as_ref(), batch).await?;
                full |= part.len() >= batch;
                entries.extend(part);
            }
            if filter.lists().len() > 1 {
                entries.sort_by(|a, b| key(&a.place).cmp(&key(&b.place)));
                full |= entries.len() > batch;
                entries.truncate(batch);
            }
            looked_at += entries.len();
            let from = end.clone();
            for entry in entries.into_iter().filter(|entry| Some(&entry.place) != from.as_ref()) {
                if filter.category.is_none() || filter.category == entry.category {
                    if found.len() >= limit {
                        break 'pages true;
                    }
                    found.push(entry.place.conversation.clone());
                }
                end = Some(entry.place);
            }
            if !full || looked_at >= MAX_LOOKED_AT {
                break full;
            }
        };
        let desk = UserId::trusted(SUPPORT_DESK);
        let keys: Vec<_> = found.iter().map(|id| (desk.clone(), id.clone())).collect();
        let mut rows = self.inbox_rows(&keys).await?;
        let order = |row: &InboxRow| found.iter().position(|id| *id == row.conversation);
        rows.sort_by_cached_key(order);
        Ok(DeskPage { rows, has_more, end: end.filter(|_| has_more) })
    }

    async fn desk_entries(
        &self,
        list: &'static str,
        from: Option<&DeskPlace>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let start = from.map_or(i64::MIN, |from| place(list, from.at));
        let mut variables = variable("list", text(list));
        variables.insert("at", start);
        variables.insert("c", text(from.map_or("", |from| from.conversation.as_str())));
        variables.insert("max", i64::MAX);
        variables.insert("last", text(LAST_TEXT));
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM desk:[$list, $at, $c]..=[$list, $max, $last] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(entry).collect()
    }

    /// Open support conversations, and those that wait. Counts them: not for every frame.
    pub async fn count_desk(&self) -> Result<(u64, u64), StoreError> {
        Ok((self.count_list(OPEN).await?, self.count_list(WAITING).await?))
    }

    async fn count_list(&self, list: &str) -> Result<u64, StoreError> {
        let mut variables = variable("list", text(list));
        variables.insert("min", i64::MIN);
        variables.insert("max", i64::MAX);
        variables.insert("last", text(LAST_TEXT));
        let sql = "SELECT count() FROM desk:[$list, $min, '']..=[$list, $max, $last] GROUP ALL";
        let Some(row) = self.inner.db.ask(sql, variables).await?.rows(0)?.pop() else {
            return Ok(0);
        };
        Row::new(row, "desk")?.count("count")
    }

    /// Whether the lists were ever filled from the desk's inbox rows.
    pub async fn desk_is_filled(&self) -> Result<bool, StoreError> {
        Ok(self.one(named("meta", "desk")).await?.is_some())
    }

    /// Fills them, and notes that they are.
    pub async fn fill_desk(&self, changes: &[InboxChange]) -> Result<(), StoreError> {
        for changes in changes.chunks(BATCH) {
            let mut statements = Vec::new();
            put(&mut statements, &INBOX, changes.iter().map(|change| inbox_row(&change.after)));
            desk_statements(&mut statements, changes);
            self.project(statements).await?;
        }
        let mut variables = variable("id", Value::RecordId(named("meta", "desk")));
        variables.insert("row", Value::Object(Object::new()));
        self.inner.db.ask(REPLACE, variables).await.map(|_| ())
    }

    async fn project(&self, statements: Vec<Statement>) -> Result<(), StoreError> {
        match self.inner.projector.lock().await.transact(statements).await {
            Ok(()) => Ok(()),
            Err(Fall::Unknown(error)) => Err(error),
            Err(Fall::Exists | Fall::Retry) => {
                Err(StoreError::Unavailable("lists are being written by somebody else".into()))
            }
        }
    }
}

/// What changed rows of the desk do to its lists: entries go before they come.
pub(super) fn desk_statements(all: &mut Vec<Statement>, changes: &[InboxChange]) {
    let (mut gone, mut come) = (Array::new(), Vec::new());
    for change in changes.iter().filter(|change| change.after.user.as_str() == SUPPORT_DESK) {
        let after = ids(&change.after);
        let before = change.before.as_ref().map(ids).unwrap_or_default();
        gone.extend(before.into_iter().filter(|id| !after.contains(id)).map(Value::RecordId));
        come.extend(after.into_iter().map(|id| desk_row(id, &change.after)));
    }
    if !gone.is_empty() {
        let variables = variable("ids", Value::Array(gone));
        all.push(Statement { sql: "DELETE $ids RETURN NONE", variables });
    }
    put(all, &DESK, come);
}

fn desk_row(id: RecordId, row: &InboxRow) -> NewRecord {
    (id, NewRow::new().maybe("category", row.category.as_ref().map(text)))
}

fn ids(row: &InboxRow) -> Vec<RecordId> {
    let id = |list: &'static str, at: DateTime<Utc>| {
        let key = [text(list), place(list, at).into_value(), text(row.conversation.as_str())];
        record("desk", key)
    };
    let state = if row.is_open() { OPEN } else { CLOSED };
    let waiting = row.waiting_since.filter(|_| row.is_open()).map(|since| id(WAITING, since));
    std::iter::once(id(state, row.last_at)).chain(waiting).collect()
}

/// Ranges are read forwards only: what is newest first has negative times.
fn place(list: &str, at: DateTime<Utc>) -> i64 {
    if list == WAITING { at.timestamp_millis() } else { -at.timestamp_millis() }
}

fn key(place: &DeskPlace) -> (Reverse<DateTime<Utc>>, &str) {
    (Reverse(place.at), place.conversation.as_str())
}

fn entry(value: Value) -> Result<Entry, StoreError> {
    let row = &mut Row::new(value, "desk")?;
    let [_, at, conversation] = row.key::<3>()?;
    let time = as_int(&at).and_then(|at| DateTime::from_timestamp_millis(at.abs()));
    let conversation = as_text(conversation).map_err(|value| row.corrupt("id", &value))?;
    let place = DeskPlace {
        at: time.ok_or_else(|| row.corrupt("id", &at))?,
        conversation: ConversationId::trusted(conversation),
    };
    Ok(Entry { place, category: row.maybe_text("category")? })
}
