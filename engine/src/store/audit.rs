//! Who looked at or changed what in other people's conversations. Entries are only ever added.
//!
//! Ranges are read forwards only, so that the newest come first the key counts time backwards.

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use surrealdb::types::{SurrealValue, Value};

use super::catalogue::variable;
use super::group::{CREATE, NewRecord, Table};
use super::value::{NewRow, Row, as_int, int, record, text};
use super::{Store, StoreError};
use crate::domain::UserId;

pub(super) const AUDIT: Table =
    Table { one: CREATE, many: "INSERT INTO audited $rows RETURN NONE" };

/// Entries read at once where a filter leaves out some.
const BATCH: usize = 1_000;
/// Entries looked at for one page at most; a page cut short says where to go on.
const MAX_LOOKED_AT: usize = 50_000;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: UserId,
    /// Did what, such as `conversation.read`.
    pub action: String,
    /// To what, such as a conversation's id.
    pub target: String,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// Which entries are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this person.
    pub actor: Option<UserId>,
    /// This action, or all that begin so and go on with a dot.
    pub action: Option<String>,
    /// To this.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Not after.
    pub to: Option<DateTime<Utc>>,
}

/// An entry's place in the log, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditPlace {
    /// When.
    pub at: DateTime<Utc>,
    /// Tells entries of one moment apart.
    pub number: u32,
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries and where they are.
    pub entries: Vec<(AuditPlace, AuditEntry)>,
    /// Whether there may be older ones.
    pub has_more: bool,
    /// Where to go on, if there may be more.
    pub end: Option<AuditPlace>,
}

impl AuditFilter {
    fn chooses(&self) -> bool {
        self.actor.is_some() || self.action.is_some() || self.target.is_some()
    }

    fn fits(&self, entry: &AuditEntry) -> bool {
        self.actor.as_ref().is_none_or(|actor| *actor == entry.actor)
            && self.target.as_ref().is_none_or(|target| *target == entry.target)
            && self.action.as_ref().is_none_or(|action| {
                let rest = entry.action.strip_prefix(action.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
    }
}

impl Store {
    /// Adds an entry; once this returned, it is on disk.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let (id, row) = entry_row(entry);
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        self.inner.db.ask(CREATE, variables).await.map(|_| ())
    }

    /// The entries of a stretch of time, oldest first.
    pub async fn audit_log(
        &self,
        range: RangeInclusive<DateTime<Utc>>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (from, to) = (Some(*range.start()), Some(*range.end()));
        let filter = AuditFilter { from, to, ..AuditFilter::default() };
        let mut entries = self.audit_entries(&filter, None, 1_000_000_000).await?;
        entries.sort_by_key(|(place, _)| (place.at, Reverse(place.number)));
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    /// Up to `limit` entries that fit, newest first, those after `after`.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        after: Option<AuditPlace>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        // One more than the page says whether there is a next one, and the place to go on from is read again.
        let batch = if filter.chooses() { BATCH } else { limit.saturating_add(2) };
        let mut page = AuditPage { entries: Vec::new(), has_more: false, end: after };
        let mut looked_at = 0;
        loop {
            let from = page.end;
            let entries = self.audit_entries(filter, from, batch).await?;
            let count = entries.len();
            for (place, entry) in entries.into_iter().filter(|(place, _)| Some(*place) != from) {
                if filter.fits(&entry) {
                    if page.entries.len() >= limit {
                        page.has_more = true;
                        return Ok(page);
                    }
                    page.entries.push((place, entry));
                }
                page.end = Some(place);
            }
            looked_at += count;
            page.has_more = count >= batch;
            if count < batch || looked_at >= MAX_LOOKED_AT {
                return Ok(page);
            }
        }
    }

    /// Up to `limit` entries of a stretch of time, newest first, from a place on, that one included.
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        from: Option<AuditPlace>,
        limit: usize,
    ) -> Result<Vec<(AuditPlace, AuditEntry)>, StoreError> {
        // Its negative must exist too.
        let newest = filter.to.map_or(i64::MAX, |to| to.timestamp_millis());
        let oldest = filter.from.map_or(-i64::MAX, |from| from.timestamp_millis());
        let from = from.filter(|from| from.at.timestamp_millis() <= newest);
        let start = from.map_or(newest, |from| from.at.timestamp_millis());
        let mut variables = variable("from", (-start).into_value());
        variables.insert("n", int(from.map_or(0, |from| u64::from(from.number))));
        variables.insert("to", -oldest);
        variables.insert("max", i64::MAX);
        variables.insert("limit", int(limit as u64));
        let sql = "SELECT * FROM audited:[$from, $n]..=[$to, $max] LIMIT $limit";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_entry).collect()
    }
}

/// The entry's row and id, for whoever writes it in a transaction of their own.
pub(super) fn entry_row(entry: &AuditEntry) -> NewRecord {
    let random = i64::from(rand::random::<u32>());
    let row = NewRow::new()
        .with("actor", text(entry.actor.as_str()))
        .with("action", text(&entry.action))
        .with("target", text(&entry.target))
        .maybe("reason", entry.reason.as_ref().map(text));
    let back = -entry.at.timestamp_millis();
    (record("audited", [back.into_value(), random.into_value()]), row)
}

fn read_entry(value: Value) -> Result<(AuditPlace, AuditEntry), StoreError> {
    let row = &mut Row::new(value, "audited")?;
    let [back, number] = row.key::<2>()?;
    let at = as_int(&back)
        .and_then(|back| DateTime::from_timestamp_millis(-back))
        .ok_or_else(|| row.corrupt("id", &back))?;
    let number = as_int(&number)
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| row.corrupt("id", &number))?;
    let entry = AuditEntry {
        at,
        actor: UserId::trusted(row.text("actor")?),
        action: row.text("action")?,
        target: row.text("target")?,
        reason: row.maybe_text("reason")?,
    };
    Ok((AuditPlace { at, number }, entry))
}
