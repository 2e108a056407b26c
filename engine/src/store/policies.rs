//! Policy tables, numbered from 1; a version is written once and never changed.

use chrono::{DateTime, Utc};
use surrealdb::types::{SurrealValue, Value};

use super::catalogue::variable;
use super::group::NewRecord;
use super::value::{NewRow, Row, as_int, millis, record, text};
use super::{Store, StoreError};

/// A policy table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// 1, 2, 3…
    pub version: u32,
    /// TOML.
    pub text: String,
    /// What its author said about it.
    pub note: Option<String>,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// By whom; `None`: by the engine itself.
    pub created_by: Option<String>,
}

impl Store {
    /// One policy version.
    pub async fn policy(&self, version: u32) -> Result<Option<PolicyRow>, StoreError> {
        let id = record("policy", [i64::from(version).into_value()]);
        self.one(id).await?.map(read_policy).transpose()
    }

    /// Policy versions `from` to `to`, oldest first.
    pub async fn policies(&self, from: u32, to: u32) -> Result<Vec<PolicyRow>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let mut variables = variable("from", i64::from(from).into_value());
        variables.insert("to", i64::from(to));
        let sql = "SELECT * FROM policy:[$from]..=[$to]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_policy).collect()
    }
}

pub(super) fn policy_row(policy: &PolicyRow) -> NewRecord {
    let row = NewRow::new()
        .with("text", text(&policy.text))
        .maybe("note", policy.note.as_ref().map(text))
        .with("created_at", millis(policy.created_at))
        .maybe("created_by", policy.created_by.as_ref().map(text));
    (record("policy", [i64::from(policy.version).into_value()]), row)
}

fn read_policy(value: Value) -> Result<PolicyRow, StoreError> {
    let row = &mut Row::new(value, "policy")?;
    let [version] = row.key::<1>()?;
    let version = as_int(&version)
        .and_then(|version| u32::try_from(version).ok())
        .ok_or_else(|| row.corrupt("id", &version))?;
    Ok(PolicyRow {
        version,
        text: row.text("text")?,
        note: row.maybe_text("note")?,
        created_at: row.time("created_at")?,
        created_by: row.maybe_text("created_by")?,
    })
}
