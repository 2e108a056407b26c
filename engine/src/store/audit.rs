//! Who looked at or changed what in other people's conversations.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use surrealdb::types::{SurrealValue, Value};

use super::catalogue::variable;
use super::group::{CREATE, NewRecord};
use super::value::{NewRow, Row, as_int, millis, record, text};
use super::{Store, StoreError};
use crate::domain::UserId;

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
        let mut variables = variable("from", millis(*range.start()));
        variables.insert("to", millis(*range.end()));
        variables.insert("max", i64::MAX);
        let sql = "SELECT * FROM audit:[$from, 0]..=[$to, $max]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_entry).collect()
    }
}

/// The entry's row and id, for whoever writes it in a transaction of their own.
pub(super) fn entry_row(entry: &AuditEntry) -> NewRecord {
    // Positive, so that entries of one millisecond stay inside `audit_log`'s range.
    let random = i64::from(rand::random::<u32>());
    let row = NewRow::new()
        .with("actor", text(entry.actor.as_str()))
        .with("action", text(&entry.action))
        .with("target", text(&entry.target))
        .maybe("reason", entry.reason.as_ref().map(text));
    (record("audit", [millis(entry.at), random.into_value()]), row)
}

fn read_entry(value: Value) -> Result<AuditEntry, StoreError> {
    let row = &mut Row::new(value, "audit")?;
    let [at, _] = row.key::<2>()?;
    let at = as_int(&at)
        .and_then(DateTime::from_timestamp_millis)
        .ok_or_else(|| row.corrupt("id", &at))?;
    Ok(AuditEntry {
        at,
        actor: UserId::trusted(row.text("actor")?),
        action: row.text("action")?,
        target: row.text("target")?,
        reason: row.maybe_text("reason")?,
    })
}
