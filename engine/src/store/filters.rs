//! Filters, their versions, and the numbered changes: each is based on the one before, so that no two interleave.

use chrono::serde::ts_milliseconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, SurrealValue, Value};

use super::audit::entry_row;
use super::catalogue::variable;
use super::components::{ComponentRow, component_row};
use super::db::{Fall, Statement};
use super::group::{CREATE, NewRecord, REPLACE};
use super::lists::{ListChange, ListRow};
use super::policies::{PolicyRow, policy_row};
use super::value::{NewRow, Row, int, named, record, serde_value, text, whole};
use super::{AuditEntry, Store, StoreError};
use crate::config::FailMode;

/// A filter: which of its versions does what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterRow {
    /// Such as `contact-guard`.
    pub name: String,
    /// The change that last touched it.
    pub revision: u64,
    /// Its place in the order filters run in; equal places go by name.
    pub position: u32,
    /// How many versions it has; they are numbered from 1.
    pub versions: u32,
    /// The version that judges.
    pub live: Option<u32>,
    /// Another version on trial.
    pub candidate: Option<CandidateRow>,
    /// Versions that judged before, newest last.
    pub previous: Vec<u32>,
    /// Somebody chose the live version by hand, so a newer bundled one doesn't replace it.
    pub pinned: bool,
    /// It came with the binary.
    pub bundled: bool,
    /// What becomes of a message it fails on.
    pub fail_mode: FailMode,
    /// Messages a day it may act on before it is switched off.
    pub max_actions_per_day: Option<u64>,
    /// Share of messages it may flag before it is switched off, 0 to 1.
    pub max_flagged_share: Option<f32>,
    /// Why it is switched off.
    pub quarantine: Option<QuarantineRow>,
    /// When its first version came.
    #[serde(with = "ts_milliseconds")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(with = "ts_milliseconds")]
    pub changed_at: DateTime<Utc>,
}

/// A version on trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateRow {
    /// Which.
    pub version: u32,
    /// Share of conversations it judges, percent; `None`: it only watches.
    pub canary_percent: Option<u8>,
    /// Since when.
    #[serde(with = "ts_milliseconds")]
    pub since: DateTime<Utc>,
}

/// Why a filter is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    /// Which version misbehaved.
    pub version: u32,
    /// `crashes`, `pass_rate` or `action_cap`.
    pub kind: String,
    /// What happened, for people.
    pub reason: String,
    /// When.
    #[serde(with = "ts_milliseconds")]
    pub at: DateTime<Utc>,
}

/// A version of a filter; never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The filter's name.
    pub filter: String,
    /// 1, 2, 3…
    pub number: u32,
    /// The component's digest.
    pub digest: String,
    /// The configuration, JSON text.
    pub config: String,
    /// BLAKE3 of the configuration's text, 64 hexadecimal digits.
    pub config_hash: String,
    /// What it may call: `log`, `counters`, `lists`, `history`.
    pub grants: Vec<String>,
    /// When it was made.
    #[serde(with = "ts_milliseconds")]
    pub created_at: DateTime<Utc>,
    /// By whom; `None`: by the engine itself.
    pub created_by: Option<String>,
    /// What they said about it.
    pub note: Option<String>,
    /// Its component is part of the binary that made it.
    pub bundled: bool,
}

/// How all filters stand, as of one change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterState {
    /// The number of the last change; 0 in a new store.
    pub revision: u64,
    /// The policy version that decides; 0 if none was ever activated.
    pub policy: u32,
    /// How many policy versions there are.
    pub policies: u32,
    /// By name.
    pub filters: Vec<FilterRow>,
    /// By name.
    pub lists: Vec<ListRow>,
}

/// One thing a change writes.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterWrite {
    /// How a filter stands; its `revision` and `changed_at` are filled in.
    Filter(FilterRow),
    /// A version.
    Version(VersionRow),
    /// From now on the component exists; its bytes were put before.
    Component(ComponentRow),
    /// A policy version.
    Policy(PolicyRow),
    /// Another policy decides.
    ActivatePolicy(u32),
    /// A list's entries.
    List(ListChange),
}

/// What belongs together, and what it is based on.
#[derive(Debug, Clone)]
pub struct FilterChange {
    /// The state it was made from.
    pub base: u64,
    /// Policies there are after it.
    pub policies: u32,
    /// The policy that decides after it.
    pub policy: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// What is written.
    pub writes: Vec<FilterWrite>,
    /// What the audit log says; at least one entry.
    pub audit: Vec<AuditEntry>,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else changed something first. Nothing was written; look again and decide again.
    #[error("somebody else changed the filters at the same moment; look again and try again")]
    Conflict,
    /// The store failed; nothing is known to be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The number of the last change; cheap.
    pub async fn filter_revision(&self) -> Result<u64, StoreError> {
        let Some(row) = self.one(named("meta", "filters")).await? else { return Ok(0) };
        Row::new(row, "meta:filters")?.count("revision")
    }

    /// How everything stands. Read again if a change came in between, so that it is of one moment.
    pub async fn filter_state(&self) -> Result<FilterState, StoreError> {
        loop {
            let before = self.filter_revision().await?;
            let sql = "SELECT * FROM ONLY meta:filters; SELECT * FROM filter; SELECT * FROM list";
            let mut answers = self.inner.db.ask(sql, Object::new()).await?;
            let mut state = FilterState::default();
            if let Some(meta) = answers.rows(0)?.pop() {
                let meta = &mut Row::new(meta, "meta:filters")?;
                state.revision = meta.count("revision")?;
                state.policy = meta.serde("policy")?;
                state.policies = meta.serde("policies")?;
            }
            for row in answers.rows(1)? {
                state.filters.push(whole(row, "filter")?);
            }
            for row in answers.rows(2)? {
                state.lists.push(whole(row, "list")?);
            }
            let after = self.filter_revision().await?;
            if before == after && state.revision == after {
                state.filters.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
                state.lists.sort_by(|a, b| a.name.cmp(&b.name));
                return Ok(state);
            }
        }
    }

    /// One version of a filter.
    pub async fn filter_version(
        &self,
        filter: &str,
        number: u32,
    ) -> Result<Option<VersionRow>, StoreError> {
        let row = self.one(version_id(filter, number)).await?;
        row.map(read_version).transpose()
    }

    /// Versions `from` to `to`, oldest first.
    pub async fn filter_versions(
        &self,
        filter: &str,
        from: u32,
        to: u32,
    ) -> Result<Vec<VersionRow>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let mut variables = variable("f", text(filter));
        variables.insert("from", i64::from(from));
        variables.insert("to", i64::from(to));
        let sql = "SELECT * FROM filter_version:[$f, $from]..=[$f, $to]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_version).collect()
    }

    /// Makes the change and gives its number. Once this returned, it is on disk, audit entries included.
    pub async fn change_filters(&self, change: FilterChange) -> Result<u64, ChangeError> {
        let number = change.base + 1;
        let token = i64::from(rand::random::<u32>());
        let statements = statements(&change, number, token)?;
        let fall = match self.inner.administrator.lock().await.transact(statements).await {
            Ok(()) => return Ok(number),
            Err(fall) => fall,
        };
        match fall {
            Fall::Exists | Fall::Retry => Err(ChangeError::Conflict),
            Fall::Unknown(error) => {
                // Its own row is there exactly if all of the change is.
                let row = self.one(change_id(number)).await?;
                let found = row.map(|row| Row::new(row, "filter_change")?.int("token"));
                match found.transpose()? {
                    Some(found) if found == token => Ok(number),
                    Some(_) => Err(ChangeError::Conflict),
                    None => Err(error.into()),
                }
            }
        }
    }
}

fn statements(
    change: &FilterChange,
    number: u64,
    token: i64,
) -> Result<Vec<Statement>, StoreError> {
    let mut all = Vec::new();
    // First, so that whoever comes second writes nothing else.
    let words: Vec<Value> = change.audit.iter().map(|entry| text(&entry.action)).collect();
    let log = NewRow::new()
        .with("at", change.at.timestamp_millis())
        .with("token", token)
        .with("actions", Value::Array(words.into()));
    all.push(write(CREATE, (change_id(number), log)));
    let meta = NewRow::new()
        .with("revision", int(number))
        .with("policy", i64::from(change.policy))
        .with("policies", i64::from(change.policies));
    all.push(write(REPLACE, (named("meta", "filters"), meta)));
    for one in &change.writes {
        match one {
            FilterWrite::Filter(row) => {
                let mut row = row.clone();
                (row.revision, row.changed_at) = (number, change.at);
                let id = named("filter", &row.name);
                all.push(content(REPLACE, id, serde_value(row)));
            }
            FilterWrite::Version(row) => {
                let id = version_id(&row.filter, row.number);
                all.push(content(CREATE, id, serde_value(row.clone())));
            }
            FilterWrite::Component(row) => all.push(write(REPLACE, component_row(row))),
            FilterWrite::Policy(row) => all.push(write(CREATE, policy_row(row))),
            FilterWrite::ActivatePolicy(version) if *version == change.policy => {}
            FilterWrite::ActivatePolicy(version) => {
                let fault = format!("a change activates policy {version} and names another");
                return Err(StoreError::Query(fault));
            }
            FilterWrite::List(list) => list.statements(&mut all, number, change.at),
        }
    }
    all.extend(change.audit.iter().map(|entry| write(CREATE, entry_row(entry))));
    Ok(all)
}

pub(super) fn write(sql: &'static str, (id, row): NewRecord) -> Statement {
    content(sql, id, row.value())
}

pub(super) fn content(sql: &'static str, id: RecordId, row: Value) -> Statement {
    let mut variables = variable("id", Value::RecordId(id));
    variables.insert("row", row);
    Statement { sql, variables }
}

fn change_id(number: u64) -> RecordId {
    record("filter_change", [int(number).into_value()])
}

fn version_id(filter: &str, number: u32) -> RecordId {
    record("filter_version", [text(filter), i64::from(number).into_value()])
}

fn read_version(value: Value) -> Result<VersionRow, StoreError> {
    whole(value, "filter_version")
}
